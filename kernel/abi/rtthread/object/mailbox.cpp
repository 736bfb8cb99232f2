#include "abi/rtthread/object/mailbox.hpp"

#include "abi/rtthread/errors.hpp"
#include "abi/rtthread/ticks.hpp"

#include <new>

namespace abi::rtthread {

Result<Ref<Mailbox>> Mailbox::create(std::string_view name, std::size_t places, WaitOrder order) {
    if (places == 0 || places > max_places)
        return fail(Error::invalid_argument);
    auto* words = new (std::nothrow) std::uint64_t[places];
    auto* mailbox = words ? new (std::nothrow) Mailbox(name, words, places, order) : nullptr;
    if (!mailbox) {
        delete[] words;
        return fail(Error::no_memory);
    }
    return Ref<Mailbox>::adopt(mailbox);
}

void Mailbox::push(std::uint64_t word) {
    words_[(first_ + count_) % places_] = word;
    ++count_;
}

Result<> Mailbox::send(std::uint64_t word, std::int32_t timeout) {
    SpinlockGuard guard(lock_);
    if (closed_)
        return fail(plain_error);
    if (Waiter* receiver = receivers_.first()) {
        receiver->word = word;
        receivers_.serve(*receiver);
        return {};
    }
    if (count_ < places_) {
        push(word);
        return {};
    }
    if (timeout == 0)
        return fail(full);
    Waiter self;
    self.word = word;
    return senders_.wait(self, order_, lock_, deadline_of(timeout));
}

Result<std::uint64_t> Mailbox::receive(std::int32_t timeout) {
    SpinlockGuard guard(lock_);
    if (closed_)
        return fail(plain_error);
    if (count_ > 0) {
        const std::uint64_t word = words_[first_];
        first_ = (first_ + 1) % places_;
        --count_;
        if (Waiter* sender = senders_.first()) {
            push(sender->word);
            senders_.serve(*sender);
        }
        return word;
    }
    if (timeout == 0)
        return fail(Error::timed_out);
    Waiter self;
    TRY(receivers_.wait(self, order_, lock_, deadline_of(timeout)));
    return self.word;
}

void Mailbox::close() {
    SpinlockGuard guard(lock_);
    closed_ = true;
    receivers_.close();
    senders_.close();
}

} // namespace abi::rtthread
