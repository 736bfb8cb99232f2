#pragma once
// How the contract states a function: `Signature<decltype(&arch::counter), std::uint64_t()>`.

#include <concepts>
#include <type_traits>

namespace arch::contract {

/// `Pointer` is a pointer to a function of exactly this type.
template <typename Pointer, typename Function>
concept Signature = std::same_as<Pointer, std::add_pointer_t<Function>>;

} // namespace arch::contract
