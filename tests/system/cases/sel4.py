"""seL4 root tasks of our own (programs/sel4)."""

import functools
import subprocess
import threading

from harness import TOP, Failed, custom_case, expect, run_pylon

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


def run(setting, name, seconds=60):
    path = program(setting.isa, name)
    return run_pylon(
        ["run", *setting.options(), "--abi", "sel4", "--timeout", seconds, "--", path], seconds=seconds + 30)


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


for each in ("objects", "ipc"):
    check_case(each)
