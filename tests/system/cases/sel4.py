"""seL4 root tasks of our own (programs/sel4)."""

import contextlib
import functools
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import sel4_methods
from harness import TOP, Failed, Terminal, custom_case, expect, qemu_with, run_pylon

LOCK = threading.Lock()


@functools.cache
def built(isa):
    """The folder of the root tasks of an ISA, up to date."""
    for command in ([TOP / "host" / "build.sh", isa], ["cmake", "--build", "--preset", isa, "--target", "sel4_programs"]):
        done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Failed(done.stdout.decode(errors="replace")[-2000:])
    return TOP / "build" / isa / "programs" / "sel4"


def program(isa, name):
    """One of programs/sel4, up to date."""
    with LOCK:
        return built(isa) / name


def run(setting, name, *words, seconds=60, log=None):
    path = program(setting.isa, name)
    return run_pylon(
        ["run", *setting.options(), "--abi", "sel4", "--timeout", seconds, *(["--kernel-log", log] if log else []),
         "--", path, *words],
        seconds=seconds + 30)


@contextlib.contextmanager
def root_with(isa, *names):
    """A root folder where these of programs/sel4 are among a shell's commands."""
    debian = {"aarch64": "arm64", "riscv64": "riscv64", "x86_64": "amd64"}[isa]
    archive = Path.home() / ".cache" / "tetrapylon" / "root" / f"trixie-{debian}.cpio"
    with tempfile.TemporaryDirectory() as root:
        with archive.open() as contents:
            subprocess.run(["cpio", "-id", "--quiet"], cwd=root, stdin=contents, check=False, stderr=subprocess.DEVNULL)
        for name in names:
            shutil.copy(program(isa, name), Path(root) / "bin")
        yield Path(root)


def in_shell(setting, script, *names):
    """Runs a shell's script, with these of programs/sel4 among its commands."""
    with root_with(setting.isa, *names) as root:
        (root / "script").write_text(script)
        return run_pylon(
            ["run", *setting.options(), "--root", root, "--timeout", 60, "--", "/bin/busybox", "sh", "/script"],
            seconds=90)


@custom_case("seL4 hello", smp=(1, 4))
def hello(setting):
    expect(run(setting, "hello"), stdout="hello, capabilities\n")


def check_case(name):
    @custom_case(f"seL4 {name}", smp=(1, 4))
    def check(setting):
        result = run(setting, f"check_{name}")
        failed = [line for line in result.stdout.decode(errors="replace").splitlines() if not line.startswith("ok ")]
        if failed:
            raise Failed("\n".join(failed))
        expect(result, stdout_has="^ok ")


for each in sel4_methods.CHECKS:
    check_case(each.removeprefix("check_"))


@custom_case("seL4 methods")
def methods(setting):
    folder = program(setting.isa, "hello").parent
    rows = sel4_methods.rows(setting.isa, sel4_methods.seen_on(setting.isa, folder))
    written = sel4_methods.in_document((TOP / "docs" / "sel4-methods.md").read_text(), setting.isa)
    if rows != written:
        changed = sorted(name for name in rows.keys() | written.keys() if rows.get(name) != written.get(name))
        raise Failed(f"docs/sel4-methods.md is not up to date: {', '.join(changed)}; see tests/system/sel4_methods.py")


@custom_case("seL4 bootinfo", smp=(1, 4))
def bootinfo(setting):
    result = run(setting, "bootinfo", "smp", "memory=40M")
    expect(result, stdout_has=f"^nodes {setting.smp}\n", status=0)
    if b"FAILED" in result.stdout:
        raise Failed(result.stdout.decode())
    for chunk in ("ACPI root pointer", "memory map", "frequency") if setting.isa == "x86_64" else ("device tree",):
        expect(result, stdout_has=f"\nok {chunk}\n")
    memory = int(re.search(rb"^memory (\d+) KiB", result.stdout, re.M).group(1))
    if not 38 << 10 < memory <= 40 << 10:
        raise Failed(f"{memory} KiB of 40 MiB are untyped")


@custom_case("seL4 interrupts by message", isas=("x86_64",))
def messages(setting):
    """QEMU's HPET sends messages when it is told to be able to."""
    with qemu_with(setting.isa, more=("-global", "hpet.msi=on")):
        result = run(setting, "check_interrupts")
    expect(result, stdout_has="\nok a message signals\nok acknowledge it\n")
    if b"FAILED" in result.stdout:
        raise Failed(result.stdout.decode())


SPIN = """spin_smp & sleep 1
echo the shell runs
i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done
echo it counts to $i
hello
kill $!; wait $!; echo $?
timeout 1 spin_smp; echo $?
"""


@custom_case("seL4 system that spins at the highest priority on all cores leaves the shell its share", smp=(1, 4))
def spinning(setting):
    result = in_shell(setting, SPIN, "hello", "spin_smp")
    expect(result, stdout_has="^spinning\nthe shell runs\nit counts to 20000\nhello, capabilities\n143\nspinning\n143\n$")


@custom_case("seL4 system that spins ends by Ctrl-C", smp=(1, 4))
def interrupted(setting):
    with root_with(setting.isa, "spin_smp") as root:
        words = ["run", *setting.options(), "--root", root, "--timeout", 90, "--", "/bin/busybox", "sh"]
        with contextlib.closing(Terminal(words)) as at:
            at.wait_for(Terminal.PROMPT)
            at.type("spin_smp\r")
            at.wait_for(r"\nspinning\r\n")
            at.type("\x03")
            at.wait_for(Terminal.PROMPT)
            at.type("echo status $?\r")
            at.wait_for(r"status 130\r\n")


@custom_case("seL4 options", smp=(1,))
def options(setting):
    expect(run(setting, "hello", "nonsense"), stdout="", status=126)
    for size in ("64K", "64G"):
        result = run(setting, "hello", f"memory={size}")
        expect(result, stdout="", stderr_has="KiB of memory: this root task needs", status=125)
    # A debug call is no call any more: its thread faults and stops.
    result = run(setting, "hello", "release", seconds=5, log="info")
    expect(result, stdout="", stderr_has="no fault handler: fault 2 ", status=124)


@custom_case("seL4 fuzz", smp=(1,))
def fuzz(setting):
    result = run(setting, "fuzz", seconds=100)
    expect(result, stdout_has="^ok calls 50000\n")
    if b"ok calls 1000000\n" not in result.stdout or b"FAILED" in result.stdout:
        raise Failed(result.stdout.decode(errors="replace")[-1000:])


SIDE_BY_SIDE = """free() { sed -n 's/MemFree: *//p' /proc/meminfo; }
hello | tr a-z A-Z
hello memory=8M && ! hello memory=1K 2>&1
forever & sleep 1; kill $!; wait
before=$(free)
for turn in 1 2; do forever & one=$!; forever & other=$!; sleep 1; hello; kill $one $other; wait; done
echo free ${before% kB} $(free)
"""


@custom_case("seL4 systems beside a Linux shell end without a trace", smp=(1, 4))
def side_by_side(setting):
    result = in_shell(setting, SIDE_BY_SIDE, "hello", "forever")
    expect(result, stdout_has="^HELLO, CAPABILITIES\nhello, capabilities\nseL4: 1 KiB of memory: this root task needs")
    before, after = map(int, re.search(r"^free (\d+) (\d+)", result.stdout.decode(), re.M).groups())
    if before - after > 512:  # KiB: what pools may keep
        raise Failed(f"{before - after} KiB are missing")
