#include "abi/sel4/load.hpp"

#include "abi/sel4/boot_info.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/schedule.hpp"
#include "file/inode.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"
#include "process/exec.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace abi::sel4 {
namespace {

using process::ElfImage;
using process::ElfSegment;

constexpr unsigned cnode_bits = 13;                  // CONFIG_ROOT_CNODE_SIZE_BITS: log2 of the slots
constexpr std::uint64_t max_image_bytes = 24u << 20; // each page is a slot of the root CNode
constexpr unsigned max_tables = 32;                  // page tables for it all: it is one range
constexpr unsigned first_seen_priority = 255;

/// Frames of the boot block, handed out from its start.
class Bump {
public:
    Bump(PhysAddr start, std::uint64_t bytes) : at_(start), end_(start + bytes) {}
    /// A zeroed object of 2^bits bytes, naturally aligned. The block was made large enough.
    PhysAddr take(unsigned bits) {
        const std::uint64_t bytes = std::uint64_t{1} << bits;
        const PhysAddr start{align_up(at_.value, bytes)};
        at_ = start + bytes;
        INVARIANT(at_ <= end_);
        std::memset(arch::phys_to_virt<void>(start), 0, bytes);
        return start;
    }
    PhysAddr at() const { return at_; }
    PhysAddr end() const { return end_; }

private:
    PhysAddr at_, end_;
};

/// Room for the extra boot information: whole pages.
std::uint64_t extra_boot_bytes() {
    BootChunks counted({});
    add_boot_chunks(counted);
    return align_up(counted.used(), page_size);
}

/// Builds one system. All that it makes belongs to the system at once, so that a failure needs no undoing.
class Builder {
public:
    Builder(System& system, PhysAddr block, std::uint64_t bytes) : system_(system), memory_(block, bytes) {}

    Result<> load_image(file::Inode& inode, const ElfImage& image) REQUIRES(lock);
    void make_root() REQUIRES(lock);
    void map_image(const ElfImage& image) REQUIRES(lock);
    void map_boot_frames(std::uintptr_t address) REQUIRES(lock);
    void give_untyped(std::uint64_t quota) REQUIRES(lock);
    void make_thread(std::uintptr_t entry, std::uintptr_t address) REQUIRES(lock);

private:
    Slot& slot(unsigned index) { return cnode_[index]; }
    void put(unsigned index, const Capability& cap) REQUIRES(lock) { insert_root(slot(index), cap, true); }
    /// Makes the tables for the range and their capabilities.
    void make_tables(std::uintptr_t start, std::uintptr_t end) REQUIRES(lock);
    unsigned map(std::uintptr_t address, PhysAddr frame, unsigned index) REQUIRES(lock);
    void add_untyped(PhysAddr start, unsigned bits, bool device) REQUIRES(lock);
    void give_rest_of_block() REQUIRES(lock);

    System& system_;
    Bump memory_;
    PhysAddr image_; // its pages, one behind the other
    std::uintptr_t lowest_ = 0, highest_ = 0;
    Slot* cnode_ = nullptr;
    Capability cnode_cap_, vspace_cap_;
    BootInfo* info_ = nullptr;
    PhysAddr boot_info_frame_, buffer_frame_;
    unsigned next_ = root_first_free; // slot
};

/// Copies the file's part of a segment to where it belongs.
Result<> read_segment(file::Inode& inode, const ElfSegment& segment, std::byte* to) {
    for (std::uint64_t done = 0; done < segment.file_bytes;) {
        const std::size_t got =
            TRY(file::read_kernel(inode, segment.offset + done, {to + done, segment.file_bytes - done}));
        if (got == 0)
            return fail(Error::io);
        done += got;
    }
    return {};
}

Result<> Builder::load_image(file::Inode& inode, const ElfImage& image) {
    lowest_ = image.lowest();
    highest_ = image.highest();
    const std::uint64_t pages = (highest_ - lowest_) >> page_shift;
    image_ = memory_.take(page_shift);
    for (std::uint64_t i = 1; i < pages; ++i)
        memory_.take(page_shift);
    for (const ElfSegment& segment : image.segments())
        if (segment.kind == ElfSegment::Kind::load && segment.file_bytes != 0) {
            std::byte* const to = arch::phys_to_virt<std::byte>(image_) + (segment.address - lowest_);
            TRY(read_segment(inode, segment, to));
            arch::synchronise_instructions(reinterpret_cast<std::uintptr_t>(to), segment.file_bytes);
        }
    return {};
}

void Builder::make_root() {
    const PhysAddr node = memory_.take(cnode_bits + slot_bits);
    cnode_ = arch::phys_to_virt<Slot>(node);
    cnode_cap_ = cnode::make(node, cnode_bits, word_bits - cnode_bits, 0);
    const PhysAddr root = memory_.take(page_bits), pool = memory_.take(asid_pool_bits);
    Capability pool_cap;
    vspace_cap_ = isa::create_boot_vspace(system_, root, pool, pool_cap);
    put(root_cnode, cnode_cap_);
    put(root_vspace, vspace_cap_);
    put(root_irq_control, Capability::make(CapType::irq_control));
    put(root_asid_control, Capability::make(CapType::asid_control));
    put(root_asid_pool, pool_cap);
    put(root_domain, Capability::make(CapType::domain));
    if (isa::has_io_ports)
        put(root_io_port_control, Capability::make(CapType::io_port_control));
    boot_info_frame_ = memory_.take(page_bits);
    buffer_frame_ = memory_.take(page_bits);
    info_ = new (arch::phys_to_virt<void>(boot_info_frame_)) BootInfo;
    info_->cnode_bits = cnode_bits;
    info_->nodes = system_.smp ? thread::cpu_count() : 1;
}

void Builder::make_tables(std::uintptr_t start, std::uintptr_t end) {
    info_->image_tables.start = next_;
    PhysAddr table = memory_.take(page_bits);
    for (std::uintptr_t at = start; at < end;) {
        const Capability made = isa::map_boot_table(system_, vspace_cap_, at, table);
        if (!made) {
            at += page_size;
            continue;
        }
        put(next_++, made);
        table = memory_.take(page_bits);
    }
    info_->image_tables.end = next_;
}

unsigned Builder::map(std::uintptr_t address, PhysAddr frame, unsigned index) {
    Capability cap = frame::make(frame, 0, right_read | right_write, false);
    isa::map_boot_frame(system_, vspace_cap_, address, cap);
    put(index, cap);
    return index;
}

void Builder::map_image(const ElfImage&) {
    make_tables(lowest_, highest_ + 2 * page_size + extra_boot_bytes());
    info_->image_frames.start = next_;
    for (std::uintptr_t at = lowest_; at < highest_; at += page_size)
        map(at, image_ + (at - lowest_), next_++);
    info_->image_frames.end = next_;
}

/// IPC buffer, bootinfo, extra boot information, from `address` on.
void Builder::map_boot_frames(std::uintptr_t address) {
    map(address, buffer_frame_, root_ipc_buffer);
    map(address + page_size, boot_info_frame_, root_boot_info);
    info_->ipc_buffer = address;
    const std::uint64_t room = extra_boot_bytes();
    const PhysAddr extra{align_up(memory_.at().value, page_size)};
    info_->extra_frames.start = next_;
    for (std::uint64_t done = 0; done < room; done += page_size)
        map(address + 2 * page_size + done, memory_.take(page_bits), next_++);
    BootChunks chunks({arch::phys_to_virt<std::byte>(extra), room});
    add_boot_chunks(chunks);
    info_->extra_bytes = chunks.used();
    info_->extra_frames.end = next_;
}

void Builder::add_untyped(PhysAddr start, unsigned bits, bool device) {
    const Word count = next_ - info_->untyped.start;
    if (count == BootInfo::max_untyped)
        return;
    info_->untyped_list[count] = {
        .physical = start.value, .size_bits = static_cast<std::uint8_t>(bits), .is_device = device, .padding = {}};
    put(next_++, untyped::make(start, bits, device));
}

/// What the boot objects left of their block.
void Builder::give_rest_of_block() {
    for (PhysAddr at{align_up(memory_.at().value, page_size)}; at < memory_.end();) {
        const auto bits =
            static_cast<unsigned>(std::min(std::countr_zero(at.value), std::bit_width(memory_.end() - at) - 1));
        add_untyped(at, bits, false);
        at = at + (std::uint64_t{1} << bits);
    }
}

void Builder::give_untyped(std::uint64_t quota) {
    constexpr unsigned least_order = 6; // 256 KiB: smaller blocks are not worth a slot
    info_->untyped.start = next_;
    std::array<DeviceRegion, 128> devices;
    const unsigned device_count = device_regions(devices);
    for (unsigned i = 0; i < device_count; ++i)
        add_untyped(devices[i].start, devices[i].size_bits, true);
    give_rest_of_block();
    unsigned order = std::min(memory::max_order, isa::max_untyped_bits - static_cast<unsigned>(page_shift));
    while (order >= least_order && system_.block_count < System::max_blocks) {
        if (system_.bytes + (std::uint64_t{page_size} << order) > quota) {
            --order;
            continue;
        }
        const auto block = allocate_block(system_, order);
        if (block)
            add_untyped(*block, order + page_shift, false);
        else
            --order;
    }
    info_->untyped.end = next_;
    info_->empty = {next_, Word{1} << cnode_bits};
}

void Builder::make_thread(std::uintptr_t entry, std::uintptr_t address) {
    Tcb& tcb = *arch::phys_to_virt<Tcb>(memory_.take(isa::tcb_bits));
    create_tcb(system_, &tcb);
    put(root_tcb, Capability::make(CapType::thread, tcb.physical()));
    insert_derived(cnode_cap_, slot(root_cnode), tcb.slots[slot_cspace]);
    insert_derived(vspace_cap_, slot(root_vspace), tcb.slots[slot_vspace]);
    insert_derived(slot(root_ipc_buffer).cap, slot(root_ipc_buffer), tcb.slots[slot_ipc_buffer]);
    set_up_reply_master(tcb);
    tcb.ipc_buffer = address;
    tcb.vspace_root.store(isa::root_word(system_, vspace_cap_));
    tcb.max_priority = first_seen_priority;
    tcb.thread.priority = first_seen_priority;
    if (system_.smp)
        bind_to_cpu(tcb, 0);
    arch::initialise_user_frame(tcb.frame(), entry, 0);
    tcb.reg(isa::cap_register) = address + page_size; // bootinfo
    thread::set_name(tcb.thread, "rootserver");
    system_.root = &tcb;
}

/// log2 of the boot block's frames: image, CNode, and what else there is, with what alignment costs.
unsigned boot_order(const ElfImage& image) {
    const std::uint64_t node = std::uint64_t{2} << (cnode_bits + slot_bits);
    const std::uint64_t bytes =
        image.highest() - image.lowest() + node + (max_tables + 8) * page_size + extra_boot_bytes();
    return static_cast<unsigned>(std::bit_width((bytes - 1) >> page_shift));
}

Result<> build(System& system, file::Inode& inode, const ElfImage& image, std::uint64_t quota) {
    const std::uint64_t least = least_memory(image);
    if (quota < least)
        return fail(Error::no_memory);
    const PhysAddr block = TRY(allocate_block(system, boot_order(image)));
    Builder builder(system, block, least);
    {
        // Reading the file may sleep; nobody knows the system yet.
        auto loaded = [&]() NO_THREAD_SAFETY_ANALYSIS { return builder.load_image(inode, image); }();
        TRY(std::move(loaded));
    }
    LockGuard guard;
    lock.assert_held();
    builder.make_root();
    builder.map_image(image);
    builder.map_boot_frames(image.highest());
    builder.make_thread(image.entry(), image.highest());
    builder.give_untyped(quota);
    return {};
}

} // namespace

std::uint64_t least_memory(const ElfImage& image) {
    return std::uint64_t{page_size} << boot_order(image);
}

unsigned recognise(const ElfImage& image) {
    constexpr std::uint32_t note_abi_tag = 1;
    if (image.has_note("seL4", note_abi_tag))
        return 100;
    // What seL4's own tools link says nothing of it. On Arm and RISC-V it is one segment with all rights, which no
    // program for an operating system has; other root tasks need --abi.
    if (image.type() != ElfImage::Type::executable || !image.interpreter().empty() || image.lowest() == 0
        || image.os_abi() != 0 || image.has_note("GNU", note_abi_tag))
        return 0;
    for (const ElfSegment& segment : image.segments())
        if (segment.kind == ElfSegment::Kind::load && segment.write && segment.execute)
            return 20;
    return 0;
}

Result<> load(process::ExecRequest& request) {
    const ElfImage& image = request.image;
    if (image.type() != ElfImage::Type::executable || !image.interpreter().empty())
        return fail(Error::not_executable);
    const std::uint64_t bytes = image.highest() - image.lowest();
    if (bytes == 0 || bytes > max_image_bytes || image.lowest() < page_size
        || image.highest() + (1u << 20) > arch::user_top)
        return fail(Error::not_executable);
    request.address_space = TRY(memory::AddressSpace::create(memory::EntryMode::direct, {}));
    request.entry_mode = memory::EntryMode::direct;
    request.frame = {};
    put_options(TRY(read_options(image, request.arguments)), request.frame);
    return {};
}

Result<System*> create_system(file::Inode& inode, const ElfImage& image, const Options& options) {
    TRY(thread::prepare_handler_stacks());
    auto* system = new (std::nothrow) System;
    if (!system)
        return fail(Error::no_memory);
    system->smp = options.smp;
    system->debug_calls = options.debug_calls;
    if (auto built = build(*system, inode, image, options.memory); !built) {
        destroy_system(system);
        return fail(built.error());
    }
    return system;
}

void start_system(System& system) {
    LockGuard guard;
    lock.assert_held();
    Tcb& root = *system.root;
    root.state = ThreadState::running;
    thread::make_ready(root.thread);
}

} // namespace abi::sel4
