#include "abi/linux/linux.hpp"
#include "abi/personality.hpp"
#include "abi/rtthread/rtthread.hpp"
#include "abi/sel4/sel4.hpp"
#include "abi/xv6/xv6.hpp"

namespace abi {
namespace {

constexpr const Personality* all[]{
    &linux::personality, &sel4::personality, &xv6::personality, &rtthread::personality, &rtthread::personality_5_0,
};

} // namespace

std::span<const Personality* const> personalities() {
    return all;
}

const Personality* find_personality(std::string_view name) {
    for (const Personality* personality : all)
        if (personality->name == name)
            return personality;
    return nullptr;
}

} // namespace abi
