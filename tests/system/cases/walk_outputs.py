"""What pylon walk writes: the page in a real browser, the Perfetto trace, the folded stacks."""

import subprocess
import tempfile
from pathlib import Path

from harness import TOP, Failed, custom_case, expect, run_pylon

STEPPED = ("aarch64", "x86_64")


def write_walk(setting, folder, call, *program):
    """The walk's number of instructions and its files."""
    files = {kind: Path(folder) / f"walk.{kind}" for kind in ("html", "perfetto", "folded", "json")}
    options = [word for kind, path in files.items() for word in (f"--{kind}", str(path))]
    result = run_pylon(["walk", *setting.options(), "--timeout", "60", "--call", call, *options, "--", *program], None, 120)
    expect(result, status=0, stdout_has=rf"^{call}\(")
    return files


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of a protobuf message: integers, or the bytes of strings and messages."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
            if len(value) != size:
                raise Failed("a field runs over the end of its message")
        else:
            raise Failed(f"wire type {key & 7}")
        yield key >> 3, value


def check_perfetto(data, instructions):
    """Slices are balanced on each track, and the stations' slices cover the walk."""
    open_slices, covered, names = {}, 0, set()
    for number, packet in fields(data):
        if number != 1:
            raise Failed(f"field {number} in the trace")
        packet = dict(fields(packet))
        if 11 not in packet:
            continue
        event = dict(fields(packet[11]))
        track, time = event[11], packet[8]
        if event[9] == 1:
            open_slices.setdefault(track, []).append(time)
            names.add(event[23].decode())
        elif event[9] == 2:
            begin = open_slices[track].pop()
            covered += time - begin if track == 2 else 0
    if any(open_slices.values()):
        raise Failed("slices are left open")
    if covered != instructions + 1:
        raise Failed(f"the stations' slices cover {covered} instructions, not {instructions + 1}")
    if not {"handler", "abi::linux::sys_openat"} <= names:
        raise Failed(f"names are missing: {sorted(names)[:20]}")


@custom_case("walk: page, Perfetto trace, folded stacks", isas=STEPPED)
def outputs(setting):
    with tempfile.TemporaryDirectory(prefix="pylon-test.") as folder:
        files = write_walk(setting, folder, "openat", "busybox", "cat", "/etc/passwd")
        folded = [line.rsplit(" ", 1) for line in files["folded"].read_text().splitlines()]
        instructions = sum(int(count) for _, count in folded)
        if f'"instructions": {instructions},' not in files["json"].read_text():
            raise Failed(f"the folded stacks have {instructions} instructions")
        check_perfetto(files["perfetto"].read_bytes(), instructions)
        page = files["html"].read_text()
        if str(TOP) in page or "://" in page.replace("http://www.w3.org/2000/svg", ""):
            raise Failed("the page has a path of this machine or an address of the network")
        cache = subprocess.run([TOP / "tests/browser/prepare.sh"], stdout=subprocess.PIPE, text=True, check=True, timeout=400).stdout.strip()
        words = ["node", TOP / "tests/browser/walk_page.mjs", cache, files["html"]]
        result = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
        if result.returncode:
            raise Failed(result.stdout + result.stderr[-1500:])
        return f"{instructions:,} instructions; {result.stdout.strip()}"
