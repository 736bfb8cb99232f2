#include "abi/sel4/outcome.hpp"

namespace abi::sel4 {

unsigned LookupFailure::write(std::array<Word, max_words>& words) const {
    words[0] = static_cast<Word>(kind);
    switch (kind) {
    case Kind::none:
    case Kind::invalid_root:
        return 1;
    case Kind::missing_capability:
        words[1] = bits_left;
        return 2;
    case Kind::depth_mismatch:
        words[1] = bits_left;
        words[2] = bits_found;
        return 3;
    case Kind::guard_mismatch:
        words[1] = bits_left;
        words[2] = guard_found;
        words[3] = bits_found;
        return 4;
    }
    __builtin_unreachable();
}

std::unexpected<Failure> failed_lookup(bool source, const LookupFailure& why) {
    std::array<Word, LookupFailure::max_words> words;
    const unsigned count = why.write(words);
    Failure result{.code = ErrorCode::failed_lookup, .word_count = static_cast<std::uint8_t>(count + 1), .words = {}};
    result.words[0] = source;
    for (unsigned i = 0; i < count; ++i)
        result.words[i + 1] = words[i];
    return std::unexpected(result);
}

} // namespace abi::sel4
