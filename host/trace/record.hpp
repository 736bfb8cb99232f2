#pragma once
// What the kernel tells of system calls (docs/boot-protocol.md, "The trace port"), from bytes to records.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace host::trace {

/// What a string or buffer argument held.
struct Item {
    enum class Content : std::uint8_t { whole, cut, unreadable };
    static constexpr unsigned name = 0xff;

    unsigned argument = 0; ///< the register at which the argument starts; `name`: what an unsupported call is called
    Content content = Content::whole;
    std::string bytes;
};

struct Record {
    enum class Kind : std::uint8_t { enter = 1, leave = 2 };

    Kind kind = Kind::enter;
    bool unsupported = false;
    bool restarts = false; ///< leave: the call was interrupted and has no result yet
    std::uint32_t number = 0;
    std::uint32_t thread = 0;
    std::uint32_t process = 0;
    std::uint64_t time = 0; ///< ns since the machine started
    std::string personality;
    std::vector<std::uint64_t> words; ///< enter: six arguments; leave: the result
    std::vector<Item> items;

    [[nodiscard]] std::uint64_t word(std::size_t index) const { return index < words.size() ? words[index] : 0; }
    [[nodiscard]] const Item* item(unsigned argument) const;
};

/// Cuts a stream of bytes into records. What is no record ends the reading: nothing behind it can be trusted.
class Reader {
public:
    static constexpr std::size_t largest_record = 64 * 1024;

    /// Calls take(record) for each record that is complete.
    void feed(std::string_view bytes, const std::function<void(const Record&)>& take);
    /// True once the stream was found to be none of records.
    [[nodiscard]] bool is_broken() const { return broken_; }

private:
    std::string waiting_;
    bool broken_ = false;
};

} // namespace host::trace
