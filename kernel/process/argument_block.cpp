#include "process/argument_block.hpp"

#include "lib/address.hpp"

#include <arch/user_copy.hpp>
#include <cstring>
#include <new>

namespace process {

ArgumentBlock::~ArgumentBlock() {
    for (std::byte* page : pages_)
        delete[] page;
}

Result<std::span<std::byte>> ArgumentBlock::room() {
    const std::size_t page = bytes_ / page_size;
    if (page >= max_pages)
        return fail(Error::too_big);
    if (!pages_[page]) {
        pages_[page] = new (std::nothrow) std::byte[page_size];
        if (!pages_[page])
            return fail(Error::no_memory);
    }
    const std::size_t offset = bytes_ % page_size;
    return std::span(pages_[page] + offset, page_size - offset);
}

Result<> ArgumentBlock::append_bytes(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const std::span<std::byte> space = TRY(room());
        const std::size_t count = bytes.size() < space.size() ? bytes.size() : space.size();
        std::memcpy(space.data(), bytes.data(), count);
        bytes_ += count;
        bytes = bytes.subspan(count);
    }
    return {};
}

Result<> ArgumentBlock::append(std::string_view text) {
    if (text.size() >= max_string)
        return fail(Error::too_big);
    const std::size_t before = bytes_;
    constexpr std::byte nul{};
    auto done = append_bytes(std::as_bytes(std::span(text)));
    if (done)
        done = append_bytes({&nul, 1});
    if (!done)
        bytes_ = before;
    else
        ++count_;
    return done;
}

Result<> ArgumentBlock::append(memory::UserString text) {
    const std::size_t before = bytes_;
    auto done = append_user_bytes(text.address());
    if (!done)
        bytes_ = before;
    else
        ++count_;
    return done;
}

Result<> ArgumentBlock::append_user_bytes(UserAddr from) {
    const std::size_t before = bytes_;
    for (;;) {
        if (bytes_ - before >= max_string)
            return fail(Error::too_big);
        if (!memory::is_user_range(from.value, 1))
            return fail(Error::bad_address);
        const std::span<std::byte> space = TRY(room());
        const std::size_t below_top = arch::user_top - from.value;
        const std::size_t left = max_string - (bytes_ - before);
        std::size_t most = space.size() < below_top ? space.size() : below_top;
        most = most < left ? most : left;
        const std::ptrdiff_t length =
            arch::copy_string_from_user(reinterpret_cast<char*>(space.data()), from.value, most);
        if (length < 0)
            return fail(Error::bad_address);
        const auto copied = static_cast<std::size_t>(length);
        if (copied < most) {
            bytes_ += copied + 1; // its NUL
            return {};
        }
        bytes_ += most;
        from = from + most;
    }
}

std::span<const std::byte> ArgumentBlock::run_at(std::size_t offset) const {
    const std::size_t in_page = offset % page_size;
    const std::size_t to_end = bytes_ - offset;
    const std::size_t in_this_page = page_size - in_page;
    return {pages_[offset / page_size] + in_page, to_end < in_this_page ? to_end : in_this_page};
}

void ArgumentBlock::drop_first() {
    if (count_ == 0)
        return;
    while (byte_at(0) != std::byte{})
        ++start_;
    ++start_;
    --count_;
}

Result<> ArgumentBlock::append_all(const ArgumentBlock& other) {
    TRY(other.for_each_run([this](std::span<const std::byte> run) { return append_bytes(run); }));
    count_ += other.count_;
    return {};
}

void ArgumentBlock::swap(ArgumentBlock& other) {
    std::swap(pages_, other.pages_);
    std::swap(start_, other.start_);
    std::swap(bytes_, other.bytes_);
    std::swap(count_, other.count_);
}

} // namespace process
