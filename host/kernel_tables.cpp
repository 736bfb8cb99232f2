#include "kernel_tables.hpp"

#include "failure.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <string_view>

namespace host {

namespace {

/// abi::Call as all three ISAs lay it out. Checked while reading: a row's number is its index.
struct RawCall {
    std::uint64_t run, name, note;
    std::uint16_t number;
    std::uint8_t support; ///< abi::Support: none, partial, full
    std::uint8_t argument_count;
    std::uint8_t kinds[6];
    std::uint8_t sizes[6];
};
static_assert(sizeof(RawCall) == 40);
constexpr unsigned most_arguments = 6;

/// A row of kernel/abi/<personality>/names.cpp.
struct RawName {
    std::uint64_t number;
    std::uint64_t text, length; // a std::string_view
};
constexpr std::uint8_t support_partial = 1;

/// A linked ELF file in memory, read by virtual address. Every access is checked.
class LinkedImage {
public:
    explicit LinkedImage(const std::filesystem::path& file) : name_(file.string()) {
        std::ifstream input(file, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(input), {});
        header_ = at_offset<Elf64_Ehdr>(0);
        if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) {
            broken();
        }
    }

    template <typename T>
    T at_offset(std::uint64_t offset) const {
        T value;
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) {
            broken();
        }
        std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return value;
    }

    template <typename T>
    T at_address(std::uint64_t address) const {
        return at_offset<T>(offset_of(address));
    }

    [[nodiscard]] std::string text_at_offset(std::uint64_t offset) const {
        const std::size_t end = bytes_.find('\0', offset);
        if (offset >= bytes_.size() || end == std::string::npos) {
            broken();
        }
        return bytes_.substr(offset, end - offset);
    }

    [[nodiscard]] std::string text_at_address(std::uint64_t address) const {
        return address == 0 ? std::string() : text_at_offset(offset_of(address));
    }

    /// Calls `take(name, symbol)` for each symbol.
    template <typename Take>
    void for_each_symbol(Take&& take) const {
        for (unsigned index = 0; index < header_.e_shnum; index++) {
            const auto section = section_at(index);
            if (section.sh_type != SHT_SYMTAB) {
                continue;
            }
            const auto names = section_at(section.sh_link);
            for (std::uint64_t done = 0; done + sizeof(Elf64_Sym) <= section.sh_size; done += sizeof(Elf64_Sym)) {
                const auto symbol = at_offset<Elf64_Sym>(section.sh_offset + done);
                take(text_at_offset(names.sh_offset + symbol.st_name), symbol);
            }
        }
    }

    [[noreturn]] void broken() const {
        throw Failure(own_failure, fmt::format("{}: not a kernel with symbols", name_));
    }

private:
    [[nodiscard]] Elf64_Shdr section_at(unsigned index) const {
        return at_offset<Elf64_Shdr>(header_.e_shoff + std::uint64_t{index} * sizeof(Elf64_Shdr));
    }

    [[nodiscard]] std::uint64_t offset_of(std::uint64_t address) const {
        for (unsigned index = 0; index < header_.e_phnum; index++) {
            const auto segment = at_offset<Elf64_Phdr>(header_.e_phoff + std::uint64_t{index} * sizeof(Elf64_Phdr));
            if (segment.p_type == PT_LOAD && address - segment.p_vaddr < segment.p_filesz) {
                return segment.p_offset + (address - segment.p_vaddr);
            }
        }
        broken();
    }

    std::string name_;
    std::string bytes_;
    Elf64_Ehdr header_{};
};

constexpr std::string_view table_suffix = "14sys_call_tableE", names_suffix = "5namesE";

/// The personality in a table's mangled name ("_ZN3abi5linux...14sys_call_tableE"); empty for any other symbol.
std::string personality_of(std::string_view symbol, std::string_view suffix) {
    constexpr std::string_view prefix = "_ZN3abi";
    if (!symbol.starts_with(prefix) || !symbol.ends_with(suffix)) {
        return {};
    }
    symbol.remove_prefix(prefix.size());
    std::size_t length = 0;
    for (; !symbol.empty() && symbol.front() >= '0' && symbol.front() <= '9'; symbol.remove_prefix(1)) {
        length = length * 10 + static_cast<std::size_t>(symbol.front() - '0');
    }
    return std::string(symbol.substr(0, length));
}

CallTable read_table(const LinkedImage& image, std::string personality, const Elf64_Sym& symbol) {
    CallTable table{.personality = std::move(personality), .rows = {}, .names = {}};
    for (std::uint64_t index = 0; index < symbol.st_size / sizeof(RawCall); index++) {
        const auto raw = image.at_address<RawCall>(symbol.st_value + index * sizeof(RawCall));
        if (raw.run == 0 && raw.name == 0) {
            continue;
        }
        if (raw.number != index) {
            image.broken();
        }
        if (raw.argument_count > most_arguments) {
            image.broken();
        }
        CallRow row{
            .number = raw.number,
            .name = image.text_at_address(raw.name),
            .partial = raw.support == support_partial,
            .absent = raw.run == 0,
            .note = image.text_at_address(raw.note),
            .arguments = raw.argument_count,
            .kinds = {},
            .sizes = {}};
        for (unsigned i = 0; i < raw.argument_count; i++) {
            row.kinds.push_back(static_cast<ArgumentKind>(raw.kinds[i]));
            row.sizes.push_back(raw.sizes[i]);
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::map<unsigned, std::string> read_names(const LinkedImage& image, const Elf64_Sym& symbol) {
    std::map<unsigned, std::string> names;
    for (std::uint64_t at = 0; at + sizeof(RawName) <= symbol.st_size; at += sizeof(RawName)) {
        const auto raw = image.at_address<RawName>(symbol.st_value + at);
        names.emplace(static_cast<std::uint16_t>(raw.number), image.text_at_address(raw.text).substr(0, raw.length));
    }
    return names;
}

} // namespace

std::vector<CallTable> read_call_tables(const std::filesystem::path& kernel) {
    const LinkedImage image(kernel);
    std::vector<CallTable> tables;
    std::map<std::string, std::map<unsigned, std::string>> names;
    image.for_each_symbol([&](const std::string& name, const Elf64_Sym& symbol) {
        std::string personality = personality_of(name, table_suffix);
        if (!personality.empty()) {
            tables.push_back(read_table(image, std::move(personality), symbol));
        } else if (personality = personality_of(name, names_suffix); !personality.empty()) {
            names[personality] = read_names(image, symbol);
        }
    });
    for (CallTable& table : tables) {
        table.names = names[table.personality];
    }
    return tables;
}

} // namespace host
