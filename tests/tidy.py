#!/usr/bin/env python3
"""clang-tidy: tidy.py [--all | --commits N]

Over the sources that the newest commits changed (10, and no more than 30 files, the newest first), or over all of them:
some 17 minutes of processor time, half of that on two cores. A header is read with the sources that include it, so a
change of headers alone wants --all. Each file is read as the first of the presets compiles it that has it; those presets
must be built. The last line is "N files, M with findings".
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PRESETS = ("aarch64", "host-debug", "riscv64", "x86_64")
MOST_FILES = 30


def databases():
    """{source, relative: the preset that it is read as}"""
    found = {}
    for preset in PRESETS:
        database = TOP / "build" / preset / "compile_commands.json"
        if not database.exists():
            sys.exit(f"tidy: {database} is not there: build {preset} first")
        for entry in json.loads(database.read_text()):
            source = Path(entry["file"])
            if source.suffix == ".cpp" and source.is_relative_to(TOP) and not source.is_relative_to(TOP / "build"):
                found.setdefault(str(source.relative_to(TOP)), preset)
    return found


def changed(commits):
    """The files that the newest commits and the working tree changed, the newest first."""
    names = []
    for command in (["diff", "--name-only", "HEAD"], ["log", f"-{commits}", "--format=", "--name-only"]):
        done = subprocess.run(["git", "-C", TOP, *command], capture_output=True, text=True, check=False)
        names += done.stdout.splitlines()
    return list(dict.fromkeys(names))


def check(source, preset):
    """(source, what clang-tidy finds)"""
    done = subprocess.run(
        ["clang-tidy-19", "-quiet", "-p", TOP / "build" / preset, TOP / source], capture_output=True, text=True, check=False
    )
    return source, "" if done.returncode == 0 else done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--commits", type=int, default=10)
    arguments = parser.parse_args()

    known = databases()
    wanted = sorted(known) if arguments.all else [name for name in changed(arguments.commits) if name in known]
    if not arguments.all and len(wanted) > MOST_FILES:
        print(f"tidy: {len(wanted) - MOST_FILES} more files have changed; --all reads them")
        wanted = wanted[:MOST_FILES]
    with_findings = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, findings in pool.map(lambda name: check(name, known[name]), wanted):
            if findings:
                with_findings += 1
                print(f"{source}\n{findings}", flush=True)
    print(f"{len(wanted)} files, {with_findings} with findings")
    return 1 if with_findings else 0


if __name__ == "__main__":
    sys.exit(main())
