#pragma once
// Archives in the "new ASCII" cpio format (cpio(5): magic 070701), as the boot loader hands them over: several may lie
// one behind the other, each padded with NULs. The bytes are not trusted.

#include "file/attributes.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace file {

struct CpioEntry {
    std::string_view name; // in the archive, without leading "/" or "./"; empty for the root itself
    Type type = Type::regular;
    Mode mode = 0;
    UserId user = 0;
    GroupId group = 0;
    std::uint32_t links = 1;
    std::uint64_t modified = 0;      // seconds since 1970
    std::uint64_t number = 0;        // inode number in the archive, for hard links
    DeviceNumber archive_device;     // the other half of a hard link's identity
    DeviceNumber device;             // device nodes
    std::span<const std::byte> data; // contents, or a symbolic link's target
};

/// Reads entry after entry. Never reads outside the archive.
class CpioReader {
public:
    explicit CpioReader(std::span<const std::byte> archive) : archive_(archive) {}

    /// The next entry; nothing at the end. Errors: bad_executable ("broken contents": message() says what).
    Result<std::optional<CpioEntry>> next();
    /// Why next() failed, in words.
    std::string_view message() const { return message_; }
    /// Where next() stopped, in bytes from the start.
    std::size_t offset() const { return at_; }

private:
    static constexpr std::size_t field_count = 13;
    struct Header {
        std::array<std::uint32_t, field_count> fields{};
        std::string_view name;
        std::span<const std::byte> data;
        std::size_t end = 0; // where the next header may begin
    };
    Result<Header> read_header();
    std::unexpected<Error> broken(std::string_view message);
    void skip_padding();

    std::span<const std::byte> archive_;
    std::size_t at_ = 0;
    std::string_view message_;
};

} // namespace file
