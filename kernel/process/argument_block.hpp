#pragma once
// Arguments and environment of a program on their way into a new address space: strings packed one behind the other in
// kernel memory.

#include "lib/result.hpp"
#include "memory/user_ptr.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace process {

class ArgumentBlock {
public:
    static constexpr std::size_t max_string = 32 * 4096; // bytes with NUL, as Linux
    static constexpr std::size_t max_pages = 512;        // 2 MiB together, a quarter of the standard stack

    ArgumentBlock() = default;
    ArgumentBlock(const ArgumentBlock&) = delete;
    ~ArgumentBlock();

    /// Appends a string and its NUL. Errors: too_big, no_memory.
    Result<> append(std::string_view text);
    Result<> append(memory::UserString text); // also bad_address
    /// All strings of another block behind those of this one. Errors: too_big, no_memory.
    Result<> append_all(const ArgumentBlock& other);
    /// Removes the first string.
    void drop_first();
    void swap(ArgumentBlock& other);

    std::size_t count() const { return count_; }
    std::size_t bytes() const { return bytes_ - start_; }
    /// Calls visit(std::span<const std::byte>) for each run of bytes in order; the strings with their NULs, seamless.
    /// A false or failed Result from visit ends the walk and is returned.
    template <typename Visit>
    Result<> for_each_run(Visit visit) const {
        for (std::size_t at = start_; at < bytes_;) {
            std::span<const std::byte> run = run_at(at);
            TRY(visit(run));
            at += run.size();
        }
        return {};
    }
    /// The bytes from `offset` up to the end of its page or of the block.
    std::span<const std::byte> run_at(std::size_t offset) const;
    std::byte byte_at(std::size_t offset) const { return run_at(start_ + offset)[0]; }

private:
    Result<> append_bytes(std::span<const std::byte> bytes);
    Result<> append_user_bytes(UserAddr from);
    /// Free bytes behind the end, at least one. Errors: too_big, no_memory.
    Result<std::span<std::byte>> room();

    std::array<std::byte*, max_pages> pages_{};
    std::size_t start_ = 0; // bytes dropped in front
    std::size_t bytes_ = 0; // end
    std::size_t count_ = 0;
};

} // namespace process
