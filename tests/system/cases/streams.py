"""Standard streams pass untouched, in order, at any length."""

import os
import subprocess
import tempfile

import harness
from harness import case, custom_case, expect, run_pylon

BYTES = bytes(range(256)) * 4096  # 1 MiB with every byte value

case("standard input to output", "cat", stdin=BYTES, stdout=BYTES)
case("standard input to output, four cores", "cat", smp=(4,), isolate=(False, True), stdin=BYTES, stdout=BYTES)
case("no input", "cat", stdin=b"", stdout=b"")
case("a lot of input", "wc", "-c", isas=("aarch64",), stdin=BYTES * 16, stdout=f"{len(BYTES) * 16}\n")
case("a lot of output", "sh", "-c", "yes | head -c 5000000", stdout=b"y\n" * 2_500_000)
case("stderr is apart", "sh", "-c", "echo out; echo err >&2", stdout="out\n", stderr="err\n")
case("no terminal", "sh", "-c", "for n in 0 1 2; do test -t $n && echo $n; done; echo none", isas=("aarch64",), stdout="none\n")
case("input left unread", "true", stdin=BYTES, stdout="")
case("arguments as given", "printf", "%s|", "", "a b", "-n", "--", "ä", "$HOME", "*", stdout="|a b|-n|--|ä|$HOME|*|")
case("environment", "sh", "-c", "echo $A $HOME", isas=("aarch64",), options=("--env", "A=b=c", "--env", "HOME=/tmp"), stdout="b=c /tmp\n")
case("working directory", "pwd", isas=("aarch64",), options=("--cwd", "/etc"), stdout="/etc\n")
case("kernel log is apart", "echo", "x", options=("--kernel-log", "debug"), stdout="x\n", stderr_has="kernel: ")


@custom_case("a closed pipe ends the run", isas=harness.ALL_ISAS)
def closed_pipe(setting):
    words = " ".join(["run", *setting.options(), "yes"])
    script = f'set -o pipefail; "{harness.PYLON}" {words} < /dev/null | head -n 1; echo "${{PIPESTATUS[0]}}"'
    result = subprocess.run(["bash", "-c", script], capture_output=True, timeout=60, check=False)
    if result.stdout != b"y\n141\n" or result.stderr != b"":
        raise harness.Failed(f"{result}")


@custom_case("a full disk is reported", isas=("aarch64",))
def full_disk(setting):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([harness.PYLON, "run", *setting.options(), "echo", "x"], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    if result.returncode != 125 or b"No space left" not in result.stderr:
        raise harness.Failed(f"{result}")


@custom_case("files as streams", isas=("aarch64",))
def files_as_streams(setting):
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(BYTES)
        source.seek(0)
        result = subprocess.run([harness.PYLON, "run", *setting.options(), "cat"], stdin=source, stdout=target, timeout=60, check=False)
        target.seek(0)
        if result.returncode != 0 or target.read() != BYTES:
            raise harness.Failed(f"{result}")


@custom_case("closed descriptors", isas=("aarch64",))
def closed_descriptors(setting):
    words = " ".join(["run", *setting.options(), "true"])
    result = subprocess.run(["bash", "-c", f'"{harness.PYLON}" {words} <&- >&- 2>&-'], timeout=60, check=False)
    if result.returncode != 0:
        raise harness.Failed(f"{result}")


@custom_case("called through a link from elsewhere", isas=("aarch64",))
def through_a_link(setting):
    with tempfile.TemporaryDirectory() as folder:
        link = os.path.join(folder, "pylon-link")
        os.symlink(harness.TOP / "pylon", link)
        result = subprocess.run([link, "run", *setting.options(), "echo", "here"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    if result.returncode != 0 or result.stdout != b"here\n":
        raise harness.Failed(f"{result}")


@custom_case("several at once", isas=harness.ALL_ISAS)
def several_at_once(setting):
    words = [harness.PYLON, "run", *setting.options(), "sh", "-c", "echo $((6 * 7))"]
    runs = [subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for _ in range(3)]
    for run in runs:
        out, _ = run.communicate(timeout=60)
        if run.returncode != 0 or out != b"42\n":
            raise harness.Failed(f"status {run.returncode}, {out!r}")


@custom_case("a program from the host", isas=harness.ALL_ISAS)
def program_from_the_host(setting):
    expect(run_pylon(["run", "--", harness.busybox(setting.isa), "uname", "-m"]), stdout=setting.isa + "\n")


@custom_case("a script from the host", isas=("aarch64",))
def script_from_the_host(setting):
    with harness.file_with(b"#!/bin/sh\necho \"script $1\"\nexit 5\n", name="script") as script:
        expect(run_pylon(["run", *setting.options(), script, "one"]), status=5, stdout="script one\n")


@custom_case("another root", isas=("aarch64", "x86_64"))
def another_root(setting):
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "bin"))
        with open(harness.busybox(setting.isa), "rb") as source, open(os.path.join(folder, "bin", "busybox"), "wb") as target:
            target.write(source.read())
        os.chmod(target.name, 0o755)
        os.symlink("busybox", os.path.join(folder, "bin", "ls"))
        with open(os.path.join(folder, "mine"), "w", encoding="utf-8") as mine:
            mine.write("x")
        expect(run_pylon(["run", *setting.options(), "--root", folder, "ls", "/mine", "/bin"]), stdout="/mine\n\n/bin:\nbusybox\nls\n")
