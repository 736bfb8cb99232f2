#include "file/devfs.hpp"

#include "file/device_file.hpp"
#include "file/disk_file.hpp"
#include "file/operations.hpp"
#include "file/ramfs.hpp"
#include "terminal/device.hpp"

namespace file {

namespace {

struct Node {
    std::string_view path;
    Mode mode;
    DeviceNumber number;
};

// Numbers as Linux's admin-guide/devices.txt assigns them; programs look at some of them.
constexpr Node nodes[] = {
    {"dev/null", 0666, {1, 3}},   {"dev/zero", 0666, {1, 5}},    {"dev/full", 0666, {1, 7}},
    {"dev/random", 0666, {1, 8}}, {"dev/urandom", 0666, {1, 9}}, {"dev/kmsg", 0644, {1, 11}},
    {"dev/tty", 0666, {5, 0}},    {"dev/console", 0600, {5, 1}}, {"dev/ptmx", 0666, {5, 2}},
    {"dev/ttyS0", 0620, {4, 64}},
};

struct Link {
    std::string_view path;
    std::string_view target;
};

constexpr Link links[] = {
    {"dev/fd", "/proc/self/fd"},
    {"dev/stdin", "/proc/self/fd/0"},
    {"dev/stdout", "/proc/self/fd/1"},
    {"dev/stderr", "/proc/self/fd/2"},
};

constexpr std::uint64_t page_limit = 4096; // what somebody may store in /dev by mistake

Path mounted;

} // namespace

Path devfs_root() {
    return mounted;
}

Result<Ref<FileSystem>> create_devfs() {
    return Ref<FileSystem>(TRY(RamFileSystem::create("devtmpfs", 0755, page_limit)));
}

Result<> fill_devfs(const Walk& walk) {
    register_memory_devices();
    terminal::register_devices();
    for (const Node& node : nodes)
        TRY(make_node(walk, node.path, Type::character_device, node.mode, node.number));
    for (const Link& link : links)
        TRY(make_symlink(walk, link.target, link.path));
    TRY(make_disk_nodes(walk));
    TRY(make_directory(walk, "dev/pts", 0755));
    TRY(make_directory(walk, "dev/shm", 01777));
    mounted = TRY(look_up_directory(walk, "dev"));
    return {};
}

} // namespace file
