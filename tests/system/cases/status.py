"""The program's exit status is pylon's; pylon's own begin at 124."""

from harness import case

for number in (0, 1, 42, 255):
    case(f"exit {number}", "sh", "-c", f"exit {number}", isas=("aarch64",), status=number, stdout="")
case("true", "true", status=0)
case("false", "false", status=1)
case("killed by SIGKILL", "sh", "-c", "kill -9 $$", status=137)
case("killed by SIGSEGV", "sh", "-c", "kill -SEGV $$", status=139)
case("killed by SIGTERM", "sh", "-c", "kill $$", isas=("aarch64",), status=143)
case("a name that is not there", "nonesuch", status=127, stdout="", stderr_has="nonesuch")
case("a path that is nowhere", "/nonesuch/program", isas=("aarch64",), status=127, stdout="", stderr_has="nonesuch")
case("a missing host file", "./nonesuch", isas=("aarch64",), status=127, stdout="", stderr_has="nonesuch: not found")
case("time-out", "sleep", "60", options=("--timeout", "3"), seconds=15, status=124, stdout="", stderr_has="timed out")
case("time-out of a busy program", "sh", "-c", "while :; do :; done", isas=("aarch64",), options=("--timeout", "3"), seconds=15, status=124)
