#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

struct archive;

namespace host {

/// Writes an uncompressed newc cpio archive, the initrd's format (Linux,
/// Documentation/driver-api/early-userspace/buffer-format.rst). Everything in it belongs to root. Each member throws
/// Failure(125) when it cannot do its work.
class CpioWriter {
public:
    /// Creates or replaces `file`.
    explicit CpioWriter(const std::filesystem::path& file);
    ~CpioWriter();
    CpioWriter(const CpioWriter&) = delete;
    CpioWriter& operator=(const CpioWriter&) = delete;

    /// `name` has no leading slash; `permissions` are the low twelve mode bits.
    void add_directory(const std::string& name, unsigned permissions);
    void add_file(const std::string& name, unsigned permissions, std::string_view content);
    void add_symlink(const std::string& name, const std::string& target);
    /// A file of the host under another name, streamed.
    void add_host_file(const std::string& name, unsigned permissions, const std::filesystem::path& source);
    /// Everything below a directory of the host: files, directories, symlinks, hard links and special files.
    void add_tree(const std::filesystem::path& directory);

    /// Writes the trailer; nothing may be added afterwards.
    void finish();

private:
    void write_content(const std::filesystem::path& source);
    void check(int result, const std::string& what);

    archive* archive_;
};

} // namespace host
