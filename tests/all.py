#!/usr/bin/env python3
"""Everything that CI runs: all.py [FILTER]

Builds what the tests need, then: unit tests on the host (ASan, UBSan), system tests in QEMU, the format check, clang-tidy. With a
FILTER, only the unit and system tests whose names it matches. The last line has the sums.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PRESETS = ["host", "host-debug", "aarch64", "riscv64", "x86_64", "aarch64-debug", "riscv64-debug", "x86_64-debug"]


def heading(text):
    print(f"== {text}", flush=True)


def build():
    """1 when something cannot be built."""
    heading("build")
    began = time.monotonic()
    status = subprocess.run([TOP / "host" / "build.sh", *PRESETS], check=False).returncode
    print(f"{'ok' if status == 0 else 'FAILED':6} {len(PRESETS)} presets ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if status else 0


def unit_tests(name, wanted):
    """(passed, failed) of one GoogleTest program; its own words only where something failed."""
    program = TOP / "build" / "host-debug" / name
    if not program.exists():
        return 0, 1
    result = subprocess.run(
        [program, "--gtest_brief=1", f"--gtest_filter=*{wanted}*"], capture_output=True, text=True, check=False, timeout=600
    )
    text = result.stdout + result.stderr
    passed = sum(map(int, re.findall(r"^\[  PASSED  \] (\d+) test", text, re.MULTILINE)))
    failed = len(set(re.findall(r"^\[  FAILED  \] (\w+\.\w+)", text, re.MULTILINE)))
    if result.returncode != 0:
        failed = max(failed, 1)
        print(text, flush=True)
    print(f"{'FAILED' if failed else 'ok':6} {name}: {passed} passed, {failed} failed", flush=True)
    return passed, failed


def write_seeds(name, folder):
    """Well-formed inputs to start from, made by whoever makes them on this machine."""
    folder.mkdir()
    if name == "fuzz_trace":
        head = bytes([88, 0, 0, 0, 1, 0, 0, 6]) + bytes([56, 0, 0, 0] + [0] * 20) + b"linux\0\0\0" + bytes(48)
        (folder / "records").write_bytes(head)
    elif name in ("fuzz_elf", "fuzz_program"):
        (folder / "program").write_bytes((TOP / "build" / "host-debug" / "host_tests").read_bytes()[:4096])
    elif name == "fuzz_symbols":
        (folder / "list").write_text("ffff800008010000 T _stext\nffff800008010800 t el0t_64_sync\t[module]\r\n")
    elif name == "fuzz_walk_files":
        (folder / "map").write_bytes((TOP / "host" / "walk" / "stations" / "tetrapylon.json").read_bytes())
        station = '{"id": "trap", "en": "t", "zh": "t", "instructions": 1, "parts": []}'
        (folder / "walk").write_text(f'{{"version": 1, "isa": "riscv64", "call": "x", "instructions": 0, "stations": [{station}]}}')
    elif name == "fuzz_cpio":
        header = "070701" + "".join(f"{n:08x}" for n in (1, 0o100644, 0, 0, 1, 0, 5, 0, 0, 0, 0, 2, 0))
        (folder / "archive").write_bytes(header.encode() + b"a\0" + b"12345\0\0\0")
    elif name == "fuzz_path":
        script = "da\nda/b\nfa/f\nsa/l\n..\nla/g\na/f\nma\na/b/c\nma/f\ng\nxa\ng\nca/b\nr.\nu../f\nra/b\nsq\nq\nfq\n"
        (folder / "script").write_text(script)
    elif name == "fuzz_xv6fs":
        (folder / "work").write_bytes(bytes([0, 6, 2, 0, 3, 9, 2, 1, 10, 3, 1, 12, 6, 0, 0, 16, 0, 14, 0, 8, 3, 8, 6, 3, 7, 13, 6, 2, 14, 0]))
        (folder / "patched").write_bytes(bytes([1, 4, 0, 0, 0, 73, 255, 255, 255, 255, 3, 6, 5, 14, 8, 6, 2, 6, 200]))
    elif name == "fuzz_line_discipline":
        (folder / "typing").write_bytes(b"abc\x7f\x15\x04\x03\xf1\x16\x03\n")
    elif name == "fuzz_fdt":
        tree = folder / "tree"
        subprocess.run(["qemu-system-aarch64", "-machine", f"virt,dumpdtb={tree}", "-nodefaults"], check=True, capture_output=True)
        # Without the megabyte of room that QEMU leaves behind it.
        subprocess.run(["truncate", "-s", "16K", tree], check=True)


def fuzz(program):
    """(its name, None or its last words): a fixed number of inputs from a fixed seed."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder) / "seeds"
        write_seeds(program.name, seeds)
        result = subprocess.run(
            [program, "-seed=1", "-runs=50000", "-max_total_time=20", f"-artifact_prefix={folder}/", seeds],
            capture_output=True, text=True, check=False, errors="replace",
        )
    return program.name, None if result.returncode == 0 else result.stderr[-4000:]


def fuzzers(wanted):
    """(passed, failed) of the fuzzers, two at a time."""
    programs = sorted((TOP / "build" / "host-debug").glob("fuzz_*"))
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, problem in pool.map(fuzz, [each for each in programs if re.search(wanted, each.name)]):
            passed, failed = passed + (problem is None), failed + (problem is not None)
            print(f"ok     {name}" if problem is None else problem + f"FAILED {name}", flush=True)
    return passed, failed


def system_tests(wanted):
    """(passed, failed), from the runner's closing line."""
    runner = subprocess.Popen(
        [sys.executable, TOP / "tests" / "system" / "run.py", wanted],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYLON_BUILD": "no"},
    )
    last = ""
    for line in runner.stdout:
        print(line, end="", flush=True)
        last = line
    runner.wait()
    sums = re.fullmatch(r"(\d+) passed, (\d+) failed\s*", last)
    return (int(sums[1]), int(sums[2])) if sums else (0, 1)


def tidy():
    """Shows what clang-tidy finds in what changed lately. Not counted: it reads by recency, so that a run could fail for
    a file that nobody has touched since the last one."""
    heading("clang-tidy, not counted")
    subprocess.run([sys.executable, TOP / "tests" / "tidy.py"], check=False)


def format_check():
    heading("format")
    status = subprocess.run(["ninja", "-C", TOP / "build" / "host-debug", "format-check"], capture_output=True, text=True, check=False)
    print("ok     sources are formatted" if status.returncode == 0 else status.stdout[-3000:] + "FAILED format", flush=True)
    return 1 if status.returncode else 0


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    began = time.monotonic()
    if build():
        print("0 passed, 1 failed (the build)")
        return 1
    passed = failed = 0
    heading("unit tests, ASan and UBSan")
    for name in ("host_tests", "kernel_tests"):
        counts = unit_tests(name, wanted)
        passed, failed = passed + counts[0], failed + counts[1]
    heading("fuzzers")
    counts = fuzzers(wanted)
    passed, failed = passed + counts[0], failed + counts[1]
    heading("system tests in QEMU")
    counts = system_tests(wanted)
    passed, failed = passed + counts[0], failed + counts[1]
    if not wanted:
        problem = format_check()
        passed, failed = passed + 1 - problem, failed + problem
        tidy()
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"{passed} passed, {failed} failed in {minutes} min {seconds} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
