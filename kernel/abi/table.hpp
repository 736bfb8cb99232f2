#pragma once
// One declaration per system call: `call<sys_read>(number, "read")` makes a row from the handler's own signature.
// Dispatch, argument decoding, traces, fault injection and the published support table all come from the row.

#include "abi/argument.hpp"
#include "lib/result.hpp"
#include "thread/thread.hpp"

#include <array>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace abi {

inline constexpr unsigned max_arguments = 6;

/// What a handler returns when it has set the whole frame itself (signal return, exec): no result is written.
struct FrameReplaced {};

enum class Support : std::uint8_t { none, partial, full };

struct Call {
    /// Decodes the arguments from the frame, runs the handler and writes its result. Null: there is no such call.
    void (*run)(thread::Thread& thread, arch::UserFrame& frame) = nullptr;
    const char* name = nullptr;
    const char* note = nullptr; // partial support: what is missing, in words
    std::uint16_t number = 0;
    Support support = Support::none;
    std::uint8_t argument_count = 0;
    std::array<ArgumentKind, max_arguments> kinds{};
    std::array<std::uint8_t, max_arguments>
        sizes{}; // bytes of what a pointer or span argument points to; 255: that or more
};

namespace detail {

template <typename F>
struct Signature;
template <typename R, typename... Args>
struct Signature<R (*)(Args...)> {
    using Returned = R;
    static constexpr bool wants_thread = false;
    using Arguments = std::tuple<Args...>;
};
template <typename R, typename... Args>
struct Signature<R (*)(thread::Thread&, Args...)> {
    using Returned = R;
    static constexpr bool wants_thread = true;
    using Arguments = std::tuple<Args...>;
};

/// What the trait's `bytes` says, where it says something.
template <typename Traits>
consteval std::uint8_t pointed_size() {
    if constexpr (requires { Traits::bytes; })
        return Traits::bytes < 255 ? static_cast<std::uint8_t>(Traits::bytes) : std::uint8_t{255};
    else
        return 0;
}

template <typename Tuple>
struct Registers;
template <typename... Args>
struct Registers<std::tuple<Args...>> {
    static constexpr unsigned count = (0u + ... + ArgumentTraits<Args>::registers);
    /// first[i]: the register at which argument i starts.
    static constexpr std::array<unsigned, sizeof...(Args) + 1> first = [] {
        std::array<unsigned, sizeof...(Args) + 1> starts{};
        unsigned at = 0, i = 0;
        ((starts[i++] = at, at += ArgumentTraits<Args>::registers), ...);
        starts[i] = at;
        return starts;
    }();
    static constexpr std::array<ArgumentKind, max_arguments> kinds = [] {
        std::array<ArgumentKind, max_arguments> all{};
        unsigned i = 0;
        ((all[i++] = ArgumentTraits<Args>::kind), ...);
        return all;
    }();
    static constexpr std::array<std::uint8_t, max_arguments> sizes = [] {
        std::array<std::uint8_t, max_arguments> all{};
        unsigned i = 0;
        ((all[i++] = pointed_size<ArgumentTraits<Args>>()), ...);
        return all;
    }();
};

} // namespace detail

/// One handler seen through one personality's Convention. A Convention gives (all static, inline):
///   std::uint64_t number(const UserFrame&), std::uint64_t argument(const UserFrame&, unsigned i),
///   void set_result(Thread&, UserFrame&, std::int64_t), void set_error(Thread&, UserFrame&, Error).
template <typename Convention, auto Handler>
struct Thunk {
    using Types = detail::Signature<decltype(Handler)>;
    using Arguments = typename Types::Arguments;
    using Layout = detail::Registers<Arguments>;
    static_assert(Layout::count <= max_arguments, "too many argument registers");

    static void run(thread::Thread& thread, arch::UserFrame& frame) {
        invoke(thread, frame, std::make_index_sequence<std::tuple_size_v<Arguments>>());
    }

private:
    template <std::size_t... I>
    static void invoke(thread::Thread& thread, arch::UserFrame& frame, std::index_sequence<I...>) {
        auto result = [&] {
            if constexpr (Types::wants_thread)
                return Handler(thread, decode<I>(frame)...);
            else
                return Handler(decode<I>(frame)...);
        }();
        if (!result) [[unlikely]]
            return Convention::set_error(thread, frame, result.error());
        using Value = typename decltype(result)::value_type;
        if constexpr (std::is_void_v<Value>)
            Convention::set_result(thread, frame, 0);
        else if constexpr (std::is_same_v<Value, UserAddr>)
            Convention::set_result(thread, frame, static_cast<std::int64_t>(result->value));
        else if constexpr (std::is_same_v<Value, Descriptor>)
            Convention::set_result(thread, frame, result->value);
        else if constexpr (!std::is_same_v<Value, FrameReplaced>)
            Convention::set_result(thread, frame, static_cast<std::int64_t>(*result));
    }

    template <std::size_t I>
    static auto decode(const arch::UserFrame& frame) {
        using Traits = ArgumentTraits<std::tuple_element_t<I, Arguments>>;
        std::array<std::uint64_t, Traits::registers> words;
        for (unsigned r = 0; r < Traits::registers; ++r)
            words[r] = Convention::argument(frame, Layout::first[I] + r);
        return Traits::decode(words.data());
    }
};

/// A row: `call<Convention, sys_read>(63, "read")`.
template <typename Convention, auto Handler>
constexpr Call call(unsigned number, const char* name, Support support = Support::full, const char* note = nullptr) {
    using Types = Thunk<Convention, Handler>;
    return {
        .run = &Types::run,
        .name = name,
        .note = note,
        .number = static_cast<std::uint16_t>(number),
        .support = support,
        .argument_count = std::tuple_size_v<typename Types::Arguments>,
        .kinds = Types::Layout::kinds,
        .sizes = Types::Layout::sizes,
    };
}

/// Not callable at run time: naming it makes a table with a wrong number a compile error.
void duplicate_or_out_of_range_system_call_number();

/// The dense table, indexed by number.
template <std::size_t Size, std::size_t Rows>
consteval std::array<Call, Size> make_table(const std::array<Call, Rows>& rows) {
    std::array<Call, Size> table{};
    for (const Call& row : rows) {
        if (row.number >= Size || table[row.number].run)
            duplicate_or_out_of_range_system_call_number();
        table[row.number] = row;
    }
    return table;
}

/// `number` when it is below `size`, else 0, computed without a branch, so that a mispredicted check reads nothing
/// beyond the table.
inline std::uint64_t clamp_index(std::uint64_t number, std::uint64_t size) {
    std::uint64_t mask = 0 - static_cast<std::uint64_t>(number < size);
    asm volatile("" : "+r"(mask));
    return number & mask;
}

/// A personality's dispatcher: number -> row -> handler. `Unsupported(thread, frame, number)` answers as the original
/// kernel does.
template <typename Convention, const auto& Table, auto Unsupported>
void dispatch(thread::Thread& thread) {
    arch::UserFrame& frame = *thread.frame;
    const std::uint64_t number = Convention::number(frame);
    if (number >= Table.size()) [[unlikely]]
        return Unsupported(thread, frame, number);
    const Call& row = Table[clamp_index(number, Table.size())];
    if (!row.run) [[unlikely]]
        return Unsupported(thread, frame, number);
    row.run(thread, frame);
}

} // namespace abi
