"""pylon walk: the path of a call is complete, and the same each time."""

import json

from harness import Failed, custom_case, expect, run_pylon

STEPPED = ("aarch64", "x86_64")


def walk(setting, call, *program):
    result = run_pylon(["walk", *setting.options(), "--timeout", "60", "--call", call, "--json", "-", "--", *program], None, 120)
    expect(result, status=0)
    return result.stdout


@custom_case("walk: openat, twice the same", isas=STEPPED)
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
    if names[:2] != ["trap", "vector"] or names[-1] != "restore" or not {"decode", "dispatch", "handler", "leave"} <= set(names):
        raise Failed(f"stations are missing: {names}")
    if path["result"] != "0x3":
        raise Failed(f"openat returned {path['result']}")
    return f"{path['instructions']:,} instructions"


def call_case(name, call, program, **expected):
    @custom_case(name, isas=("aarch64",))
    def check(setting):
        expect(run_pylon(["walk", *setting.options(), "--timeout", "5", "--call", call, "--", *program], None, 60), stdout="", **expected)


call_case("walk: a call that there is not", "nonesuch", ["busybox", "true"], status=125, stderr_has="no such call")
call_case("walk: a call that does not come", "sethostname", ["busybox", "sleep", "100"], status=124, stderr_has="did not come")
