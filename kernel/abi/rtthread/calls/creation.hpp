#pragma once
// What making an object and deleting one have in common.

#include "abi/rtthread/calls/names.hpp"
#include "abi/rtthread/thread_state.hpp"

namespace abi::rtthread {

/// The object's handle, or 0 (RT_NULL), which is what every call that makes one answers when it cannot.
inline std::uint64_t hand_out(thread::Thread& thread, Result<Ref<Object>> made) {
    if (!made || !*made)
        return 0;
    const auto handle = state_of(thread).process->handles.add(std::move(*made));
    return handle ? *handle : 0;
}

/// The object behind a handle. Errors: invalid_argument.
template <typename T>
Result<Ref<T>> find(thread::Thread& thread, std::uint64_t handle) {
    return state_of(thread).process->handles.find<T>(handle);
}

/// The handle becomes stale and waiters are told. Errors: invalid_argument.
inline Result<> delete_object(thread::Thread& thread, std::uint64_t handle, Object::Kind kind) {
    const Ref<Object> object = TRY(state_of(thread).process->handles.remove(handle, kind));
    object->close();
    return {};
}

/// RT_IPC_FLAG_PRIO is 1, everything else in order of arrival.
constexpr WaitOrder wait_order(std::uint8_t flag) {
    return flag == 1 ? WaitOrder::priority : WaitOrder::arrival;
}

} // namespace abi::rtthread
