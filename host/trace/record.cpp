#include "trace/record.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace host::trace {

namespace {

/// The head of each record, as kernel/abi/trace.cpp writes it.
struct Header {
    std::uint32_t bytes;
    std::uint8_t kind, flags, items, words;
    std::uint32_t number, thread, process, reserved;
    std::uint64_t time;
    char personality[8];
};
static_assert(sizeof(Header) == 40);
enum Flags : std::uint8_t { flag_unsupported = 1, flag_restarts = 2 };

/// Takes values off the front of a record.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) : rest_(bytes) {}

    template <typename T>
    bool take(T& value) {
        if (rest_.size() < sizeof(T)) {
            return false;
        }
        std::copy_n(rest_.begin(), sizeof(T), reinterpret_cast<char*>(&value));
        rest_.remove_prefix(sizeof(T));
        return true;
    }

    bool take(std::string& text, std::size_t bytes) {
        if (rest_.size() < bytes) {
            return false;
        }
        text.assign(rest_.substr(0, bytes));
        rest_.remove_prefix(bytes);
        return true;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

bool take_item(Cursor& cursor, Item& item) {
    std::uint8_t argument = 0;
    std::uint8_t content = 0;
    std::uint16_t bytes = 0;
    if (!cursor.take(argument) || !cursor.take(content) || !cursor.take(bytes) || content > 2) {
        return false;
    }
    item.argument = argument;
    item.content = static_cast<Item::Content>(content);
    return cursor.take(item.bytes, bytes);
}

/// Nothing when the bytes are not exactly one record.
std::optional<Record> parse(std::string_view bytes) {
    Cursor cursor(bytes);
    Header header{};
    if (!cursor.take(header) || (header.kind != 1 && header.kind != 2)) {
        return std::nullopt;
    }
    Record record{
        .kind = static_cast<Record::Kind>(header.kind),
        .unsupported = (header.flags & flag_unsupported) != 0,
        .restarts = (header.flags & flag_restarts) != 0,
        .number = header.number,
        .thread = header.thread,
        .process = header.process,
        .time = header.time,
        .personality = std::string(header.personality, strnlen(header.personality, sizeof header.personality)),
        .words = std::vector<std::uint64_t>(header.words),
        .items = std::vector<Item>(header.items)};
    const bool complete = std::ranges::all_of(record.words, [&](std::uint64_t& word) { return cursor.take(word); })
                          && std::ranges::all_of(record.items, [&](Item& item) { return take_item(cursor, item); });
    return complete && cursor.at_end() ? std::optional(std::move(record)) : std::nullopt;
}

} // namespace

const Item* Record::item(unsigned argument) const {
    const auto at = std::ranges::find(items, argument, &Item::argument);
    return at == items.end() ? nullptr : &*at;
}

void Reader::feed(std::string_view bytes, const std::function<void(const Record&)>& take) {
    if (broken_) {
        return;
    }
    waiting_ += bytes;
    std::size_t done = 0;
    while (waiting_.size() - done >= sizeof(std::uint32_t)) {
        std::uint32_t size = 0;
        std::memcpy(&size, waiting_.data() + done, sizeof size);
        if (size < sizeof(Header) || size > largest_record) {
            broken_ = true;
            return;
        }
        if (waiting_.size() - done < size) {
            break;
        }
        const auto record = parse(std::string_view(waiting_).substr(done, size));
        if (!record) {
            broken_ = true;
            return;
        }
        take(*record);
        done += size;
    }
    waiting_.erase(0, done);
}

} // namespace host::trace
