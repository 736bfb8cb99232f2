#pragma once
// Names of objects: cut where they are too long, as rt_object_init does.

#include "abi/rtthread/object/object.hpp"
#include "memory/user_ptr.hpp"

namespace abi::rtthread {

class ObjectName {
public:
    /// A null pointer is an empty name. Errors: bad_address.
    Result<> read(memory::UserString from);
    std::string_view text() const { return text_; }

private:
    std::array<char, Object::name_bytes> buffer_;
    std::string_view text_;
};

} // namespace abi::rtthread
