#include "file/attributes.hpp"

#include "process/process.hpp"
#include "thread/wall_clock.hpp"

namespace file {

Timestamp wall_clock() {
    return static_cast<Timestamp>(thread::wall_time());
}

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

CurrentIdentity::CurrentIdentity(Which which) {
    process::Process* process = thread::current().process;
    if (!process)
        return;
    SpinlockGuard guard(process->lock);
    const process::Credentials& credentials = process->credentials;
    bool real = which == Which::real;
    user = real ? credentials.user : credentials.file_user;
    group = real ? credentials.group : credentials.file_group;
    std::size_t count = credentials.group_count < max_groups ? credentials.group_count : max_groups;
    for (std::size_t i = 0; i < count; ++i)
        groups_[i] = credentials.groups[i];
    groups = {groups_, count};
}

} // namespace file
