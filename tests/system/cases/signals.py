"""Signals to pylon go to the program; how it takes them is how pylon ends."""

import signal
import time

from harness import Failed, custom_case, expect, run_pylon


def send(number, after=b"ready\n"):
    """Waits for the program's first line, then signals pylon."""

    def act(process):
        got = process.stdout.read(len(after))
        if got != after:
            raise Failed(f"the program said {got!r}, not {after!r}")
        time.sleep(0.2)
        process.send_signal(number)

    return act


WAITS = "while :; do sleep 1; done"


@custom_case("SIGTERM ends a program that does not catch it")
def plain_term(setting):
    result = run_pylon(["run", *setting.options(), "sh", "-c", f"echo ready; {WAITS}"], during=send(signal.SIGTERM), seconds=30)
    expect(result, status=143, stdout="")


@custom_case("SIGINT ends a program that does not catch it", isas=("aarch64",))
def plain_int(setting):
    result = run_pylon(["run", *setting.options(), "sh", "-c", f"echo ready; {WAITS}"], during=send(signal.SIGINT), seconds=30)
    expect(result, status=130, stdout="")


@custom_case("a caught SIGTERM is the program's to answer", smp=(1, 4))
def caught_term(setting):
    script = f"trap 'echo caught; exit 3' TERM; echo ready; {WAITS}"
    result = run_pylon(["run", *setting.options(), "sh", "-c", script], during=send(signal.SIGTERM), seconds=30)
    expect(result, status=3, stdout="caught\n")


@custom_case("the second signal ends a program that ignores the first", isas=("aarch64",))
def ignored_int(setting):
    def twice(process):
        send(signal.SIGINT)(process)
        time.sleep(1)
        process.send_signal(signal.SIGINT)

    script = f"trap '' INT; echo ready; {WAITS}"
    expect(run_pylon(["run", *setting.options(), "sh", "-c", script], during=twice, seconds=30), status=130, stdout="")
