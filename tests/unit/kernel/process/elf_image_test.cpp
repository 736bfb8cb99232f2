#include "process/elf_image.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>
#include <vector>

namespace process {
namespace {

/// An executable in memory, put together header by header.
class File final : public ElfSource {
public:
    File() {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_type = ET_EXEC;
        header.e_machine = EM_AARCH64;
        header.e_entry = 0x400100;
        header.e_phoff = sizeof(header);
        header.e_phentsize = sizeof(Elf64_Phdr);
        load(0, 0x400000, 0x200, 0x200);
    }

    Elf64_Phdr& add(std::uint32_t type, std::uint64_t offset, std::uint64_t bytes) {
        Elf64_Phdr segment{};
        segment.p_type = type;
        segment.p_offset = offset;
        segment.p_filesz = segment.p_memsz = bytes;
        segments.push_back(segment);
        return segments.back();
    }
    Elf64_Phdr& load(std::uint64_t offset, std::uint64_t address, std::uint64_t bytes, std::uint64_t memory) {
        Elf64_Phdr& segment = add(PT_LOAD, offset, bytes);
        segment.p_vaddr = address;
        segment.p_memsz = memory;
        segment.p_flags = PF_R | PF_X;
        segment.p_align = 0x1000;
        return segment;
    }
    void put(std::size_t offset, std::string_view text) {
        body.resize(std::max(body.size(), offset + text.size()));
        std::ranges::copy(text, body.begin() + static_cast<std::ptrdiff_t>(offset));
    }

    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> to) override {
        std::vector<char> all = body;
        header.e_phnum = static_cast<std::uint16_t>(segments.size());
        const std::size_t table = segments.size() * sizeof(Elf64_Phdr);
        all.resize(std::max(all.size(), sizeof(header) + table));
        std::memcpy(all.data(), &header, sizeof(header));
        std::memcpy(all.data() + sizeof(header), segments.data(), table);
        all.resize(std::min(all.size(), length));
        if (offset >= all.size())
            return std::size_t{0};
        const std::size_t bytes = std::min<std::size_t>(to.size(), all.size() - offset);
        std::memcpy(to.data(), all.data() + offset, bytes);
        return bytes;
    }

    Result<ElfImage> parse() {
        ElfImage image;
        if (auto done = ElfImage::parse(*this, ElfImage::Machine::aarch64, image); !done)
            return fail(done.error());
        return image;
    }
    Error error() {
        const auto result = parse();
        EXPECT_FALSE(result);
        return result ? Error{} : result.error();
    }

    Elf64_Ehdr header{};
    std::vector<Elf64_Phdr> segments;
    std::vector<char> body;
    std::size_t length = ~std::size_t{0}; // the file is cut here
};

TEST(ElfImageTest, ReadsAStaticProgram) {
    File file;
    file.load(0x200, 0x411200, 0x10, 0x2000).p_flags = PF_R | PF_W;
    const ElfImage image = file.parse().value();
    EXPECT_EQ(image.type(), ElfImage::Type::executable);
    EXPECT_EQ(image.entry(), 0x400100u);
    EXPECT_EQ(image.lowest(), 0x400000u);
    EXPECT_EQ(image.highest(), 0x414000u);
    EXPECT_EQ(image.alignment(), 0x1000u);
    EXPECT_EQ(image.headers_address(), 0x400040u);
    EXPECT_EQ(image.header_count(), 2);
    EXPECT_TRUE(image.interpreter().empty());
    ASSERT_EQ(image.segments().size(), 2u);
    EXPECT_TRUE(image.segments()[0].execute);
    EXPECT_TRUE(image.segments()[1].write);
}

TEST(ElfImageTest, SaysWhetherTheFilesPagesCanBeMapped) {
    File file;
    file.load(0x200, 0x411200, 0x10, 0x2000);
    EXPECT_TRUE(file.parse().value().is_mappable());
    file.segments[1].p_offset = 0x201;
    EXPECT_FALSE(file.parse().value().is_mappable());
}

TEST(ElfImageTest, ReadsInterpreterStackAndNotes) {
    File file;
    file.header.e_type = ET_DYN;
    file.put(0x800, std::string_view("/lib/ld.so\0", 11));
    file.add(PT_INTERP, 0x800, 11);
    file.put(0x900, std::string_view("\4\0\0\0\4\0\0\0\1\0\0\0GNU\0abcd", 20));
    file.add(PT_NOTE, 0x900, 20);
    file.add(PT_GNU_STACK, 0, 0).p_flags = PF_R | PF_W | PF_X;
    const ElfImage image = file.parse().value();
    EXPECT_EQ(image.type(), ElfImage::Type::shared);
    EXPECT_EQ(image.interpreter(), "/lib/ld.so");
    EXPECT_TRUE(image.has_stack_header());
    EXPECT_TRUE(image.stack_executable());
    EXPECT_TRUE(image.has_note("GNU", 1));
    EXPECT_FALSE(image.has_note("GNU", 2));
    EXPECT_FALSE(image.has_note("GN", 1));
}

TEST(ElfImageTest, TellsWhatIsNoElfFromWhatIsABrokenOne) {
    File text;
    text.header.e_ident[0] = '#';
    EXPECT_EQ(text.error(), Error::not_executable);
    File empty;
    empty.length = 0;
    EXPECT_EQ(empty.error(), Error::not_executable);
    File cut;
    cut.length = 40;
    EXPECT_EQ(cut.error(), Error::bad_executable);
    File headers_cut;
    headers_cut.length = sizeof(Elf64_Ehdr) + 20;
    EXPECT_EQ(headers_cut.error(), Error::bad_executable);
}

TEST(ElfImageTest, RefusesOtherMachines) {
    File other;
    other.header.e_machine = EM_RISCV;
    EXPECT_EQ(other.error(), Error::wrong_architecture);
    File narrow;
    narrow.header.e_ident[EI_CLASS] = ELFCLASS32;
    EXPECT_EQ(narrow.error(), Error::wrong_architecture);
    File big_endian;
    big_endian.header.e_ident[EI_DATA] = ELFDATA2MSB;
    EXPECT_EQ(big_endian.error(), Error::wrong_architecture);
}

TEST(ElfImageTest, RefusesTablesThatCannotBe) {
    File object;
    object.header.e_type = ET_REL;
    EXPECT_EQ(object.error(), Error::bad_executable);
    File entry_size;
    entry_size.header.e_phentsize = 32;
    EXPECT_EQ(entry_size.error(), Error::bad_executable);
    File far_away;
    far_away.header.e_phoff = ~std::uint64_t{0} - 10;
    EXPECT_EQ(far_away.error(), Error::bad_executable);
    File too_many;
    for (std::size_t i = 0; i < ElfImage::max_segments; ++i)
        too_many.add(PT_NULL, 0, 0);
    EXPECT_EQ(too_many.error(), Error::bad_executable);
    File nothing_to_load;
    nothing_to_load.segments.clear();
    nothing_to_load.add(PT_NOTE, 0, 0);
    EXPECT_EQ(nothing_to_load.error(), Error::bad_executable);
}

/// One change to the only load segment that makes the file unusable.
struct BadSegment {
    const char* what;
    void (*spoil)(Elf64_Phdr& segment);
};

class BadSegmentTest : public testing::TestWithParam<BadSegment> {};

TEST_P(BadSegmentTest, IsRefused) {
    File file;
    GetParam().spoil(file.segments[0]);
    EXPECT_EQ(file.error(), Error::bad_executable) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSegmentTest,
    testing::Values(
        BadSegment{"more in the file than in memory", [](Elf64_Phdr& s) { s.p_filesz = s.p_memsz + 1; }},
        BadSegment{
            "address wraps",
            [](Elf64_Phdr& s) {
                s.p_vaddr = ~std::uint64_t{0xfff};
                s.p_memsz = 0x2000;
            }},
        BadSegment{"size of everything", [](Elf64_Phdr& s) { s.p_memsz = ~std::uint64_t{0}; }},
        BadSegment{"in the kernel's half", [](Elf64_Phdr& s) { s.p_vaddr = 0xffff'0000'0000'0000; }},
        BadSegment{"offset wraps", [](Elf64_Phdr& s) { s.p_offset = ~std::uint64_t{0xfff}; }},
        BadSegment{"alignment no power of two", [](Elf64_Phdr& s) { s.p_align = 0x1800; }}));

TEST(ElfImageTest, RefusesOverlappingOrDescendingSegments) {
    File overlapping;
    overlapping.load(0x1ff, 0x4001ff, 0x10, 0x10);
    EXPECT_EQ(overlapping.error(), Error::bad_executable);
    File descending;
    descending.load(0, 0x300000, 0x10, 0x10);
    EXPECT_EQ(descending.error(), Error::bad_executable);
}

TEST(ElfImageTest, RefusesInterpretersWithoutAnEnd) {
    File open_end;
    open_end.put(0x800, "/lib/ld.so");
    open_end.add(PT_INTERP, 0x800, 10);
    EXPECT_EQ(open_end.error(), Error::bad_executable);
    File long_one;
    long_one.add(PT_INTERP, 0x800, 100'000);
    EXPECT_EQ(long_one.error(), Error::bad_executable);
    File missing;
    missing.add(PT_INTERP, 1u << 30, 11);
    EXPECT_EQ(missing.error(), Error::bad_executable);
}

TEST(ElfImageTest, NotesThatLieAreNotFound) {
    File file;
    file.put(0x900, std::string_view("\377\377\377\377\4\0\0\0\1\0\0\0GNU\0abcd", 20));
    file.add(PT_NOTE, 0x900, 20);
    EXPECT_FALSE(file.parse().value().has_note("GNU", 1));
}

TEST(ElfImageTest, AFailureLeavesNothingBehind) {
    File file;
    file.load(0, 0x300000, 0x10, 0x10);
    ElfImage image;
    EXPECT_FALSE(ElfImage::parse(file, ElfImage::Machine::aarch64, image));
    EXPECT_TRUE(image.segments().empty());
    EXPECT_EQ(image.alignment(), 0u);
}

} // namespace
} // namespace process
