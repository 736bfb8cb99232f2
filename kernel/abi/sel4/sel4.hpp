#pragma once
// The seL4 personality.

namespace abi {
struct Personality;
}

namespace abi::sel4 {
extern const Personality personality;
}
