#include "abi/xv6/path.hpp"

namespace abi::xv6 {

Result<> PathText::read(memory::UserString path) {
    const std::string_view given = TRY(path.read(buffer_));
    std::size_t length = 0, name = 0; // of the text, of its last name
    for (const char c : given) {
        name = c == '/' ? 0 : name + 1;
        if (name <= max_name)
            buffer_[length++] = c;
    }
    while (length > 1 && buffer_[length - 1] == '/')
        --length;
    text_ = {buffer_, length};
    return {};
}

} // namespace abi::xv6
