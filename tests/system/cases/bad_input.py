"""What cannot run: a clear message, 126, 127 or 125 as fits, no hang, no kernel fault."""

import struct
import tempfile

from harness import ALL_ISAS, busybox, case, custom_case, expect, file_with, run_pylon

PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")  # type, flags, offset, address, physical, file size, memory size, alignment
LOAD = 1


def refused(words, status=126, stderr_has=r"pylon: \S", setting=None):
    result = run_pylon(["run", *(setting.options() if setting else []), *words], seconds=40)
    expect(result, status=status, stdout="", stderr_has=stderr_has)
    if b"panic" in result.stderr:
        expect(result, stderr_has="no panic")


def with_segments(isa, change):
    """Debian's busybox with each loadable program header passed through change(index, fields)."""
    image = bytearray(busybox(isa).read_bytes())
    table, size, count = struct.unpack_from("<Q", image, 32)[0], *struct.unpack_from("<HH", image, 54)
    loads = 0
    for index in range(count):
        fields = list(PROGRAM_HEADER.unpack_from(image, table + index * size))
        if fields[0] == LOAD:
            change(loads, fields)
            PROGRAM_HEADER.pack_into(image, table + index * size, *fields)
            loads += 1
    return bytes(image)


case("a directory", "/tmp", isas=("aarch64",), status=126, stdout="", stderr_has="is a directory")
case("unknown ISA", "true", isas=("aarch64",), options=("--arch", "vax"), status=125, stdout="", stderr_has="vax")
case("too little memory", "true", options=("--memory", "1M"), status=125, stdout="", stderr_has="kernel and root alone need", seconds=30)
case("memory full of the initrd", "true", options=("--memory", "5M"), status=125, stdout="", stderr_has=r"pylon: \S", seconds=30)
case("hardly any memory", "true", options=("--memory", "6M"), status=125, stdout="", stderr_has=r"pylon: \S", seconds=30)
case("memory that is no size", "true", isas=("aarch64",), options=("--memory", "lots"), status=125, stdout="", stderr_has="--memory")
case("nine cores", "true", isas=("aarch64",), options=("--smp", "9"), status=125, stdout="", stderr_has="smp")
case("a root that is not there", "true", isas=("aarch64",), options=("--root", "/nonesuch"), status=125, stdout="", stderr_has="nonesuch")


@custom_case("a text file", isas=ALL_ISAS)
def text_file(setting):
    with file_with(b"just words\n") as path:
        refused([path], setting=setting)


@custom_case("a file without the right to execute", isas=("aarch64",))
def no_right(setting):
    with file_with(busybox(setting.isa).read_bytes(), mode=0o644) as path:
        refused([path], stderr_has="not executable", setting=setting)


@custom_case("an empty file", isas=ALL_ISAS)
def empty_file(setting):
    with file_with(b"") as path:
        refused([path], setting=setting)


@custom_case("a program for another ISA", isas=ALL_ISAS)
def other_isa(setting):
    other = ALL_ISAS[ALL_ISAS.index(setting.isa) - 1]
    refused([busybox(other)], stderr_has=f"for {other}", setting=setting)


@custom_case("a program for another ISA inside the root", isas=ALL_ISAS)
def other_isa_inside(setting):
    other = ALL_ISAS[ALL_ISAS.index(setting.isa) - 1]
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/program", "wb") as program:
            program.write(busybox(other).read_bytes())
        import os

        os.chmod(program.name, 0o755)
        refused(["--root", folder, "/program"], setting=setting)


@custom_case("a truncated ELF", isas=ALL_ISAS)
def truncated(setting):
    image = busybox(setting.isa).read_bytes()
    for length in (20, 63, 64, 100, 4096, len(image) // 2):
        with file_with(image[:length]) as path:
            refused([path], setting=setting)


@custom_case("an ELF with overlapping segments", isas=ALL_ISAS)
def overlapping(setting):
    first = []

    def change(index, fields):
        if index == 0:
            first.extend(fields)
        else:
            fields[3] = first[3] + fields[2] % 4096

    with file_with(with_segments(setting.isa, change)) as path:
        refused([path], setting=setting)


@custom_case("an ELF with a huge segment", isas=ALL_ISAS)
def huge(setting):
    def change_memory(index, fields):
        fields[6] = 1 << 62

    def change_file(index, fields):
        fields[5] = fields[6] = 1 << 40

    def change_address(index, fields):
        fields[3] = 0xFFFF_FFFF_FFFF_0000 + fields[2] % 4096

    for change in (change_memory, change_file, change_address):
        with file_with(with_segments(setting.isa, change)) as path:
            refused([path], setting=setting)


@custom_case("an ELF that wants to enter nowhere", isas=ALL_ISAS)
def bad_entry(setting):
    image = bytearray(busybox(setting.isa).read_bytes())
    struct.pack_into("<Q", image, 24, 0xFFFF_0000_0000_0000)
    with file_with(bytes(image)) as path:
        result = run_pylon(["run", *setting.options(), path], seconds=40)
        expect(result, status=result.status if result.status in (126, 139) else 126, stdout="")


@custom_case("an empty root", isas=ALL_ISAS)
def empty_root(setting):
    with file_with(b"", name="root.cpio") as path:
        refused(["--root", path, "sh"], status=127, setting=setting)


@custom_case("an initrd of no bytes", isas=ALL_ISAS)
def empty_initrd(setting):
    with file_with(b"", name="initrd") as path:
        refused(["--initrd", path, "sh"], status=127, stderr_has="/bin/sh: not found", setting=setting)


@custom_case("an initrd of random bytes", isas=ALL_ISAS)
def random_initrd(setting):
    with file_with(bytes((i * 7919) % 251 for i in range(10000)), name="initrd") as path:
        refused(["--initrd", path, "sh"], status=125, setting=setting)
