#pragma once
// How an invocation ends. seL4 manual, appendix A "Error Codes".

#include "abi/sel4/message.hpp"

#include <array>
#include <expected>

namespace abi::sel4 {

enum class ErrorCode : std::uint8_t {
    none,
    invalid_argument,   // word 0: which argument
    invalid_capability, // word 0: which capability argument
    illegal_operation,
    range_error, // words: least, most
    alignment_error,
    failed_lookup, // words: 1 when the source was looked up, then the look-up failure
    truncated_message,
    delete_first,
    revoke_first,
    not_enough_memory, // word 0: bytes left
    preempted = 0xff,  // none of seL4's: the caller makes the call again, after pending interrupts
};

/// Why a capability address led nowhere. seL4 manual 3.4 "Lookup Failure Description".
struct LookupFailure {
    enum class Kind : std::uint8_t { none, invalid_root, missing_capability, depth_mismatch, guard_mismatch };
    Kind kind = Kind::none;
    std::uint8_t bits_left = 0;  // all but invalid_root
    std::uint8_t bits_found = 0; // depth mismatch: of the level; guard mismatch: the guard's length
    Word guard_found = 0;

    static constexpr unsigned max_words = 4;
    /// The words as messages carry them, starting with the kind. Returns how many.
    unsigned write(std::array<Word, max_words>& words) const;
};

struct Failure {
    ErrorCode code = ErrorCode::none;
    std::uint8_t word_count = 0;
    std::array<Word, 1 + LookupFailure::max_words> words{};
};

/// What decoding and invoking return: nothing, or why not.
using Outcome = std::expected<void, Failure>;
template <typename T>
using OutcomeOf = std::expected<T, Failure>;

// Each is for `return`.
inline std::unexpected<Failure> failure(ErrorCode code) {
    return std::unexpected(Failure{.code = code});
}
inline std::unexpected<Failure> failure(ErrorCode code, Word word) {
    return std::unexpected(Failure{.code = code, .word_count = 1, .words = {word}});
}
inline std::unexpected<Failure> invalid_argument(Word which) {
    return failure(ErrorCode::invalid_argument, which);
}
inline std::unexpected<Failure> invalid_capability(Word which) {
    return failure(ErrorCode::invalid_capability, which);
}
inline std::unexpected<Failure> illegal_operation() {
    return failure(ErrorCode::illegal_operation);
}
inline std::unexpected<Failure> truncated_message() {
    return failure(ErrorCode::truncated_message);
}
inline std::unexpected<Failure> range_error(Word least, Word most) {
    return std::unexpected(Failure{.code = ErrorCode::range_error, .word_count = 2, .words = {least, most}});
}
std::unexpected<Failure> failed_lookup(bool source, const LookupFailure& why);
inline std::unexpected<Failure> preempted() {
    return failure(ErrorCode::preempted);
}

} // namespace abi::sel4
