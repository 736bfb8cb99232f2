#pragma once
// What the kernel says it is, to uname() and /proc.

#include <string_view>

inline constexpr std::string_view kernel_type = "Linux";
/// Programs compare it with the oldest kernel they can use.
inline constexpr std::string_view kernel_release = "6.1.0-tetrapylon";
inline constexpr std::string_view kernel_version = "#1 SMP Tetrapylon";
