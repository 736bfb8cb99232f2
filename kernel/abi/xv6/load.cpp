#include "abi/xv6/load.hpp"

#include "abi/xv6/convention.hpp"
#include "abi/xv6/limits.hpp"
#include "file/tree.hpp"
#include "memory/address_space.hpp"
#include "process/exec.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace abi::xv6 {
namespace {

using process::ElfImage;
using process::ElfSegment;
using Word = std::uint64_t;

constexpr unsigned convention_certainty = 50;

/// Address 0 is an address like any other; nothing is ever placed by the kernel.
constexpr memory::Layout layout{.lowest = 0, .search_down = false, .search_start = max_process_bytes};

/// Room for what is on its way from the file or onto the stack: too much for the kernel's stack.
struct Buffers {
    std::array<std::byte, page_size> page{};
    std::array<char, stack_bytes> strings{};
};

/// Zeroed memory with the segment's rights. As in xv6, readable always.
Result<> map_pages(memory::AddressSpace& space, std::uintptr_t start, std::uintptr_t end, PageRights rights) {
    if (end > max_process_bytes)
        return fail(Error::no_memory);
    TRY(space.map(
        {.address = start, .bytes = end - start, .rights = rights, .placement = memory::Placement::fixed_free}));
    return {};
}

/// The file's bytes are copied, not mapped: offsets are not aligned to pages in all programs, and a program's file may
/// be written or removed while it runs.
Result<> copy_file(process::ExecRequest& request, const ElfSegment& segment, std::span<std::byte> buffer) {
    for (std::uint64_t done = 0; done < segment.file_bytes;) {
        const std::size_t bytes = std::min<std::uint64_t>(segment.file_bytes - done, buffer.size());
        const std::size_t got =
            TRY(file::read_kernel(request.executable.inode(), segment.offset + done, buffer.first(bytes)));
        if (got != bytes)
            return fail(Error::bad_executable);
        TRY(request.address_space->write_foreign(segment.address + done, buffer.first(bytes)));
        done += bytes;
    }
    return {};
}

Result<> load_segment(process::ExecRequest& request, const ElfSegment& segment, std::span<std::byte> buffer) {
    if (segment.address % page_size != 0)
        return fail(Error::bad_executable);
    memory::AddressSpace& space = *request.address_space;
    const std::uintptr_t end = align_up(segment.address + segment.memory_bytes, page_size);
    const PageRights final_rights{.read = true, .write = segment.write, .execute = segment.execute, .user = true};
    // Written first: instruction caches are made to see the bytes when the right to execute comes.
    TRY(map_pages(space, segment.address, end, {.read = true, .write = true, .user = true}));
    TRY(copy_file(request, segment, buffer));
    return space.protect(segment.address, end - segment.address, final_rights);
}

/// The one page of stack, in kernel memory: strings from the top down, each at a multiple of 16, then argv.
class StackPage {
public:
    StackPage(Buffers& buffers, std::uintptr_t top) : buffers_(buffers), base_(top - stack_bytes) {}

    /// Returns the stack pointer, which is argv's address. Errors: too_big.
    Result<std::uintptr_t> build(const process::ArgumentBlock& arguments) {
        if (arguments.bytes() > stack_bytes || arguments.count() > max_arguments)
            return fail(Error::too_big);
        std::size_t copied = 0;
        TRY(arguments.for_each_run([&](std::span<const std::byte> run) -> Result<> {
            std::memcpy(buffers_.strings.data() + copied, run.data(), run.size());
            copied += run.size();
            return {};
        }));
        buffers_.page = {};
        std::array<Word, max_arguments + 1> vector{};
        const char* next = buffers_.strings.data();
        for (std::size_t i = 0; i < arguments.count(); ++i) {
            const std::size_t bytes = std::strlen(next) + 1;
            vector[i] = TRY(push(next, bytes));
            next += bytes;
        }
        return push(vector.data(), (arguments.count() + 1) * sizeof(Word));
    }

private:
    Result<Word> push(const void* from, std::size_t bytes) {
        if (bytes > used_from_)
            return fail(Error::too_big);
        used_from_ = align_down(used_from_ - bytes, 16);
        std::memcpy(buffers_.page.data() + used_from_, from, bytes);
        return base_ + used_from_;
    }

    Buffers& buffers_;
    std::uintptr_t base_;
    std::size_t used_from_ = stack_bytes;
};

Result<> load_with(process::ExecRequest& request, Buffers& buffers) {
    const ElfImage& image = request.image;
    if (image.type() != ElfImage::Type::executable || image.highest() > max_process_bytes)
        return fail(Error::bad_executable);
    request.address_space = TRY(memory::AddressSpace::create(request.entry_mode, layout));
    memory::AddressSpace& space = *request.address_space;
    for (const ElfSegment& segment : image.segments())
        if (segment.kind == ElfSegment::Kind::load && segment.memory_bytes != 0)
            TRY(load_segment(request, segment, buffers.page));

    const std::uintptr_t guard = image.highest(), top = guard + page_size + stack_bytes;
    TRY(map_pages(space, top - stack_bytes, top, {.read = true, .write = true, .user = true}));
    const std::uintptr_t vector = TRY(StackPage(buffers, top).build(request.arguments));
    TRY(space.write_foreign(top - stack_bytes, buffers.page));
    space.break_limit = max_process_bytes;
    space.initialise_break(0, top);

    arch::initialise_user_frame(request.frame, image.entry(), vector - isa::entry_offset);
    request.frame[isa::count_register] = request.arguments.count();
    request.frame[isa::vector_register] = vector;
    return {};
}

/// The file is not needed any more: it may be written and removed while its program runs.
void let_file_go(process::ExecRequest& request) {
    if (request.holds_execution)
        request.executable.inode().end_execution();
    request.holds_execution = false;
    request.executable = {};
}

} // namespace

unsigned recognise(const ElfImage& image) {
    constexpr std::uint8_t os_abi_none = 0;
    constexpr std::uint32_t note_abi_tag = 1;
    const bool ours = image.type() == ElfImage::Type::executable && image.os_abi() == os_abi_none
                      && image.interpreter().empty() && image.lowest() == 0 && !image.has_note("GNU", note_abi_tag);
    return ours ? convention_certainty : 0;
}

Result<> load(process::ExecRequest& request) {
    auto* buffers = new (std::nothrow) Buffers;
    if (!buffers)
        return fail(Error::no_memory);
    const Result<> done = load_with(request, *buffers);
    delete buffers;
    if (done)
        let_file_go(request);
    return done;
}

} // namespace abi::xv6
