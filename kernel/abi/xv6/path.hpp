#pragma once
// A path as xv6 reads it.

#include "abi/xv6/limits.hpp"
#include "file/working_directory.hpp"
#include "memory/user_ptr.hpp"
#include "process/process.hpp"

namespace abi::xv6 {

/// Path text from user memory, rewritten to what the tree takes: every name cut to 14 bytes, slashes at the end
/// dropped.
class PathText {
public:
    PathText() = default;
    PathText(const PathText&) = delete;
    PathText& operator=(const PathText&) = delete;

    /// Errors: bad_address, name_too_long (no NUL within 128 bytes).
    Result<> read(memory::UserString path);

    /// Empty when the program gave "": xv6's look-up then finds the working directory, and names nothing to create.
    std::string_view text() const { return text_; }
    /// For look-ups.
    std::string_view found() const { return text_.empty() ? std::string_view(".") : text_; }
    /// Good as long as this object.
    file::Walk walk() const { return {.place = *process::current().directory, .who = who_}; }
    const file::Identity& who() const { return who_; }

private:
    char buffer_[max_path];
    std::string_view text_;
    file::CurrentIdentity who_;
};

} // namespace abi::xv6
