"""Counts the kernel's instructions one by one, over QEMU's gdb stub.

A Machine is attached to a guest that waits before its first instruction (pylon debug). It runs to a symbol of the user's
program and steps from there. Steps mask interrupts and hold the timers, so that what is counted is the call's own path.

Sources: the GDB manual's appendix "GDB Remote Serial Protocol" (packets, target descriptions) and QEMU's manual, "GDB
usage" (the maintenance packet Qqemu.sstep); ELF-64 object file format 1.5 (the symbol table).
"""

import re
import socket
import struct
import time
from pathlib import Path

# Bits of Qqemu.sstep: step; no interrupts while stepping; timers stand still while stepping.
STEP_ALONE = 0x1 | 0x2 | 0x4

# ISA → the register that has the privilege level, the one with the program counter, and what user mode is in the first.
PRIVILEGE = {
    "aarch64": ("cpsr", "pc", lambda cpsr: cpsr & 0b1100 == 0),
    "riscv64": ("priv", "pc", lambda priv: priv == 0),
    "x86_64": ("cs", "rip", lambda cs: cs & 0b11 == 3),
}


class StubError(Exception):
    """The stub answered something unexpected, or the machine has ended."""


class Stub:
    """A connection to a gdb stub on this machine: packets out and in."""

    def __init__(self, port, seconds=60):
        self.received = b""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
                break
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise StubError(f"nobody listens on port {port}") from None
                time.sleep(0.05)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.command("qSupported:xmlRegisters=i386,arm,riscv")

    def close(self):
        self.socket.close()

    def command(self, text):
        """Sends a packet; the answer's text. Answers that mark an error (Exx) raise StubError."""
        body = text.encode()
        self.socket.sendall(b"$%s#%02x" % (body, sum(body) & 0xFF))
        answer = self._answer()
        if len(answer) == 3 and answer[0] == "E":
            raise StubError(f"{text}: {answer}")
        return answer

    def expect_ok(self, text):
        answer = self.command(text)
        if answer != "OK":
            raise StubError(f"{text}: {answer!r}")

    def document(self, name):
        """A target description, which comes in pieces."""
        text = ""
        while True:
            piece = self.command(f"qXfer:features:read:{name}:{len(text):x},800")
            text += piece[1:]
            if piece[:1] != "m":
                return text

    def _answer(self):
        while True:
            start = self.received.find(b"$")
            end = self.received.find(b"#", start)
            if start >= 0 and end >= 0 and len(self.received) >= end + 3:
                break
            try:
                more = self.socket.recv(65536)
            except OSError as problem:
                raise StubError(f"the stub is silent: {problem}") from None
            if not more:
                raise StubError("the machine has ended")
            self.received += more
        body = self.received[start + 1 : end]
        self.received = self.received[end + 3 :]
        self.socket.sendall(b"+")
        return unpacked(body)


def unpacked(body):
    """A packet's text without its escapes (}x is x ^ 0x20) and run lengths (x*n repeats x n - 29 times more)."""
    text = bytearray()
    rest = iter(body)
    for byte in rest:
        if byte == ord("}"):
            text.append(next(rest) ^ 0x20)
        elif byte == ord("*"):
            text.extend(text[-1:] * (next(rest) - 29))
        else:
            text.append(byte)
    return text.decode("latin-1")


class Machine:
    """A guest with one core, stopped. Addresses are virtual, registers are read by their names."""

    def __init__(self, port, isa):
        self.stub = Stub(port)
        self.registers = self._register_numbers()
        self.privilege, self.counter, self.is_user = PRIVILEGE[isa]
        self.stub.expect_ok(f"Qqemu.sstep={STEP_ALONE:x}")

    def _register_numbers(self):
        """Name → number. A register without a number of its own has the one behind the last (GDB manual, "Target
        Description Format"). QEMU's description leaves the prefix xi undeclared, so it is no XML for a parser."""
        numbers = {}
        number = 0
        for part in re.findall(r'<xi:include href="([^"]+)"', self.stub.document("target.xml")):
            for attributes in re.findall(r"<reg\s([^>]*)>", self.stub.document(part)):
                values = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
                number = int(values.get("regnum", number))
                numbers[values["name"]] = number
                number += 1
        return numbers

    def register(self, name):
        return int.from_bytes(bytes.fromhex(self.stub.command(f"p{self.registers[name]:x}")), "little")

    def at(self):
        return self.register(self.counter)

    def in_user_mode(self):
        return self.is_user(self.register(self.privilege))

    def run_to(self, address, user=True):
        """Runs until user mode, or the kernel, is about to execute `address`."""
        while True:
            self.stub.expect_ok(f"Z1,{address:x},1")
            self.stub.command("c")
            self.stub.expect_ok(f"z1,{address:x},1")
            if self.at() == address and self.in_user_mode() == user:
                return
            # Firmware or the starting kernel may pass by the same number.
            self.step()

    def step(self):
        self.stub.command("s")

    def kernel_path(self, limit=100_000):
        """From user mode: steps through the next stay in the kernel. The addresses of its instructions, from the vector's
        first to the one that returns to user mode. The repetitions of a string instruction of x86_64 count as one."""
        for _ in range(limit):
            self.step()
            if not self.in_user_mode():
                break
        return self.rest_of_kernel_path(limit)

    def rest_of_kernel_path(self, limit=100_000):
        """The same from an instruction of the kernel on."""
        path = []
        while len(path) < limit and not self.in_user_mode():
            address = self.at()
            if not path or path[-1] != address:
                path.append(address)
            self.step()
        if not 0 < len(path) < limit:
            raise StubError("the program does not enter the kernel and come back")
        return path

    def write_physical(self, address, word):
        """Stores 32 bits, in a device as a driver would."""
        self.stub.expect_ok("Qqemu.PhyMemMode:1")
        self.stub.expect_ok(f"M{address:x},4:{word.to_bytes(4, 'little').hex()}")
        self.stub.expect_ok("Qqemu.PhyMemMode:0")

    def let_go(self):
        """The machine runs on by itself."""
        self.stub.command("D")
        self.stub.close()


def symbols(path):
    """Name → address, from an ELF-64 file's symbol table."""
    image = Path(path).read_bytes()
    (table_offset,) = struct.unpack_from("<Q", image, 0x28)
    entry_size, count = struct.unpack_from("<HH", image, 0x3A)
    # A section header: name, type, flags, address, offset, size, link, info, alignment, entry size.
    sections = [struct.unpack_from("<IIQQQQIIQQ", image, table_offset + i * entry_size) for i in range(count)]
    found = {}
    for section in sections:
        if section[1] != 2:  # SHT_SYMTAB
            continue
        names = sections[section[6]][4]
        for at in range(section[4], section[4] + section[5], 24):
            name, _, _, _, value, _ = struct.unpack_from("<IBBHQQ", image, at)
            start = names + name
            found[image[start : image.index(b"\0", start)].decode()] = value
    return found
