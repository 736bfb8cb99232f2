#pragma once
// Runs a stopped machine until the wanted trap has entered the kernel.

#include "walk/user_trap.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace host::walk {

/// Which trap a walk begins with.
struct TrapWanted {
    TrapKind kind = TrapKind::call;
    std::string name;                     ///< the call's
    std::int64_t number = 0;              ///< the call's; 32 bits of it are compared
    std::string number_register{};        ///< what carries it; empty: Linux's
    std::optional<std::uint64_t> cause{}; ///< only traps of this cause_code() count; empty: all
    std::string through{};                ///< a function of the kernel; empty: any path
    unsigned nth = 1;           ///< which of those that fit, from 1; with `through`, which run of the function
    double timeout = 60;        ///< seconds until it must have come
    Symbols* program = nullptr; ///< the user program's ELF file: only traps from its code count. Null: all
    std::function<std::string(std::int64_t)> name_of{}; ///< a call's name, for messages; may be empty
};

/// A limit for everything until the trap: what is left of the time.
class Deadline {
public:
    explicit Deadline(double seconds) : end_(Clock::now() + std::chrono::duration<double>(seconds)) {}
    /// Seconds.
    [[nodiscard]] double rest() const {
        return std::max(0.0, std::chrono::duration<double>(end_ - Clock::now()).count());
    }

private:
    using Clock = std::chrono::steady_clock;
    std::chrono::time_point<Clock, std::chrono::duration<double>> end_;
};

class Search {
public:
    Search(StoppedCpu& cpu, Symbols& kernel, const KernelMap& map, const TrapWanted& wanted);

    /// Runs to the next trap of the wanted kind and number; the CPU stands at the kernel's first instruction. Whether
    /// its path goes through the wanted function is for the caller to see, who comes again when it does not. Throws
    /// Failure(124) when none comes in time or before the machine's end; the message says which calls came.
    UserTrap next();

private:
    void pass_gate();
    void pass_earlier();
    [[nodiscard]] std::optional<UserTrap> next_by_stub(std::uint64_t function);
    UserTrap next_by_entry();
    void resume();
    /// Counts it among those seen; true when it is what is looked for.
    [[nodiscard]] bool is_wanted(const UserTrap& trap);
    [[nodiscard]] bool comes_from_program(const UserTrap& trap);
    [[noreturn]] void fail_missing(GdbConnection::Stop stop) const;

    StoppedCpu& cpu_;
    Symbols& kernel_;
    const KernelMap& map_;
    const TrapWanted& wanted_;
    std::string number_register_;
    TrapEntries entries_;
    Deadline deadline_;
    bool began_ = false;
    unsigned met_ = 0;
    std::map<std::int64_t, unsigned> seen_; ///< calls by number
};

} // namespace host::walk
