#include "memory/user_ptr.hpp"

namespace memory {

Result<std::string_view> UserString::read(std::span<char> to) const {
    if (address_.value >= arch::user_top)
        return fail(Error::bad_address);
    // A string that reaches the end of user space is cut there; without a NUL before, it runs into what is not the
    // program's.
    const std::size_t room = arch::user_top - address_.value;
    const std::size_t most = to.size() < room ? to.size() : room;
    const std::ptrdiff_t length = arch::copy_string_from_user(to.data(), address_.value, most);
    if (length < 0)
        return fail(Error::bad_address);
    if (static_cast<std::size_t>(length) == most)
        return fail(most < to.size() ? Error::bad_address : Error::name_too_long);
    return std::string_view(to.data(), static_cast<std::size_t>(length));
}

} // namespace memory
