#include "check/instruction.hpp"
#include "check/report.hpp"
#include "check/scan.hpp"
#include "failure.hpp"

#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>

namespace {

using namespace host;
using namespace host::check;

/// A program of one executable segment.
std::string program(std::uint16_t machine, const std::string& code) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_EXEC;
    header.e_machine = machine;
    header.e_phoff = sizeof header;
    header.e_phnum = 1;
    header.e_entry = 0x1000;
    Elf64_Phdr segment{};
    segment.p_type = PT_LOAD;
    segment.p_flags = PF_R | PF_X;
    segment.p_offset = sizeof header + sizeof segment;
    segment.p_vaddr = 0x1000;
    segment.p_filesz = segment.p_memsz = code.size();
    return std::string(reinterpret_cast<const char*>(&header), sizeof header)
           + std::string(reinterpret_cast<const char*>(&segment), sizeof segment) + code;
}

std::string words(std::initializer_list<std::uint32_t> instructions) {
    std::string code;
    for (const std::uint32_t one : instructions) {
        code.append(reinterpret_cast<const char*>(&one), sizeof one);
    }
    return code;
}

Found scan_code(std::uint16_t machine, const std::string& code) {
    const std::string bytes = program(machine, code);
    return scan(read_program(bytes, "program"));
}

std::vector<unsigned> numbers(const Found& found) {
    std::vector<unsigned> all;
    for (const auto& [number, address] : found.calls) {
        all.push_back(number);
    }
    return all;
}

TEST(Check, FindsConstantsOnAarch64) {
    const Found found = scan_code(
        EM_AARCH64, words(
                        {0x52800808,                // mov w8, #64
                         0xd4000001,                // svc #0
                         0x2a0003e8, 0xd4000001,    // mov w8, w0; svc #0: the entry's own argument
                         0xd65f03c0,                // ret
                         0xd4000001, 0xd65f03c0})); // svc #0 with nothing known
    EXPECT_EQ(numbers(found), (std::vector<unsigned>{64}));
    EXPECT_EQ(found.traps, 3U);
    EXPECT_EQ(found.undecided.size(), 2U); // behind the first trap, w0 is its result
}

TEST(Check, FollowsANumberThroughAFunction) {
    const Found found = scan_code(
        EM_AARCH64, words(
                        {0x528007e1,             // mov w1, #63
                         0x94000002,             // bl +8
                         0xd65f03c0,             // ret
                         0xaa0103e8, 0xd4000001, // mov x8, x1; svc #0
                         0xd65f03c0}));          // ret
    EXPECT_EQ(numbers(found), (std::vector<unsigned>{63}));
    EXPECT_TRUE(found.undecided.empty());
}

TEST(Check, FindsConstantsOnRiscv64) {
    const Found found = scan_code(
        EM_RISCV, words({0x04000893, 0x00000073, 0x0ff00893, 0x00000073, 0x00008067})); // li a7, 64; ecall; li a7, 255
    EXPECT_EQ(numbers(found), (std::vector<unsigned>{64, 255}));
}

TEST(Check, FindsConstantsOnX86) {
    // xor %eax,%eax; syscall; mov $60,%eax; syscall; mov $0x50f,%ecx (its bytes hold 0f 05); ret
    const Found found =
        scan_code(EM_X86_64, std::string("\x31\xc0\x0f\x05\xb8\x3c\x00\x00\x00\x0f\x05\xb9\x0f\x05\x00\x00\xc3", 17));
    EXPECT_EQ(numbers(found), (std::vector<unsigned>{0, 60}));
    EXPECT_EQ(found.traps, 2U);
}

TEST(Check, SaysWhatAFileIsNot) {
    const auto why = [](const std::string& bytes) -> std::string {
        try {
            read_program(bytes, "it");
        } catch (const Failure& failure) {
            return failure.status() == not_executable ? failure.what() : "another status";
        }
        return "nothing";
    };
    const std::string good = program(EM_AARCH64, words({0xd4000001}));
    EXPECT_EQ(why(""), "it: not an ELF file");
    EXPECT_EQ(why("#!/bin/sh\n"), "it: not an ELF file");
    EXPECT_EQ(why(good), "nothing");
    EXPECT_EQ(why(program(EM_386, "")), "it: made for another kind of machine (e_machine 3)");
    EXPECT_NE(why(good.substr(0, 30)).find("truncated"), std::string::npos);
    EXPECT_NE(why(good.substr(0, good.size() - 1)).find("truncated"), std::string::npos);
    std::string thin = good;
    thin[EI_CLASS] = ELFCLASS32;
    EXPECT_EQ(why(thin), "it: not a 64-bit little-endian ELF file");
}

TEST(Check, JudgesByTheTable) {
    const std::string bytes = program(EM_AARCH64, words({0x52800808, 0xd4000001, 0x528018c8, 0xd4000001})); // 64, 198
    ElfProgram elf = read_program(bytes, "it");
    elf.interpreter = "/lib/ld.so";
    elf.imports = {"fopen", "cosine"};
    CallTable table{.personality = "linux", .rows = {}, .names = {{56, "openat"}, {198, "socket"}}};
    table.rows = {
        {.number = 64, .name = "write"}, {.number = 56, .name = "openat", .partial = true, .note = "no O_TMPFILE"}};
    const Report report = judge(elf, scan(elf), table);
    ASSERT_EQ(report.supported.size(), 1U);
    EXPECT_EQ(report.supported[0].name, "write");
    ASSERT_EQ(report.missing.size(), 1U);
    EXPECT_EQ(report.missing[0].name, "socket");
    ASSERT_EQ(report.partial.size(), 1U);
    EXPECT_EQ(report.partial[0].first.where, "fopen");
    EXPECT_EQ(report.unjudged, (std::vector<std::string>{"cosine"}));
    const std::string text = as_text(report, elf, "it", "linux");
    EXPECT_NE(text.find("NOT supported: 1\n  socket (198) at 0x100c\n"), std::string::npos) << text;
}

} // namespace
