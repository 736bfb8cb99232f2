#!/usr/bin/env python3
"""Runs the system tests: run.py [--list] [--jobs N] [--checked] [FILTER]

FILTER is a regular expression searched in "name [isa smpN isolate]". Prints a line for each test and the closing line
"N passed, N failed"; exits 0 when none failed. --checked runs them on the checked kernels (build presets ISA-debug),
without those that count instructions.
"""

import argparse
import concurrent.futures
import importlib
import re
import signal
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import harness  # noqa: E402  (needs the path above)


def load_cases():
    for module in sorted(Path(__file__).resolve().parent.glob("cases/*.py")):
        importlib.import_module(f"cases.{module.stem}")
    return harness.TESTS


def counts(test):
    """The case counts the instructions of the kernel as it is released."""
    return test.check.__module__ in ("cases.budgets", "cases.walk", "cases.walk_outputs") or "instructions" in test.name


def run_one(test):
    """(test, seconds, None or what failed, what the check measured)"""
    began = time.monotonic()
    measured = None
    try:
        measured = test.check(test.setting)
        problem = None
    except harness.Failed as failure:
        problem = str(failure)
    except Exception:  # a broken case is a failed case, not the end of the run
        problem = traceback.format_exc()
    return test, time.monotonic() - began, problem, f": {measured}" if measured else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("filter", nargs="?", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--checked", action="store_true")
    arguments = parser.parse_args()
    harness.checked_kernels = arguments.checked
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it, and so would what it starts

    tests = [test for test in load_cases() if re.search(arguments.filter, test.label())]
    if arguments.checked:
        tests = [test for test in tests if not counts(test)]
    if arguments.list:
        print("\n".join(test.label() for test in tests))
        return 0
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for test, seconds, problem, measured in pool.map(run_one, tests):
            print(f"{'ok' if problem is None else 'FAILED':6} {test.label()}{measured} ({seconds:.1f} s)", flush=True)
            if problem is not None:
                failed += 1
                print("       " + problem.replace("\n", "\n       "), flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
