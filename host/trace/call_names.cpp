#include "trace/call_names.hpp"

#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <span>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace host::trace {

namespace {

struct Word {
    std::uint64_t bits;
    const char* name;
};

/// How one argument of one call reads.
struct Naming {
    std::string_view call;
    unsigned argument;
    std::span<const Word> choices; ///< of the bits in `choice_mask`, exactly one
    std::uint64_t choice_mask;
    std::span<const Word> flags; ///< any of the other bits
};

constexpr std::array access_modes{Word{O_RDONLY, "O_RDONLY"}, Word{O_WRONLY, "O_WRONLY"}, Word{O_RDWR, "O_RDWR"}};
/// The values that all ISAs share; O_DIRECT and its neighbours are in open_flags_of().
constexpr std::array open_flags{
    Word{O_CREAT, "O_CREAT"},     Word{O_EXCL, "O_EXCL"},       Word{O_NOCTTY, "O_NOCTTY"},
    Word{O_TRUNC, "O_TRUNC"},     Word{O_APPEND, "O_APPEND"},   Word{O_NONBLOCK, "O_NONBLOCK"},
    Word{04010000, "O_SYNC"},     Word{O_DSYNC, "O_DSYNC"},     Word{O_ASYNC, "O_ASYNC"},
    Word{O_NOATIME, "O_NOATIME"}, Word{O_CLOEXEC, "O_CLOEXEC"}, Word{010000000, "O_PATH"},
    Word{020000000, "O_TMPFILE"}};
constexpr std::array generic_open_flags{
    Word{040000, "O_DIRECT"}, Word{0100000, "O_LARGEFILE"}, Word{0200000, "O_DIRECTORY"}, Word{0400000, "O_NOFOLLOW"}};
constexpr std::array arm_open_flags{
    Word{040000, "O_DIRECTORY"}, Word{0100000, "O_NOFOLLOW"}, Word{0200000, "O_DIRECT"}, Word{0400000, "O_LARGEFILE"}};

constexpr std::array pipe_flags{Word{O_CLOEXEC, "O_CLOEXEC"}, Word{O_NONBLOCK, "O_NONBLOCK"}};
constexpr std::array protections{
    Word{PROT_READ, "PROT_READ"}, Word{PROT_WRITE, "PROT_WRITE"}, Word{PROT_EXEC, "PROT_EXEC"}};
constexpr std::array no_protection{Word{0, "PROT_NONE"}};
constexpr std::array map_types{
    Word{MAP_SHARED, "MAP_SHARED"}, Word{MAP_PRIVATE, "MAP_PRIVATE"}, Word{3, "MAP_SHARED_VALIDATE"}};
constexpr std::array map_flags{
    Word{MAP_FIXED, "MAP_FIXED"},
    Word{MAP_ANONYMOUS, "MAP_ANONYMOUS"},
    Word{MAP_GROWSDOWN, "MAP_GROWSDOWN"},
    Word{MAP_DENYWRITE, "MAP_DENYWRITE"},
    Word{MAP_LOCKED, "MAP_LOCKED"},
    Word{MAP_NORESERVE, "MAP_NORESERVE"},
    Word{MAP_POPULATE, "MAP_POPULATE"},
    Word{MAP_STACK, "MAP_STACK"},
    Word{MAP_FIXED_NOREPLACE, "MAP_FIXED_NOREPLACE"}};
constexpr std::array at_flags{
    Word{AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"}, Word{AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW"},
    Word{AT_EMPTY_PATH, "AT_EMPTY_PATH"}, Word{AT_REMOVEDIR, "AT_REMOVEDIR"}};
constexpr std::array access_rights{Word{R_OK, "R_OK"}, Word{W_OK, "W_OK"}, Word{X_OK, "X_OK"}};
constexpr std::array access_none{Word{F_OK, "F_OK"}};
constexpr std::array whences{Word{SEEK_SET, "SEEK_SET"}, Word{SEEK_CUR, "SEEK_CUR"}, Word{SEEK_END, "SEEK_END"}};
constexpr std::array mask_changes{
    Word{SIG_BLOCK, "SIG_BLOCK"}, Word{SIG_UNBLOCK, "SIG_UNBLOCK"}, Word{SIG_SETMASK, "SIG_SETMASK"}};
constexpr std::array wait_flags{Word{WNOHANG, "WNOHANG"}, Word{WUNTRACED, "WUNTRACED"}, Word{WCONTINUED, "WCONTINUED"}};
constexpr std::array clocks{Word{0, "CLOCK_REALTIME"},           Word{1, "CLOCK_MONOTONIC"},
                            Word{2, "CLOCK_PROCESS_CPUTIME_ID"}, Word{3, "CLOCK_THREAD_CPUTIME_ID"},
                            Word{4, "CLOCK_MONOTONIC_RAW"},      Word{7, "CLOCK_BOOTTIME"}};
constexpr std::array descriptor_commands{
    Word{F_DUPFD, "F_DUPFD"}, Word{F_GETFD, "F_GETFD"}, Word{F_SETFD, "F_SETFD"},
    Word{F_GETFL, "F_GETFL"}, Word{F_SETFL, "F_SETFL"}, Word{5, "F_GETLK"},
    Word{6, "F_SETLK"},       Word{7, "F_SETLKW"},      Word{1030, "F_DUPFD_CLOEXEC"}};
constexpr std::array terminal_requests{
    Word{0x5401, "TCGETS"},     Word{0x5402, "TCSETS"},    Word{0x5403, "TCSETSW"},   Word{0x5404, "TCSETSF"},
    Word{0x540e, "TIOCSCTTY"},  Word{0x540f, "TIOCGPGRP"}, Word{0x5410, "TIOCSPGRP"}, Word{0x5413, "TIOCGWINSZ"},
    Word{0x5414, "TIOCSWINSZ"}, Word{0x541b, "FIONREAD"},  Word{0x5421, "FIONBIO"}};
constexpr std::array futex_operations{
    Word{FUTEX_WAIT, "FUTEX_WAIT"},
    Word{FUTEX_WAKE, "FUTEX_WAKE"},
    Word{FUTEX_REQUEUE, "FUTEX_REQUEUE"},
    Word{FUTEX_CMP_REQUEUE, "FUTEX_CMP_REQUEUE"},
    Word{FUTEX_WAKE_OP, "FUTEX_WAKE_OP"},
    Word{FUTEX_WAIT_BITSET, "FUTEX_WAIT_BITSET"},
    Word{FUTEX_WAKE_BITSET, "FUTEX_WAKE_BITSET"}};
constexpr std::array futex_flags{
    Word{FUTEX_PRIVATE_FLAG, "FUTEX_PRIVATE_FLAG"}, Word{FUTEX_CLOCK_REALTIME, "FUTEX_CLOCK_REALTIME"}};
constexpr std::array clone_flags{
    Word{CLONE_VM, "CLONE_VM"},
    Word{CLONE_FS, "CLONE_FS"},
    Word{CLONE_FILES, "CLONE_FILES"},
    Word{CLONE_SIGHAND, "CLONE_SIGHAND"},
    Word{CLONE_VFORK, "CLONE_VFORK"},
    Word{CLONE_PARENT, "CLONE_PARENT"},
    Word{CLONE_THREAD, "CLONE_THREAD"},
    Word{CLONE_SYSVSEM, "CLONE_SYSVSEM"},
    Word{CLONE_SETTLS, "CLONE_SETTLS"},
    Word{CLONE_PARENT_SETTID, "CLONE_PARENT_SETTID"},
    Word{CLONE_CHILD_CLEARTID, "CLONE_CHILD_CLEARTID"},
    Word{CLONE_CHILD_SETTID, "CLONE_CHILD_SETTID"}};

constexpr std::uint64_t all_bits = ~std::uint64_t{0};
constexpr std::array namings{
    Naming{"open", 1, access_modes, 3, open_flags},
    Naming{"openat", 2, access_modes, 3, open_flags},
    Naming{"pipe2", 1, {}, 0, pipe_flags},
    Naming{"dup3", 2, {}, 0, pipe_flags},
    Naming{"mmap", 2, no_protection, 0, protections},
    Naming{"mprotect", 2, no_protection, 0, protections},
    Naming{"mmap", 3, map_types, 3, map_flags},
    Naming{"newfstatat", 3, {}, 0, at_flags},
    Naming{"unlinkat", 2, {}, 0, at_flags},
    Naming{"linkat", 4, {}, 0, at_flags},
    Naming{"faccessat", 2, access_none, 0, access_rights},
    Naming{"access", 1, access_none, 0, access_rights},
    Naming{"lseek", 2, whences, all_bits, {}},
    Naming{"rt_sigprocmask", 0, mask_changes, all_bits, {}},
    Naming{"wait4", 2, {}, 0, wait_flags},
    Naming{"clock_gettime", 0, clocks, all_bits, {}},
    Naming{"clock_nanosleep", 0, clocks, all_bits, {}},
    Naming{"fcntl", 1, descriptor_commands, all_bits, {}},
    Naming{"ioctl", 1, terminal_requests, all_bits, {}},
    Naming{"futex", 1, futex_operations, 0x7f, futex_flags},
    Naming{"clone", 0, {}, 0xff, clone_flags},
};

void add_word(std::string& words, std::string_view word) {
    words += (words.empty() ? "" : "|") + std::string(word);
}

void add_flags(std::string& words, std::span<const Word> flags, std::uint64_t& rest) {
    for (const Word& flag : flags) {
        if (flag.bits != 0 && (rest & flag.bits) == flag.bits) {
            add_word(words, flag.name);
            rest &= ~flag.bits;
        }
    }
}

bool add_choice(std::string& words, const Naming& naming, std::uint64_t& rest) {
    for (const Word& choice : naming.choices) {
        if ((rest & naming.choice_mask) == choice.bits && (naming.choice_mask != 0 || rest == 0)) {
            add_word(words, choice.name);
            rest &= ~naming.choice_mask;
            return true;
        }
    }
    return false;
}

} // namespace

std::string flag_words(Isa isa, std::string_view call, unsigned argument, std::uint64_t value) {
    for (const Naming& naming : namings) {
        if (naming.call != call || naming.argument != argument) {
            continue;
        }
        std::string words;
        std::uint64_t rest = value & 0xffffffff;
        add_choice(words, naming, rest);
        add_flags(words, naming.flags, rest);
        if (naming.flags.data() == open_flags.data()) {
            add_flags(words, isa == Isa::aarch64 ? std::span<const Word>(arm_open_flags) : generic_open_flags, rest);
        }
        if (call == "clone" && (rest & 0xff) != 0) { // the low byte is the signal at the child's end
            add_word(words, signal_name(rest & 0xff));
            rest &= ~std::uint64_t{0xff};
        }
        if (rest != 0 || words.empty()) {
            add_word(words, rest == 0 ? "0" : fmt::format("{:#x}", rest));
        }
        return words;
    }
    return {};
}

std::string signal_name(std::uint64_t number) {
    constexpr std::uint64_t first_real_time = 32;
    if (number >= first_real_time && number <= 64) {
        return fmt::format("SIGRT_{}", number - first_real_time);
    }
    const char* name = number == 0 ? nullptr : sigabbrev_np(static_cast<int>(number));
    return name == nullptr ? fmt::format("{}", number) : fmt::format("SIG{}", name);
}

std::string error_name(int number) {
    const char* name = strerrorname_np(number);
    return name == nullptr ? fmt::format("{}", number) : std::string(name);
}

std::string error_words(int number) {
    const char* words = strerrordesc_np(number);
    return fmt::format("{} ({})", error_name(number), words == nullptr ? "unknown error" : words);
}

} // namespace host::trace
