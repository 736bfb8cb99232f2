#include "file/procfs.hpp"

#include "file/open_file.hpp"
#include "file/procfs/node.hpp"

#include <cstring>
#include <new>

namespace file {

namespace proc {

namespace {

class ProcFileSystem final : public FileSystem {
public:
    ProcFileSystem() : FileSystem("proc", false) {}
    Result<Ref<Inode>> make_root() override;
    FileSystemUsage usage() override {
        constexpr std::uint64_t magic = 0x9fa0; // as statfs(2) lists it
        FileSystemUsage usage;
        usage.kind = magic;
        return usage;
    }
};

constexpr Node root_node{.name = "", .type = Type::directory, .mode = 0555, .listing = Node::Listing::processes};
constexpr Node process_node{.name = "", .type = Type::directory, .mode = 0555};
constexpr Node thread_node{.name = "", .type = Type::directory, .mode = 0555};

/// The rows of a directory; those of the three roots come from functions.
std::span<const Node> children_of(const Node& node) {
    if (&node == &root_node)
        return system_nodes();
    if (&node == &process_node)
        return process_nodes();
    if (&node == &thread_node)
        return thread_nodes();
    return node.children;
}

/// Numbers that stay the same for the same file: the subject and the row's place in memory.
std::uint64_t number_of(const Node& node, const Subject& of) {
    auto row = reinterpret_cast<std::uintptr_t>(&node) / alignof(Node);
    auto subject = static_cast<std::uint64_t>(of.process) << 40 | static_cast<std::uint64_t>(of.thread) << 52
                   | static_cast<std::uint64_t>(of.descriptor + 1) << 24;
    return (&node == &root_node ? 1 : (row & 0xffffff)) ^ subject;
}

class ProcInode final : public Inode {
public:
    ProcInode(FileSystem& file_system, const Node& node, const Subject& of)
        : Inode(file_system, node.type, number_of(node, of)), node_(node), of_(of) {
        SpinlockGuard guard(attribute_lock_);
        attributes_.mode = node.mode;
        attributes_.links = node.type == Type::directory ? 2 : 1;
        attributes_.accessed = attributes_.modified = attributes_.changed = attributes_.created = wall_clock();
    }

    static Result<Ref<Inode>> make(FileSystem& file_system, const Node& node, const Subject& of) {
        auto* made = new (std::nothrow) ProcInode(file_system, node, of);
        if (!made)
            return fail(Error::no_memory);
        return Ref<Inode>::adopt(made);
    }

    Attributes attributes() const override;
    Result<> change(const AttributeChange&) override { return fail(Error::not_permitted); }
    Result<Ref<OpenFile>> open(const Path& path, std::uint32_t flags) override;
    Result<> truncate(std::uint64_t) override { return {}; }
    Result<std::size_t> read_link(std::span<char> to) override;
    Result<Path> follow() override;
    Result<Ref<Inode>> look_up(std::string_view name) override;
    Result<Ref<Inode>> create(std::string_view, const NewFile&) override { return fail(Error::not_found); }
    Result<bool> list(std::uint64_t position, DirectoryItem& item) override;

private:
    Result<Ref<Inode>> look_up_number(std::uint32_t number);
    Result<bool> list_numbers(std::uint64_t from, DirectoryItem& item, std::uint64_t base);

    const Node& node_;
    const Subject of_;
};

Result<Ref<Inode>> ProcFileSystem::make_root() {
    return ProcInode::make(*this, root_node, {});
}

/// An open text file. The contents are made at the first read at offset 0 and kept for the reads behind it.
class TextFile final : public OpenFile {
public:
    TextFile(const Node& node, const Subject& of, std::uint32_t flags)
        : OpenFile(Positioning::seekable, flags), node_(node), of_(of) {}

protected:
    Result<std::size_t> do_read(std::uint64_t offset, Sink& to) override {
        if (!node_.text)
            return fail(Error::invalid_argument);
        thread::MutexGuard guard(text_lock_);
        if (offset == 0 || !made_) {
            text_.clear();
            TRY(node_.text(text_, of_));
            if (text_.failed())
                return fail(Error::no_memory);
            made_ = true;
        }
        std::string_view text = text_.view();
        if (offset >= text.size())
            return std::size_t{0};
        std::size_t wanted = text.size() - offset;
        std::size_t done = to.put(text.data() + offset, wanted);
        if (done == 0 && to.faulted())
            return fail(Error::bad_address);
        return done;
    }
    Result<std::size_t> do_write(std::uint64_t&, Source& from) override {
        char text[256];
        std::size_t total = from.remaining();
        if (!node_.store || total > sizeof text)
            return fail(Error::invalid_argument);
        std::size_t length = from.take(text, sizeof text);
        if (from.faulted())
            return fail(Error::bad_address);
        TRY(node_.store({text, length}, of_));
        return total;
    }

private:
    const Node& node_;
    const Subject of_;
    thread::Mutex text_lock_;
    Text text_ GUARDED_BY(text_lock_);
    bool made_ GUARDED_BY(text_lock_) = false;
};

Attributes ProcInode::attributes() const {
    Attributes result = Inode::attributes();
    if (of_.process == 0)
        return result;
    if (of_.descriptor >= 0)
        result.mode = descriptor_link_mode(of_);
    if (auto process = process::find_process(of_.process)) {
        process::Credentials credentials = process->credentials_of();
        result.user = credentials.effective_user;
        result.group = credentials.effective_group;
    }
    return result;
}

Result<Ref<OpenFile>> ProcInode::open(const Path& path, std::uint32_t flags) {
    if (type() != Type::regular)
        return Inode::open(path, flags);
    if ((flags & open_write) && !node_.store)
        return fail(Error::access_denied);
    auto* made = new (std::nothrow) TextFile(node_, of_, flags);
    if (!made)
        return fail(Error::no_memory);
    made->path = path;
    return Ref<OpenFile>::adopt(made);
}

Result<std::size_t> ProcInode::read_link(std::span<char> to) {
    if (!node_.link)
        return fail(Error::invalid_argument);
    Text text;
    TRY(node_.link(text, of_));
    std::size_t length = text.view().size() < to.size() ? text.view().size() : to.size();
    std::memcpy(to.data(), text.view().data(), length);
    return length;
}

Result<Path> ProcInode::follow() {
    return node_.object ? node_.object(of_) : fail(Error::not_supported);
}

// Directories. Positions: 2 + row for the fixed names, then first_number + number.

constexpr std::uint64_t first_number = 1024;

std::optional<std::uint32_t> to_number(std::string_view name) {
    if (name.empty() || name.size() > 9 || (name.size() > 1 && name[0] == '0'))
        return {};
    std::uint32_t value = 0;
    for (char digit : name) {
        if (digit < '0' || digit > '9')
            return {};
        value = value * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    return value;
}

Result<Ref<Inode>> ProcInode::look_up(std::string_view name) {
    if (of_.process != 0)
        (void)TRY(of_.find());
    for (const Node& node : children_of(node_))
        if (node.name == name)
            return make(file_system(), node, of_);
    if (node_.listing != Node::Listing::none)
        if (auto number = to_number(name))
            return look_up_number(*number);
    return fail(Error::not_found);
}

Result<Ref<Inode>> ProcInode::look_up_number(std::uint32_t number) {
    auto id = static_cast<process::Id>(number);
    if (node_.listing == Node::Listing::processes) {
        if (!process::find_process(id))
            return fail(Error::not_found);
        return make(file_system(), process_node, {.process = id});
    }
    Ref<process::Process> process = TRY(of_.find());
    if (node_.listing == Node::Listing::threads) {
        auto thread = process::find_thread(id);
        if (!thread || thread->process != process.get())
            return fail(Error::not_found);
        return make(file_system(), thread_node, {.process = of_.process, .thread = id});
    }
    auto files = process->files_of();
    if (!files || !files->get(id))
        return fail(Error::not_found);
    return make(file_system(), descriptor_node, {.process = of_.process, .thread = of_.thread, .descriptor = id});
}

Result<bool> ProcInode::list(std::uint64_t position, DirectoryItem& item) {
    std::span<const Node> nodes = children_of(node_);
    if (position - 2 < nodes.size()) {
        const Node& node = nodes[position - 2];
        item.set_name(node.name);
        item.number = number_of(node, of_);
        item.type = node.type;
        item.next = position + 1;
        return true;
    }
    if (node_.listing == Node::Listing::none)
        return false;
    return list_numbers(position < first_number ? 0 : position - first_number, item, first_number);
}

Result<bool> ProcInode::list_numbers(std::uint64_t from, DirectoryItem& item, std::uint64_t base) {
    auto start = static_cast<process::Id>(from);
    process::Id found = -1;
    item.type = Type::directory;
    if (node_.listing == Node::Listing::processes) {
        if (auto process = process::next_process(start))
            found = process->id;
    } else {
        Ref<process::Process> process = TRY(of_.find());
        if (node_.listing == Node::Listing::threads) {
            if (auto thread = process::next_thread(*process, start))
                found = static_cast<process::Id>(thread->id);
        } else if (auto files = process->files_of()) {
            found = files->next_open(static_cast<std::uint32_t>(from));
            item.type = Type::symlink;
        }
    }
    if (found < 0)
        return false;
    char name[16];
    item.set_name({name, format::print(name, "{}", found)});
    item.number = base + static_cast<std::uint64_t>(found);
    item.next = base + static_cast<std::uint64_t>(found) + 1;
    return true;
}

} // namespace

Result<Ref<process::Process>> Subject::find() const {
    auto found = process::find_process(process);
    if (!found)
        return fail(Error::no_process);
    return found;
}

} // namespace proc

Result<Ref<FileSystem>> create_procfs() {
    auto* made = new (std::nothrow) proc::ProcFileSystem;
    if (!made)
        return fail(Error::no_memory);
    return Ref<FileSystem>::adopt(made);
}

} // namespace file
