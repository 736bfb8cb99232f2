"""pylon walk: the path of a call is complete, and the same each time."""

import json

from cases import budgets, linux_programs, sel4
from harness import ALL_ISAS, Failed, custom_case, expect, run_pylon


def walk(setting, call, *program, options=()):
    words = ["walk", *setting.options(), "--timeout", "60", "--call", call, *options, "--json", "-", "--", *program]
    result = run_pylon(words, None, 120)
    expect(result, status=0)
    return result.stdout


@custom_case("walk: openat, twice the same", isas=ALL_ISAS)
def same_each_time(setting):
    first = walk(setting, "openat", "busybox", "cat", "/etc/passwd")
    if first != walk(setting, "openat", "busybox", "cat", "/etc/passwd"):
        raise Failed("two walks of the same call differ")
    path = json.loads(first)
    counted = sum(station["instructions"] for station in path["stations"])
    steps = sum(len(station["steps"]) for station in path["stations"])
    if not counted == steps == path["instructions"] + 1:
        raise Failed(f"{counted} instructions in stations, {steps} steps, {path['instructions']} in all")
    names = [station["id"] for station in path["stations"]]
    if names[:2] != ["trap", "vector"] or names[-1] != "return" or not {"dispatch", "handler", "leave", "restore"} <= set(names):
        raise Failed(f"stations are missing: {names}")
    if path["result"] != "0x3":
        raise Failed(f"openat returned {path['result']}")
    shown = {argument["name"]: argument["text"] for argument in path["decoded"]}
    if shown.get("path") != '"/etc/passwd"' or shown.get("directory") != "AT_FDCWD":
        raise Failed(f"the arguments are shown as {shown}")
    return f"{path['instructions']:,} instructions"


@custom_case("walk: getppid, as many instructions as an independent stepper counts", isas=ALL_ISAS, isolate=(False, True))
def same_as_stepper(setting):
    program = linux_programs.program(setting.isa, "bench-path")
    path = json.loads(walk(setting, "getppid", program, options=["--nth", "3"]))
    counted = budgets.path_length(setting, "getppid")
    if path["instructions"] != counted:
        raise Failed(f"{path['instructions']} instructions walked, {counted} stepped")
    return f"{counted} instructions"


@custom_case("walk: the message of a capability call", isas=ALL_ISAS)
def capability_call(setting):
    path = json.loads(walk(setting, "seL4_Call", sel4.program(setting.isa, "check_ipc"), options=["--abi", "sel4"]))
    if not path["message"] or not path["message"][0].startswith("capability 0x"):
        raise Failed(f"the message is {path['message']}")
    return f"{path['instructions']:,} instructions; {path['message'][0]}"


def event_walk(setting, event, *options):
    words = ["walk", *setting.options(), "--abi", "sel4", "--timeout", "60", "--event", event, *options, "--json", "-", "--"]
    result = run_pylon([*words, sel4.program(setting.isa, "events")], None, 120)
    expect(result, status=0)
    return result.stdout


def check_event(path, wanted):
    """The wanted stations in their order, and a thread that was woken goes on."""
    names = [station["id"] for station in path["stations"]]
    rest = iter(names)
    if not all(name in rest for name in wanted):
        raise Failed(f"stations: {names}")
    if path["ending"] != "elsewhere":
        raise Failed("the waiting thread does not go on")


def addresses(path):
    """Every instruction; the values in registers can be the time of day."""
    return [step["pc"] for station in path["stations"] for step in station["steps"]]


@custom_case("walk: a page fault to its handler, twice the same path", isas=ALL_ISAS)
def fault_to_handler(setting):
    path, again = (json.loads(event_walk(setting, "fault", "--nth", "3")) for _ in range(2))
    if addresses(path) != addresses(again):
        raise Failed("two walks of the same fault differ")
    check_event(path, ["faulted", "vector", "which_fault", "handler", "restore", "return"])
    address = {one["name"]: one["value"] for one in path["decoded"]}["address"]
    if address != "0x1000":
        raise Failed(f"the fault is said to be at {address}")
    return f"{path['instructions']:,} instructions"


CAUSES = {"aarch64": [], "riscv64": ["--cause", "9"], "x86_64": ["--cause", "0x31"]}


@custom_case("walk: a device's interrupt to the thread that waits for it", isas=ALL_ISAS)
def interrupt_to_waiter(setting):
    path = json.loads(event_walk(setting, "interrupt", *CAUSES[setting.isa], "--through", "abi::sel4::deliver", "--nth", "2"))
    check_event(path, ["interrupted", "vector", "which_interrupt", "handler", "end_of_interrupt", "restore", "return"])
    functions = {one["name"] for station in path["stations"] for one in station["functions"]}
    functions |= {one["name"] for station in path["stations"] for part in station["parts"] for one in part["functions"]}
    if "abi::sel4::fastpath_interrupt" not in functions:
        raise Failed(f"no signal is sent: {sorted(functions)}")
    return f"{path['instructions']:,} instructions"


def words_of(program):
    """More options may stand in front of the program."""
    return program if "--" in program else ["--", *program]


def call_case(name, call, program, **expected):
    @custom_case(name, isas=("aarch64",))
    def check(setting):
        expect(run_pylon(["walk", *setting.options(), "--timeout", "5", "--call", call, *words_of(program)], None, 60), stdout="", **expected)


call_case("walk: a call that there is not", "nonesuch", ["busybox", "true"], status=125, stderr_has="no such call")
call_case("walk: a program that ends first", "sethostname", ["busybox", "true"], status=124, stderr_has="before the machine ended(.|\n)*ended with status 0")
call_case("walk: another program's symbols", "getpid", ["--symbols", "/bin/true", "--", "busybox", "true"], status=125, stderr_has="no symbol that names")
call_case("walk: no symbols at all", "getpid", ["--symbols", "/etc/passwd", "--", "busybox", "true"], status=125, stderr_has="no symbols")
call_case("walk: a map that there is not", "getpid", ["--stations", "nonesuch", "--", "busybox", "true"], status=125, stderr_has="xv6-riscv")
call_case("walk: an event of no kind", "getpid", ["--event", "holiday", "--", "busybox", "true"], status=125, stderr_has="event")
call_case("walk: a call and an event", "getpid", ["--event", "fault", "--", "busybox", "true"], status=125, stderr_has="one walk is of one trap")
call_case("walk: a call that does not come", "sethostname", ["busybox", "sleep", "100"], status=124, stderr_has="did not come")
