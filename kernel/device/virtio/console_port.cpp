#include "device/virtio/console_port.hpp"

#include "memory/frame.hpp"

#include <arch/page_table.hpp>
#include <cstring>

namespace device::virtio {

void Port::set_name(std::string_view name) {
    // The host may or may not send the NUL.
    while (name.ends_with('\0'))
        name.remove_suffix(1);
    name_length_ = name.size() < sizeof name_ ? name.size() : sizeof name_;
    std::memcpy(name_, name.data(), name_length_);
}

void Port::set_connected(bool connected) {
    connected_ = connected;
    changed_ = true;
}

void Port::open(bool reads, bool writes) {
    SpinlockGuard guard(owner_.lock());
    bool was_open = reading_ || writing_;
    if (reads && !reading_) {
        reading_ = true;
        for (std::uint16_t i = 0; i < receive_buffers; ++i)
            if (auto page = memory::allocate_frame()) {
                receive_pages_[i] = *page;
                offer(i);
            }
        if (receive_.publish())
            owner_.notify(receive_index());
    }
    if (writes && !writing_) {
        writing_ = true;
        send_.want_interrupts(false);
        for (std::uint16_t i = 0; i < send_buffers; ++i)
            if (auto page = memory::allocate_frame()) {
                send_pages_[i] = *page;
                free_send_[free_send_count_++] = i;
                ++send_count_;
            }
    }
    if (!was_open)
        owner_.tell_open(id_, true);
}

void Port::set_listener(Listener* listener) {
    SpinlockGuard guard(owner_.lock());
    listener_ = listener;
}

void Port::offer(std::uint16_t index) {
    Buffer buffer{receive_pages_[index], page_size, true};
    (void)receive_.add({&buffer, 1}, index);
}

void Port::reap_received() {
    while (auto done = receive_.take()) {
        if (done->token >= receive_buffers || end_filled_ - first_filled_ == receive_buffers)
            continue;
        std::uint32_t place = end_filled_++ % receive_buffers;
        filled_[place] = done->token;
        filled_bytes_[place] = done->bytes;
        changed_ = true;
    }
}

bool Port::take_completions() {
    reap_received();
    if (send_.has_completion()) {
        reap_sent();
        changed_ = true;
    }
    bool changed = changed_;
    changed_ = false;
    return changed;
}

void Port::tell_listener() {
    Listener* listener;
    {
        SpinlockGuard guard(owner_.lock());
        listener = listener_;
    }
    if (listener)
        listener->changed();
}

// Receiving

std::span<const std::byte> Port::received() {
    SpinlockGuard guard(owner_.lock());
    reap_received();
    while (first_filled_ != end_filled_) {
        std::uint32_t place = first_filled_ % receive_buffers;
        if (consumed_ < filled_bytes_[place])
            return {
                arch::phys_to_virt<const std::byte>(receive_pages_[filled_[place]]) + consumed_,
                filled_bytes_[place] - consumed_};
        offer(filled_[place]); // an empty one
        ++first_filled_;
        consumed_ = 0;
    }
    return {};
}

void Port::consume(std::size_t bytes) {
    SpinlockGuard guard(owner_.lock());
    std::uint32_t place = first_filled_ % receive_buffers;
    consumed_ += bytes;
    if (consumed_ < filled_bytes_[place])
        return;
    offer(filled_[place]);
    ++first_filled_;
    consumed_ = 0;
    if (receive_.publish())
        owner_.notify(receive_index());
}

bool Port::is_connected() {
    SpinlockGuard guard(owner_.lock());
    return connected_;
}

// Sending

void Port::reap_sent() {
    while (auto done = send_.take())
        if (done->token < send_buffers && free_send_count_ < send_buffers)
            free_send_[free_send_count_++] = done->token;
}

std::size_t Port::send(std::span<const std::byte> bytes) {
    SpinlockGuard guard(owner_.lock());
    reap_sent();
    std::size_t done = 0;
    while (done < bytes.size() && free_send_count_ > 0) {
        std::uint16_t index = free_send_[--free_send_count_];
        std::size_t count = bytes.size() - done < page_size ? bytes.size() - done : page_size;
        std::memcpy(arch::phys_to_virt<std::byte>(send_pages_[index]), bytes.data() + done, count);
        Buffer buffer{send_pages_[index], static_cast<std::uint32_t>(count), false};
        (void)send_.add({&buffer, 1}, index); // there are more descriptors than buffers
        done += count;
    }
    // Somebody may wait for room now; else completions are looked at when the next bytes come.
    send_.want_interrupts(done < bytes.size());
    if (done && send_.publish())
        owner_.notify(send_index());
    return done;
}

bool Port::can_send() {
    SpinlockGuard guard(owner_.lock());
    reap_sent();
    if (free_send_count_ > 0)
        return true;
    send_.want_interrupts(true);
    reap_sent(); // what was finished just before
    return free_send_count_ > 0;
}

bool Port::is_drained() {
    SpinlockGuard guard(owner_.lock());
    reap_sent();
    if (free_send_count_ == send_count_)
        return true;
    send_.want_interrupts(true);
    reap_sent();
    return free_send_count_ == send_count_;
}

} // namespace device::virtio
