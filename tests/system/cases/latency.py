"""How long the kernel keeps interrupts off: the bound of interrupt latency, in the runs of RT-Thread's test programs."""

import tempfile
from pathlib import Path

import masked
from cases import rtthread_programs
from harness import Failed, custom_case, expect, run_pylon

LIMIT = 2000  # instructions; the project's promise for calls of the process-style kernels


@custom_case(f"rtthread: interrupts are off for less than {LIMIT} instructions", isas=(masked.ISA,))
def latency(setting):
    with tempfile.TemporaryDirectory() as folder:
        masked.build(Path(folder))
        environment = masked.environment(folder, LIMIT // 2)
        for name in rtthread_programs.CHECKS:
            program = rtthread_programs.program(setting.isa, name)
            words = ["run", *setting.options(), "--icount", "--timeout", 120, "--", program]
            expect(run_pylon(words, seconds=150, environment=environment), stdout=f"ok {name}\n")
        found = masked.stretches(Path(folder))
        if not found:
            raise Failed("nothing was seen at all")
        longest = masked.describe(masked.Names(), *found[0])
        if found[0][0] >= LIMIT:
            raise Failed(longest)
        return f"at most {found[0][0]:,}"
