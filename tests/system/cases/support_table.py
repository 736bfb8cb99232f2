"""docs/abi-linux.md says what the kernel does. To bring it up to date: ./pylon abi linux --arch all > docs/abi-linux.md"""

from harness import TOP, Failed, custom_case, run_pylon


@custom_case("docs/abi-linux.md is up to date", isas=("aarch64",))
def support_table(_setting):
    result = run_pylon(["abi", "linux", "--arch", "all"], None, 600)
    if result.status != 0 or result.stdout != (TOP / "docs" / "abi-linux.md").read_bytes():
        raise Failed("run ./pylon abi linux --arch all > docs/abi-linux.md\n" + result.stderr.decode(errors="replace")[-1500:])
