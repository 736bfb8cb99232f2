#include "abi/linux/linux.hpp"
#include "abi/personality.hpp"

#include <array>

namespace abi {
namespace {

constexpr std::array<const Personality*, 1> all{
    &linux::personality,
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
