#include "root.hpp"

#include "cpio.hpp"
#include "failure.hpp"
#include "places.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unistd.h>

namespace host {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view release = "trixie";
constexpr std::string_view package = "busybox-static";

/// The unpacked package, fetched when it is not in the cache yet.
fs::path unpacked_busybox(std::string_view architecture) {
    const fs::path folder = cache_folder() / "packages" / fmt::format("{}-{}-{}", package, release, architecture);
    if (!fs::is_directory(folder)) {
        const int status = run_quietly(
            {source_tree() / "host" / "archive.sh", "package", std::string(release), std::string(architecture),
             std::string(package), folder});
        if (status != 0) {
            throw Failure(own_failure, "the bundled root cannot be made without Debian's archive");
        }
    }
    const fs::path program = folder / "usr" / "bin" / "busybox";
    return fs::exists(program) ? program : folder / "bin" / "busybox";
}

/// Where busybox's applets stand by its own account ("usr/bin/awk"), from the binary that this machine can run.
std::set<std::string> applet_names() {
    const std::string command = fmt::format("'{}' --list-full", unpacked_busybox("amd64").string());
    const std::unique_ptr<FILE, decltype(&pclose)> list(popen(command.c_str(), "re"), pclose);
    std::set<std::string> names;
    char line[256];
    while (list && std::fgets(line, sizeof line, list.get()) != nullptr) {
        std::string name = line;
        name.erase(name.find_last_not_of("\r\n") + 1);
        names.insert(name);
    }
    if (names.empty()) {
        throw Failure(own_failure, "busybox does not list its applets: can this machine run amd64 programs?");
    }
    return names;
}

fs::file_time_type newest_in(const fs::path& folder) {
    fs::file_time_type newest = fs::last_write_time(folder);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        newest = std::max(newest, entry.last_write_time());
    }
    return newest;
}

void write_root(const fs::path& file, const fs::path& own_files, std::string_view architecture) {
    const std::set<std::string> applets = applet_names();
    CpioWriter cpio(file);
    for (const char* folder : {"bin", "dev", "proc", "root", "sbin", "sys", "usr", "usr/bin", "usr/sbin", "var"}) {
        cpio.add_directory(folder, 0755);
    }
    cpio.add_directory("tmp", 01777);
    cpio.add_host_file("bin/busybox", 0755, unpacked_busybox(architecture));
    for (const std::string& name : applets) {
        if (name != "bin/busybox" && name.find('/') != std::string::npos) {
            cpio.add_symlink(name, "/bin/busybox");
        }
    }
    cpio.add_tree(own_files);
    cpio.finish();
}

} // namespace

std::string path_in_root(const fs::path& cpio, const std::string& name) {
    const std::set<std::string> places{"bin/" + name, "sbin/" + name, "usr/bin/" + name, "usr/sbin/" + name};
    const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
    archive_read_support_format_cpio(reader.get());
    if (archive_read_open_filename(reader.get(), cpio.c_str(), 64 * 1024) != ARCHIVE_OK) {
        return {};
    }
    for (archive_entry* entry = nullptr; archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK;) {
        if (places.contains(archive_entry_pathname(entry))) {
            return std::string("/") + archive_entry_pathname(entry);
        }
    }
    return {};
}

bool root_has(const fs::path& cpio, const std::string& name) {
    return !path_in_root(cpio, name).empty();
}

namespace {

struct Member {
    std::string path;
    std::string target; ///< of a symlink
    std::string bytes;
};

/// The first member that is one of `paths`.
std::optional<Member> find_member(const fs::path& cpio, const std::set<std::string>& paths) {
    const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
    archive_read_support_format_cpio(reader.get());
    if (archive_read_open_filename(reader.get(), cpio.c_str(), 64 * 1024) != ARCHIVE_OK) {
        return std::nullopt;
    }
    for (archive_entry* entry = nullptr; archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK;) {
        if (!paths.contains(archive_entry_pathname(entry))) {
            continue;
        }
        Member member{.path = archive_entry_pathname(entry), .target = {}, .bytes = {}};
        if (const char* target = archive_entry_symlink(entry)) {
            member.target = target;
            return member;
        }
        member.bytes.resize(static_cast<std::size_t>(archive_entry_size(entry)));
        const la_ssize_t count = archive_read_data(reader.get(), member.bytes.data(), member.bytes.size());
        member.bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
        return member;
    }
    return std::nullopt;
}

} // namespace

std::string root_program(const fs::path& cpio, const std::string& name) {
    constexpr int most_links = 8;
    const auto without_slash = [](std::string path) {
        path.erase(0, path.find_first_not_of('/'));
        return path;
    };
    std::set<std::string> paths{without_slash(name)};
    if (!name.contains('/')) {
        paths = {"bin/" + name, "sbin/" + name, "usr/bin/" + name, "usr/sbin/" + name};
    }
    for (int links = 0; links < most_links; links++) {
        auto member = find_member(cpio, paths);
        if (!member) {
            break;
        }
        if (member->target.empty()) {
            return std::move(member->bytes);
        }
        const fs::path target = fs::path("/" + member->path).parent_path() / member->target;
        paths = {without_slash(target.lexically_normal().string())};
    }
    throw Failure(not_found, fmt::format("{}: not found", name));
}

fs::path bundled_root(Isa isa) {
    const std::string_view architecture = debian_name_of(isa);
    const fs::path own_files = source_tree() / "host" / "root";
    const fs::path file = cache_folder() / "root" / fmt::format("{}-{}.cpio", release, architecture);
    if (fs::exists(file) && fs::last_write_time(file) > newest_in(own_files)) {
        return file;
    }
    fs::create_directories(file.parent_path());
    const fs::path unfinished = fmt::format("{}.{}", file.string(), getpid());
    try {
        write_root(unfinished, own_files, architecture);
    } catch (...) {
        fs::remove(unfinished);
        throw;
    }
    fs::rename(unfinished, file);
    return file;
}

} // namespace host
