#pragma once
// Everything a port must give. Each port includes this in its contract.cpp; what is missing or differs does not
// compile.

#include "arch/contract/context.hpp"
#include "arch/contract/cpu.hpp"
#include "arch/contract/frame.hpp"
#include "arch/contract/page_table.hpp"
