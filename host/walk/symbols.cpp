#include "walk/symbols.hpp"

#include "failure.hpp"
#include "walk/symbol_list.hpp"

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fmt/format.h>
#include <fstream>
#include <gelf.h>

namespace host::walk {

namespace {

/// Cuts the argument list and what follows it off a demangled name; template arguments stay.
std::string without_arguments(std::string name) {
    int depth = 0;
    for (std::size_t i = 0; i < name.size(); i++) {
        const char c = name[i];
        if (c == '<') {
            depth++;
        } else if (c == '>') {
            depth--;
        } else if (c == '(' && depth == 0 && !name.substr(i).starts_with("(anonymous namespace)")) {
            name.resize(i);
        } else if (c == '(') {
            i += std::string_view("(anonymous namespace)").size() - 1;
        }
    }
    if (name.find("operator") == std::string::npos) { // a template function's name has its return type in front
        depth = 0;
        for (std::size_t i = name.size(); i-- > 0;) {
            depth += name[i] == '>' || name[i] == ')' ? 1 : name[i] == '<' || name[i] == '(' ? -1 : 0;
            if (name[i] == ' ' && depth == 0) {
                name.erase(0, i + 1);
                break;
            }
        }
    }
    for (std::size_t at = 0; (at = name.find("(anonymous namespace)::", at)) != std::string::npos;) {
        name.erase(at, std::string_view("(anonymous namespace)::").size());
    }
    return name;
}

} // namespace

std::string plain_name(const char* mangled) {
    int status = 0;
    char* demangled = __cxxabiv1::__cxa_demangle(mangled, nullptr, nullptr, &status);
    std::string name = status == 0 && demangled != nullptr ? without_arguments(demangled) : mangled;
    std::free(demangled);
    return name;
}

struct Symbols::Implementation {
    SymbolList list; ///< usable: there is no ELF file
    Dwfl* session = nullptr;
    Dwfl_Module* module = nullptr;
    std::string tree;
    std::map<std::string, std::uint64_t, std::less<>> addresses;
    /// Where each compilation unit's code lies, by start. Its own index: clang writes no .debug_aranges.
    struct UnitRange {
        Dwarf_Addr end = 0;
        Dwarf_Die unit{};
    };
    std::map<Dwarf_Addr, UnitRange> units;

    void load_units() {
        Dwarf_Addr bias = 0;
        for (Dwarf_Die* unit = nullptr; (unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr;) {
            Dwarf_Addr base = 0;
            Dwarf_Addr start = 0;
            Dwarf_Addr end = 0;
            for (std::ptrdiff_t at = 0; (at = dwarf_ranges(unit, at, &base, &start, &end)) > 0;) {
                if (start < end) {
                    units[start + bias] = {end + bias, *unit};
                }
            }
        }
    }

    Dwarf_Die* unit_at(Dwarf_Addr address) {
        auto after = units.upper_bound(address);
        if (after == units.begin()) {
            return nullptr;
        }
        UnitRange& range = (--after)->second;
        return address < range.end ? &range.unit : nullptr;
    }

    /// Relative to the source tree where the file lies in it.
    [[nodiscard]] std::string relative(const char* file) const {
        std::string name = std::filesystem::path(file == nullptr ? "" : file).lexically_normal().string();
        if (name.starts_with(tree)) {
            name.erase(0, tree.size());
        }
        while (name.starts_with("../")) { // the build folder lies in the tree
            name.erase(0, 3);
        }
        // ccache may give an object that was compiled in another checkout.
        const std::size_t kernel = name.starts_with('/') ? name.find("/kernel/") : std::string::npos;
        if (kernel != std::string::npos && std::filesystem::exists(tree + name.substr(kernel + 1))) {
            name.erase(0, kernel + 1);
        }
        return name;
    }

    static std::string name_of(Dwarf_Die* function) {
        Dwarf_Attribute attribute;
        for (const unsigned kind : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
            if (dwarf_attr_integrate(function, kind, &attribute) != nullptr) {
                return plain_name(dwarf_formstring(&attribute));
            }
        }
        const char* name = dwarf_diename(function);
        return name == nullptr ? "?" : name;
    }

    void load_addresses() {
        const int count = dwfl_module_getsymtab(module);
        for (int i = 1; i < count; i++) {
            GElf_Sym symbol;
            GElf_Addr address = 0;
            const char* name = dwfl_module_getsym_info(module, i, &symbol, &address, nullptr, nullptr, nullptr);
            if (name != nullptr && *name != '\0' && *name != '$' && symbol.st_shndx != SHN_UNDEF) {
                addresses.emplace(plain_name(name), address);
            }
        }
    }

    /// The call site of an inlined function: what the frame around it shows as its own place.
    void add_inlined(Dwarf_Die* unit, Dwarf_Addr address, std::vector<SourceFrame>& frames) const {
        // The innermost scope by address; from there out the tree of DIEs is the chain of inlined calls.
        Dwarf_Die* innermost = nullptr;
        Dwarf_Die* scopes = nullptr;
        const int found = dwarf_getscopes(unit, address, &innermost);
        const int count = found > 0 ? dwarf_getscopes_die(&innermost[0], &scopes) : 0;
        std::free(innermost);
        SourceFrame here = frames.front();
        frames.clear();
        Dwarf_Files* files = nullptr;
        dwarf_getsrcfiles(unit, &files, nullptr);
        for (int i = 0; i < count; i++) {
            const int tag = dwarf_tag(&scopes[i]);
            if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) {
                continue;
            }
            frames.push_back({name_of(&scopes[i]), relative(dwarf_decl_file(&scopes[i])), here.file, here.line});
            if (tag == DW_TAG_subprogram) {
                break;
            }
            Dwarf_Attribute attribute;
            Dwarf_Word value = 0;
            if (files != nullptr && dwarf_attr(&scopes[i], DW_AT_call_file, &attribute) != nullptr
                && dwarf_formudata(&attribute, &value) == 0) {
                here.file = relative(dwarf_filesrc(files, value, nullptr, nullptr));
            }
            if (dwarf_attr(&scopes[i], DW_AT_call_line, &attribute) != nullptr
                && dwarf_formudata(&attribute, &value) == 0) {
                here.line = static_cast<unsigned>(value);
            }
        }
        std::free(scopes);
        if (frames.empty()) {
            frames.push_back(here);
        }
    }
};

Symbols::Symbols(const std::filesystem::path& file, const std::filesystem::path& source_tree)
    : implementation_(std::make_unique<Implementation>()) {
    std::ifstream input(file, std::ios::binary);
    std::string magic(4, '\0');
    if (!input.read(magic.data(), 4)) {
        throw Failure(own_failure, fmt::format("{}: no symbols can be read: not found, or empty", file.string()));
    }
    if (magic
        == "\x7f"
           "ELF") {
        read_elf(file, source_tree);
        return;
    }
    input.seekg(0);
    implementation_->list = SymbolList::read(input);
    if (!implementation_->list.is_usable()) {
        throw Failure(
            own_failure, fmt::format(
                             "{}: no symbols: an ELF file with a symbol table is expected, a System.map, or a copy of "
                             "/proc/kallsyms that root has read",
                             file.string()));
    }
}

void Symbols::read_elf(const std::filesystem::path& elf, const std::filesystem::path& source_tree) {
    static const Dwfl_Callbacks callbacks{
        .find_elf = nullptr,
        .find_debuginfo = dwfl_standard_find_debuginfo,
        .section_address = dwfl_offline_section_address,
        .debuginfo_path = nullptr};
    Implementation& own = *implementation_;
    own.tree = source_tree.string() + "/";
    own.session = dwfl_begin(&callbacks);
    dwfl_report_begin(own.session);
    own.module = dwfl_report_elf(own.session, elf.filename().c_str(), elf.c_str(), -1, 0, false);
    dwfl_report_end(own.session, nullptr, nullptr);
    if (own.module == nullptr) {
        throw Failure(own_failure, fmt::format("{}: no symbols can be read: {}", elf.string(), dwfl_errmsg(-1)));
    }
    own.load_addresses();
    if (own.addresses.empty()) {
        throw Failure(
            own_failure,
            fmt::format(
                "{}: it has no symbols (stripped); give those of an unstripped copy, or a System.map, with "
                "--symbols",
                elf.string()));
    }
    own.load_units();
}

Symbols::~Symbols() {
    if (implementation_->session != nullptr) {
        dwfl_end(implementation_->session);
    }
}

void Symbols::add_view(std::uint64_t address, std::uint64_t bytes, std::string_view symbol) {
    views_.push_back({address, bytes, address_of(symbol), std::string(symbol)});
    known_.clear();
}

const std::vector<SourceFrame>& Symbols::frames_at(std::uint64_t address) {
    const auto [at, is_new] = known_.try_emplace(address);
    if (is_new) {
        const auto view =
            std::ranges::find_if(views_, [&](const View& one) { return address - one.address < one.bytes; });
        at->second = view == views_.end() ? look_up(address)
                     : view->original     ? look_up(address - view->address + *view->original)
                                          : std::vector<SourceFrame>{{view->name, {}, {}, 0}};
    }
    return at->second;
}

std::vector<SourceFrame> Symbols::look_up(std::uint64_t address) {
    Implementation& own = *implementation_;
    std::vector<SourceFrame> frames;
    if (own.list.is_usable()) {
        const std::string_view name = own.list.name_at(address);
        if (!name.empty()) {
            frames.push_back({std::string(name), {}, {}, 0});
        }
        return frames;
    }
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char* name = dwfl_module_addrinfo(own.module, address, &offset, &symbol, nullptr, nullptr, nullptr);
    if (name == nullptr) {
        return frames;
    }
    SourceFrame frame{plain_name(name), {}, {}, 0};
    Dwarf_Die* unit = own.unit_at(address);
    if (Dwarf_Line* line = unit == nullptr ? nullptr : dwarf_getsrc_die(unit, address)) {
        int number = 0;
        dwarf_lineno(line, &number);
        frame.file = own.relative(dwarf_linesrc(line, nullptr, nullptr));
        frame.line = static_cast<unsigned>(number);
    }
    const std::string function = frame.function;
    frames.push_back(std::move(frame));
    if (unit != nullptr) {
        own.add_inlined(unit, address, frames);
    }
    if (frames.size() == 1 && frames.front().home.empty()) {
        frames.front().function = function; // assembly: a label, no subprogram
        frames.front().home = frames.front().file;
    }
    return frames;
}

std::optional<std::uint64_t> Symbols::address_of(std::string_view name) const {
    if (implementation_->list.is_usable()) {
        return implementation_->list.address_of(name);
    }
    const auto at = implementation_->addresses.find(name);
    return at == implementation_->addresses.end() ? std::nullopt : std::optional(at->second);
}

std::vector<std::uint64_t> Symbols::find_functions(std::string_view name) const {
    std::vector<std::uint64_t> found;
    if (const auto address = address_of(name)) {
        found.push_back(*address);
    }
    const std::string ending = "::" + std::string(name);
    for (const auto& [known, address] : implementation_->addresses) {
        if (known.ends_with(ending) && !std::ranges::contains(found, address)) {
            found.push_back(address);
        }
    }
    return found;
}

namespace {

struct ParameterSearch {
    const std::string* function;
    std::vector<std::string> names;
};

/// The function's own name and its namespaces', as plain_name() writes them.
bool is_named(Dwarf_Die* die, const std::string& wanted) {
    Dwarf_Attribute attribute;
    if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) != nullptr) {
        return plain_name(dwarf_formstring(&attribute)) == wanted;
    }
    const char* name = dwarf_diename(die);
    return name != nullptr && wanted == name;
}

int take_parameters(Dwarf_Die* function, void* argument) {
    auto& search = *static_cast<ParameterSearch*>(argument);
    Dwarf_Die child;
    if (!is_named(function, *search.function) || dwarf_child(function, &child) != 0) {
        return DWARF_CB_OK;
    }
    std::vector<std::string> names;
    do {
        if (dwarf_tag(&child) == DW_TAG_formal_parameter) {
            const char* name = dwarf_diename(&child);
            names.emplace_back(name == nullptr ? "" : name);
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    search.names = std::move(names);
    return DWARF_CB_ABORT;
}

} // namespace

std::vector<std::string> Symbols::parameters_of(const std::string& function) const {
    ParameterSearch search{.function = &function, .names = {}};
    if (implementation_->module != nullptr) {
        Dwarf_Addr bias = 0;
        for (Dwarf_Die* unit = nullptr;
             search.names.empty() && (unit = dwfl_module_nextcu(implementation_->module, unit, &bias)) != nullptr;) {
            dwarf_getfuncs(unit, take_parameters, &search, 0);
        }
    }
    return search.names;
}

std::string Symbols::image_bytes(std::uint64_t address, std::size_t bytes) const {
    if (implementation_->module == nullptr) {
        return {};
    }
    GElf_Addr bias = 0;
    Elf* elf = dwfl_module_getelf(implementation_->module, &bias);
    std::size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (std::size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(elf, static_cast<int>(i), &segment) == nullptr || segment.p_type != PT_LOAD
            || address < segment.p_vaddr || address + bytes > segment.p_vaddr + segment.p_filesz) {
            continue;
        }
        Elf_Data* data = elf_getdata_rawchunk(
            elf, static_cast<std::int64_t>(segment.p_offset + (address - segment.p_vaddr)), bytes, ELF_T_BYTE);
        if (data != nullptr) {
            return {static_cast<const char*>(data->d_buf), data->d_size};
        }
    }
    return {};
}

} // namespace host::walk
