#pragma once
// The RT-Thread Smart personality, in the two generations that its programs tell apart.

#include "abi/personality.hpp"

namespace abi::rtthread {

/// The newest generation (after 5.1); what a program is recognised as.
extern const Personality personality;
/// 5.0.x: its error numbers, address map, signal frame and calls. Only by name (--abi rtthread-5.0), and what such a
/// program executes.
extern const Personality personality_5_0;

} // namespace abi::rtthread
