#include "abi/linux/calls/memory.hpp"

#include "memory/address_space.hpp"
#include "process/process.hpp"

#include <linux/membarrier.h>
#include <linux/mman.h>

namespace abi::linux {

using memory::AddressSpace;

namespace {

/// Linux's page-aligned length; nothing when it wraps to zero.
constexpr std::size_t whole_pages(std::size_t length) {
    return align_up(length, page_size);
}

constexpr bool is_page_aligned(UserAddr address) {
    return address.value % page_size == 0;
}

constexpr PageRights rights_of(Flags protection) {
    return {
        .read = (protection.bits & PROT_READ) != 0,
        .write = (protection.bits & PROT_WRITE) != 0,
        .execute = (protection.bits & PROT_EXEC) != 0,
    };
}

constexpr std::uint32_t map_type(Flags flags) {
    return flags.bits & MAP_TYPE;
}

/// The flags that a MAP_SHARED_VALIDATE mapping may have.
constexpr std::uint32_t known_map_flags = MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE
                                          | MAP_EXECUTABLE | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE
                                          | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB;

/// What Linux checks before it looks at the file. `bytes`: whole pages.
Result<> check_place(UserAddr address, std::size_t length, Flags flags, std::uint64_t offset) {
    if (length == 0)
        return fail(Error::invalid_argument);
    const std::size_t bytes = whole_pages(length);
    if (bytes == 0)
        return fail(Error::no_memory);
    if ((offset >> page_shift) + (bytes >> page_shift) > (~std::uint64_t{0} >> page_shift))
        return fail(Error::overflow);
    if (bytes > arch::user_top)
        return fail(Error::no_memory);
    if (flags.bits & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if (address.value > arch::user_top - bytes)
            return fail(Error::no_memory);
        if (!is_page_aligned(address))
            return fail(Error::invalid_argument);
    }
    return {};
}

/// Fills in what a mapping of a file has besides its place. Errors as Linux's do_mmap().
Result<> use_file(memory::MapRequest& request, file::OpenFile& file, Flags flags, std::uint64_t offset) {
    switch (map_type(flags)) {
    case MAP_SHARED_VALIDATE:
        if (flags.bits & ~(known_map_flags | MAP_SHARED_VALIDATE | MAP_FIXED_NOREPLACE))
            return fail(Error::not_supported);
        [[fallthrough]];
    case MAP_SHARED:
        if (request.rights.write && !file.can_write())
            return fail(Error::access_denied);
        request.shared = true;
        request.may_write = file.can_write();
        [[fallthrough]];
    case MAP_PRIVATE:
        if (!file.can_read())
            return fail(Error::access_denied);
        break;
    default:
        return fail(Error::invalid_argument);
    }
    if (flags.bits & MAP_GROWSDOWN)
        return fail(Error::invalid_argument);
    request.object = file.memory_object();
    if (!request.object)
        return fail(Error::cannot_be_mapped);
    request.offset = offset;
    return {};
}

Result<> use_anonymous(memory::MapRequest& request, std::size_t length, Flags flags) {
    switch (map_type(flags)) {
    case MAP_SHARED:
        if (flags.bits & MAP_GROWSDOWN)
            return fail(Error::invalid_argument);
        request.shared = true;
        request.object = TRY(memory::create_shared_memory(whole_pages(length)));
        return {};
    case MAP_PRIVATE:
        request.grows_down = (flags.bits & MAP_GROWSDOWN) != 0;
        return {};
    default:
        return fail(Error::invalid_argument);
    }
}

/// The descriptor's file; nothing for an anonymous mapping.
Result<Ref<file::OpenFile>> file_of(Thread& thread, Flags flags, Descriptor descriptor) {
    if (flags.bits & MAP_ANONYMOUS)
        return Ref<file::OpenFile>();
    Ref<file::OpenFile> file = TRY(thread.process->files->get(descriptor.value));
    if (file->flags() & file::open_path)
        return fail(Error::bad_descriptor);
    return file;
}

/// The range of an mlock or munlock, widened to whole pages. Zero bytes: nothing to do.
struct LockRange {
    std::uintptr_t start;
    std::size_t bytes;
};
Result<LockRange> lock_range(UserAddr address, std::size_t length) {
    const std::uintptr_t start = align_down(address.value, page_size);
    const std::size_t bytes = whole_pages(length + (address.value - start));
    if (start + bytes < start)
        return fail(Error::invalid_argument);
    if (bytes != 0 && start + bytes > arch::user_top)
        return fail(Error::no_memory);
    return LockRange{start, bytes};
}

Result<> lock_pages(Thread& thread, UserAddr address, std::size_t length, bool populate) {
    process::Process& self = *thread.process;
    const std::uint64_t limit = self.limit(process::Resource::locked_memory).soft;
    const bool privileged = self.credentials_of().effective_user == 0;
    if (limit == 0 && !privileged)
        return fail(Error::not_permitted);
    const LockRange range = TRY(lock_range(address, length));
    if (range.bytes > limit && !privileged)
        return fail(Error::no_memory);
    if (range.bytes == 0)
        return {};
    TRY(thread.address_space->require_mapped(range.start, range.bytes));
    return populate ? thread.address_space->populate(range.start, range.bytes) : Result<>();
}

} // namespace

Result<UserAddr> sys_mmap(
    Thread& thread, UserAddr address, std::size_t length, Flags protection, Flags flags, Descriptor descriptor,
    std::uint64_t offset) {
    if (offset % page_size != 0)
        return fail(Error::invalid_argument);
    const Ref<file::OpenFile> file = TRY(file_of(thread, flags, descriptor));
    if (flags.bits & MAP_HUGETLB) // there is no pool of huge pages
        return fail(file ? Error::invalid_argument : Error::no_memory);
    TRY(check_place(address, length, flags, offset));

    memory::MapRequest request{
        .address = address.value,
        .bytes = length,
        .rights = rights_of(protection),
        .populate = (flags.bits & (MAP_POPULATE | MAP_LOCKED)) != 0 && !(flags.bits & MAP_NONBLOCK),
        .no_reserve = (flags.bits & MAP_NORESERVE) != 0,
    };
    if (flags.bits & MAP_FIXED_NOREPLACE)
        request.placement = memory::Placement::fixed_free;
    else if (flags.bits & MAP_FIXED)
        request.placement = memory::Placement::fixed;
    TRY(file ? use_file(request, *file, flags, offset) : use_anonymous(request, length, flags));
    return UserAddr{TRY(thread.address_space->map(request))};
}

Result<> sys_munmap(Thread& thread, UserAddr address, std::size_t length) {
    return thread.address_space->unmap(address.value, length);
}

Result<> sys_mprotect(Thread& thread, UserAddr address, std::size_t length, Flags protection) {
    // PROT_GROWSDOWN and PROT_GROWSUP reach to the end of a mapping that grows; only one at a time makes sense.
    constexpr std::uint32_t growth = PROT_GROWSDOWN | PROT_GROWSUP;
    if ((protection.bits & growth) == growth || !is_page_aligned(address))
        return fail(Error::invalid_argument);
    if (length == 0)
        return {};
    const std::size_t bytes = whole_pages(length);
    if (address.value + bytes <= address.value)
        return fail(Error::no_memory);
    if (protection.bits & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | growth))
        return fail(Error::invalid_argument);
    if (protection.bits & growth) // no mapping that grows is protected so by any program we know
        return fail(Error::invalid_argument);
    if (!memory::is_user_range(address.value, bytes))
        return fail(Error::no_memory);
    return thread.address_space->protect(address.value, bytes, rights_of(protection));
}

Result<UserAddr> sys_mremap(
    Thread& thread, UserAddr old_address, std::size_t old_length, std::size_t new_length, Flags flags,
    UserAddr new_address) {
    const bool fixed = (flags.bits & MREMAP_FIXED) != 0;
    const bool may_move = (flags.bits & MREMAP_MAYMOVE) != 0;
    const bool keep_source = (flags.bits & MREMAP_DONTUNMAP) != 0;
    constexpr std::uint32_t known = MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
    if (flags.bits & ~known || (fixed && !may_move))
        return fail(Error::invalid_argument);
    if (keep_source && (!may_move || old_length != new_length))
        return fail(Error::invalid_argument);
    if (!is_page_aligned(old_address) || whole_pages(new_length) == 0)
        return fail(Error::invalid_argument);
    if (fixed && (!is_page_aligned(new_address) || !memory::is_user_range(new_address.value, whole_pages(new_length))))
        return fail(Error::invalid_argument);
    const std::uintptr_t target = fixed ? new_address.value : 0;
    return UserAddr{
        TRY(thread.address_space->remap(old_address.value, old_length, new_length, may_move, target, keep_source))};
}

Result<UserAddr> sys_brk(Thread& thread, UserAddr wanted) {
    return UserAddr{thread.address_space->set_break(wanted.value)};
}

Result<> sys_madvise(Thread& thread, UserAddr address, std::size_t length, std::int32_t advice) {
    AddressSpace& space = *thread.address_space;
    const bool known = (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) || advice == MADV_FREE
                       || (advice >= MADV_DONTFORK && advice <= MADV_DONTNEED_LOCKED);
    if (!known || !is_page_aligned(address))
        return fail(Error::invalid_argument);
    const std::size_t bytes = whole_pages(length);
    if ((length != 0 && bytes == 0) || address.value + bytes < address.value)
        return fail(Error::invalid_argument);
    if (bytes == 0)
        return {};
    if (!memory::is_user_range(address.value, bytes))
        return fail(Error::no_memory);
    switch (advice) {
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED:
    case MADV_FREE:
        return space.discard(address.value, bytes);
    case MADV_DONTFORK:
        return space.set_inheritance(address.value, bytes, memory::Inheritance::left_out);
    case MADV_WIPEONFORK:
        return space.set_inheritance(address.value, bytes, memory::Inheritance::zeroed);
    case MADV_DOFORK:
    case MADV_KEEPONFORK:
        return space.set_inheritance(address.value, bytes, memory::Inheritance::copied);
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE:
        return space.populate(address.value, bytes);
    default: // hints: nothing is ever read ahead, swapped out, merged or dumped, and no page is huge
        return space.require_mapped(address.value, bytes);
    }
}

Result<> sys_msync(Thread& thread, UserAddr address, std::size_t length, Flags flags) {
    constexpr std::uint32_t known = MS_ASYNC | MS_INVALIDATE | MS_SYNC;
    if (flags.bits & ~known || !is_page_aligned(address))
        return fail(Error::invalid_argument);
    if ((flags.bits & MS_ASYNC) && (flags.bits & MS_SYNC))
        return fail(Error::invalid_argument);
    const std::size_t bytes = whole_pages(length);
    if (address.value + bytes < address.value)
        return fail(Error::no_memory);
    if (bytes == 0)
        return {};
    if (!memory::is_user_range(address.value, bytes))
        return fail(Error::no_memory);
    // A shared page is the file's own page: without a disk there is nothing to carry over.
    return flags.bits & MS_SYNC ? thread.address_space->sync(address.value, bytes)
                                : thread.address_space->require_mapped(address.value, bytes);
}

Result<> sys_mincore(Thread& thread, UserAddr address, std::size_t length, UserAddr vector) {
    if (!is_page_aligned(address))
        return fail(Error::invalid_argument);
    if (!memory::is_user_range(address.value, length))
        return fail(Error::no_memory);
    std::size_t pages = whole_pages(length) >> page_shift;
    if (!memory::is_user_range(vector.value, pages))
        return fail(Error::bad_address);
    std::array<std::uint8_t, 256> present;
    while (pages > 0) {
        const std::size_t part = pages < present.size() ? pages : present.size();
        TRY(thread.address_space->residency(address.value, std::span(present).first(part)));
        TRY(memory::copy_out(vector, present.data(), part));
        address = address + part * page_size;
        vector = vector + part;
        pages -= part;
    }
    return {};
}

Result<> sys_mlock(Thread& thread, UserAddr address, std::size_t length) {
    return lock_pages(thread, address, length, true);
}

Result<> sys_mlock2(Thread& thread, UserAddr address, std::size_t length, Flags flags) {
    if (flags.bits & ~std::uint32_t{MLOCK_ONFAULT})
        return fail(Error::invalid_argument);
    return lock_pages(thread, address, length, !(flags.bits & MLOCK_ONFAULT));
}

Result<> sys_munlock(Thread& thread, UserAddr address, std::size_t length) {
    const LockRange range = TRY(lock_range(address, length));
    return range.bytes == 0 ? Result<>() : thread.address_space->require_mapped(range.start, range.bytes);
}

Result<> sys_mlockall(Thread& thread, Flags flags) {
    constexpr std::uint32_t known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
    if (flags.bits == 0 || flags.bits & ~known || flags.bits == MCL_ONFAULT)
        return fail(Error::invalid_argument);
    if ((flags.bits & MCL_CURRENT) && !(flags.bits & MCL_ONFAULT))
        thread.address_space->populate_all();
    return {};
}

Result<> sys_munlockall() {
    return {};
}

Result<std::uint32_t> sys_membarrier(Thread& thread, std::int32_t command, std::uint32_t flags) {
    constexpr std::uint32_t commands = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED
                                       | MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED
                                       | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
    std::atomic<std::uint32_t>& registered = thread.address_space->personality_bits;
    if (flags != 0)
        return fail(Error::invalid_argument);
    switch (command) {
    case MEMBARRIER_CMD_QUERY:
        return commands;
    case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
        registered.fetch_or(static_cast<std::uint32_t>(command), std::memory_order_relaxed);
        return 0u;
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
        if (!(registered.load(std::memory_order_relaxed) & MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
            return fail(Error::not_permitted);
        [[fallthrough]];
    case MEMBARRIER_CMD_GLOBAL:
    case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
        thread::synchronise_cpus();
        return 0u;
    default:
        return fail(Error::invalid_argument);
    }
}

} // namespace abi::linux
