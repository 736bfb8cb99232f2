#include "walk/call_tree.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace host::walk {

namespace {

/// bl, blr; call, callq; jal, jalr (a plain jump is shown as j or jr).
bool is_call(const std::string& instruction) {
    const std::string mnemonic = instruction.substr(0, instruction.find_first_of(" \t"));
    return mnemonic == "bl" || mnemonic == "blr" || mnemonic == "call" || mnemonic == "callq" || mnemonic == "jal"
           || mnemonic == "jalr" || mnemonic == "c.jalr";
}

std::string function_at(Symbols& symbols, std::uint64_t address) {
    const std::vector<SourceFrame>& frames = symbols.frames_at(address);
    return frames.empty() ? fmt::format("{:#x}", address) : frames.back().function;
}

class Builder {
public:
    Builder(const Recording& recording, Symbols& symbols) : steps_(recording.steps), symbols_(symbols) {
        longest_call_ = recording.isa == Isa::x86_64 ? 7 : 4;
    }

    CallTree build() {
        for (std::size_t i = 0; i < steps_.size(); i++) {
            const std::string function = function_at(symbols_, steps_[i].program_counter);
            if (i <= 1) {
                enter(function, Call::none, i); // the trap instruction, then the vector
            } else if (is_call(steps_[i - 1].instruction)) {
                enter(function, i - 1, i);
            } else {
                leave(i);
                follow(function);
            }
            tree_.of_step.push_back(now_);
        }
        return std::move(tree_);
    }

private:
    void enter(const std::string& function, std::size_t call_step, std::size_t step) {
        const std::size_t parent = step <= 1 ? Call::none : now_;
        add(function, parent, call_step);
    }

    void add(const std::string& function, std::size_t parent, std::size_t call_step) {
        const unsigned depth = parent == Call::none ? 0 : tree_.calls[parent].depth + 1;
        now_ = tree_.calls.size();
        tree_.calls.push_back({.function = function, .parent = parent, .call_step = call_step, .depth = depth});
    }

    /// Back to the caller whose call instruction this step lies right behind.
    void leave(std::size_t step) {
        const std::uint64_t here = steps_[step].program_counter;
        const std::uint64_t before = steps_[step - 1].program_counter;
        for (std::size_t call = now_; call != Call::none; call = tree_.calls[call].parent) {
            if (tree_.calls[call].call_step == Call::none) {
                continue;
            }
            const std::uint64_t site = steps_[tree_.calls[call].call_step].program_counter;
            const bool came_in_line = before >= site && before < here;
            if (here > site && here <= site + longest_call_ && !came_in_line) {
                now_ = tree_.calls[call].parent;
                return;
            }
        }
    }

    /// The function changed without a call: one that is open already goes on, or the jump's target takes its place.
    void follow(const std::string& function) {
        if (tree_.calls[now_].function == function) {
            return;
        }
        for (std::size_t call = now_; call != Call::none; call = tree_.calls[call].parent) {
            if (tree_.calls[call].function == function) {
                now_ = call;
                return;
            }
        }
        const Call left = tree_.calls[now_];
        add(function, left.parent, left.call_step);
    }

    const std::vector<Step>& steps_;
    Symbols& symbols_;
    std::uint64_t longest_call_;
    CallTree tree_;
    std::size_t now_ = Call::none;
};

void append_frames(std::vector<std::string>& stack, const std::vector<SourceFrame>& frames, std::uint64_t address) {
    if (frames.empty()) {
        stack.push_back(fmt::format("{:#x}", address));
    }
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
        stack.push_back(frame->function);
    }
}

} // namespace

CallTree build_calls(const Recording& recording, Symbols& symbols) {
    return Builder(recording, symbols).build();
}

std::vector<std::string>
stack_at(const Recording& recording, Symbols& symbols, const CallTree& tree, std::size_t step) {
    std::vector<std::uint64_t> places{recording.steps[step].program_counter};
    for (std::size_t call = tree.of_step[step]; call != Call::none; call = tree.calls[call].parent) {
        if (tree.calls[call].call_step != Call::none) {
            places.push_back(recording.steps[tree.calls[call].call_step].program_counter);
        }
    }
    std::vector<std::string> stack;
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
        append_frames(stack, symbols.frames_at(*place), *place);
    }
    return stack;
}

} // namespace host::walk
