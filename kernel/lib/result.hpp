#pragma once
// Results of anything that can fail. TRY returns the error to the caller and yields the value otherwise.

#include "lib/error.hpp"

#include <expected>
#include <utility>

template <typename T = void>
using Result = std::expected<T, Error>;

/// Shorthand for returning an error from a function that returns a Result.
constexpr std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>(error);
}

/// Evaluates `expression` (a Result); on error returns it from the enclosing function, else yields the value.
#define TRY(expression) TRY_WITH(expression, __COUNTER__)
#define TRY_WITH(expression, counter) TRY_NAMED(expression, counter)
#define TRY_NAMED(expression, counter)                                                                                 \
    ({                                                                                                                 \
        auto&& try_result_##counter = (expression);                                                                    \
        if (!try_result_##counter) [[unlikely]]                                                                        \
            return std::unexpected(try_result_##counter.error());                                                      \
        *std::move(try_result_##counter);                                                                              \
    })
