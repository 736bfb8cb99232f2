#pragma once
// Steps folded into calls: which function called which, as the call and return instructions tell.

#include "walk/recording.hpp"
#include "walk/symbols.hpp"

#include <string>
#include <vector>

namespace host::walk {

/// One function while it ran once. Inlined functions have no call of their own.
struct Call {
    static constexpr std::size_t none = ~std::size_t{0};

    std::string function;
    std::size_t parent = none;    ///< index of the call that it came from; none: entered by the trap
    std::size_t call_step = none; ///< the instruction that called it; none: entered by the trap or by a jump
    unsigned depth = 0;
};

struct CallTree {
    std::vector<Call> calls;          ///< in the order in which they were entered
    std::vector<std::size_t> of_step; ///< for each step of the recording, its call
};

/// Follows calls and returns through the walk. A jump to another function (a tail call, one piece of entry code after
/// the other) replaces the call it left; where stacks are switched, names decide.
CallTree build_calls(const Recording& recording, Symbols& symbols);

/// The functions that a step is in, outermost first, inlined ones at their places.
std::vector<std::string> stack_at(const Recording& recording, Symbols& symbols, const CallTree& tree, std::size_t step);

} // namespace host::walk
