#include "abi/rtthread/segments.hpp"

#include "file/inode.hpp"
#include "memory/address_space.hpp"
#include "memory/frame.hpp"

#include <algorithm>
#include <array>

namespace abi::rtthread {
namespace {

using process::ElfSegment;

PageRights rights_of(const ElfSegment& segment) {
    return {.read = true, .write = segment.write, .execute = segment.execute, .user = true};
}

/// Zeros from `start` to the end of its page.
Result<> clear_page_tail(memory::AddressSpace& space, std::uintptr_t start) {
    constexpr std::array<std::byte, 256> zeros{};
    for (const std::uintptr_t end = align_up(start, page_size); start < end;) {
        const std::size_t bytes = std::min(end - start, zeros.size());
        TRY(space.write_foreign(start, std::span(zeros).first(bytes)));
        start += bytes;
    }
    return {};
}

/// The segment's bytes in pages of their own, as they are to lie in memory.
Result<Ref<memory::MemoryObject>> copy_segment(file::Inode& inode, const ElfSegment& segment) {
    const std::size_t skew = segment.address % page_size;
    Ref<memory::MemoryObject> object =
        TRY(memory::create_shared_memory(align_up(skew + segment.file_bytes, page_size)));
    for (std::uint64_t done = 0; done < segment.file_bytes;) {
        const std::uint64_t at = skew + done;
        const std::size_t bytes = std::min(page_size - at % page_size, segment.file_bytes - done);
        const PhysAddr frame = TRY(object->page(at / page_size, true));
        const std::span<std::byte> to(arch::phys_to_virt<std::byte>(frame) + at % page_size, bytes);
        const auto got = file::read_kernel(inode, segment.offset + done, to);
        memory::release_frame(frame);
        if (TRY(got) != bytes)
            return fail(Error::bad_executable);
        done += bytes;
    }
    return object;
}

Result<> map_segment(memory::AddressSpace& space, file::Inode& inode, const ElfSegment& segment, std::uint64_t bias) {
    const std::uintptr_t address = segment.address + bias, start = align_down(address, page_size);
    const std::uintptr_t file_end = address + segment.file_bytes;
    const std::uintptr_t pages_end = segment.file_bytes == 0 ? start : align_up(file_end, page_size);
    const std::uintptr_t end = align_up(address + segment.memory_bytes, page_size);
    if (pages_end > start) {
        const bool fits = segment.address % page_size == segment.offset % page_size;
        memory::MapRequest request{
            .address = start,
            .bytes = pages_end - start,
            .rights = rights_of(segment),
            .placement = memory::Placement::fixed,
        };
        request.object = fits ? inode.memory_object() : TRY(copy_segment(inode, segment));
        request.offset = fits ? align_down(segment.offset, page_size) : 0;
        if (!request.object)
            return fail(Error::not_executable);
        TRY(space.map(request));
        if (fits && segment.memory_bytes > segment.file_bytes && segment.write)
            TRY(clear_page_tail(space, file_end));
    }
    if (end > pages_end)
        TRY(space.map({
            .address = pages_end,
            .bytes = end - pages_end,
            .rights = rights_of(segment),
            .placement = memory::Placement::fixed,
        }));
    return {};
}

} // namespace

Result<>
map_segments(memory::AddressSpace& space, file::Inode& inode, const process::ElfImage& image, std::uint64_t bias) {
    for (const ElfSegment& segment : image.segments())
        if (segment.kind == ElfSegment::Kind::load && segment.memory_bytes != 0)
            TRY(map_segment(space, inode, segment, bias));
    return {};
}

} // namespace abi::rtthread
