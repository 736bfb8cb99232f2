"""pylon trace: what strace would show, and robust against whoever reads it."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

from harness import PYLON, Failed, custom_case, expect, run_pylon


def trace(setting, options, *program, **expected):
    result = run_pylon(["trace", *setting.options(), "--timeout", "60", *options, "--", *program], None, 120)
    expect(result, **expected)
    return result


def need(pattern, text):
    if not re.search(pattern, text, re.MULTILINE):
        raise Failed(f"no {pattern!r} in\n{text[-3000:]}")


@custom_case("trace: a program's calls on stderr")
def lines(setting):
    result = trace(setting, [], "busybox", "cat", "/etc/hostname", stdout="tetrapylon\n", status=0)
    text = result.stderr.decode()
    need(r'^open(at)?\((AT_FDCWD, )?"/etc/hostname", O_RDONLY(\|O_LARGEFILE)?\) += 3$', text)
    need(r"^exit_group\(0\) +=[ ]\?$", text)
    need(r"^\+\+\+ exited with 0 \+\+\+$", text)


@custom_case("trace -f -o: children, whole lines, the program's status")
def follow(setting):
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        file = Path(folder) / "trace"
        trace(setting, ["-f", "-o", file], "busybox", "sh", "-c", "busybox echo one | busybox cat; exit 3", status=3, stdout="one\n", stderr="")
        text = file.read_text()
        need(r'^\d+ +write\(1, "one\\n", 4\) += 4$', text)
        # Where the reader had to wait, its line was broken off.
        need(r'^\d+ +(read\(0, "one\\n", \d+\)|<\.\.\. read resumed>\)) += 4$', text)
        need(r"^\d+ +\+\+\+ exited with 3 \+\+\+$", text)
        if len({line.split()[0] for line in text.splitlines()}) != 3:
            raise Failed("calls of three processes were expected")
        bad = [line for line in text.splitlines() if not re.match(r"\d+ +(\w+\(|<\.\.\. \w+ resumed>|\+\+\+ |--- )", line)]
        if bad:
            raise Failed(f"broken lines: {bad[:3]}")


@custom_case("trace without -f: the first process only", isas=("aarch64",))
def not_followed(setting):
    result = trace(setting, ["-e", "write"], "busybox", "sh", "-c", "busybox echo one; echo two", stdout="one\ntwo\n")
    text = result.stderr.decode()
    need(r'^write\(1, "two\\n", 4\)', text)
    if "one" in text:
        raise Failed("a child was traced")


@custom_case("trace -c: sums", isas=("aarch64",))
def sums(setting):
    text = trace(setting, ["-c"], "busybox", "cat", "/nonesuch", status=1).stderr.decode()
    need(r"^% time     seconds  usecs/call     calls    errors syscall$", text)
    need(r"^ +[\d.]+ +[\d.]+ +\d+ +1 +1 openat$", text)
    need(r"^100\.00 .* total$", text)


@custom_case("trace --json: an object for each call", isas=("x86_64",))
def as_json(setting):
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        file = Path(folder) / "trace"
        trace(setting, ["--json", "-o", file, "-e", "%file"], "busybox", "cat", "/nonesuch", status=1)
        calls = [json.loads(line) for line in file.read_text().splitlines()]
        if not any('"/nonesuch"' in call["arguments"] and call["error"] == "ENOENT" for call in calls):
            raise Failed(f"no failed open of /nonesuch in {calls}")


@custom_case("trace: much output, and nobody who reads it", isas=("aarch64",))
def much(setting):
    script = "i=0; while [ $i -lt 3000 ]; do echo line$i; i=$((i+1)); done"
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        file = Path(folder) / "trace"
        trace(setting, ["-o", file], "busybox", "sh", "-c", script, status=0)
        count = len(re.findall(r"^write\(1, ", file.read_text(), re.MULTILINE))
        if count != 3000:
            raise Failed(f"{count} of 3000 calls are in the trace")
    # Whoever read the trace has gone: the program runs to its end.
    words = [PYLON, "trace", *setting.options(), "--timeout", "60", "--", "busybox", "sh", "-c", script + "; exit 5"]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process.stderr.read(100)
    process.stderr.close()
    status = process.wait(90)
    if status != 5:
        raise Failed(f"status {status} when nobody reads the trace")


def refused(name, options, words, **expected):
    @custom_case(name, isas=("aarch64",))
    def check(setting):
        expect(run_pylon(["trace", *setting.options(), *options, *words], None, 60), stdout="", status=125, **expected)


refused("trace -e: a call that there is not", ["-e", "raed"], ["--", "busybox", "true"], stderr_has="no such system call")
refused("trace -o: a file that cannot be written", ["-o", "/nonesuch/trace"], ["--", "busybox", "true"], stderr_has="No such file")
refused("trace: no program", [], [], stderr_has="needs a program")
