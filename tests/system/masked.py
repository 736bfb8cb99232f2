"""The longest stretch of instructions that a program's run spends with interrupts off: the bound of interrupt latency.

    python3 tests/system/masked.py ISA PROGRAM [STEPS [SYMBOL]]

Steps through the guest from the program's first instruction (or from SYMBOL in it) over QEMU's gdb stub, STEPS
instructions far (100,000), user and kernel alike; interrupts are held back meanwhile, so that their own handlers are
not among what is counted, and a program that waits ends the measurement. The kernel has nothing in it for this. A
stretch begins where interrupts are masked, be it by a trap or by an instruction, and ends where they are open again or
user mode is reached. Prints the longest ones with the addresses and kernel symbols of their ends.
"""

import bisect
import re
import subprocess
import sys

import stepper
from harness import PYLON, TOP

# ISA → the register with the mask, and what "interrupts off" is in it.
MASK = {
    "aarch64": ("cpsr", lambda value: value & 1 << 7),
    "riscv64": ("sstatus", lambda value: not value & 1 << 1),
    "x86_64": ("eflags", lambda value: not value & 1 << 9),
}


def stretches(machine, isa, steps):
    """[length, first, last] of every stretch of masked instructions in the next `steps`."""
    name, is_masked = MASK[isa]
    found, length, first, last = [], 0, 0, 0
    for _ in range(steps):
        user = machine.in_user_mode()
        at = machine.at()
        if not user and is_masked(machine.register(name)):
            first = first if length else at
            last = at
            length += 1
        elif length:
            found.append((length, first, last))
            length = 0
        try:
            machine.step()
        except stepper.StubError:
            break  # it waits for an interrupt
    return found


def main(isa, program, steps=100_000, symbol=None):
    kernel = TOP / "build" / isa / "tetrapylon.elf"
    names = sorted((address, name) for name, address in stepper.symbols(kernel).items())
    own = stepper.symbols(program)
    guest = subprocess.Popen(
        [PYLON, "debug", "--arch", isa, "--timeout", "3000", "--", program],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )
    port = None
    while not port:
        port = re.search(r"127\.0\.0\.1:(\d+)", guest.stderr.readline().decode())
    machine = stepper.Machine(int(port[1]), isa)
    machine.run_to(own[symbol or "_start"])
    machine.stub.socket.settimeout(5)
    try:
        found = stretches(machine, isa, int(steps))
    finally:
        guest.kill()

    def where(address):
        name = names[max(bisect.bisect_right(names, (address, "~")) - 1, 0)]
        return f"{name[1]}+{address - name[0]:#x}"

    seen = set()
    for length, first, last in sorted(found, reverse=True):
        if (first, last) not in seen and len(seen) < 8:
            seen.add((first, last))
            print(f"{length:6} instructions: {where(first)} to {where(last)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
