"""A person at the shell: line editing, job control, full-screen programs, the window's size."""

import termios
import time

from harness import Failed, Terminal, terminal_case

PROMPT = Terminal.PROMPT


def start(at, command):
    """Types the command and waits until it has the terminal, so that what follows is typed to it."""
    at.type(f"echo begun; {command}\r")
    at.wait_for(r"\nbegun\r\n")
    time.sleep(0.7)


def leave(at):
    at.type("exit 0\r")
    status = at.wait_for_end()
    if status != 0:
        raise Failed(f"exit status {status}")


@terminal_case("shell: words and the end of input", smp=(1, 4), isolate=(False, True))
def words(at, setting):
    at.wait_for(PROMPT)
    at.type("echo one $((1 + 1)); uname -m\r")
    at.wait_for(rf"\r\none 2\r\n{setting.isa}\r\n")
    at.wait_for(PROMPT)
    at.type("\x04")
    if at.wait_for_end() != 0:
        raise Failed("Ctrl-D did not end the shell with 0")


@terminal_case("shell: line editing")
def editing(at, setting):
    at.wait_for(PROMPT)
    at.type("echo abXc\x1b[D\x7fY\r")  # left, rubout, Y: abYc
    at.wait_for(r"\r\nabYc\r\n")
    at.wait_for(PROMPT)
    at.type("\x1b[A\r")  # up: the same again
    at.wait_for(r"\r\nabYc\r\n")
    at.wait_for(PROMPT)
    at.type("echo gone\x15echo kept\r")  # Ctrl-U
    at.wait_for(r"\r\nkept\r\n")
    at.wait_for(PROMPT)
    leave(at)


@terminal_case("shell: canonical input of a program", isas=("aarch64", "riscv64", "x86_64"))
def canonical(at, setting):
    at.wait_for(PROMPT)
    start(at, "cat")
    at.type("helpo\x7f\x7flo\r")
    at.wait_for(r"\nhello\r\n")
    at.type("wrong\x15right\r")
    at.wait_for(r"\nright\r\n")
    at.type("\x04")
    at.wait_for(PROMPT)
    leave(at)


@terminal_case("shell: Ctrl-C", smp=(1, 4))
def interrupt(at, setting):
    at.wait_for(PROMPT)
    start(at, "sleep 100")
    at.type("\x03")
    at.wait_for(PROMPT)
    at.type("echo status $?\r")
    at.wait_for(r"status 130\r\n")
    at.wait_for(PROMPT)
    start(at, "while :; do :; done")
    at.type("\x03")
    at.wait_for(PROMPT)
    leave(at)


@terminal_case("shell: Ctrl-Z, jobs, bg, fg", smp=(1, 4))
def job_control(at, setting):
    at.wait_for(PROMPT)
    start(at, "sleep 100")
    at.type("\x1a")
    at.wait_for(r"Stopped")
    at.wait_for(PROMPT)
    at.type("jobs\r")
    at.wait_for(r"Stopped .*sleep 100")
    at.wait_for(PROMPT)
    at.type("bg\r")
    at.wait_for(PROMPT)
    at.type("jobs\r")
    at.wait_for(r"Running .*sleep 100")
    at.wait_for(PROMPT)
    at.type("fg\r")
    at.wait_for(r"sleep 100\r\n")
    at.type("\x03")
    at.wait_for(PROMPT)
    at.type("cat &\r")
    at.wait_for(PROMPT)
    time.sleep(1)  # cat must have tried to read before the shell looks at its jobs
    at.type("\r")
    at.wait_for(r"Stopped \(tty input\) +cat")
    at.wait_for(PROMPT)
    at.type("kill %1; fg >/dev/null\r")
    at.wait_for(PROMPT)
    leave(at)


@terminal_case("shell: the window's size", rows=30, columns=100)
def window_size(at, setting):
    at.wait_for(PROMPT)
    at.type("stty size\r")
    at.wait_for(r"\r\n30 100\r\n")
    at.wait_for(PROMPT)
    at.resize(50, 132)
    at.type("sleep 1; stty size\r")
    at.wait_for(r"\r\n50 132\r\n")
    at.wait_for(PROMPT)
    leave(at)


@terminal_case("shell: vi")
def vi(at, setting):
    at.wait_for(PROMPT)
    at.type("cd /tmp; vi note\r")
    at.wait_for(r"~\r?\n?")
    at.type("ifirst line\rsecond\x1b")
    at.wait_for("nd")
    at.type(":wq\r")
    at.wait_for(PROMPT)
    at.type("cat note\r")
    at.wait_for(r"\nfirst line\r\nsecond\r\n")
    at.wait_for(PROMPT)
    leave(at)


@terminal_case("shell: top")
def top(at, setting):
    at.wait_for(PROMPT)
    at.type("top\r")
    at.wait_for(r"Mem:.*used")
    at.wait_for(r"PID")
    at.wait_for(r"top")
    at.type("q")
    at.wait_for(PROMPT)
    leave(at)


@terminal_case("a program at a terminal", "sh", "-c", "test -t 0 && test -t 1 && test -t 2 && tty && exit 9")
def at_a_terminal(at, setting):
    at.wait_for(r"/dev/\S+\r\n")
    status = at.wait_for_end()
    if status != 9:
        raise Failed(f"exit status {status}")


@terminal_case("the terminal's mode comes back", "sh", "-c", "echo begun; read line; exit 4", isas=("aarch64",))
def mode_comes_back(at, setting):
    # The mode is that of the terminal's other end, which is the same device.
    at.wait_for(r"begun\r\n")
    at.type("x\r")
    status = at.wait_for_end()
    after = termios.tcgetattr(at.far_end)
    if status != 4 or not after[3] & termios.ICANON or not after[3] & termios.ECHO:
        raise Failed(f"status {status}, after {after}")
