#pragma once
// From a program counter to what the source says: function, inlined functions, file and line. DWARF through elfutils'
// libdw; a kernel without it gives its symbol table's names only, and so does a list of symbols as text.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host::walk {

/// One level of the calls that lead to an instruction, as the source has them.
struct SourceFrame {
    std::string function; ///< qualified, without arguments
    std::string home;     ///< the file that declares the function, relative to the source tree when it lies there
    std::string file;     ///< where it stands at this instruction
    unsigned line = 0;    ///< 0: not known
};

class Symbols {
public:
    /// An ELF file with symbols, a System.map, or a copy of /proc/kallsyms; throws Failure(125) for anything else.
    /// `source_tree` is cut off file names.
    Symbols(const std::filesystem::path& file, const std::filesystem::path& source_tree);
    ~Symbols();
    Symbols(const Symbols&) = delete;

    /// Says that `bytes` at `address` are a second view of what a symbol names. Where there is no such symbol (Linux
    /// keeps its trampoline's out of /proc/kallsyms), all of them are one function of that name.
    void add_view(std::uint64_t address, std::uint64_t bytes, std::string_view symbol);

    /// Innermost inlined function first, the function itself last; empty outside every symbol.
    const std::vector<SourceFrame>& frames_at(std::uint64_t address);
    /// The address of a function or label, by its name as frames_at() has it.
    [[nodiscard]] std::optional<std::uint64_t> address_of(std::string_view name) const;
    /// The addresses of all functions of that whole name or whose qualified name ends with it.
    [[nodiscard]] std::vector<std::uint64_t> find_functions(std::string_view name) const;
    /// The names of a function's parameters, from DWARF; empty when it is not known there.
    [[nodiscard]] std::vector<std::string> parameters_of(const std::string& function) const;
    /// Initialised memory of the image; empty when the range is not in the file.
    [[nodiscard]] std::string image_bytes(std::uint64_t address, std::size_t bytes) const;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
    void read_elf(const std::filesystem::path& elf, const std::filesystem::path& source_tree);
    /// The frames of an address that is no second view.
    std::vector<SourceFrame> look_up(std::uint64_t address);

    /// Another view of a symbol's code.
    struct View {
        std::uint64_t address = 0, bytes = 0;
        std::optional<std::uint64_t> original{}; ///< nothing: not known
        std::string name{};
    };

    std::vector<View> views_;
    std::map<std::uint64_t, std::vector<SourceFrame>> known_;
};

/// "abi::linux::handle_syscall" of a mangled name; the name itself when it is not mangled.
std::string plain_name(const char* mangled);

} // namespace host::walk
