#pragma once
// Memory as the derivation tree must have it: what lies inside an untyped region was made from it, below what it has
// handed out, and nothing overlaps. Depends on nothing else, so that it can be shown broken trees on the host.

#include <array>
#include <cstdint>

namespace abi::sel4 {

/// What a capability names: [start, end) of physical memory, not empty.
struct Region {
    std::uint64_t start, end;

    constexpr bool operator==(const Region&) const = default;
    constexpr bool contains(const Region& other) const { return start <= other.start && other.end <= end; }
};

/// Follows one list of the derivation tree from its head. Memory is handed out upwards and a new object goes directly
/// behind its untyped memory, so siblings come in descending order and what is inside another one comes behind it.
class Nesting {
public:
    enum class Fault : std::uint8_t { none, overlap, not_handed_out };

    /// The next capability of the list that names memory. `used`: how much of it was handed out, from its start; 0 for
    /// what is no untyped memory, inside which only copies may lie.
    Fault add(const Region& region, std::uint64_t used) {
        while (depth_ != 0 && !top().region.contains(region)) {
            if (region.end > top().region.start)
                return Fault::overlap;
            --depth_;
        }
        if (depth_ != 0 && region == top().region) { // a copy, or an object as large as its memory
            const bool good = !top().untyped || top().handed_out_end >= region.end;
            top() = make(region, used);
            return good ? Fault::none : Fault::not_handed_out;
        }
        if (depth_ != 0) {
            if (!top().untyped || region.end > top().lowest_child)
                return Fault::overlap;
            if (region.end > top().handed_out_end)
                return Fault::not_handed_out;
            top().lowest_child = region.start;
        }
        if (depth_ == levels_.size())
            return Fault::overlap;
        levels_[depth_++] = make(region, used);
        return Fault::none;
    }

private:
    struct Level {
        Region region;
        std::uint64_t handed_out_end;
        std::uint64_t lowest_child; // start of the last child, or the region's end
        bool untyped;
    };
    static Level make(const Region& region, std::uint64_t used) {
        return {region, region.start + used, region.end, used != 0};
    }
    Level& top() { return levels_[depth_ - 1]; }

    std::array<Level, 64> levels_{}; // each is at most half of the one around it
    unsigned depth_ = 0;
};

} // namespace abi::sel4
