#include "abi/linux/calls/identity.hpp"

#include "process/process.hpp"

namespace abi::linux {
namespace {

using process::Credentials;

/// The value that leaves an id as it is.
constexpr UserId unchanged = ~UserId{0};

/// One kind of id (user or group) of a set of credentials, so that both kinds share their rules.
struct Ids {
    UserId& real;
    UserId& effective;
    UserId& saved;
    UserId& file;

    static Ids users(Credentials& of) { return {of.user, of.effective_user, of.saved_user, of.file_user}; }
    static Ids groups(Credentials& of) { return {of.group, of.effective_group, of.saved_group, of.file_group}; }

    bool has(UserId id) const { return id == real || id == effective || id == saved; }
};

/// What a process that is no longer root may do as root: nothing. What it regains with the effective user 0: all it was
/// permitted.
void follow_user_change(Credentials& credentials, bool was_root) {
    const bool any_root = credentials.user == 0 || credentials.effective_user == 0 || credentials.saved_user == 0;
    if (was_root && !any_root)
        credentials.permitted = 0;
    credentials.effective = credentials.effective_user == 0 ? credentials.permitted : 0;
}

/// Changes this process's credentials under its lock; `change` returns a Result<> and changes nothing when it fails.
template <typename Change>
Result<> change_credentials(Change change) {
    process::Process& self = process::current();
    SpinlockGuard guard(self.lock);
    Credentials changed = self.credentials;
    const bool was_root = changed.user == 0 || changed.effective_user == 0 || changed.saved_user == 0;
    TRY(change(changed));
    follow_user_change(changed, was_root);
    self.credentials = changed;
    return {};
}

Result<> set_id(Ids ids, bool is_root, UserId id) {
    if (id == unchanged)
        return fail(Error::invalid_argument);
    if (is_root)
        ids.real = ids.saved = id;
    else if (id != ids.real && id != ids.saved)
        return fail(Error::not_permitted);
    ids.effective = ids.file = id;
    return {};
}

Result<> set_real_effective(Ids ids, bool is_root, UserId real, UserId effective) {
    if (!is_root && real != unchanged && real != ids.real && real != ids.effective)
        return fail(Error::not_permitted);
    if (!is_root && effective != unchanged && !ids.has(effective))
        return fail(Error::not_permitted);
    const UserId old_real = ids.real;
    if (real != unchanged)
        ids.real = real;
    if (effective != unchanged)
        ids.effective = effective;
    if (real != unchanged || (effective != unchanged && effective != old_real))
        ids.saved = ids.effective;
    ids.file = ids.effective;
    return {};
}

Result<> set_all(Ids ids, bool is_root, UserId real, UserId effective, UserId saved) {
    const auto allowed = [&](UserId id) { return id == unchanged || is_root || ids.has(id); };
    if (!allowed(real) || !allowed(effective) || !allowed(saved))
        return fail(Error::not_permitted);
    if (real != unchanged)
        ids.real = real;
    if (effective != unchanged)
        ids.effective = effective;
    if (saved != unchanged)
        ids.saved = saved;
    ids.file = ids.effective;
    return {};
}

/// setfsuid and its twin report the former id and never fail: one that is not allowed changes nothing.
UserId set_file_id(Ids ids, bool is_root, UserId id) {
    const UserId former = ids.file;
    if (id != unchanged && (is_root || ids.has(id) || id == ids.file))
        ids.file = id;
    return former;
}

} // namespace

Result<UserId> sys_getuid(thread::Thread& thread) {
    return thread.process->credentials_of().user;
}

Result<UserId> sys_geteuid(thread::Thread& thread) {
    return thread.process->credentials_of().effective_user;
}

Result<UserId> sys_getgid(thread::Thread& thread) {
    return thread.process->credentials_of().group;
}

Result<UserId> sys_getegid(thread::Thread& thread) {
    return thread.process->credentials_of().effective_group;
}

Result<> sys_getresuid(memory::UserPtr<UserId> real, memory::UserPtr<UserId> effective, memory::UserPtr<UserId> saved) {
    const Credentials credentials = process::current().credentials_of();
    TRY(real.write(credentials.user));
    TRY(effective.write(credentials.effective_user));
    return saved.write(credentials.saved_user);
}

Result<> sys_getresgid(memory::UserPtr<UserId> real, memory::UserPtr<UserId> effective, memory::UserPtr<UserId> saved) {
    const Credentials credentials = process::current().credentials_of();
    TRY(real.write(credentials.group));
    TRY(effective.write(credentials.effective_group));
    return saved.write(credentials.saved_group);
}

Result<> sys_setuid(UserId user) {
    return change_credentials([&](Credentials& of) { return set_id(Ids::users(of), of.is_root(), user); });
}

Result<> sys_setgid(UserId group) {
    return change_credentials([&](Credentials& of) { return set_id(Ids::groups(of), of.is_root(), group); });
}

Result<> sys_setreuid(UserId real, UserId effective) {
    return change_credentials(
        [&](Credentials& of) { return set_real_effective(Ids::users(of), of.is_root(), real, effective); });
}

Result<> sys_setregid(UserId real, UserId effective) {
    return change_credentials(
        [&](Credentials& of) { return set_real_effective(Ids::groups(of), of.is_root(), real, effective); });
}

Result<> sys_setresuid(UserId real, UserId effective, UserId saved) {
    return change_credentials(
        [&](Credentials& of) { return set_all(Ids::users(of), of.is_root(), real, effective, saved); });
}

Result<> sys_setresgid(UserId real, UserId effective, UserId saved) {
    return change_credentials(
        [&](Credentials& of) { return set_all(Ids::groups(of), of.is_root(), real, effective, saved); });
}

Result<UserId> sys_setfsuid(UserId user) {
    UserId former = 0;
    TRY(change_credentials([&](Credentials& of) -> Result<> {
        former = set_file_id(Ids::users(of), of.is_root(), user);
        return {};
    }));
    return former;
}

Result<UserId> sys_setfsgid(UserId group) {
    UserId former = 0;
    TRY(change_credentials([&](Credentials& of) -> Result<> {
        former = set_file_id(Ids::groups(of), of.is_root(), group);
        return {};
    }));
    return former;
}

Result<std::int32_t> sys_getgroups(std::int32_t size, memory::UserPtr<UserId> list) {
    const Credentials credentials = process::current().credentials_of();
    const auto count = static_cast<std::int32_t>(credentials.group_count);
    if (size == 0)
        return count;
    if (size < count)
        return fail(Error::invalid_argument);
    TRY(memory::UserSpan<UserId>(list.address(), credentials.group_count)
            .write(std::span(credentials.groups).first(credentials.group_count)));
    return count;
}

Result<> sys_setgroups(std::int32_t size, memory::UserPtr<const UserId> list) {
    if (size < 0 || static_cast<std::size_t>(size) > Credentials::max_groups)
        return fail(Error::invalid_argument);
    std::array<UserId, Credentials::max_groups> groups{};
    const auto count = static_cast<std::size_t>(size);
    TRY(memory::UserSpan<const UserId>(list.address(), count).read(std::span(groups).first(count)));
    return change_credentials([&](Credentials& of) -> Result<> {
        if (!of.is_root())
            return fail(Error::not_permitted);
        of.groups = groups;
        of.group_count = static_cast<std::uint32_t>(count);
        return {};
    });
}

} // namespace abi::linux
