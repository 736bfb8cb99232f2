#pragma once
// What a handle leads to: one of RT-Thread's own objects.

#include "lib/ref.hpp"
#include "lib/result.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace abi::rtthread {

class Object : public RefCounted<Object> {
public:
    enum class Kind : std::uint8_t { semaphore, mutex, event, mailbox, message_queue, timer, thread, device };
    static constexpr std::size_t name_bytes = 24; // RT_NAME_MAX, the NUL included; longer names are cut

    virtual ~Object() = default;
    Object(const Object&) = delete;

    Kind kind() const { return kind_; }
    std::string_view name() const { return {name_.data(), length_}; }
    /// Its handle was deleted: whoever waits is told, nobody waits any more. No locks held.
    virtual void close() {}

protected:
    Object(Kind kind, std::string_view name) : kind_(kind) {
        length_ = static_cast<std::uint8_t>(std::min(name.size(), name_.size()));
        name.copy(name_.data(), length_);
    }

private:
    const Kind kind_;
    std::uint8_t length_ = 0;
    std::array<char, name_bytes - 1> name_{};
};

/// In which order waiters are served (RT_IPC_FLAG_FIFO, RT_IPC_FLAG_PRIO).
enum class WaitOrder : std::uint8_t { arrival = 0, priority = 1 };

} // namespace abi::rtthread
