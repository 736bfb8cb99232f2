#include "abi/sel4/lock.hpp"

namespace abi::sel4 {

constinit Spinlock lock;

} // namespace abi::sel4
