#include "cpio.hpp"

#include "failure.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <sys/stat.h>

namespace host {

namespace fs = std::filesystem;

namespace {

using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

Entry make_entry(const std::string& name, unsigned type, unsigned permissions) {
    Entry entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), type);
    archive_entry_set_perm(entry.get(), permissions);
    archive_entry_set_nlink(entry.get(), type == AE_IFDIR ? 2 : 1);
    archive_entry_set_size(entry.get(), 0);
    archive_entry_set_mtime(entry.get(), 0, 0);
    return entry;
}

} // namespace

CpioWriter::CpioWriter(const fs::path& file) : archive_(archive_write_new()) {
    check(archive_write_set_format_cpio_newc(archive_), "newc");
    check(archive_write_set_bytes_per_block(archive_, 64 * 1024), "block size");
    check(archive_write_set_bytes_in_last_block(archive_, 4), "padding");
    check(archive_write_open_filename(archive_, file.c_str()), file.string());
}

CpioWriter::~CpioWriter() {
    archive_write_free(archive_);
}

void CpioWriter::check(int result, const std::string& what) {
    if (result < ARCHIVE_WARN) {
        throw Failure(own_failure, fmt::format("{}: {}", what, archive_error_string(archive_)));
    }
}

void CpioWriter::add_directory(const std::string& name, unsigned permissions) {
    check(archive_write_header(archive_, make_entry(name, AE_IFDIR, permissions).get()), name);
}

void CpioWriter::add_symlink(const std::string& name, const std::string& target) {
    const Entry entry = make_entry(name, AE_IFLNK, 0777);
    archive_entry_set_symlink(entry.get(), target.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(target.size()));
    check(archive_write_header(archive_, entry.get()), name);
}

void CpioWriter::add_file(const std::string& name, unsigned permissions, std::string_view content) {
    const Entry entry = make_entry(name, AE_IFREG, permissions);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    check(archive_write_header(archive_, entry.get()), name);
    if (archive_write_data(archive_, content.data(), content.size()) != static_cast<la_ssize_t>(content.size())) {
        throw Failure(own_failure, fmt::format("{}: {}", name, archive_error_string(archive_)));
    }
}

void CpioWriter::write_content(const fs::path& source) {
    std::ifstream input(source, std::ios::binary);
    std::array<char, 64 * 1024> buffer{};
    while (input.read(buffer.data(), buffer.size()) || input.gcount() > 0) {
        const auto count = static_cast<std::size_t>(input.gcount());
        // Fewer bytes taken than given: the file grew since its size was read. The archive keeps the size it announced.
        if (archive_write_data(archive_, buffer.data(), count) < 0) {
            throw Failure(own_failure, fmt::format("{}: {}", source.string(), archive_error_string(archive_)));
        }
    }
    if (!input.eof()) {
        throw Failure(own_failure, fmt::format("{}: cannot be read", source.string()));
    }
}

void CpioWriter::add_host_file(const std::string& name, unsigned permissions, const fs::path& source) {
    const Entry entry = make_entry(name, AE_IFREG, permissions);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(fs::file_size(source)));
    check(archive_write_header(archive_, entry.get()), name);
    write_content(source);
}

void CpioWriter::add_tree(const fs::path& directory) {
    const std::unique_ptr<archive, decltype(&archive_read_free)> disk(archive_read_disk_new(), archive_read_free);
    archive_read_disk_set_symlink_physical(disk.get());
    if (archive_read_disk_open(disk.get(), directory.c_str()) != ARCHIVE_OK) {
        throw Failure(own_failure, fmt::format("{}: {}", directory.string(), archive_error_string(disk.get())));
    }
    for (;;) {
        const Entry entry(archive_entry_new(), archive_entry_free);
        const int result = archive_read_next_header2(disk.get(), entry.get());
        if (result == ARCHIVE_EOF) {
            return;
        }
        if (result < ARCHIVE_WARN) {
            throw Failure(own_failure, fmt::format("{}: {}", directory.string(), archive_error_string(disk.get())));
        }
        archive_read_disk_descend(disk.get());
        const fs::path source = archive_entry_sourcepath(entry.get());
        const std::string name = fs::path(archive_entry_pathname(entry.get())).lexically_relative(directory);
        if (name == ".") {
            continue;
        }
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_uid(entry.get(), 0);
        archive_entry_set_gid(entry.get(), 0);
        // Hard links become files of their own: the link count of an archive that repeats the content must not say
        // more.
        archive_entry_set_nlink(entry.get(), archive_entry_filetype(entry.get()) == AE_IFDIR ? 2 : 1);
        check(archive_write_header(archive_, entry.get()), name);
        if (archive_entry_filetype(entry.get()) == AE_IFREG) {
            write_content(source);
        }
    }
}

void CpioWriter::finish() {
    check(archive_write_close(archive_), "closing the archive");
}

} // namespace host
