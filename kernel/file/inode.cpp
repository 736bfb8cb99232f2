#include "file/inode.hpp"

#include "file/device_file.hpp"
#include "file/directory_file.hpp"
#include "file/open_file.hpp"
#include "file/pipe.hpp"
#include "file/regular_file.hpp"

#include <cstring>

namespace file {

namespace {

std::atomic<std::uint32_t> next_minor{1};

} // namespace

FileSystem::FileSystem(const char* type_name, bool keeps_entries)
    : type_name_(type_name), keeps_entries_(keeps_entries), device_{0, next_minor.fetch_add(1)} {}

void DirectoryItem::set_name(std::string_view from) {
    length = from.size() < longest_name ? from.size() : longest_name;
    std::memcpy(name, from.data(), length);
    name[length] = 0;
}

Inode::Inode(FileSystem& file_system, Type type, std::uint64_t number)
    : file_system_(Ref<FileSystem>::share(&file_system)), type_(type), number_(number) {
    attributes_.type = type;
    attributes_.number = number;
    attributes_.file_system = file_system.device();
}

Inode::~Inode() = default;

Attributes Inode::attributes() const {
    SpinlockGuard guard(attribute_lock_);
    return attributes_;
}

Result<> Inode::change(const AttributeChange& change) {
    SpinlockGuard guard(attribute_lock_);
    if (change.set_mode)
        attributes_.mode = change.mode;
    if (change.set_user)
        attributes_.user = change.user;
    if (change.set_group)
        attributes_.group = change.group;
    if (change.set_accessed)
        attributes_.accessed = change.accessed;
    if (change.set_modified)
        attributes_.modified = change.modified;
    attributes_.changed = wall_clock();
    return {};
}

Result<Ref<OpenFile>> Inode::open(const Path& path, std::uint32_t flags) {
    switch (type_) {
    case Type::regular:
        return RegularFile::create(*this, path, flags);
    case Type::directory:
        return DirectoryFile::create(path, flags);
    case Type::fifo:
        return open_fifo(*this, path, flags);
    case Type::character_device:
    case Type::block_device:
        return open_device(*this, path, flags);
    case Type::symlink:
        return fail(Error::too_many_links);
    default:
        return fail(Error::no_device);
    }
}

Result<std::size_t> Inode::read(std::uint64_t, Sink&) {
    return fail(type_ == Type::directory ? Error::is_directory : Error::invalid_argument);
}

Result<std::size_t> Inode::write(std::uint64_t&, Source&, bool) {
    return fail(type_ == Type::directory ? Error::is_directory : Error::invalid_argument);
}

Result<> Inode::truncate(std::uint64_t) {
    return fail(type_ == Type::directory ? Error::is_directory : Error::invalid_argument);
}

Result<> Inode::allocate(std::uint64_t, std::uint64_t, bool) {
    return fail(Error::not_supported);
}

Result<> Inode::punch_hole(std::uint64_t, std::uint64_t) {
    return fail(Error::not_supported);
}

Result<std::uint64_t> Inode::find_data(std::uint64_t offset, bool hole) {
    std::uint64_t size = attributes().size;
    if (offset >= size)
        return fail(Error::out_of_range);
    return hole ? size : offset;
}

Result<std::size_t> Inode::read_link(std::span<char>) {
    return fail(Error::invalid_argument);
}

Result<Path> Inode::follow() {
    return fail(Error::not_supported);
}

Result<Ref<Inode>> Inode::look_up(std::string_view) {
    return fail(Error::not_found);
}

Result<Ref<Inode>> Inode::create(std::string_view, const NewFile&) {
    return fail(Error::not_permitted);
}

Result<Ref<Inode>> Inode::create_unnamed(const NewFile&) {
    return fail(Error::not_supported);
}

Result<> Inode::link(std::string_view, Inode&) {
    return fail(Error::not_permitted);
}

Result<> Inode::remove(std::string_view, Inode&) {
    return fail(Error::not_permitted);
}

Result<> Inode::rename(std::string_view, Inode&, Inode&, std::string_view, Inode*) {
    return fail(Error::not_permitted);
}

Result<bool> Inode::list(std::uint64_t, DirectoryItem&) {
    return false;
}

Result<> Inode::begin_write_access() {
    std::int32_t count = writers_.load(std::memory_order_relaxed);
    do {
        if (count < 0)
            return fail(Error::text_busy);
    } while (!writers_.compare_exchange_weak(count, count + 1, std::memory_order_acquire));
    return {};
}

void Inode::end_write_access() {
    writers_.fetch_sub(1, std::memory_order_release);
}

Result<> Inode::begin_execution() {
    std::int32_t count = writers_.load(std::memory_order_relaxed);
    do {
        if (count > 0)
            return fail(Error::text_busy);
    } while (!writers_.compare_exchange_weak(count, count - 1, std::memory_order_acquire));
    return {};
}

void Inode::end_execution() {
    writers_.fetch_add(1, std::memory_order_release);
}

void Inode::touch_accessed() {
    Timestamp now = wall_clock();
    SpinlockGuard guard(attribute_lock_);
    attributes_.accessed = now;
}

void Inode::touch_modified() {
    Timestamp now = wall_clock();
    SpinlockGuard guard(attribute_lock_);
    attributes_.modified = now;
    attributes_.changed = now;
}

void Inode::add_links(int difference) {
    Timestamp now = wall_clock();
    SpinlockGuard guard(attribute_lock_);
    attributes_.links = static_cast<std::uint32_t>(static_cast<int>(attributes_.links) + difference);
    attributes_.changed = now;
}

std::uint32_t Inode::links() const {
    SpinlockGuard guard(attribute_lock_);
    return attributes_.links;
}

Result<std::size_t> read_kernel(Inode& inode, std::uint64_t offset, std::span<std::byte> to) {
    Sink sink(to);
    std::size_t done = 0;
    while (sink.remaining()) {
        std::size_t n = TRY(inode.read(offset + done, sink));
        if (n == 0)
            break;
        done += n;
    }
    return done;
}

} // namespace file
