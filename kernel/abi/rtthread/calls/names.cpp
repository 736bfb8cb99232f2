#include "abi/rtthread/calls/names.hpp"

namespace abi::rtthread {

Result<> ObjectName::read(memory::UserString from) {
    if (!from)
        return {};
    const auto whole = from.read(buffer_);
    if (!whole && whole.error() != Error::name_too_long)
        return fail(whole.error());
    if (!whole)
        TRY(memory::copy_in(buffer_.data(), from.address(), buffer_.size()));
    text_ = whole ? *whole : std::string_view(buffer_.data(), buffer_.size() - 1);
    return {};
}

} // namespace abi::rtthread
