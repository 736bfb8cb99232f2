#!/usr/bin/env python3
"""The longest stretches of instructions that the kernel spends with interrupts off: the bound of interrupt latency.

    python3 tests/system/masked.py [--min N] [--top N] [FILTER]

Runs the system tests that run.py would run for FILTER on aarch64 with one core, each QEMU with the plugin
masked_plugin.cpp, and prints the longest stretches that any of them made: how long, where they began and ended, and the
functions that took most of it. With more cores than the host has, one waits for a lock as long as the host lets another
wait, which says nothing. A stretch begins where interrupts are masked, be it by a trap or by an instruction, and ends where they are
open again or user mode is reached; it counts from the first user program on. The kernel has nothing in it for this.
"""

import argparse
import bisect
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import stepper
from harness import TOP

ISA = "aarch64"
HERE = Path(__file__).resolve().parent
QEMU = f"qemu-system-{ISA}"


def build(folder):
    """The plugin, and a QEMU in `folder` that has it; each run of it leaves a file found.PID there."""
    plugin, script = folder / "masked.so", folder / QEMU
    command = ["clang++-19", "-std=c++23", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*command, HERE / "masked_plugin.cpp", "-o", plugin], check=True)
    options = f"{plugin},out={folder}/found.$$,min=${{MASKED_MIN}}"
    script.write_text(f'#!/bin/sh\nexec {shutil.which(QEMU)} "$@" -plugin "{options}"\n')
    script.chmod(0o755)


def environment(folder, least):
    """The environment in which pylon finds that QEMU."""
    return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "MASKED_MIN": str(least)}


def stretches(folder):
    """(length, [(address, instructions) ...]) of all runs, the longest first."""
    all_of_them = []
    for path in folder.glob("found.*"):
        for line in path.read_text().split("\n")[:-1]:  # a line that a killed QEMU did not end is nothing
            length, *blocks = line.split()
            pairs = (block.split(":") for block in blocks)
            all_of_them.append((int(length), [(int(address, 16), int(count)) for address, count in pairs]))
    return sorted(all_of_them, reverse=True)


class Names:
    """Addresses of the kernel as functions."""

    def __init__(self):
        table = stepper.symbols(TOP / "build" / ISA / "tetrapylon.elf")
        shown = subprocess.run(["llvm-cxxfilt-19"], input="\n".join(table), capture_output=True, text=True, check=True)
        plain = (line.replace("(anonymous namespace)::", "") for line in shown.stdout.splitlines())
        names = zip(table.values(), (re.sub(r"[<(].*", "", name) for name in plain))
        self.sorted = sorted((address, name) for address, name in names if name and not name.startswith("$"))

    def of(self, address):
        return self.sorted[max(bisect.bisect_right(self.sorted, (address, "~")) - 1, 0)][1]


def describe(names, length, blocks):
    """Where it began and ended, and which functions took most."""
    spent = collections.Counter()
    for address, count in blocks:
        spent[names.of(address)] += count
    most = ", ".join(f"{name} {count}" for name, count in spent.most_common(8))
    return f"{length:6} instructions: {names.of(blocks[0][0])} to {names.of(blocks[-1][0])}\n         {most}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("filter", nargs="?", default="")
    parser.add_argument("--min", type=int, default=800, help="instructions of what is looked at")
    parser.add_argument("--top", type=int, default=12, help="how many are shown, each pair of ends once")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        tests = [sys.executable, HERE / "run.py", f"({arguments.filter}).*\\[{ISA} smp1"]
        done = subprocess.run(tests, env=environment(folder, arguments.min), check=False)
        names, seen = Names(), set()
        for length, blocks in stretches(Path(folder)):
            ends = names.of(blocks[0][0]), names.of(blocks[-1][0])
            if ends not in seen and len(seen) < arguments.top:
                seen.add(ends)
                print(describe(names, length, blocks))
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
