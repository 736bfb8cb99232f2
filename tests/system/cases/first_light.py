"""The first acceptance line: Debian's busybox, unmodified, on every ISA, in both entry modes, on one core and on four."""

from harness import case

case(
    "busybox says hello",
    *("busybox", "sh", "-c", "echo hello; uname -m; seq 1 100000 | sort -rn | head -1; exit 7"),
    smp=(1, 4),
    isolate=(False, True),
    status=7,
    stdout=lambda setting: f"hello\n{setting.isa}\n100000\n",
    stderr="",
)
case("gic version 3", "uname", "-m", isas=("aarch64",), options=("--gic", "3"), smp=(1, 4), stdout="aarch64\n")
case("cpu max", "uname", "-m", isas=("aarch64", "x86_64"), options=("--cpu", "max"), stdout=lambda setting: setting.isa + "\n")
case("cpu max, gic 3, isolated", "uname", "-m", isas=("aarch64",), options=("--cpu", "max", "--gic", "3"), isolate=(True,), smp=(4,), stdout="aarch64\n")
case("microvm", "uname", "-m", isas=("x86_64",), options=("--machine", "microvm"), smp=(1, 4), isolate=(False, True), stdout="x86_64\n")
case("microvm, cpu max", "uname", "-m", isas=("x86_64",), options=("--machine", "microvm", "--cpu", "max"), stdout="x86_64\n")
case("eight cores", "nproc", smp=(8,), stdout="8\n")
case("checked kernel", "sh", "-c", "seq 100 | wc -l", smp=(1, 4), options=("--checked",), stdout="100\n", seconds=120)
case("exact time", "echo", "same", options=("--icount",), stdout="same\n")
case("1 GiB", "sh", "-c", "grep -c MemTotal /proc/meminfo", options=("--memory", "1G"), stdout="1\n")
case("64 MiB", "echo", "small", options=("--memory", "64M"), stdout="small\n")
case("demonstration without a terminal", stdout_has=r"FOUR KERNELS, ONE HOUSE", seconds=60)
