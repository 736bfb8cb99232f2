// A disk that somebody else wrote, and programs that work on it: patches of an image, then a script of operations.
// Nothing may panic or hang; an image without patches must be a consistent file system afterwards.

#include "../unit/kernel/file/xv6fs_fixture.hpp"
#include "memory/frame.hpp"

namespace {

class Script {
public:
    explicit Script(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    bool is_empty() const { return bytes_.empty(); }
    std::uint8_t take() {
        if (bytes_.empty())
            return 0;
        const std::uint8_t value = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return value;
    }
    std::uint32_t take32() {
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i)
            value = value << 8 | take();
        return value;
    }

private:
    std::span<const std::uint8_t> bytes_;
};

constexpr std::uint32_t blocks = 120, inodes = 40, log_blocks = 16;

/// Mostly where the structures are: superblock, log header, inodes, bitmap, the root's and a map's block.
std::size_t patch_place(std::uint8_t where, std::uint32_t offset) {
    constexpr std::size_t interesting[] = {1, 2, 18, 19, 20, 21, 22, 36, 60};
    return interesting[where % std::size(interesting)] * 1024 + offset % 1024;
}

std::string name_from(Script& script) {
    static const char* const names[] = {"a",      "b", "d",  "d/a",  "d/e",  "d/e/f",          "big",
                                        "README", ".", "..", "d/..", "loop", "14 byte name .", "15 byte name ..",
                                        "/",      ""};
    return names[script.take() % std::size(names)];
}

void operate(file::MountedDisk& fs, Script& script, fake::Disk& disk) {
    const std::uint8_t what = script.take();
    const std::string name = name_from(script);
    switch (what % 16) {
    case 0:
    case 1:
        (void)fs.write_file(name, file::pattern(script.take() * 64u, what), file::open_append);
        break;
    case 2:
        (void)fs.write_file(name, file::pattern(script.take() * 1100u, what));
        break;
    case 3:
    case 4:
        (void)fs.read_file(name);
        break;
    case 5:
        (void)fs.names(name);
        break;
    case 6:
        (void)fs.make_dir(name);
        break;
    case 7:
        (void)fs.remove_dir(name);
        break;
    case 8:
        (void)fs.unlink(name);
        break;
    case 9:
        (void)fs.link(name, name_from(script));
        break;
    case 10:
    case 11:
        (void)fs.rename(name, name_from(script));
        break;
    case 12:
        if (const auto found = file::look_up(fs.walk(), name))
            (void)file::truncate(*found, script.take32() % 300000, fs.who);
        break;
    case 13:
        if (const auto found = file::look_up(fs.walk(), name))
            if (const Ref<memory::MemoryObject> object = found->inode().memory_object())
                if (const auto page = object->page(script.take() % 70, true))
                    memory::release_frame(*page);
        break;
    case 14:
        (void)fs.sync();
        (void)fs.system->usage();
        break;
    default:
        disk.reads_until_failure = what & 16 ? script.take() : -1;
        disk.writes_until_failure = what & 32 ? script.take() : -1;
        break;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const xv6image::Image image = xv6image::make(
        {.blocks = blocks, .inodes = inodes, .log = log_blocks},
        {{"README", file::pattern(2500)}, {"big", file::pattern(15000)}});
    fake::Machine machine;
    Script script({data, size});
    fake::Disk disk(image);
    const unsigned patches = script.take() % 8;
    for (unsigned i = 0; i < patches; ++i) {
        const std::uint8_t where = script.take();
        const std::uint32_t offset = script.take32();
        const std::size_t place = patch_place(where, where & 128 ? offset & ~3u : offset);
        const std::uint32_t value = script.take32();
        std::memcpy(&disk.medium[place], &value, std::min<std::size_t>(offset & 1 ? 4 : 2, disk.medium.size() - place));
    }
    {
        file::MountedDisk fs(disk);
        if (!fs.outcome)
            return 0;
        while (!script.is_empty())
            operate(fs, script, disk);
        disk.reads_until_failure = disk.writes_until_failure = -1;
        (void)fs.sync();
    }
    if (patches == 0) {
        file::MountedDisk again(disk); // what a failure of the disk left behind without a name is freed
        again.outcome.value();
    }
    if (patches == 0 && file::judge(disk.medium) != "")
        __builtin_trap();
    return 0;
}
