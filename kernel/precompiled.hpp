#pragma once

// Compiled once per build and seen by every kernel source. What is expensive to parse and used in most files stands
// here; <algorithm>, <functional> and <ranges> stay out on purpose. A file still includes what it uses.

#include <array>
#include <atomic>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/slist.hpp>
