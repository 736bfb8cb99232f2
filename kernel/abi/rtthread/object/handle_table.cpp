#include "abi/rtthread/object/handle_table.hpp"

#include <bit>
#include <new>

namespace abi::rtthread {
namespace {

/// Where the original's kernel objects lie (TTBR1 on aarch64).
constexpr std::uint64_t handle_base = 0xffff'0000'0000'0000;

} // namespace

HandleTable::~HandleTable() NO_THREAD_SAFETY_ANALYSIS { // nobody else knows it any more
    for (std::uint32_t i = 0; i < used_; ++i)
        if (Slot& slot = slot_at(i); slot.handle != 0)
            Ref<Object>::adopt(slot.object).reset();
    for (Slot* chunk : chunks_)
        delete[] chunk;
}

HandleTable::Slot& HandleTable::slot_at(std::uint64_t index) {
    const std::uint64_t place = index / first_chunk + 1;
    const auto chunk = static_cast<unsigned>(std::bit_width(place)) - 1;
    return chunks_[chunk][index - first_chunk * ((std::uint64_t{1} << chunk) - 1)];
}

HandleTable::Slot* HandleTable::slot_of(std::uint64_t handle, Object::Kind kind) {
    const std::uint64_t index = handle >> index_shift & ((1u << index_bits) - 1);
    if (index >= used_ || handle == 0)
        return nullptr;
    Slot& slot = slot_at(index);
    return slot.handle == handle && slot.object->kind() == kind ? &slot : nullptr;
}

Object* HandleTable::share(std::uint64_t handle, Object::Kind kind) {
    SpinlockGuard guard(lock_);
    Slot* slot = slot_of(handle, kind);
    if (!slot)
        return nullptr;
    slot->object->add_reference();
    return slot->object;
}

Result<> HandleTable::grow() {
    unsigned chunk;
    {
        SpinlockGuard guard(lock_);
        if (used_ < capacity())
            return {};
        chunk = chunks_used_;
    }
    if (chunk == chunk_count)
        return fail(Error::no_memory);
    Slot* fresh = new (std::nothrow) Slot[first_chunk << chunk];
    if (!fresh)
        return fail(Error::no_memory);
    {
        SpinlockGuard guard(lock_);
        if (chunks_used_ == chunk) // else another thread was faster
            chunks_[chunks_used_++] = std::exchange(fresh, nullptr);
    }
    delete[] fresh;
    return {};
}

Result<std::uint64_t> HandleTable::add(Ref<Object> object) {
    for (;;) {
        {
            SpinlockGuard guard(lock_);
            std::uint32_t index = first_free_;
            if (index == none && used_ < capacity())
                index = used_++;
            else if (index != none)
                first_free_ = slot_at(index).next_free;
            if (index != none) {
                Slot& slot = slot_at(index);
                const std::uint64_t generation = slot.generation & ((1u << generation_bits) - 1);
                slot.handle =
                    handle_base | generation << (index_shift + index_bits) | std::uint64_t{index} << index_shift;
                slot.object = object.release();
                return slot.handle;
            }
        }
        TRY(grow());
    }
}

Result<Ref<Object>> HandleTable::remove(std::uint64_t handle, Object::Kind kind) {
    SpinlockGuard guard(lock_);
    Slot* slot = slot_of(handle, kind);
    if (!slot)
        return fail(Error::invalid_argument);
    slot->handle = 0;
    ++slot->generation;
    slot->next_free = first_free_;
    first_free_ = static_cast<std::uint32_t>(handle >> index_shift & ((1u << index_bits) - 1));
    return Ref<Object>::adopt(std::exchange(slot->object, nullptr));
}

std::uint64_t HandleTable::find_name(Object::Kind kind, std::string_view name) {
    name = name.substr(0, Object::name_bytes - 1);
    for (std::uint32_t first = 0;; first += slots_at_once) {
        SpinlockGuard guard(lock_);
        if (first >= used_)
            return 0;
        for (std::uint32_t i = first; i < used_ && i < first + slots_at_once; ++i)
            if (Slot& slot = slot_at(i); slot.handle != 0 && slot.object->kind() == kind && slot.object->name() == name)
                return slot.handle;
    }
}

Result<> HandleTable::copy_from(HandleTable& other) NO_THREAD_SAFETY_ANALYSIS { // nobody else knows the copy yet
    std::array<Slot, slots_at_once> some;
    for (;;) {
        std::uint32_t count = 0;
        {
            SpinlockGuard guard(other.lock_);
            for (; used_ + count < other.used_ && count < slots_at_once; ++count) {
                some[count] = other.slot_at(used_ + count);
                if (some[count].handle != 0 && some[count].object->kind() != Object::Kind::thread)
                    some[count].object->add_reference();
                else
                    some[count] = {.generation = some[count].generation + (some[count].handle != 0)};
            }
        }
        if (count == 0)
            return {};
        for (std::uint32_t i = 0; i < count; ++i) {
            if (used_ == capacity())
                if (auto grown = grow(); !grown) {
                    for (; i < count; ++i)
                        if (some[i].handle != 0)
                            Ref<Object>::adopt(some[i].object).reset();
                    return grown;
                }
            Slot& slot = slot_at(used_);
            slot = some[i];
            if (slot.handle == 0)
                slot.next_free = std::exchange(first_free_, used_);
            ++used_;
        }
    }
}

} // namespace abi::rtthread
