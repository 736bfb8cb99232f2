"""xv6 programs: our own (programs/xv6), which state what xv6-riscv does, and the crossings to Linux and back."""

import functools
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from cases import disk
from harness import ALL_ISAS, TOP, Failed, case, custom_case, expect, run_pylon, terminal_case

CHECKS = ("process", "files", "names", "exec", "memory")
LOCK = threading.Lock()


@functools.cache
def built(isa):
    """The folder of the programs of an ISA, up to date."""
    done = subprocess.run([TOP / "host" / "build.sh", isa], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Failed(done.stdout.decode(errors="replace")[-2000:])
    return TOP / "build" / isa / "programs" / "xv6"


def programs(isa):
    with LOCK:
        return built(isa)


def run_in_xv6_root(setting, *words, seconds, options=()):
    """A run whose root holds nothing but our xv6 programs, as the root of an xv6 machine would."""
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        root = Path(folder)
        for name in ("dev", "proc"):
            (root / name).mkdir()
        for program in programs(setting.isa).iterdir():
            if program.is_file() and program.suffix == "":
                shutil.copy(program, root)
        words = ["run", *setting.options(), *options, "--root", root, "--timeout", seconds, "--", *words]
        return run_pylon(words, seconds=seconds + 30)


def check_case(name):
    @custom_case(f"xv6 {name}", smp=(1, 3))
    def check(setting):
        result = run_in_xv6_root(setting, f"/t{name}", seconds=180)
        failed = [line for line in result.stdout.decode(errors="replace").splitlines() if not line.startswith("ok ")]
        if failed:
            raise Failed("\n".join(failed))
        expect(result, stdout_has="^ok ")


for each in CHECKS:
    check_case(each)


def disk_case(name):
    @custom_case(f"xv6 {name} on xv6's own file system", smp=(1, 3))
    def check(setting):
        with disk.disk_with(programs(setting.isa) / f"t{name}") as image:
            words = ["run", *setting.options(), "--disk", image, "--abi", "xv6", "--timeout", 200, "--", f"t{name}"]
            result = run_pylon(words, seconds=230)
            failed = [line for line in result.stdout.decode(errors="replace").splitlines() if not line.startswith("ok ")]
            if failed:
                raise Failed("\n".join(failed))
            expect(result, stdout_has="^ok ")
            disk.expect_sound(image)


for each in ("files", "names", "exec"):
    disk_case(each)


@custom_case("a fault is reported as xv6 does", isas=("riscv64",))
def fault_report(setting):
    result = run_in_xv6_root(setting, "/status", "fault", seconds=30, options=("--kernel-log", "warn"))
    expect(
        result,
        status=139,
        stderr_has=r"usertrap\(\): unexpected scause 0x000000000000000f pid=\d+\n.* {12}sepc=0x[0-9a-f]{16} stval=0x0000000040000000",
    )


def crossing(name, script, stdout, **expected):
    case(f"crossing: {name}", "sh", "-c", script, isolate=(False, True), stdout=stdout, **expected)


case("xv6 echo", "/xv6/echo", "hi", "there", stdout="hi there\n", isolate=(False, True))
crossing("pipe into xv6", 'echo "hello world" | /xv6/wc', "1 2 12 \n")
crossing("pipe out of xv6", "/xv6/echo some words | tr a-z A-Z", "SOME WORDS\n")
crossing("xv6 between two of Linux", "seq 1 1000 | /xv6/cat | tail -n 1", "1000\n")
crossing("files by redirection", "/xv6/echo text > /tmp/f; /xv6/cat < /tmp/f; /xv6/cat /tmp/f", "text\ntext\n")
crossing("a status is cut to 8 bits for Linux", "/xv6/status 7; echo $?; /xv6/status 747; echo $?; /xv6/status -1; echo $?", "7\n235\n255\n")
crossing("a fault is a signal for Linux", "/xv6/status fault 2>/dev/null; echo $?", "139\n")
crossing("Linux's status in xv6", "/xv6/status exec /bin/busybox sh -c 'exit 9'; /xv6/status exec /bin/busybox sh -c 'kill -9 $$'", "status 9\nstatus -1\n")
crossing("a whole int from xv6 to xv6", "/xv6/status exec /xv6/status 747", "status 747\n")
crossing("there, back and there", "/xv6/status exec /bin/busybox sh -c '/xv6/status exec /bin/busybox echo deep'", "deep\nstatus 0\nstatus 0\n")
crossing("one process keeps its number", "sh -c 'echo $$; exec /xv6/status pid' | uniq | wc -l", "1\n")
crossing("kill from Linux", "/xv6/cat < /dev/zero > /dev/null & sleep 0.2; kill $!; wait $!; echo $?", "143\n")
crossing("too many arguments", "/xv6/echo $(seq 1 40) 2>/dev/null || echo refused", "refused\n")
crossing("too long arguments", "/xv6/echo $(head -c 5000 /dev/zero | tr '\\0' x) 2>/dev/null || echo refused", "refused\n")
case("--abi xv6 on a program of Linux", "busybox", "true", options=("--abi", "xv6"), isas=ALL_ISAS, status=126, stdout="")


@terminal_case("xv6 at a terminal", isas=("riscv64",))
def at_a_terminal(at, _setting):
    at.wait_for(at.PROMPT)
    at.type("echo ready; /xv6/cat\n")
    at.wait_for("ready\r\n")  # the shell has given the terminal back to its line mode
    at.type("typed\n")
    at.wait_for("typed\r\ntyped\r\n")
    at.type("\x03")  # Ctrl-C ends an xv6 program too
    at.wait_for(at.PROMPT)
    at.type("echo ready; /xv6/cat\n")
    at.wait_for("ready\r\n")
    at.type("runs\n")
    at.wait_for("runs\r\nruns\r\n")  # the terminal is the program's by now
    at.type("\x1a")  # Ctrl-Z stops it
    at.wait_for(at.PROMPT)
    at.type("fg\n")
    at.wait_for("cat\r\n")
    at.type("again\n\x04")
    at.wait_for("again\r\nagain\r\n")
    at.wait_for(at.PROMPT)
    at.type("exit\n")
    at.wait_for_end()
