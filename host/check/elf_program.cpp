#include "check/elf_program.hpp"

#include "failure.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fmt/format.h>
#include <optional>

namespace host::check {

namespace {

constexpr std::size_t most_symbols = 1'000'000;

class File {
public:
    File(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {
        if (bytes.size() < EI_NIDENT || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0) {
            fail("not an ELF file");
        }
        if (bytes[EI_CLASS] != ELFCLASS64 || bytes[EI_DATA] != ELFDATA2LSB) {
            fail("not a 64-bit little-endian ELF file");
        }
        header_ = read<Elf64_Ehdr>(0);
        if (header_.e_type != ET_EXEC && header_.e_type != ET_DYN) {
            fail("an ELF file, but no program (relocatable or core)");
        }
    }

    [[nodiscard]] Isa isa() const {
        switch (header_.e_machine) {
        case EM_AARCH64:
            return Isa::aarch64;
        case EM_RISCV:
            return Isa::riscv64;
        case EM_X86_64:
            return Isa::x86_64;
        default:
            fail(fmt::format("made for another kind of machine (e_machine {})", header_.e_machine));
        }
    }

    [[nodiscard]] std::vector<Elf64_Phdr> segments() const {
        std::vector<Elf64_Phdr> all;
        all.reserve(header_.e_phnum);
        for (unsigned i = 0; i < header_.e_phnum; i++) {
            all.push_back(read<Elf64_Phdr>(add(header_.e_phoff, i * sizeof(Elf64_Phdr))));
        }
        return all;
    }

    /// None when the file has no section headers, or they lie outside: a program runs without them.
    [[nodiscard]] std::vector<Elf64_Shdr> sections() const {
        std::vector<Elf64_Shdr> all;
        for (unsigned i = 0; header_.e_shoff != 0 && i < header_.e_shnum; i++) {
            const std::uint64_t at = header_.e_shoff + i * sizeof(Elf64_Shdr);
            if (header_.e_shoff > bytes_.size() || !has(at, sizeof(Elf64_Shdr))) {
                return {};
            }
            all.push_back(read<Elf64_Shdr>(at));
        }
        return all;
    }

    [[nodiscard]] std::string_view range(std::uint64_t offset, std::uint64_t size) const {
        if (!has(offset, size)) {
            fail("broken: a part lies outside of the file (is it truncated?)");
        }
        return bytes_.substr(offset, size);
    }

    /// The NUL-terminated text at `offset` of a string table; empty when it is not there.
    static std::string text(std::string_view table, std::uint64_t offset) {
        if (offset >= table.size()) {
            return {};
        }
        const std::size_t end = table.find('\0', offset);
        return end == std::string_view::npos ? std::string() : std::string(table.substr(offset, end - offset));
    }

    template <typename T>
    [[nodiscard]] T read(std::uint64_t offset) const {
        T value;
        const std::string_view bytes = range(offset, sizeof(T));
        std::copy_n(bytes.begin(), sizeof(T), reinterpret_cast<char*>(&value));
        return value;
    }

    [[nodiscard]] std::uint64_t entry() const { return header_.e_entry; }

    [[noreturn]] void fail(std::string_view why) const {
        throw Failure(not_executable, fmt::format("{}: {}", name_, why));
    }

private:
    [[nodiscard]] bool has(std::uint64_t offset, std::uint64_t size) const {
        return offset <= bytes_.size() && size <= bytes_.size() - offset;
    }
    [[nodiscard]] std::uint64_t add(std::uint64_t a, std::uint64_t b) const {
        if (a > bytes_.size()) {
            fail("broken: a part lies outside of the file (is it truncated?)");
        }
        return a + b;
    }

    std::string_view bytes_;
    const std::string& name_;
    Elf64_Ehdr header_{};
};

void take_symbols(const File& file, const Elf64_Shdr& section, const Elf64_Shdr& names, ElfProgram& program) {
    const std::string_view table = file.range(section.sh_offset, section.sh_size);
    const std::string_view texts = file.range(names.sh_offset, names.sh_size);
    const std::size_t count = std::min(table.size() / sizeof(Elf64_Sym), most_symbols);
    for (std::size_t i = 0; i < count; i++) {
        Elf64_Sym symbol;
        std::memcpy(&symbol, table.data() + i * sizeof(symbol), sizeof(symbol));
        const unsigned type = ELF64_ST_TYPE(symbol.st_info);
        if (symbol.st_shndx == SHN_UNDEF && section.sh_type == SHT_DYNSYM && (type == STT_FUNC || type == STT_NOTYPE)) {
            if (std::string name = File::text(texts, symbol.st_name); !name.empty()) {
                program.imports.push_back(std::move(name));
            }
        } else if (type == STT_FUNC && symbol.st_shndx != SHN_UNDEF) {
            program.entries.push_back(symbol.st_value);
        }
    }
}

void take_libraries(const File& file, const Elf64_Shdr& section, const Elf64_Shdr& names, ElfProgram& program) {
    const std::string_view table = file.range(section.sh_offset, section.sh_size);
    const std::string_view texts = file.range(names.sh_offset, names.sh_size);
    for (std::size_t at = 0; at + sizeof(Elf64_Dyn) <= table.size(); at += sizeof(Elf64_Dyn)) {
        Elf64_Dyn entry;
        std::memcpy(&entry, table.data() + at, sizeof(entry));
        if (entry.d_tag == DT_NEEDED) {
            program.libraries.push_back(File::text(texts, entry.d_un.d_val));
        }
    }
}

} // namespace

ElfProgram read_program(std::string_view bytes, const std::string& name) {
    const File file(bytes, name);
    ElfProgram program;
    program.isa = file.isa();
    const std::vector<Elf64_Shdr> sections = file.sections();
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_type == SHT_PROGBITS && (section.sh_flags & SHF_EXECINSTR) != 0) {
            program.code.push_back({section.sh_addr, file.range(section.sh_offset, section.sh_size)});
        } else if (section.sh_link < sections.size()) {
            if (section.sh_type == SHT_SYMTAB || section.sh_type == SHT_DYNSYM) {
                take_symbols(file, section, sections[section.sh_link], program);
            } else if (section.sh_type == SHT_DYNAMIC) {
                take_libraries(file, section, sections[section.sh_link], program);
            }
        }
    }
    const std::vector<Elf64_Phdr> segments = file.segments();
    if (!std::ranges::contains(segments, static_cast<Elf64_Word>(PT_LOAD), &Elf64_Phdr::p_type)) {
        file.fail("broken: nothing in it is to be loaded");
    }
    const bool by_segments = program.code.empty();
    for (const Elf64_Phdr& segment : segments) {
        const std::string_view content = file.range(segment.p_offset, segment.p_filesz);
        if (segment.p_type == PT_INTERP) {
            program.interpreter = std::string(content.substr(0, content.find('\0')));
        } else if (by_segments && segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
            program.code.push_back({segment.p_vaddr, content});
        }
    }
    program.entries.push_back(file.entry());
    return program;
}

} // namespace host::check
