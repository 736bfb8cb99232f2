// /dev/null, zero, full, random, urandom, kmsg (mem(4), random(4)).

#include "file/device_file.hpp"
#include "file/random.hpp"
#include "lib/log.hpp"

#include <new>

namespace file {

namespace {

enum Minor : std::uint32_t {
    minor_null = 3,
    minor_zero = 5,
    minor_full = 7,
    minor_random = 8,
    minor_urandom = 9,
    minor_kmsg = 11,
};

template <typename Device>
Result<Ref<OpenFile>> make(const Path& path, std::uint32_t flags) {
    auto* made = new (std::nothrow) Device(flags);
    if (!made)
        return fail(Error::no_memory);
    made->path = path;
    return Ref<OpenFile>::adopt(made);
}

std::size_t swallow(Source& from) {
    std::size_t bytes = from.remaining();
    from.skip(bytes);
    return bytes;
}

class NullFile final : public OpenFile {
public:
    explicit NullFile(std::uint32_t flags) : OpenFile(Positioning::ignored, flags) {}

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink&) override { return std::size_t{0}; }
    Result<std::size_t> do_write(std::uint64_t&, Source& from) override { return swallow(from); }
};

/// Zeros without end. Reads stop when the thread is to do something else, so a huge one can be interrupted.
Result<std::size_t> read_zeros(Sink& to) {
    constexpr std::size_t step = 64 * 1024;
    std::size_t done = to.put_zeros(step);
    while (to.remaining() && !to.faulted() && !thread::interrupted())
        done += to.put_zeros(step);
    if (done == 0 && to.faulted())
        return fail(Error::bad_address);
    return done;
}

class ZeroFile final : public OpenFile {
public:
    explicit ZeroFile(std::uint32_t flags) : OpenFile(Positioning::ignored, flags) {}
    Ref<memory::MemoryObject> memory_object() override { return {}; }

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink& to) override { return read_zeros(to); }
    Result<std::size_t> do_write(std::uint64_t&, Source& from) override { return swallow(from); }
};

class FullFile final : public OpenFile {
public:
    explicit FullFile(std::uint32_t flags) : OpenFile(Positioning::ignored, flags) {}

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink& to) override { return read_zeros(to); }
    Result<std::size_t> do_write(std::uint64_t&, Source&) override { return fail(Error::no_space); }
};

class RandomFile final : public OpenFile {
public:
    explicit RandomFile(std::uint32_t flags) : OpenFile(Positioning::ignored, flags) {}

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink& to) override { return put_random(to); }
    /// What is written is mixed in.
    Result<std::size_t> do_write(std::uint64_t&, Source& from) override {
        std::size_t done = 0;
        while (from.remaining() && !from.faulted() && !thread::interrupted()) {
            std::uint64_t words[8] = {};
            done += from.take(words, sizeof words);
            add_entropy(words);
        }
        if (done == 0 && from.faulted())
            return fail(Error::bad_address);
        return done;
    }
};

/// Writing puts a line into the kernel log. Reading is not offered.
class LogFile final : public OpenFile {
public:
    explicit LogFile(std::uint32_t flags) : OpenFile(Positioning::ignored, flags) {}

protected:
    Result<std::size_t> do_write(std::uint64_t&, Source& from) override {
        char line[256];
        std::size_t total = from.remaining();
        std::size_t length = from.take(line, sizeof line);
        if (length == 0 && from.faulted())
            return fail(Error::bad_address);
        from.skip(from.remaining());
        while (length > 0 && line[length - 1] == '\n')
            --length;
        klog::info("user: {}", std::string_view(line, length));
        return total;
    }
};

Result<Ref<OpenFile>> open_memory_device(DeviceNumber number, const Path& path, std::uint32_t flags) {
    switch (number.minor) {
    case minor_null:
        return make<NullFile>(path, flags);
    case minor_zero:
        return make<ZeroFile>(path, flags);
    case minor_full:
        return make<FullFile>(path, flags);
    case minor_random:
    case minor_urandom:
        return make<RandomFile>(path, flags);
    case minor_kmsg:
        return make<LogFile>(path, flags);
    default:
        return fail(Error::no_device);
    }
}

constinit DeviceKind memory_devices{.major = 1, .first_minor = 0, .minors = 16, .open = open_memory_device};

} // namespace

void register_memory_devices() {
    register_device(memory_devices);
}

} // namespace file
