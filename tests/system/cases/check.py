"""pylon check: what a program calls, before it runs."""

import json

from harness import Failed, busybox, custom_case, expect, file_with, run_pylon


@custom_case("check: busybox by its name in the root and as a file")
def busybox_calls(setting):
    by_name = run_pylon(["check", "--arch", setting.isa, "--json", "busybox"], None, 60)
    as_file = run_pylon(["check", "--json", str(busybox(setting.isa))], None, 60)
    for result in (by_name, as_file):
        if result.status not in (0, 1):
            raise Failed(f"status {result.status}: {result.stderr.decode()}")
    report = json.loads(by_name.stdout)
    if report != json.loads(as_file.stdout):
        raise Failed("the same program has two reports")
    if (by_name.status == 1) != bool(report["missing"]):
        raise Failed(f"status {by_name.status} with {len(report['missing'])} missing calls")
    names = {call["name"] for key in ("supported", "partial") for call in report[key]}
    wanted = {"read", "write", "openat", "execve", "exit_group", "mmap", "rt_sigaction", "getpid"}
    if not wanted <= names:
        raise Failed(f"not found: {sorted(wanted - names)}")
    if "socket" not in {call["name"] for call in report["missing"]} | names:
        raise Failed("busybox's socket was not found")
    return f"{report['traps']} traps, {len(names)} calls there, {len(report['missing'])} missing, {len(report['undecided'])} not decided"


def refused(name, content, status, stderr_has):
    @custom_case(name, isas=("aarch64",))
    def check(setting):
        with file_with(content() if callable(content) else content) as file:
            expect(run_pylon(["check", file], None, 60), stdout="", status=status, stderr_has=stderr_has)


refused("check: a script", b"#!/bin/sh\necho hi\n", 126, "not an ELF file")
refused("check: an empty file", b"", 126, "not an ELF file")
refused("check: a truncated program", lambda: busybox("aarch64").read_bytes()[:5000], 126, "truncated")
refused("check: a program of another machine", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x16\x00" + bytes(44), 126, "another kind of machine")


@custom_case("check: a name that there is not", isas=("aarch64",))
def not_found(setting):
    expect(run_pylon(["check", "nonesuch"], None, 60), stdout="", status=127, stderr_has="not found")
