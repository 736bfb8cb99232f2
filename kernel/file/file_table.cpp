#include "file/file_table.hpp"

#include <cstring>

namespace file {

Result<Ref<FileTable>> FileTable::create() {
    auto table = Ref<FileTable>::adopt(new (std::nothrow) FileTable);
    if (!table)
        return fail(Error::no_memory);
    TRY(table->reserve(first_size));
    return table;
}

FileTable::~FileTable() {
    close_all();
    delete[] slots_;
}

Result<> FileTable::reserve(std::uint32_t count) {
    std::uint32_t wanted = first_size;
    while (wanted < count)
        wanted *= 2;
    Slot* grown = new (std::nothrow) Slot[wanted];
    if (!grown)
        return fail(Error::no_memory);
    Slot* old = grown;
    {
        SpinlockGuard guard(lock_);
        if (size_ < wanted) {
            for (std::uint32_t i = 0; i < size_; ++i)
                grown[i] = slots_[i];
            old = slots_;
            slots_ = grown;
            size_ = wanted;
        }
    }
    delete[] old;
    return {};
}

Result<Ref<FileTable>> FileTable::clone() const {
    auto copy = Ref<FileTable>::adopt(new (std::nothrow) FileTable);
    if (!copy)
        return fail(Error::no_memory);
    for (;;) {
        TRY(copy->reserve(size()));
        SpinlockGuard guard(lock_);
        // The copy is ours alone, its lock is taken for the analysis only.
        SpinlockGuard copy_guard(copy->lock_);
        std::uint32_t used = size_;
        while (used > 0 && !slots_[used - 1].file)
            --used;
        if (copy->size_ < used)
            continue;
        for (std::uint32_t i = 0; i < used; ++i) {
            copy->slots_[i] = slots_[i];
            if (slots_[i].file)
                slots_[i].file->add_reference();
        }
        copy->lowest_free_ = lowest_free_;
        return copy;
    }
}

Result<Ref<OpenFile>> FileTable::get(std::int32_t descriptor) const {
    SpinlockGuard guard(lock_);
    auto index = static_cast<std::uint32_t>(descriptor);
    if (index >= size_ || !slots_[index].file) [[unlikely]]
        return fail(Error::bad_descriptor);
    return Ref<OpenFile>::share(slots_[index].file);
}

Result<std::int32_t> FileTable::add(Ref<OpenFile> file, bool close_on_exec, std::uint32_t limit, std::uint32_t lowest) {
    limit = limit < hard_limit ? limit : hard_limit;
    if (lowest >= limit)
        return fail(lowest ? Error::invalid_argument : Error::too_many_open_files);
    for (;;) {
        std::uint32_t wanted;
        {
            SpinlockGuard guard(lock_);
            std::uint32_t index = lowest > lowest_free_ ? lowest : lowest_free_;
            while (index < size_ && slots_[index].file)
                ++index;
            if (index >= limit)
                return fail(Error::too_many_open_files);
            if (index < size_) {
                if (lowest <= lowest_free_)
                    lowest_free_ = index + 1;
                slots_[index] = {file.release(), close_on_exec};
                return static_cast<std::int32_t>(index);
            }
            wanted = index + 1;
        }
        TRY(reserve(wanted));
    }
}

Ref<OpenFile> FileTable::take(std::uint32_t descriptor) {
    Ref<OpenFile> file = Ref<OpenFile>::adopt(slots_[descriptor].file);
    slots_[descriptor] = {};
    if (descriptor < lowest_free_)
        lowest_free_ = descriptor;
    return file;
}

Result<> FileTable::replace(std::int32_t descriptor, Ref<OpenFile> file, bool close_on_exec, std::uint32_t limit) {
    auto index = static_cast<std::uint32_t>(descriptor);
    if (index >= limit || index >= hard_limit)
        return fail(Error::bad_descriptor);
    if (index >= size())
        TRY(reserve(index + 1));
    Ref<OpenFile> old;
    {
        SpinlockGuard guard(lock_);
        old = take(index);
        slots_[index] = {file.release(), close_on_exec};
    }
    if (old)
        old->descriptor_closed();
    return {};
}

Result<> FileTable::close(std::int32_t descriptor) {
    Ref<OpenFile> old;
    {
        SpinlockGuard guard(lock_);
        auto index = static_cast<std::uint32_t>(descriptor);
        if (index >= size_ || !slots_[index].file)
            return fail(Error::bad_descriptor);
        old = take(index);
    }
    old->descriptor_closed();
    return {};
}

void FileTable::close_range(std::uint32_t first, std::uint32_t last, bool mark_only) {
    for (std::uint32_t index = first; index <= last; ++index) {
        Ref<OpenFile> old;
        {
            SpinlockGuard guard(lock_);
            while (index < size_ && index <= last && !slots_[index].file)
                ++index;
            if (index >= size_ || index > last)
                return;
            if (mark_only)
                slots_[index].close_on_exec = true;
            else
                old = take(index);
        }
        if (old)
            old->descriptor_closed();
    }
}

void FileTable::close_on_exec() {
    for (std::uint32_t index = 0;; ++index) {
        Ref<OpenFile> old;
        {
            SpinlockGuard guard(lock_);
            while (index < size_ && !(slots_[index].file && slots_[index].close_on_exec))
                ++index;
            if (index >= size_)
                return;
            old = take(index);
        }
        old->descriptor_closed();
    }
}

void FileTable::close_all() {
    close_range(0, hard_limit, false);
}

Result<bool> FileTable::is_close_on_exec(std::int32_t descriptor) const {
    SpinlockGuard guard(lock_);
    auto index = static_cast<std::uint32_t>(descriptor);
    if (index >= size_ || !slots_[index].file)
        return fail(Error::bad_descriptor);
    return slots_[index].close_on_exec;
}

Result<> FileTable::set_close_on_exec(std::int32_t descriptor, bool on) {
    SpinlockGuard guard(lock_);
    auto index = static_cast<std::uint32_t>(descriptor);
    if (index >= size_ || !slots_[index].file)
        return fail(Error::bad_descriptor);
    slots_[index].close_on_exec = on;
    return {};
}

std::int32_t FileTable::next_open(std::uint32_t from) const {
    SpinlockGuard guard(lock_);
    for (std::uint32_t index = from; index < size_; ++index)
        if (slots_[index].file)
            return static_cast<std::int32_t>(index);
    return -1;
}

std::uint32_t FileTable::size() const {
    SpinlockGuard guard(lock_);
    return size_;
}

} // namespace file
