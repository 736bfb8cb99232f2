#include "process/host_name.hpp"

namespace process {

std::string_view SystemName::get(std::span<char> to) {
    SpinlockGuard guard(lock_);
    return {to.data(), std::string_view(text_.data(), length_).copy(to.data(), to.size())};
}

Result<> SystemName::set(std::string_view name) {
    if (name.size() > max_length)
        return fail(Error::invalid_argument);
    SpinlockGuard guard(lock_);
    length_ = name.copy(text_.data(), text_.size());
    return {};
}

SystemName& host_name() {
    static constinit SystemName name("tetrapylon");
    return name;
}

SystemName& domain_name() {
    static constinit SystemName name("(none)");
    return name;
}

} // namespace process
