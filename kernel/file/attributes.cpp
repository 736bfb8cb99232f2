#include "file/attributes.hpp"

#include "device/real_time_clock.hpp"
#include "thread/timer.hpp"

namespace file {

bool Identity::in_group(GroupId wanted) const {
    if (group == wanted)
        return true;
    for (GroupId id : groups)
        if (id == wanted)
            return true;
    return false;
}

Result<> check_permission(const Attributes& attributes, const Identity& who, unsigned wanted) {
    if (who.is_root()) {
        bool executable = attributes.type == Type::directory || (attributes.mode & 0111);
        if ((wanted & may_execute) && !executable)
            return fail(Error::access_denied);
        return {};
    }
    unsigned granted = attributes.mode;
    if (who.user == attributes.user)
        granted >>= 6;
    else if (who.in_group(attributes.group))
        granted >>= 3;
    if ((granted & wanted) != wanted)
        return fail(Error::access_denied);
    return {};
}

} // namespace file
