#include "abi/rtthread/calls/memory.hpp"

#include "abi/rtthread/object/shared_memory.hpp"
#include "abi/rtthread/paths.hpp"
#include "abi/rtthread/thread_state.hpp"
#include "memory/address_space.hpp"

#include <arch/page_table.hpp>

namespace abi::rtthread {
namespace {

/// mmap's and mremap's bits (musl's sys/mman.h, the same on every ISA).
enum MapFlag : std::uint32_t { map_shared = 1, map_private = 2, map_fixed = 0x10, map_anonymous = 0x20 };
enum RemapFlag : std::uint32_t { may_move = 1, remap_fixed = 2 };
enum Protection : std::uint32_t { protect_read = 1, protect_write = 2, protect_execute = 4 };
enum Advice : std::int32_t { advice_dont_need = 4, advice_free = 8, last_advice = 25 };

Result<> use_file(memory::MapRequest& request, Descriptor descriptor, Flags flags) {
    const Ref<file::OpenFile> file = TRY(open_file(descriptor));
    const file::Inode* inode = file->inode();
    // 5.0.x maps devices alone; its dynamic linker reads files instead.
    if (generation_of(thread::current()) == Generation::v5_0
        && (!inode || inode->type() != file::Type::character_device))
        return fail(Error::cannot_be_mapped);
    const bool shared = flags.bits & map_shared;
    if (!file->can_read() || (shared && request.rights.write && !file->can_write()))
        return fail(Error::access_denied);
    request.shared = shared;
    request.may_write = !shared || file->can_write();
    request.object = file->memory_object();
    return request.object ? Result<>() : fail(Error::cannot_be_mapped);
}

Result<UserAddr>
map(thread::Thread& thread, UserAddr address, std::size_t bytes, Flags protection, Flags flags, Descriptor descriptor,
    std::uint64_t page_offset) {
    constexpr std::uint64_t most_pages = std::uint64_t{1} << 40;
    if (bytes == 0 || bytes > arch::user_top || page_offset > most_pages)
        return fail(Error::invalid_argument);
    memory::MapRequest request{
        .address = address.value,
        .bytes = bytes,
        .rights =
            {.read = (protection.bits & protect_read) != 0,
             .write = (protection.bits & protect_write) != 0,
             .execute = (protection.bits & protect_execute) != 0,
             .user = true},
        .placement = flags.bits & map_fixed ? memory::Placement::fixed : memory::Placement::anywhere,
        .offset = page_offset * page_size,
    };
    if (descriptor.value >= 0 && !(flags.bits & map_anonymous)) {
        TRY(use_file(request, descriptor, flags));
    } else {
        request.offset = 0;
        if (generation_of(thread) == Generation::v5_0) // memory without a file has all rights there
            request.rights = {.read = true, .write = true, .execute = true, .user = true};
        if (flags.bits & map_shared) {
            request.shared = true;
            request.object = TRY(memory::create_shared_memory(align_up(bytes, page_size)));
        }
    }
    return UserAddr{TRY(thread.address_space->map(request))};
}

} // namespace

Result<UserAddr> sys_brk(thread::Thread& thread, UserAddr wanted) {
    return UserAddr{thread.address_space->set_break(wanted.value)};
}

Result<UserAddr> sys_mmap2(
    thread::Thread& thread, UserAddr address, std::size_t bytes, Flags protection, Flags flags, Descriptor descriptor,
    std::uint64_t page_offset) {
    // A place within a page is allowed, and so is the result: the vendor's dynamic linker asks for its segments so.
    const std::uintptr_t in_page = address.value % page_size;
    Result<UserAddr> mapped = fail(Error::invalid_argument);
    if (bytes <= arch::user_top && (in_page == 0 || !(flags.bits & map_fixed)))
        mapped =
            map(thread, {address.value - in_page}, bytes == 0 ? 0 : bytes + in_page, protection, flags, descriptor,
                page_offset);
    if (mapped)
        return *mapped + in_page;
    return generation_of(thread) == Generation::v5_0 ? UserAddr{~std::uintptr_t{0}} : mapped;
}

Result<> sys_munmap(thread::Thread& thread, UserAddr address, std::size_t bytes) {
    return thread.address_space->unmap(address.value, bytes);
}

Result<UserAddr> sys_mremap(
    thread::Thread& thread, UserAddr address, std::size_t old_bytes, std::size_t new_bytes, Flags flags,
    UserAddr new_address) {
    if (generation_of(thread) == Generation::v5_0)
        return UserAddr{~std::uintptr_t{0}};
    const bool fixed = flags.bits & remap_fixed, moves = flags.bits & may_move;
    if ((flags.bits & ~std::uint32_t{may_move | remap_fixed}) || (fixed && !moves) || address.value % page_size != 0
        || align_up(new_bytes, page_size) == 0 || (fixed && new_address.value % page_size != 0)
        || (fixed && !memory::is_user_range(new_address.value, align_up(new_bytes, page_size))))
        return fail(Error::invalid_argument);
    return UserAddr{
        TRY(thread.address_space->remap(address.value, old_bytes, new_bytes, moves, fixed ? new_address.value : 0))};
}

Result<> sys_madvise(thread::Thread& thread, UserAddr address, std::size_t bytes, std::int32_t advice) {
    if (generation_of(thread) == Generation::v5_0)
        return fail(Error::no_system_call);
    const std::size_t length = align_up(bytes, page_size);
    if (advice < 0 || advice > last_advice || address.value % page_size != 0 || (bytes != 0 && length == 0))
        return fail(Error::invalid_argument);
    if (!memory::is_user_range(address.value, length))
        return fail(Error::no_memory);
    if (length == 0)
        return {};
    if (advice == advice_dont_need || advice == advice_free)
        return thread.address_space->discard(address.value, length);
    return thread.address_space->require_mapped(address.value, length);
}

Result<> sys_cacheflush(thread::Thread& thread, UserAddr address, std::int32_t bytes, std::int32_t caches) {
    constexpr std::int32_t instructions = 1, data = 2;
    if (bytes < 0 || caches < 0 || caches > (instructions | data))
        return fail(Error::invalid_argument);
    if (!memory::is_user_range(address.value, static_cast<std::size_t>(bytes)))
        return fail(Error::bad_address);
    if (bytes == 0 || !(caches & instructions))
        return {}; // data is coherent
    const std::uintptr_t start = align_down(address.value, page_size);
    const std::size_t pages = align_up(address.value + static_cast<std::size_t>(bytes), page_size) - start;
    if (!thread.address_space->require_mapped(start, pages))
        return fail(Error::bad_address);
    arch::synchronise_instructions(0, 0); // the instruction caches as a whole
    return {};
}

// Shared memory: -1 for every failure, and no address.

Result<std::int32_t> sys_shmget(thread::Thread& thread, std::uint64_t key, std::uint64_t bytes, std::int32_t create) {
    return get_shared_memory(key, bytes, create != 0, state_of(thread).process.get()).value_or(-1);
}

Result<std::int32_t> sys_shmrm(std::int32_t number) {
    return remove_shared_memory(number) ? 0 : -1;
}

Result<UserAddr> sys_shmat(thread::Thread& thread, std::int32_t number, UserAddr address) {
    const auto mapped = attach_shared_memory(*thread.address_space, number, address.value);
    return UserAddr{mapped ? *mapped : 0};
}

Result<std::int32_t> sys_shmdt(thread::Thread& thread, UserAddr address) {
    return detach_shared_memory(*thread.address_space, address.value) ? 0 : -1;
}

} // namespace abi::rtthread
