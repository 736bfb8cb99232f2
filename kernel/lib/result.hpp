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
#define TRY(expression)                                                                                                \
    ({                                                                                                                 \
        auto&& try_result_ = (expression);                                                                             \
        if (!try_result_) [[unlikely]]                                                                                 \
            return std::unexpected(try_result_.error());                                                               \
        *std::move(try_result_);                                                                                       \
    })
