// Random bytes into a program's buffer.

#include "file/random.hpp"
#include "file/transfer.hpp"
#include "thread/wait_queue.hpp"

#include <algorithm>
#include <array>

namespace file {

Result<std::size_t> put_random(Sink& to) {
    std::array<std::byte, 256> part;
    std::size_t done = 0;
    while (to.remaining() && !to.faulted()) {
        const auto now = std::span(part).first(std::min(part.size(), to.remaining()));
        fill_random(now);
        done += to.put(now.data(), now.size());
        if (to.remaining() && thread::interrupted())
            break;
    }
    if (done == 0 && to.faulted())
        return fail(Error::bad_address);
    return done;
}

} // namespace file
