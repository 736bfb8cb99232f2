"""Our own RT-Thread Smart programs (programs/rtthread), in both generations, and what crosses to Linux's side."""

import functools
import re
import subprocess
import threading

from harness import ALL_ISAS, TOP, Failed, custom_case, expect, run_pylon

CHECKS = ("objects", "mutex", "threads", "channels", "signals", "process", "files", "queues", "errors", "badinput")
NATIVE = ("aarch64", "riscv64")
NEWEST, OLD = "rtthread", "rtthread-5.0"
LOCK = threading.Lock()


@functools.cache
def built(isa):
    """The folder of the programs of an ISA, up to date."""
    for command in ([TOP / "host" / "build.sh", isa], ["cmake", "--build", "--preset", isa, "--target", "rtthread_programs"]):
        done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Failed(done.stdout.decode(errors="replace")[-2000:])
    return TOP / "build" / isa / "programs" / "rtthread"


def program(isa, name):
    """One of programs/rtthread, up to date."""
    with LOCK:
        return built(isa) / name


def run(setting, name, *words, seconds=120, options=()):
    path = program(setting.isa, name)
    return run_pylon(["run", *setting.options(), *options, "--timeout", seconds, "--", path, *words], seconds=seconds + 30)


def check_case(name, generation, **where):
    title = f"rtthread {name}" if generation == NEWEST else f"rtthread 5.0.x {name}"

    @custom_case(title, **where)
    def check(setting):
        # Time is counted in instructions, so that a busy host does not stretch a time-out.
        options = ["--abi", generation] + (["--icount"] if setting.smp == 1 else [])
        expect(run(setting, name, options=options), stdout=f"ok {name}\n")


for each in CHECKS:
    check_case(each, NEWEST, isas=ALL_ISAS)
    check_case(each, OLD, isas=ALL_ISAS)
for each in ("channels", "files", "process", "queues", "badinput"):
    check_case(each, NEWEST, isas=("aarch64",), smp=(4,))
check_case("signals", NEWEST, isas=("aarch64",), isolate=(True,))


@custom_case("rtthread hello is recognised", isas=ALL_ISAS)
def hello(setting):
    expect(run(setting, "hello", seconds=30), stdout="hello from RT-Thread Smart\n", stderr="")


@custom_case("a Linux shell pipes an RT-Thread program's output", isas=NATIVE)
def crossing(setting):
    program(setting.isa, "hello")
    words = ["sh", "-c", "/rtt/hello | tr a-z A-Z; /rtt/hello > /tmp/out; wc -l < /tmp/out; /rtt/hello | head -n 0; echo $?"]
    result = run_pylon(["run", *setting.options(), "--timeout", 60, "--", *words], None, 90)
    expect(result, stdout="HELLO FROM RT-THREAD SMART\n1\n0\n")


@custom_case("an RT-Thread program's crash is its own", isas=NATIVE)
def crash(setting):
    options = ["--kernel-log", "warn"]
    result = run(setting, "crash", seconds=60, options=options)
    expect(result, status=139, stdout="before\n", stderr_has=r"signal 11 at pc 0x[0-9a-f]+, address 0x10")
    expect(result, status=139, stderr_has=r"x0=0x[0-9a-f]+ +x1=")


@custom_case("docs/abi-rtthread.md is up to date", isas=("aarch64",))
def support_table(_setting):
    result = run_pylon(["abi", "rtthread"], None, 600)
    if result.status != 0 or result.stdout != (TOP / "docs" / "abi-rtthread.md").read_bytes():
        raise Failed("run ./pylon abi rtthread > docs/abi-rtthread.md\n" + result.stderr.decode(errors="replace")[-1500:])


# Calls without an error of their own.
CANNOT_FAIL = {
    "brk", "exit", "exit_group", "fork", "get_errno", "getpid", "getppid", "gettid", "mremap", "pmutex", "sched_get_priority_max",
    "sched_get_priority_min", "sched_yield", "set_thread_area", "set_tid_address", "thread_mdelay", "thread_self", "tick_get",
    "vfork",
}  # fmt: skip


def call_numbers(header):
    """number → name of the enumeration of calls in rtt.h"""
    numbers, number = {}, 0
    for name, given in re.findall(r"\bnr_(\w+)(?: = (\d+))?,", header):
        number = int(given) if given else number + 1
        numbers[number] = name
    return numbers


@custom_case("rtthread: the tests name every call, and an error of all that can fail", isas=("aarch64",))
def every_call_is_tested(_setting):
    folder = TOP / "programs" / "rtthread"
    header = (folder / "rtt.h").read_text()
    names = call_numbers(header)
    tests = {name: (folder / f"check_{name}.c").read_text() for name in CHECKS if name != "badinput"}
    text = " ".join(" ".join(tests.values()).split())
    problems = []
    rows = re.findall(r"^\| (\d+) \| \w+ \| \d+ \| (\S+)", (TOP / "docs" / "abi-rtthread.md").read_text(), re.MULTILINE)
    for number, support in ((int(number), support) for number, support in rows):
        name = names.get(number, f"call {number}")
        if support.startswith("-ENOSYS"):
            continue
        if not re.search(rf"\bnr_{name}\b|\bROW\({name},", text + header.partition("static inline")[2]):
            problems.append(f"{name}: no test makes it")
        elif name not in CANNOT_FAIL and not re.search(
            rf"ROW\({name},|rt\(nr_{name}\b[^;]*(?:-e[a-z]|-code\.|\blong_fail\b|, -?1\);|, 0\);)", text
        ):
            problems.append(f"{name}: no test sees it fail")
    if problems:
        raise Failed("\n".join(problems))
