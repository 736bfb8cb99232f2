// Names and paths: a script of operations on a small tree. Nothing may crash, and afterwards all can be taken away.

#include "fake/machine.hpp"
#include "file/operations.hpp"
#include "file/ramfs.hpp"

#include <cstdlib>
#include <string_view>

namespace {

using namespace file;

/// Words of the script, up to a newline each; short ones, so that names meet again.
class Script {
public:
    Script(const std::uint8_t* data, std::size_t size) : text_(reinterpret_cast<const char*>(data), size) {}
    bool empty() const { return text_.empty(); }
    char letter() {
        char c = text_.empty() ? '\0' : text_.front();
        text_.remove_prefix(text_.empty() ? 0 : 1);
        return c;
    }
    std::string_view word() {
        std::string_view word = text_.substr(0, text_.find('\n'));
        text_.remove_prefix(word.size() < text_.size() ? word.size() + 1 : word.size());
        return word.substr(0, word.find('\0'));
    }

private:
    std::string_view text_;
};

void step(Script& script, const Walk& walk, WorkingDirectory& place) {
    char action = script.letter();
    std::string_view path = script.word();
    switch (action) {
    case 'd':
        (void)make_directory(walk, path, 0777);
        break;
    case 'f':
        (void)open(walk, path, open_read | open_write | open_create, 0666);
        break;
    case 's':
        (void)make_symlink(walk, script.word(), path);
        break;
    case 'l':
        if (auto from = look_up(walk, script.word()))
            (void)make_link(*from, walk, path);
        break;
    case 'u':
        (void)unlink(walk, path);
        break;
    case 'r':
        (void)remove_directory(walk, path);
        break;
    case 'm':
        (void)rename(walk, path, walk, script.word(), RenameMode::replace);
        break;
    case 'x':
        (void)rename(walk, path, walk, script.word(), RenameMode::exchange);
        break;
    case 'c':
        if (auto found = look_up_directory(walk, path))
            place.set_current(*found);
        break;
    default: {
        char buffer[256];
        if (auto found = look_up(walk, path))
            (void)absolute_name(*found, walk.place.root(), buffer);
    }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fake::Machine machine(4 << 20);
    auto file_system = *RamFileSystem::create("tmpfs", 0755, 16);
    auto top = *Entry::create({}, "", *file_system->make_root());
    auto mounted = Ref<Mount>::adopt(new Mount(file_system, top, 0));
    auto place = *WorkingDirectory::create({mounted, top}, {mounted, top}, 0);
    Identity who{};
    Walk walk{.place = *place, .start = nullptr, .who = who};
    for (Script script(data, size); !script.empty();)
        step(script, walk, *place);
    place->set_current({mounted, top});
    {
        thread::MutexGuard guard(tree_lock());
        top->clear();
    }
    // All inodes but the root's are gone with their names.
    if (file_system->inode_count.load() != 1)
        std::abort();
    return 0;
}
