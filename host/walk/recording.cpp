#include "walk/recording.hpp"

#include <algorithm>
#include <array>

namespace host::walk {

namespace {

constexpr std::array trap_kinds{TrapKind::call, TrapKind::interrupt, TrapKind::fault};

} // namespace

std::string_view name_of(TrapKind kind) {
    return kind == TrapKind::call ? "call" : kind == TrapKind::interrupt ? "interrupt" : "fault";
}

std::optional<TrapKind> trap_kind_named(std::string_view name) {
    const auto at = std::ranges::find(trap_kinds, name, [](TrapKind kind) { return name_of(kind); });
    return at == trap_kinds.end() ? std::nullopt : std::optional(*at);
}

} // namespace host::walk
