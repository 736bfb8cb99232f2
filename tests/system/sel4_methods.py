"""Which invocations the checks in programs/sel4 make, and with which answers: docs/sel4-methods.md.

The methods are those of the kernel's own enumerations; what is covered is what the programs print when they run, so a
method that is added without a check, or whose check does not get that far, is seen.

    python3 tests/system/sel4_methods.py > docs/sel4-methods.md      # all ISAs, after a build
"""

import re
import sys

from harness import ALL_ISAS, TOP, Failed, run_pylon

SEL4 = TOP / "kernel" / "abi" / "sel4"
CHECKS = sorted(path.stem for path in (TOP / "programs" / "sel4").glob("check_*.c"))
ERRORS = (
    "none", "InvalidArgument", "InvalidCapability", "IllegalOperation", "RangeError", "AlignmentError", "FailedLookup",
    "TruncatedMessage", "DeleteFirst", "RevokeFirst", "NotEnoughMemory")
# Numbers that the interface has and that no object answers here: ISA and method.
UNANSWERED = {("aarch64", "smc_call"), ("x86_64", "irq_issue_handler")}

HEADER = """# seL4's methods and the answers that are checked

Every invocation of the API that this kernel answers, and the errors that the programs in programs/sel4 get from each, `ok` for success.
Written by `tests/system/sel4_methods.py` from what those programs print when they run; the system test "seL4 methods" compares. The same programs
run on seL4's own kernel (x86_64 and aarch64) with the same answers.
"""


def enumerators(path, name):
    """The names of an enumeration in order; those with a value of their own other than the first are aliases."""
    text = re.search(rf"enum class {name} : Word {{(.*?)}};", path.read_text(), re.S).group(1)
    entries = [entry.strip() for entry in re.sub(r"//.*", "", text).split(",") if entry.strip()]
    return [entry.split()[0] for entry in entries if "=" not in entry or entry is entries[0]]


def methods(isa):
    """{number: name} of an ISA's methods, in a system for one core."""
    common = enumerators(SEL4 / "labels.hpp", "Label")
    names = common[: common.index("first_of_isa")] + enumerators(SEL4 / "isa" / isa / "sel4_isa" / "abi.hpp", "IsaLabel")
    return {number: name for number, name in enumerate(names) if number != 0}


def seen_in(output):
    """{(method, error)} of the lines of a run."""
    return {(int(method), int(error)) for method, error in re.findall(r"^ok method (\d+) error (\d+): ", output, re.M)}


def seen_on(isa, programs):
    """What all checks of an ISA see; `programs` is their folder."""
    seen = set()
    for name in CHECKS:
        if name.endswith("smp"):  # numbers its methods otherwise
            continue
        result = run_pylon(["run", "--arch", isa, "--abi", "sel4", "--timeout", 60, "--", programs / name], seconds=90)
        seen |= seen_in(result.stdout.decode(errors="replace"))
    return seen


def rows(isa, seen):
    """{name: its answers, as the table has them}. Raises Failed when a method is in no check."""
    answers = {}
    for number, name in methods(isa).items():
        errors = sorted(error for method, error in seen if method == number)
        if not errors or (0 not in errors and (isa, name) not in UNANSWERED):
            raise Failed(f"{isa}: no check has {name} (method {number}) {'succeed' if errors else 'at all'}")
        answers[name] = ", ".join([ERRORS[error] for error in errors if error != 0] + ["ok"] * (0 in errors))
    return answers


def table(by_isa):
    lines = [HEADER, "| method | " + " | ".join(by_isa) + " |", "|---" * (len(by_isa) + 1) + "|"]
    names = dict.fromkeys(name for answers in by_isa.values() for name in answers)
    for name in names:
        cells = [answers.get(name, "") for answers in by_isa.values()]
        same = [cell if index == 0 or cell != cells[0] or not cell else "the same" for index, cell in enumerate(cells)]
        lines.append(f"| {name} | " + " | ".join(same) + " |")
    return "\n".join(lines) + "\n"


def in_document(text, isa):
    """The rows of one ISA as the document has them."""
    lines = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in text.splitlines() if line.startswith("|")]
    column = lines[0].index(isa)
    found = {cells[0]: cells[1] if cells[column] == "the same" else cells[column] for cells in lines[2:]}
    return {name: answers for name, answers in found.items() if answers}


if __name__ == "__main__":
    sys.stdout.write(table({
        isa: rows(isa, seen_on(isa, TOP / "build" / isa / "programs" / "sel4")) for isa in ALL_ISAS}))
