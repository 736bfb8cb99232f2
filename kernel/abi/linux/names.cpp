#include "abi/linux/names.hpp"

#include <asm/unistd.h>

namespace abi::linux {
namespace {

struct Name {
    std::uint16_t number;
    std::string_view name;
};

constexpr Name names[] = {
#include "linux_call_names.inc"
};

} // namespace

std::string_view call_name(std::uint64_t number) {
    for (const Name& candidate : names)
        if (candidate.number == number)
            return candidate.name;
    return {};
}

} // namespace abi::linux
