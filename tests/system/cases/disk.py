"""An xv6 file system on a virtio disk: read and written by several at once, cut at any moment, broken, full. Each image
is judged afterwards by tests/xv6fs, which shares no code with the kernel."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import ALL_ISAS, TOP, Failed, busybox, custom_case, expect, qemu_with, run_pylon

LOCK = threading.Lock()
README = "A disk of the tests.\n" * 100

# Files come and go in a directory of each writer's own, and in one that all share.
WRITER = r"""
n=$1 turns=$2
mkdir -p /xv6/w$n
i=0
while [ $i -lt $turns ]; do
    seq $((i * 7)) $((i * 7 + 400)) > /xv6/w$n/a$((i % 4)) || exit 1
    cp /xv6/w$n/a$((i % 4)) /xv6/shared/f$n.$((i % 3)) || exit 2
    cmp -s /xv6/w$n/a$((i % 4)) /xv6/shared/f$n.$((i % 3)) || exit 3
    mv /xv6/shared/f$n.$((i % 3)) /xv6/w$n/moved || exit 4
    ln /xv6/w$n/moved /xv6/shared/l$n || exit 5
    echo more >> /xv6/w$n/moved
    [ "$(tail -n 1 /xv6/shared/l$n)" = more ] || exit 6
    rm /xv6/shared/l$n || exit 7
    mkdir /xv6/w$n/d && rmdir /xv6/w$n/d || exit 8
    i=$((i + 1))
done
"""
MANY_WRITERS = (
    "mkdir /xv6/shared; cat > /writer; for n in 1 2 3 4; do sh /writer $n {turns} & done; "
    "bad=0; for n in 1 2 3 4; do wait -n || bad=$?; done; echo ended $bad; {then}"
)


def tool(*words):
    with LOCK:
        built = subprocess.run([TOP / "host" / "build.sh", "host"], capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise Failed(built.stderr)
    return subprocess.run([TOP / "build" / "host" / "xv6image", *map(str, words)], capture_output=True, check=False)


@contextlib.contextmanager
def disk_with(*words):
    """A fresh image for the time of a with statement; `words` are xv6image's."""
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        image = Path(folder) / "disk.img"
        made = tool("make", image, *words)
        if made.returncode != 0:
            raise Failed(made.stderr.decode())
        yield image


@contextlib.contextmanager
def disk(*words, **files):
    """A fresh image with README and these files."""
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        names = []
        for each, content in {"README": README, **files}.items():
            names.append(Path(folder) / each)
            names[-1].write_text(content)
        with disk_with(*words, *names) as image:
            yield image


def expect_sound(image, when="afterwards"):
    found = tool("check", image)
    if found.returncode != 0:
        raise Failed(f"the disk {when}: {found.stdout[-1500:].decode()}{found.stderr.decode()}")


def run_on(image, setting, *words, options=(), stdin=b"", seconds=90, **kept):
    words = ["run", *setting.options(), *options, "--disk", image, "--timeout", seconds, "--", *words]
    return run_pylon(words, stdin, seconds + 30, **kept)


MACHINES = {"aarch64": ("virt", "virt-pci"), "riscv64": ("virt", "virt-pci"), "x86_64": ("q35", "microvm")}


@custom_case("disk: files on it", isas=ALL_ISAS, smp=(1, 4))
def files(setting):
    script = (
        "cat /xv6/README; cp /bin/busybox /tmp/b; dd if=/tmp/b of=/xv6/part bs=1000 count=200 2>/dev/null; cmp -n 200000 /tmp/b /xv6/part; "
        "mkdir /xv6/d; mv /xv6/part /xv6/d/whole; ls /xv6 /xv6/d; echo end >> /xv6/README"
    )
    for machine in MACHINES[setting.isa]:
        with disk() as image:
            result = run_on(image, setting, "sh", "-c", script, options=("--machine", machine))
            expect(result, stdout=README + "/xv6:\nREADME\nd\n\n/xv6/d:\nwhole\n")
            expect_sound(image)
            if tool("cat", image, "/README").stdout.decode() != README + "end\n":
                raise Failed("what was appended last is not on the disk")
            whole = busybox(setting.isa).read_bytes()[:200000]
            if tool("cat", image, "/d/whole").stdout != whole:
                raise Failed("a file's contents on the disk")


@custom_case("disk: a program on it runs", isas=("riscv64",))
def runs_from_it(setting):
    from cases import linux_programs

    program = linux_programs.program(setting.isa, "first")
    with disk() as image, tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        shutil.copy(program, Path(folder) / "first")
        expect(run_on(image, setting, "sh", "-c", "cat > /xv6/first && /xv6/first > /dev/null && echo ran", stdin=Path(program).read_bytes()), stdout="ran\n")
        expect_sound(image)


@custom_case("disk: four writers at once", isas=("riscv64", "x86_64"), smp=(1, 3))
def four_writers(setting):
    with disk() as image:
        script = MANY_WRITERS.format(turns=12, then="ls /xv6/shared | wc -l")
        expect(run_on(image, setting, "sh", "-c", script, stdin=WRITER.encode(), seconds=240), stdout="ended 0\n0\n")
        expect_sound(image)


@custom_case("disk: the machine is killed while it writes", isas=("riscv64",), smp=(3,))
def killed(setting):
    chance = random.Random(6)
    with disk() as image:
        for turn in range(6):
            delay = 1.5 + chance.random() * 3

            def kill(process):
                time.sleep(delay)
                os.killpg(process.pid, signal.SIGKILL)

            script = "rm -rf /xv6/shared /xv6/w*; " + MANY_WRITERS.format(turns=10000, then="true")
            script = script.replace("cat > /writer;", f"cat > /writer <<'END'\n{WRITER}END\n")
            run_on(image, setting, "sh", "-c", script, stdin=None, during=kill)
            time.sleep(0.2)  # the machine dies with pylon
            copy = image.with_suffix(".copy")
            shutil.copy(image, copy)
            expect_sound(copy, f"after the kill of turn {turn}")
        # The kernel's own recovery, and a file system that can be used.
        expect(run_on(image, setting, "sh", "-c", "cmp /xv6/README /xv6/README && rm -r /xv6/w* /xv6/shared; ls /xv6"), stdout="README\n")
        expect_sound(image)


@custom_case("disk: msync brings stores to the disk", isas=("riscv64",))
def msync(setting):
    from cases import linux_programs

    program = linux_programs.program(setting.isa, "mapped")
    with disk() as image:

        def kill_when_synced(process):
            # Before the kernel would write by itself, a quarter of a second later.
            if process.stdout.readline() != b"synced\n":
                raise Failed(f"no msync: {process.stderr.read().decode()}")
            os.killpg(process.pid, signal.SIGKILL)

        run_on(image, setting, program, "/xv6/README", "By msync", stdin=None, during=kill_when_synced)
        time.sleep(0.2)  # the machine dies with pylon
        expect_sound(image)
        if not tool("cat", image, "/README").stdout.startswith(b"By msync"):
            raise Failed("what was stored is not on the disk")


@custom_case("disk: its own node", isas=ALL_ISAS)
def node(setting):
    """/dev/vda reads always, and takes writes while nobody has it mounted."""
    script = """
        stat -c '%F %t' /dev/vda; blockdev --getsize64 /dev/vda; wc -c < /dev/vda
        dd if=/dev/vda bs=1 skip=1024 count=4 2>/dev/null | od -A n -t x4
        (: > /dev/vda) 2>&1; umount /xv6
        printf 'hello' | dd of=/dev/vda bs=1 seek=1021 conv=notrunc 2>/dev/null; dd if=/dev/vda bs=1 skip=1020 count=6 2>/dev/null | od -A n -c
        (printf x | dd of=/dev/vda bs=1 seek=102400) 2>&1 | head -n 1
        printf '\\0\\0\\0' | dd of=/dev/vda bs=1 seek=1021 2>/dev/null; printf '\\100\\060' | dd of=/dev/vda bs=1 seek=1024 2>/dev/null
        exec 5<>/dev/vda; mount -t xv6fs /dev/vda /xv6 2>&1; exec 5>&-; mount -t xv6fs /dev/vda /xv6 && head -n 1 /xv6/README"""
    with disk("--blocks", 100) as image:
        expect(
            run_on(image, setting, "sh", "-c", script),
            stdout="block special file fe\n102400\n102400\n 10203040\n"
            "sh: can't create /dev/vda: Device or resource busy\n"
            "  \\0   h   e   l   l   o\ndd: error writing '/dev/vda': No space left on device\n"
            "mount: mounting /dev/vda on /xv6 failed: Device or resource busy\nA disk of the tests.\n",
        )
        expect_sound(image)


@custom_case("disk: full", isas=("riscv64",))
def full(setting):
    script = (
        "i=0; while head -c 270000 /dev/zero > /xv6/f$i 2>/dev/null; do i=$((i + 1)); done; mkdir /xv6/d 2>&1; sync; "
        "rm /xv6/f0; echo room > /xv6/new && cat /xv6/new"
    )
    with disk("--blocks", 1000) as image:
        expect(run_on(image, setting, "sh", "-c", script), stdout="mkdir: can't create directory '/xv6/d': No space left on device\nroom\n")
        expect_sound(image)


@custom_case("disk: read-only", isas=("riscv64",))
def read_only(setting):
    with disk() as image:
        before = image.read_bytes()
        image.chmod(0o444)
        script = "head -n 1 /xv6/README; echo x 2>&1 > /xv6/new; touch /xv6/README 2>&1; rm /xv6/README 2>&1; grep -c 'xv6fs ro' /proc/mounts"
        if os.geteuid() == 0:
            # root may write to it all the same: QEMU is told by a wrapper.
            with qemu_with(setting.isa, "readonly=off", "readonly=on"):
                result = run_on(image, setting, "sh", "-c", script)
        else:
            result = run_on(image, setting, "sh", "-c", script)
        expect(result, stdout_has=r"A disk of the tests.\n(.|\n)*Read-only file system(.|\n)*\n1\n")
        if image.read_bytes() != before:
            raise Failed("the image has changed")


@custom_case("disk: requests fail", isas=("riscv64",))
def failing(setting):
    """Sectors that cannot be read, and a flush that fails: errors for those who ask, and the rest goes on."""
    with disk(big="x" * 100000) as image:
        # The data begins at block 46: the two blocks of README, then those of big.
        for event, what in (("read_aio", 'sector = "140"'), ("flush_to_disk", 'once = "off"')):
            rules = image.with_suffix(".rules")
            rules.write_text(f'[inject-error]\nevent = "{event}"\nerrno = "5"\n{what}\n')
            with qemu_with(setting.isa, f"file={image}", f"file=blkdebug:{rules}:{image}"):
                script = "cat /xv6/big 2>&1 > /dev/null; head -n 1 /xv6/README; echo x > /xv6/new; sync; ls /xv6 | wc -l; echo alive"
                result = run_on(image, setting, "sh", "-c", script)
            wanted = r"\Acat: read error: Input/output error\nA disk of the tests.\n(.|\n)*alive\n" if event == "read_aio" else r"A disk of the tests.\n\d+\nalive\n"
            expect(result, stdout_has=wanted)
            expect_sound(image, f"after errors of {event}")


@custom_case("disk: broken images", isas=("riscv64",))
def broken(setting):
    with disk() as image:
        good = image.read_bytes()
        for place, value in ((1024, 0), (1028, 0xFFFFFFFF), (1040, 3), (1044, 0xFFFFFFFF), (1048, 0), (2048, 0xFFFFFFFF), (2048, 31)):
            image.write_bytes(good[:place] + value.to_bytes(4, "little") + good[place + 4 :])
            expect(run_on(image, setting, "true"), status=125, stdout="", stderr_has="the disk cannot be mounted")
        image.write_bytes(b"no file system" * 5)
        expect(run_on(image, setting, "true"), status=125, stdout="", stderr_has="the disk cannot be mounted")
        # README's inode, number 2, in block 32: a size, a type and a block that cannot be. The rest can be used.
        inode = 32 * 1024 + 2 * 64
        for place, value in ((inode, 77), (inode + 8, 0x7FFFFFFF), (inode + 12, 0xFFFFFF), (inode + 12, 1)):
            image.write_bytes(good[:place] + value.to_bytes(4, "little") + good[place + 4 :])
            result = run_on(image, setting, "sh", "-c", "cat /xv6/README 2>&1; echo fine > /xv6/other; cat /xv6/other")
            expect(result, stdout_has=r"Input/output error\nfine\n\Z")


@custom_case("disk: an image that is not there", isas=("riscv64",))
def missing(setting):
    expect(run_pylon(["run", "--disk", "/nonesuch.img", "--", "true"]), status=125, stdout="", stderr_has="nonesuch")
