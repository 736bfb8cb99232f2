"""xv6 built from its own sources, and the two machines that run its programs: the original kernel and this one.

Everything is made under build/peers/xv6, outside what is kept: a copy of the sources (xv6-riscv, f5b93ef is what the
personality follows; riscv64-linux-gnu-gcc and make are needed), its kernel, and fs.img made by its own mkfs.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "system"))

import harness  # noqa: E402

FOLDER = TOP / "build" / "peers" / "xv6"
SOURCES = FOLDER / "src"
KERNEL = SOURCES / "kernel" / "kernel"
IMAGE_TOOL = TOP / "build" / "host" / "xv6image"
PROMPT = r"\$ $"
TOOLS = "riscv64-linux-gnu-"


def built(*words, folder=TOP):
    done = subprocess.run(list(map(str, words)), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}:\n{done.stdout[-2000:]}")
    return done.stdout


def prepare(sources):
    """Builds both kernels, xv6's programs and a disk that has these and programs/xv6/marked."""
    built(TOP / "host" / "build.sh", "host", "riscv64")
    if not (SOURCES / "Makefile").exists():
        shutil.copytree(sources, SOURCES, ignore=shutil.ignore_patterns(".git", "*.o", "*.d", "_*", "*.img"))
    built("make", f"TOOLPREFIX={TOOLS}", "kernel/kernel", "fs.img", folder=SOURCES)


def make_image(path, *more):
    """A fresh disk at `path`, made by xv6's own mkfs: its programs, its README and the files `more`, each of another name."""
    folder = FOLDER / "files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for each in [SOURCES / "README", *sorted((SOURCES / "user").glob("_*")), *map(Path, more)]:
        shutil.copy(each, folder)
    names = ["README", *sorted(each.name for each in folder.iterdir() if each.name != "README")]
    built(SOURCES / "mkfs" / "mkfs", path, *names, folder=folder)


def check_image(path):
    """Ends with what is wrong with the disk, if anything."""
    built(IMAGE_TOOL, "check", path)


def symbol(name):
    """The address of a function of xv6's kernel, and its disassembly as (address, words) pairs."""
    listing = built(f"{TOOLS}objdump", "-d", "--no-show-raw-insn", f"--disassemble={name}", KERNEL)
    return [(int(at, 16), words) for at, words in re.findall(r"^ *([0-9a-f]{8,}):\s+(.*)$", listing, re.MULTILINE)]


@contextlib.contextmanager
def original(image, smp=1, words=()):
    """The original kernel with that disk, at a terminal where its shell waits."""
    command = [
        "-machine", "virt", "-bios", "none", "-kernel", KERNEL, "-m", "128M", "-smp", smp, "-nographic",
        "-global", "virtio-mmio.force-legacy=false", "-drive", f"file={image},if=none,format=raw,id=x0",
        "-device", "virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0", *words,
    ]  # fmt: skip
    with contextlib.closing(harness.Terminal(command, program="qemu-system-riscv64")) as at:
        at.wait_for(PROMPT, 60)
        yield at


@contextlib.contextmanager
def ours(image, smp=1, words=(), memory="128M"):
    """This kernel in the original's place: xv6's init at the terminal."""
    command = ["run", "--arch", "riscv64", "--smp", smp, "--memory", memory, "--disk", image, "--abi", "xv6"]
    with harness.qemu_with("riscv64", more=words), contextlib.closing(harness.Terminal(command)) as at:
        at.wait_for(PROMPT, 60)
        yield at


MACHINES = {"original": original, "ours": ours}


def run(at, line, seconds=600):
    """Types a command; what it printed until the next prompt."""
    at.type(line + "\n")
    at.wait_for(re.escape(line) + r"\r?\n")
    text = at.wait_for(PROMPT, seconds)
    return text[: text.rindex("$ ")].replace("\r", "")
