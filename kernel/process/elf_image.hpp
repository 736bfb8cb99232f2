#pragma once
// An executable's ELF headers, checked. Hostile files are the normal case: every number is used only after parse() has
// found it in range. Layouts: System V ABI, chapters 4 (object files) and 5 (program loading).

#include "lib/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace process {

struct ElfSegment {
    enum class Kind : std::uint32_t {
        load = 1,
        dynamic = 2,
        interpreter = 3,
        note = 4,
        program_headers = 6,
        tls = 7,
        gnu_stack = 0x6474e551,
        gnu_property = 0x6474e553,
        riscv_attributes = 0x70000003,
    } kind;
    bool read, write, execute;
    std::uint64_t offset;  // in the file
    std::uint64_t address; // virtual
    std::uint64_t file_bytes;
    std::uint64_t memory_bytes; // >= file_bytes
    std::uint64_t alignment;    // 0, or a power of two
};

/// Reads parts of the file; returns the bytes got, fewer at its end.
class ElfSource {
public:
    virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> to) = 0;

protected:
    ~ElfSource() = default;
};

class ElfImage {
public:
    static constexpr std::size_t max_segments = 64;
    static constexpr std::size_t max_interpreter = 256; // bytes with NUL

    enum class Type : std::uint16_t { executable = 2, shared = 3 };
    enum class Machine : std::uint16_t { x86_64 = 62, aarch64 = 183, riscv = 243 };

    /// Reads and checks the headers. `to` is written only on success. Guarantees: at least one load segment; load
    /// segments ascend by address, do not overlap by bytes and do not wrap; interpreter is NUL-terminated. Errors:
    /// not_executable (no ELF), wrong_architecture (not `machine`, 32-bit, big-endian), bad_executable (broken), io.
    static Result<> parse(ElfSource& source, Machine machine, ElfImage& to);
    /// The machine this kernel runs on.
    static Machine native_machine();

    Type type() const { return type_; }
    std::uint8_t os_abi() const { return os_abi_; }
    std::uint32_t flags() const { return flags_; }
    std::uint64_t entry() const { return entry_; }
    std::span<const ElfSegment> segments() const { return {segments_.data(), count_}; }
    /// Path of PT_INTERP, empty: none.
    std::string_view interpreter() const { return {interpreter_.data(), interpreter_length_}; }

    /// Offset and address of each load segment agree modulo the page size: the file's own pages can be mapped.
    bool is_mappable() const { return mappable_; }

    /// Virtual range of all load segments, page aligned, before any bias.
    std::uint64_t lowest() const { return lowest_; }
    std::uint64_t highest() const { return highest_; }
    /// Largest alignment of a load segment (at least a page).
    std::uint64_t alignment() const { return alignment_; }
    /// Virtual address of the program headers, 0: in no load segment.
    std::uint64_t headers_address() const { return headers_address_; }
    std::uint16_t header_count() const { return header_count_; }
    /// False when PT_GNU_STACK asks for it not to be (its absence is a personality's to judge).
    bool has_stack_header() const { return has_stack_header_; }
    bool stack_executable() const { return stack_executable_; }

    /// Section and note facts that recognisers ask for, found without reading more than the first note segment.
    bool has_note(std::string_view owner, std::uint32_t type) const;

private:
    Type type_{};
    std::uint8_t os_abi_ = 0;
    bool has_stack_header_ = false;
    bool stack_executable_ = false;
    bool mappable_ = true;
    std::uint16_t header_count_ = 0;
    std::uint32_t flags_ = 0;
    std::uint64_t entry_ = 0, lowest_ = 0, highest_ = 0, alignment_ = 0, headers_address_ = 0;
    std::size_t count_ = 0;
    std::size_t interpreter_length_ = 0;
    std::size_t notes_length_ = 0;
    std::array<ElfSegment, max_segments> segments_{};
    std::array<char, max_interpreter> interpreter_{};
    std::array<std::byte, 512> notes_{};

    friend class ElfParser;
};

} // namespace process
