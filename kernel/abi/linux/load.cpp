#include "abi/linux/load.hpp"

#include "abi/linux/program_stack.hpp"
#include "abi/linux/signal_return_page.hpp"
#include "file/tree.hpp"
#include "memory/address_space.hpp"
#include "process/exec.hpp"

#include <algorithm>
#include <arch/frame.hpp>
#include <array>
#include <linux_isa/program.hpp>

namespace abi::linux {
namespace {

using memory::MapRequest;
using memory::Placement;
using process::ElfImage;
using process::ElfSegment;

constexpr std::uint8_t os_abi_system_v = 0, os_abi_linux = 3;
constexpr std::uint32_t note_abi_tag = 1; // NT_GNU_ABI_TAG

/// Room that is kept free below the stack's limit, and the bounds of it (mmap(2) areas start below).
constexpr std::uint64_t stack_guard = 1u << 20;
constexpr std::uint64_t least_gap = 128u << 20;

memory::Layout layout_for(std::uint64_t stack_limit) {
    const std::uint64_t most = arch::user_top / 6 * 5;
    const std::uint64_t gap = std::clamp(stack_limit, least_gap, most) + stack_guard;
    return {.search_down = true, .search_start = align_down(arch::user_top - gap, page_size)};
}

PageRights rights_of(const ElfSegment& segment) {
    return {.read = segment.read, .write = segment.write, .execute = segment.execute, .user = true};
}

/// Zeros from `start` to the end of its page.
Result<> clear_page_tail(memory::AddressSpace& space, std::uintptr_t start) {
    constexpr std::array<std::byte, 256> zeros{};
    for (std::uintptr_t end = align_up(start, page_size); start < end;) {
        const std::size_t bytes = std::min<std::size_t>(end - start, zeros.size());
        TRY(space.write_foreign(start, std::span(zeros).first(bytes)));
        start += bytes;
    }
    return {};
}

/// One PT_LOAD segment: file pages, the zeroed rest of the last one, anonymous pages behind.
Result<> map_segment(memory::AddressSpace& space, file::Inode& inode, const ElfSegment& segment, std::uint64_t bias) {
    const std::uintptr_t address = segment.address + bias;
    const std::uintptr_t start = align_down(address, page_size);
    const std::uintptr_t file_end = address + segment.file_bytes;
    const std::uintptr_t file_pages_end = segment.file_bytes == 0 ? start : align_up(file_end, page_size);
    const std::uintptr_t end = align_up(address + segment.memory_bytes, page_size);
    if (file_pages_end > start) {
        Ref<memory::MemoryObject> object = inode.memory_object();
        if (!object)
            return fail(Error::not_executable);
        MapRequest request{
            .address = start,
            .bytes = file_pages_end - start,
            .rights = rights_of(segment),
            .placement = Placement::fixed,
        };
        request.object = std::move(object);
        request.offset = align_down(segment.offset, page_size);
        TRY(space.map(request));
        if (segment.memory_bytes > segment.file_bytes && segment.write)
            TRY(clear_page_tail(space, file_end));
    }
    if (end > file_pages_end)
        TRY(space.map({
            .address = file_pages_end,
            .bytes = end - file_pages_end,
            .rights = rights_of(segment),
            .placement = Placement::fixed,
        }));
    return {};
}

/// A gap for the whole image at or near `wanted` (0: anywhere). Returns the bias of its addresses.
Result<std::uint64_t> find_bias(memory::AddressSpace& space, const ElfImage& image, std::uintptr_t wanted) {
    const std::uint64_t bytes = image.highest() - image.lowest();
    const std::uint64_t slack = image.alignment() - page_size;
    if (bytes == 0 || bytes + slack < bytes)
        return fail(Error::bad_executable);
    // The gap is mapped as a whole, then the segments are put into it.
    const std::uintptr_t hint = align_up(wanted, image.alignment());
    const std::uintptr_t found = TRY(space.map({
        .address = hint,
        .bytes = bytes + slack,
        .rights = {.user = true},
        .no_reserve = true,
    }));
    TRY(space.unmap(found, bytes + slack));
    return align_up(found, image.alignment()) - image.lowest();
}

/// Maps all of an image. Returns the bias.
Result<std::uint64_t>
map_image(memory::AddressSpace& space, file::Inode& inode, const ElfImage& image, std::uintptr_t wanted) {
    if (!image.is_mappable())
        return fail(Error::bad_executable);
    std::uint64_t bias = 0;
    if (image.type() == ElfImage::Type::shared)
        bias = TRY(find_bias(space, image, wanted));
    for (const ElfSegment& segment : image.segments())
        if (segment.kind == ElfSegment::Kind::load && segment.memory_bytes != 0)
            TRY(map_segment(space, inode, segment, bias));
    return bias;
}

/// Where the interpreter (the dynamic linker) lies.
struct Interpreter {
    std::uint64_t base = 0, entry = 0;
};

Result<Interpreter> map_interpreter(memory::AddressSpace& space, std::string_view path) {
    const file::Path executable = TRY(process::find_executable(path));
    ElfImage* image = new (std::nothrow) ElfImage;
    if (!image)
        return fail(Error::no_memory);
    Result<Interpreter> result = [&]() -> Result<Interpreter> {
        TRY(process::read_image(executable.inode(), *image));
        const std::uint64_t bias = TRY(map_image(space, executable.inode(), *image, 0));
        return Interpreter{.base = image->lowest() + bias, .entry = image->entry() + bias};
    }();
    delete image;
    return result;
}

} // namespace

unsigned recognise(const ElfImage& image) {
    if (image.os_abi() == os_abi_linux || image.has_note("GNU", note_abi_tag))
        return 100;
    if (image.os_abi() != os_abi_system_v)
        return 0;
    if (image.interpreter().starts_with("/lib/ld-") || image.interpreter().starts_with("/lib64/ld-"))
        return 80;
    return 10;
}

Result<> load(process::ExecRequest& request) {
    const ElfImage& image = request.image;
    request.address_space = TRY(memory::AddressSpace::create(request.entry_mode, layout_for(request.stack_limit)));
    memory::AddressSpace& space = *request.address_space;
    space.stack_limit = request.stack_limit;
    ProgramStart start;
    const std::uint64_t bias = TRY(map_image(space, request.executable.inode(), image, isa::program_base));
    start.entry = start.program_entry = image.entry() + bias;
    start.headers = image.headers_address() == 0 ? 0 : image.headers_address() + bias;
    start.header_count = image.header_count();
    if (!image.interpreter().empty()) {
        const Interpreter interpreter = TRY(map_interpreter(space, image.interpreter()));
        start.interpreter_base = interpreter.base;
        start.entry = interpreter.entry;
    }
    request.support_code = TRY(map_signal_return_page(space));
    space.initialise_break(image.highest() + bias);
    const std::uintptr_t stack_pointer = TRY(build_stack(request, start));
    arch::initialise_user_frame(request.frame, start.entry, stack_pointer);
    return {};
}

} // namespace abi::linux
