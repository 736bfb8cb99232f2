#include "file/poll.hpp"

#include <new>

namespace file {

/// Registrations beyond the first few.
struct Poller::Block {
    static constexpr std::size_t count = 32;
    Registration registrations[count];
    std::size_t used = 0;
    Block* next = nullptr;
};

Poller::~Poller() {
    remove_all();
}

void Poller::listen(thread::WaitQueue& queue) {
    Registration* registration;
    if (used_ < inline_count)
        registration = &first_[used_++];
    else {
        if (!blocks_ || blocks_->used == Block::count) {
            auto* block = new (std::nothrow) Block;
            if (!block) {
                failed_ = true;
                return;
            }
            block->next = blocks_;
            blocks_ = block;
        }
        registration = &blocks_->registrations[blocks_->used++];
    }
    registration->queue = &queue;
    registration->poller = this;
    registration->notify = notify;
    queue.add_listener(*registration);
}

void Poller::notify(thread::WaitQueue::Listener& listener) {
    Poller& poller = *static_cast<Registration&>(listener).poller;
    if (poller.hook_)
        return poller.hook_(poller);
    SpinlockGuard guard(poller.lock_);
    poller.woken_ = true;
    poller.sleeper_.wake_all();
}

Result<> Poller::wait(thread::Time deadline) {
    if (failed_)
        return fail(Error::no_memory);
    SpinlockGuard guard(lock_);
    while (!woken_)
        TRY(sleeper_.wait(lock_, deadline));
    woken_ = false;
    return {};
}

void Poller::remove_all() {
    for (std::size_t i = 0; i < used_; ++i)
        first_[i].queue->remove_listener(first_[i]);
    used_ = 0;
    while (blocks_) {
        for (std::size_t i = 0; i < blocks_->used; ++i)
            blocks_->registrations[i].queue->remove_listener(blocks_->registrations[i]);
        delete std::exchange(blocks_, blocks_->next);
    }
}

} // namespace file
