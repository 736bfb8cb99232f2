// Files that pylon walk is given: a station map, or a walk as JSON to line up with. Each is read or refused.

#include "failure.hpp"
#include "walk/compare.hpp"
#include "walk/kernel_map.hpp"

#include <nlohmann/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        static_cast<void>(host::walk::KernelMap::parse(text, "map"));
    } catch (const host::Failure&) {}
    const auto walk = nlohmann::ordered_json::parse(text, nullptr, false);
    if (walk.is_discarded()) {
        return 0;
    }
    try {
        static_cast<void>(host::walk::compare(walk, walk, false));
    } catch (const host::Failure&) {}
    return 0;
}
