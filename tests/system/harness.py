"""What the system tests are made of: cases, the runs of pylon they make, and a terminal to sit at.

A case is one call of pylon with what it must give. A module in cases/ makes cases with case() and terminal_case(); each
is expanded over the ISAs, core counts and entry modes that it names.
"""

import codecs
import contextlib
import dataclasses
import fcntl
import itertools
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PYLON = TOP / "build" / "host" / "pylon"
ALL_ISAS = ("aarch64", "riscv64", "x86_64")
DEBIAN_NAMES = {"aarch64": "arm64", "riscv64": "riscv64", "x86_64": "amd64"}


checked_kernels = False  # run.py --checked


class Failed(Exception):
    """A case's expectation that did not hold; the text says which."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """What one run of a case varies."""

    isa: str
    smp: int = 1
    isolate: bool = False

    def label(self):
        return " ".join([self.isa, f"smp{self.smp}"] + (["isolate"] if self.isolate else []))

    def options(self):
        words = ["--arch", self.isa, "--smp", str(self.smp)]
        return words + ["--isolate"] * self.isolate + ["--checked"] * checked_kernels


@dataclasses.dataclass(frozen=True)
class Test:
    """One case under one setting: what the runner runs. check(setting) raises Failed; what it returns, if anything, is
    shown on the case's line."""

    name: str
    setting: Setting
    check: object

    def label(self):
        return f"{self.name} [{self.setting.label()}]"


TESTS = []


def _register(name, isas, smp, isolate, check):
    for setting in itertools.starmap(Setting, itertools.product(isas, smp, isolate)):
        TESTS.append(Test(name, setting, check))


@dataclasses.dataclass
class Result:
    status: int
    stdout: bytes
    stderr: bytes
    seconds: float


def run_pylon(words, stdin=b"", seconds=60, during=None, environment=None):
    """Runs pylon with these words. `during(process)` may do something while it runs. A run longer than `seconds` fails.
    `environment` is pylon's own, where it is not this one."""
    process = subprocess.Popen(
        [PYLON, *map(str, words)],
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )
    began = time.monotonic()
    try:
        if during:
            during(process)
        out, err = process.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise Failed(f"still running after {seconds} s\nstdout: {out[-500:]!r}\nstderr: {err[-1500:].decode(errors='replace')}")
    # The shell's view of an ending by a signal.
    status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return Result(status, out, err, time.monotonic() - began)


def expect(result, status=0, stdout=None, stderr=None, stdout_has=None, stderr_has=None):
    """Compares; stdout and stderr are exact text or bytes, the _has forms regular expressions."""

    def as_bytes(text):
        return text.encode() if isinstance(text, str) else text

    problems = []
    if result.status != status:
        problems.append(f"exit status {result.status}, not {status}")
    for name, wanted, got in (("stdout", stdout, result.stdout), ("stderr", stderr, result.stderr)):
        if wanted is not None and as_bytes(wanted) != got:
            problems.append(f"{name} is not {as_bytes(wanted)[:300]!r}")
    for name, wanted, got in (("stdout", stdout_has, result.stdout), ("stderr", stderr_has, result.stderr)):
        if wanted is not None and not re.search(wanted, got.decode(errors="replace")):
            problems.append(f"{name} has no {wanted!r}")
    if problems:
        raise Failed(
            "; ".join(problems)
            + f"\nstdout: {result.stdout[-800:]!r}\nstderr: {result.stderr[-1500:].decode(errors='replace')}"
        )


def case(name, *program, isas=ALL_ISAS, smp=(1,), isolate=(False,), options=(), stdin=b"", seconds=60, **expected):
    """A run of `program` (words, or a function of the setting that gives them) with what it must give (see expect())."""

    def check(setting):
        words = program[0](setting) if program and callable(program[0]) else program
        wanted = {key: value(setting) if callable(value) else value for key, value in expected.items()}
        result = run_pylon(["run", *setting.options(), *options, "--", *words], stdin, seconds)
        expect(result, **wanted)

    _register(name, isas, smp, isolate, check)


def custom_case(name, isas=ALL_ISAS, smp=(1,), isolate=(False,)):
    """Decorates a function check(setting) that makes its own runs."""

    def register(check):
        _register(name, isas, smp, isolate, check)
        return check

    return register


class Terminal:
    """A program, pylon if no other is named, at a pseudo-terminal, with a person's view: type words, wait until something
    shows."""

    # The shell may ask the terminal for its cursor position behind the prompt.
    PROMPT = r"[#$] (\x1b\[6n)?$"

    def __init__(self, words, rows=24, columns=80, program=PYLON):
        self.seen = ""
        self.mark = 0
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        # Our own hold on the far end keeps the terminal's mode readable when pylon has left.
        self.fd, self.far_end = pty.openpty()
        self.resize(rows, columns)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(self.far_end, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(self.far_end, descriptor)
            os.execvpe(program, [str(program), *map(str, words)], {**os.environ, "TERM": "vt100"})

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, pattern, seconds=20):
        """Reads until the text since the last match has `pattern`; returns the text up to the match's end."""
        deadline = time.monotonic() + seconds
        while True:
            match = re.search(pattern, self.seen[self.mark :])
            if match:
                text = self.seen[self.mark : self.mark + match.end()]
                self.mark += match.end()
                return text
            rest = deadline - time.monotonic()
            if rest <= 0 or not self._read(rest):
                raise Failed(f"no {pattern!r} on the terminal; since the last match: {self.seen[self.mark:][-800:]!r}")

    def wait_until(self, holds, seconds=20):
        """Reads until holds() does."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline or not self._read(0.02):
                raise Failed(f"waited in vain; last on the terminal: {self.seen[-800:]!r}")

    def _read(self, seconds):
        """False at the end of the terminal."""
        if select.select([self.fd], [], [], seconds)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.seen += self.decoder.decode(data)
        return True

    def wait_for_end(self, seconds=20):
        """The exit status of pylon."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            self._read(0.05)
        raise Failed(f"pylon does not end; last on the terminal: {self.seen[-500:]!r}")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
        os.close(self.far_end)


def terminal_case(name, *program, isas=ALL_ISAS, smp=(1,), isolate=(False,), rows=24, columns=80):
    """Decorates a function act(terminal, setting), which sits at a terminal where pylon runs `program` (none: the shell)."""

    def register(act):
        def check(setting):
            with contextlib.closing(Terminal(["run", *setting.options(), "--timeout", "90", "--", *program], rows, columns)) as at:
                act(at, setting)

        _register(name, isas, smp, isolate, check)
        return act

    return register


def busybox(isa):
    """Debian's busybox-static for an ISA, as a file of the host (pylon's cache has it after the first run)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tetrapylon" / "packages"
    return cache / f"busybox-static-trixie-{DEBIAN_NAMES[isa]}" / "usr" / "bin" / "busybox"


@contextlib.contextmanager
def file_with(content, mode=0o755, name="file"):
    """A file of the host with this content, for the time of a with statement."""
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        path.chmod(mode)
        yield path


@contextlib.contextmanager
def qemu_with(isa, old="", new="", more=()):
    """While it lasts, pylon's QEMU of that ISA gets its command line with `old` made `new`, and the words `more`."""
    name = f"qemu-system-{isa}"
    real = shutil.which(name)
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        wrapper = Path(folder) / name
        wrapper.write_text(
            "#!/usr/bin/env python3\nimport os, sys\n"
            f"words = [word.replace({old!r}, {new!r}) if {old!r} else word for word in sys.argv[1:]]\n"
            f"os.execv({real!r}, [{real!r}, *words, *{[str(word) for word in more]!r}])\n"
        )
        wrapper.chmod(0o755)
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{folder}:{path}"
        try:
            yield
        finally:
            os.environ["PATH"] = path
