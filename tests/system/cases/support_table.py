"""docs/abi-*.md say what the kernel does. To bring one up to date: ./pylon abi NAME --arch all > docs/abi-NAME.md"""

from harness import TOP, Failed, custom_case, run_pylon


def table_case(personality):
    @custom_case(f"docs/abi-{personality}.md is up to date", isas=("aarch64",))
    def support_table(_setting):
        words = f"abi {personality} --arch all"
        result = run_pylon(words.split(), None, 600)
        if result.status != 0 or result.stdout != (TOP / "docs" / f"abi-{personality}.md").read_bytes():
            raise Failed(f"run ./pylon {words} > docs/abi-{personality}.md\n" + result.stderr.decode(errors="replace")[-1500:])


for each in ("linux", "xv6"):
    table_case(each)
