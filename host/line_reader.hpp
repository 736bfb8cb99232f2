#pragma once

#include <string>
#include <string_view>

namespace host {

/// Cuts a byte stream into lines. A line longer than `limit` is cut there: a broken guest cannot fill memory.
class LineReader {
public:
    static constexpr std::size_t limit = 4096;

    /// Calls `take(std::string_view line)` for every line that `bytes` completes, without its line end.
    template <typename Take>
    void feed(std::string_view bytes, Take&& take) {
        for (const char byte : bytes) {
            if (byte == '\n' || rest_.size() == limit) {
                while (!rest_.empty() && rest_.back() == '\r') {
                    rest_.pop_back();
                }
                take(std::string_view(rest_));
                rest_.clear();
            }
            if (byte != '\n') {
                rest_.push_back(byte);
            }
        }
    }

    /// What came after the last line end.
    [[nodiscard]] std::string_view rest() const { return rest_; }

private:
    std::string rest_;
};

} // namespace host
