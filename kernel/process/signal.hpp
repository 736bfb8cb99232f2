#pragma once
// Signals, in no personality's layout: the numbers that POSIX systems share (1..31 named, 32..64 queued in order), sets
// of them, what is pending and what is to be done. Personalities translate structures, not numbers.

#include "lib/address.hpp"
#include "lib/ref.hpp"
#include "lib/result.hpp"
#include "lib/spinlock.hpp"

#include <array>
#include <boost/intrusive/slist.hpp>
#include <cstdint>

namespace process {

using Id = std::int32_t; // of a process, thread, group or session; > 0

/// The numbers of Linux's generic list, which RT-Thread Smart (musl) shares.
enum class Signal : std::uint8_t {
    none = 0,
    hangup = 1,
    interrupt = 2,
    quit = 3,
    illegal = 4,
    trap = 5,
    abort = 6,
    bus = 7,
    floating_point = 8,
    kill = 9,
    user1 = 10,
    segmentation = 11,
    user2 = 12,
    pipe = 13,
    alarm = 14,
    terminate = 15,
    stack_fault = 16,
    child = 17,
    resume = 18, // SIGCONT
    stop = 19,
    terminal_stop = 20,
    terminal_input = 21,
    terminal_output = 22,
    urgent = 23,
    cpu_limit = 24,
    file_limit = 25,
    virtual_alarm = 26,
    profile = 27,
    window = 28,
    io = 29,
    power = 30,
    bad_call = 31,
};
inline constexpr unsigned signal_count = 64;
inline constexpr unsigned first_queued_signal = 32; // from here on each sending is kept

/// A set of signals 1..64; bit n-1 is signal n, as all POSIX kernels lay it out.
struct SignalSet {
    std::uint64_t bits = 0;

    static constexpr SignalSet of(auto... signals) { return {(0 | ... | bit(signals))}; }
    static constexpr SignalSet all() { return {~std::uint64_t{0}}; }
    constexpr bool contains(Signal signal) const { return (bits & bit(signal)) != 0; }
    constexpr bool empty() const { return bits == 0; }
    constexpr void add(Signal signal) { bits |= bit(signal); }
    constexpr void remove(Signal signal) { bits &= ~bit(signal); }
    constexpr SignalSet operator|(SignalSet other) const { return {bits | other.bits}; }
    constexpr SignalSet operator&(SignalSet other) const { return {bits & other.bits}; }
    constexpr SignalSet operator-(SignalSet other) const { return {bits & ~other.bits}; }
    constexpr bool operator==(const SignalSet&) const = default;
    /// The lowest member; none when empty.
    constexpr Signal first() const { return bits == 0 ? Signal::none : static_cast<Signal>(__builtin_ctzll(bits) + 1); }

private:
    static constexpr std::uint64_t bit(Signal signal) {
        return std::uint64_t{1} << (static_cast<unsigned>(signal) - 1);
    }
};

inline constexpr SignalSet unblockable = SignalSet::of(Signal::kill, Signal::stop);
inline constexpr SignalSet stop_signals =
    SignalSet::of(Signal::stop, Signal::terminal_stop, Signal::terminal_input, Signal::terminal_output);
/// Raised by the running instruction itself; delivered before all others.
inline constexpr SignalSet synchronous_signals = SignalSet::of(
    Signal::segmentation, Signal::bus, Signal::illegal, Signal::trap, Signal::floating_point, Signal::bad_call);

enum class DefaultAction : std::uint8_t { terminate, dump, ignore, stop, resume };
/// What a process does with a signal it has no action for (signal(7), "Standard signals"). A dump is a termination that
/// says so.
DefaultAction default_action(Signal signal);

/// Who sent it: decides which fields mean anything.
enum class SignalSource : std::uint8_t {
    kernel, // nothing else known
    user,   // kill(): sender, user
    thread, // tkill(): sender, user
    queued, // with a value: sender, user, value, and `code` as the sender gave it
    timer,  // a POSIX timer: value, code (overruns), status (the timer's number)
    child,  // sender, user, child, status, times
    fault,  // address, fault
};
/// Why an instruction raised a signal; the names of POSIX's si_code values.
enum class FaultCode : std::uint8_t {
    none,
    not_mapped,        // SEGV_MAPERR
    no_right,          // SEGV_ACCERR
    misaligned,        // BUS_ADRALN
    no_object,         // BUS_ADRERR: behind the end of a mapped file
    illegal_opcode,    // ILL_ILLOPC
    privileged_opcode, // ILL_PRVOPC
    integer_divide,    // FPE_INTDIV
    integer_overflow,  // FPE_INTOVF
    float_unknown,     // FPE_FLTUNK, or what the FPU's status says
    breakpoint,        // TRAP_BRKPT
    trace,             // TRAP_TRACE
};
/// What happened to a child.
enum class ChildEvent : std::uint8_t { exited, killed, dumped, trapped, stopped, continued };

struct SignalInfo {
    Signal signal = Signal::none;
    SignalSource source = SignalSource::kernel;
    FaultCode fault = FaultCode::none;
    ChildEvent child = ChildEvent::exited;
    std::int32_t code = 0;   // queued: as the sender gave it
    std::int32_t status = 0; // child: exit status or signal
    Id sender = 0;
    std::uint32_t user = 0;        // sender's real user id
    std::uint64_t value = 0;       // queued
    std::uint64_t address = 0;     // fault
    std::uint64_t user_time = 0;   // child, ns
    std::uint64_t system_time = 0; // child, ns
};

/// What a process wants done.
struct SignalAction {
    enum class Kind : std::uint8_t { standard, ignore, handler };
    enum Flag : std::uint8_t {
        no_child_stop = 1 << 0, // no signal when a child stops
        no_child_wait = 1 << 1, // children leave no zombies
        with_info = 1 << 2,
        on_alternate_stack = 1 << 3,
        restart_calls = 1 << 4,
        not_deferred = 1 << 5, // not blocked while its handler runs
        one_shot = 1 << 6,
        has_restorer = 1 << 7,
    };
    Kind kind = Kind::standard;
    std::uint8_t flags = 0;
    std::uintptr_t handler = 0;
    std::uintptr_t restorer = 0;
    SignalSet mask{}; // blocked as well while the handler runs

    bool has(Flag flag) const { return (flags & flag) != 0; }
};

/// The actions of a process, or of several that share them. Its lock is a leaf: nothing is taken under it.
class SignalActions : public RefCounted<SignalActions> {
public:
    /// Errors: no_memory.
    static Result<Ref<SignalActions>> create();
    /// The same actions in an object of their own. Errors: no_memory.
    Result<Ref<SignalActions>> copy();

    SignalAction get(Signal signal);
    /// Sets and returns the former one.
    SignalAction set(Signal signal, const SignalAction& action);
    /// Exec: handlers become standard, ignored stays ignored.
    void reset_handlers();
    /// True when `signal` would be thrown away on arrival: ignored, or standard with the default action `ignore`.
    bool is_ignored(Signal signal);

private:
    void copy_into(SignalActions& other) REQUIRES(lock_);

    Spinlock lock_;
    std::array<SignalAction, signal_count> actions_ GUARDED_BY(lock_);
};

/// A signal that waits with what is known of it.
struct QueuedSignal {
    SignalInfo info;
    boost::intrusive::slist_member_hook<> hook;
};

/// What is pending for one thread or one process. Guarded by the owning process's lock.
class PendingSignals {
public:
    PendingSignals() = default;
    ~PendingSignals() { discard(SignalSet::all()); }

    SignalSet set() const { return set_; }
    unsigned queued() const { return static_cast<unsigned>(queue_.size()); }
    /// Adds; takes `entry` over when it keeps it. A standard signal that is pending already is dropped. Without an
    /// entry (no memory) the signal itself still arrives, its information is lost. Returns the entry when it was not
    /// kept, for the caller to free.
    QueuedSignal* add(const SignalInfo& info, QueuedSignal* entry);
    /// Takes the next one that is in `wanted`: faults first, then the lowest number, oldest first. signal none: there
    /// is none.
    SignalInfo take(SignalSet wanted);
    /// Which one take() would return.
    Signal next(SignalSet wanted) const;
    /// Forgets all pending signals of the set.
    void discard(SignalSet which);

private:
    using Queue = boost::intrusive::slist<
        QueuedSignal,
        boost::intrusive::member_hook<QueuedSignal, boost::intrusive::slist_member_hook<>, &QueuedSignal::hook>,
        boost::intrusive::cache_last<true>>;
    SignalSet set_;
    Queue queue_;
};

/// sigaltstack(2): where handlers run that ask for it. bytes 0: none.
struct AlternateStack {
    std::uintptr_t base = 0;
    std::size_t bytes = 0;
    bool disarm_on_use = false; // SS_AUTODISARM

    bool contains(std::uintptr_t stack_pointer) const { return stack_pointer > base && stack_pointer - base <= bytes; }
};

} // namespace process
