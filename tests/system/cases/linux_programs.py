"""Our own Linux programs (programs/linux): what passes on Debian's Linux passes here."""

import functools
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from harness import ALL_ISAS, TOP, Failed, custom_case, expect, run_pylon

CHECKS = (
    "exec", "files", "folders", "futex", "jobs", "memory", "pipes", "process", "races", "shootdown", "sigframe", "signals",
    "time", "tty",
)
LOCK = threading.Lock()


@functools.cache
def built(isa):
    """The folder of the programs of an ISA, up to date."""
    for command in ([TOP / "host" / "build.sh", isa], ["cmake", "--build", "--preset", isa, "--target", "linux_programs"]):
        done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Failed(done.stdout.decode(errors="replace")[-2000:])
    return TOP / "build" / isa / "programs" / "linux"


def program(isa, name):
    """One of programs/linux, up to date."""
    with LOCK:
        return built(isa) / name


def run(setting, name, *words, seconds, options=()):
    path = program(setting.isa, name)
    return run_pylon(["run", *setting.options(), *options, "--timeout", seconds, "--", path, *words], seconds=seconds + 30)


def check_case(name):
    @custom_case(f"linux {name}", smp=(1, 4))
    def check(setting):
        result = run(setting, name, seconds=120)
        lines = result.stdout.decode(errors="replace").splitlines()
        failed = [line for line in lines if not line.startswith("ok ")]
        if failed:
            raise Failed("\n".join(failed))
        expect(result, stdout_has="^ok ")


for each in CHECKS:
    check_case(each)


@custom_case("entry and exit edges of x86_64", isas=("x86_64",), smp=(1, 4), isolate=(False, True))
def entry_edges(setting):
    for options in ([], ["--cpu", "max"], ["--machine", "microvm"]):
        expect(run(setting, "entry", seconds=60, options=options), stdout_has="^ok ")


C_LIBRARIES = {
    "aarch64": ("/usr/aarch64-linux-gnu/lib", "lib/ld-linux-aarch64.so.1"),
    "riscv64": ("/usr/riscv64-linux-gnu/lib", "lib/ld-linux-riscv64-lp64d.so.1"),
    "x86_64": ("/lib/x86_64-linux-gnu", "lib64/ld-linux-x86-64.so.2"),
}


@custom_case("linux dynamic", smp=(1, 4), isolate=(False, True))
def dynamic(setting):
    libraries, linker = C_LIBRARIES[setting.isa]
    ours = program(setting.isa, "libours.so")
    with tempfile.TemporaryDirectory() as root:
        for folder in ("lib", "lib64", "proc", "dev", "tmp"):
            (Path(root) / folder).mkdir()
        shutil.copy(Path(libraries) / Path(linker).name, Path(root) / linker)
        for library in (Path(libraries) / "libc.so.6", Path(libraries) / "libm.so.6", ours):
            shutil.copy(library, Path(root) / "lib")
        result = run(setting, "dynamic", seconds=60, options=("--root", root))
    expect(result, stdout="".join(f"ok {name}\n" for name in (
        "headers", "relocated_is_read_only", "executed_again", "no_interpreter", "library", "loaded_later")))


@custom_case("linux static-pie", isas=("aarch64", "x86_64"), isolate=(False, True))
def static_pie(setting):
    result = run(setting, "static-pie", seconds=60)
    expect(result, stdout="ok headers\nok relocated_is_read_only\nok executed_again\nok no_interpreter\n")


@custom_case("32 threads, FPU, signals, futexes", smp=(1, 4), isolate=(False, True))
def threads(setting):
    expect(run(setting, "threads", "10" if setting.smp == 4 else "3", seconds=120), stdout="ok threads\n")


@custom_case("10,000 processes leave no frame behind", smp=(1, 4))
def spawn(setting):
    expect(run(setting, "spawn", "10000", seconds=300), stdout="ok spawn\n")


@custom_case("bad pointers", isolate=(False, True))
def bad_pointers(setting):
    golden = TOP / "tests" / "golden" / "badptr"
    result = run(setting, "badptr", seconds=300)
    compared = subprocess.run(
        [golden / "compare", golden / f"{setting.isa}.txt", "-"], input=result.stdout, stdout=subprocess.PIPE
    )
    if compared.returncode != 0 or result.status != 0:
        raise Failed(f"exit status {result.status}\n{compared.stdout.decode()}\n{result.stderr.decode(errors='replace')[-1500:]}")


@custom_case("the smallest program", isolate=(False, True), isas=ALL_ISAS)
def smallest(setting):
    expect(run(setting, "true", seconds=30), stdout="", stderr="")
