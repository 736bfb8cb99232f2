#include "device/virtio/virtqueue.hpp"

#include "memory/frame.hpp"

#include <arch/page_table.hpp>
#include <atomic>

namespace device::virtio {

namespace {

constexpr std::uint16_t flag_next = 1;
constexpr std::uint16_t flag_device_writes = 2;
constexpr std::uint16_t available_no_interrupt = 1;
constexpr std::uint16_t used_no_notify = 1;
constexpr std::uint16_t none = 0xffff;

// Two frames: descriptors and the available ring in the first, the used ring in the second. That is also the layout
// that devices of before virtio 1.0 expect, with their alignment of 4096.
constexpr unsigned memory_order = 1;
constexpr std::size_t used_offset = page_size;

void fence() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

} // namespace

Virtqueue::~Virtqueue() {
    if (size_)
        memory::free_frames(memory_, memory_order);
}

Result<> Virtqueue::create(std::uint16_t limit) {
    if (limit == 0)
        return fail(Error::invalid_argument);
    std::uint16_t size = max_size;
    while (size > limit)
        size /= 2;
    memory_ = TRY(memory::allocate_frames(memory_order));
    auto* base = arch::phys_to_virt<std::byte>(memory_);
    arch::zero_page(base);
    arch::zero_page(base + page_size);
    descriptors_ = reinterpret_cast<volatile Descriptor*>(base);
    available_ = reinterpret_cast<volatile Available*>(base + size * sizeof(Descriptor));
    used_ = reinterpret_cast<volatile Used*>(base + used_offset);
    size_ = size;
    for (std::uint16_t& token : tokens_)
        token = none;
    for (std::uint16_t i = 0; i < size; ++i)
        next_[i] = static_cast<std::uint16_t>(i + 1 < size ? i + 1 : none);
    free_head_ = 0;
    free_count_ = size;
    return {};
}

PhysAddr Virtqueue::available() const {
    return memory_ + size_ * sizeof(Descriptor);
}

PhysAddr Virtqueue::used() const {
    return memory_ + used_offset;
}

Result<> Virtqueue::add(std::span<const Buffer> request, std::uint16_t token) {
    if (request.empty() || request.size() > free_count_)
        return fail(Error::no_space);
    std::uint16_t head = free_head_;
    std::uint16_t at = head;
    std::uint32_t writable = 0;
    for (std::size_t i = 0; i < request.size(); ++i) {
        const Buffer& buffer = request[i];
        bool last = i + 1 == request.size();
        descriptors_[at].address = buffer.start.value;
        descriptors_[at].bytes = buffer.bytes;
        descriptors_[at].flags =
            static_cast<std::uint16_t>((last ? 0 : flag_next) | (buffer.device_writes ? flag_device_writes : 0));
        descriptors_[at].next = last ? std::uint16_t{0} : next_[at];
        writable += buffer.device_writes ? buffer.bytes : 0;
        if (last) {
            free_head_ = next_[at];
            next_[at] = none;
        } else
            at = next_[at];
    }
    free_count_ = static_cast<std::uint16_t>(free_count_ - request.size());
    tokens_[head] = token;
    writable_[head] = writable;
    available_->ring[next_available_ % size_] = head;
    ++next_available_;
    return {};
}

bool Virtqueue::publish() {
    fence();
    available_->index = next_available_;
    fence();
    return !(used_->flags & used_no_notify);
}

void Virtqueue::release(std::uint16_t head) {
    std::uint16_t tail = head;
    std::uint16_t count = 1;
    for (; next_[tail] != none; ++count)
        tail = next_[tail];
    next_[tail] = free_count_ ? free_head_ : none;
    free_head_ = head;
    free_count_ = static_cast<std::uint16_t>(free_count_ + count);
}

bool Virtqueue::has_completion() const {
    return used_->index != seen_used_;
}

std::optional<Virtqueue::Completion> Virtqueue::take() {
    while (used_->index != seen_used_) {
        fence();
        volatile UsedElement& element = used_->ring[seen_used_ % size_];
        std::uint32_t head = element.id;
        std::uint32_t bytes = element.bytes;
        ++seen_used_;
        if (head >= size_ || tokens_[head] == none)
            continue; // never offered, or finished already
        Completion done{tokens_[head], bytes < writable_[head] ? bytes : writable_[head]};
        tokens_[head] = none;
        release(static_cast<std::uint16_t>(head));
        return done;
    }
    return {};
}

void Virtqueue::want_interrupts(bool on) {
    available_->flags = on ? std::uint16_t{0} : available_no_interrupt;
    fence();
}

} // namespace device::virtio
