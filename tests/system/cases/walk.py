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
call_case("walk: a call that does not come", "sethostname", ["busybox", "sleep", "100"], status=124, stderr_has="did not come")
