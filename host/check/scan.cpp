#include "check/scan.hpp"

#include "check/instruction.hpp"

#include <algorithm>
#include <array>

namespace host::check {

namespace {

constexpr unsigned most_rounds = 6;

struct Line {
    std::uint64_t address = 0;
    Operation operation;
};

/// What a register is known to hold.
struct Value {
    enum class Kind : std::uint8_t { unknown, constant, argument };
    Kind kind = Kind::unknown;
    std::uint64_t number = 0;   ///< the constant, or the register that held it when the function began
    std::uint64_t function = 0; ///< argument: of which function
};

class Scanner {
public:
    explicit Scanner(const ElfProgram& program) : isa_(program.isa) {
        functions_.insert(program.entries.begin(), program.entries.end());
        const walk::Disassembler disassembler(walk::view_of(isa_));
        for (const Code& code : program.code) {
            read(code, disassembler);
        }
    }

    Found scan() {
        // Each round may find functions that hand a number on to those found before.
        for (unsigned round = 0; round < most_rounds; round++) {
            const std::size_t before = carriers_.size();
            found_ = {};
            pass();
            if (carriers_.size() == before) {
                break;
            }
        }
        return std::move(found_);
    }

private:
    /// The instructions that can matter, from the first to the last.
    void read(const Code& code, const walk::Disassembler& disassembler) {
        const unsigned step = isa_ == Isa::aarch64 ? 4 : isa_ == Isa::riscv64 ? 2 : 1;
        const unsigned longest = walk::view_of(isa_).largest_instruction;
        for (std::size_t at = 0; at < code.bytes.size();) {
            const std::string_view bytes = code.bytes.substr(at, longest);
            const walk::Instruction one = disassembler.at(code.address + at, {bytes.begin(), bytes.end()});
            const std::uint64_t address = code.address + at;
            at += one.bytes == 0 ? step : one.bytes;
            const std::uint64_t base = isa_ == Isa::x86_64 ? code.address + at : address;
            const Operation operation = understand(isa_, base, one.text);
            if (operation.kind == Operation::Kind::call && operation.value != 0) {
                functions_.insert(operation.value);
            }
            lines_.push_back({address, operation});
        }
        lines_.push_back({code.address + code.bytes.size(), {.kind = Operation::Kind::leave}});
    }

    void pass() {
        forget();
        for (const Line& line : lines_) {
            if (functions_.contains(line.address)) {
                begin_function(line.address);
            }
            follow(line);
        }
    }

    void forget() { values_.fill({}); }

    void begin_function(std::uint64_t address) {
        forget();
        for (Register i = 0; i < register_count; i++) {
            if (is_argument(isa_, i)) {
                values_.at(i) = {Value::Kind::argument, i, address};
            }
        }
    }

    void follow(const Line& line) {
        const Operation& operation = line.operation;
        using Kind = Operation::Kind;
        if ((operation.kind == Kind::constant || operation.kind == Kind::copy) && operation.target == no_register) {
            return;
        }
        switch (operation.kind) {
        case Operation::Kind::constant:
            values_.at(operation.target) = {Value::Kind::constant, operation.value, 0};
            break;
        case Operation::Kind::copy:
            values_.at(operation.target) = values_.at(operation.source);
            break;
        case Operation::Kind::other:
            if (operation.target != no_register) {
                values_.at(operation.target) = {};
            }
            break;
        case Operation::Kind::leave:
            forget();
            break;
        case Operation::Kind::trap:
            found_.traps++;
            if (!use(values_.at(number_register(isa_)), line.address)) {
                found_.undecided.insert(line.address);
            }
            clobber_result();
            break;
        case Operation::Kind::call:
            for (auto [at, end] = carriers_.equal_range(operation.value); at != end; ++at) {
                use(values_.at(at->second), line.address);
            }
            after_call();
            break;
        }
    }

    /// A number reaches a trap. False: nothing is known of it.
    bool use(const Value& value, std::uint64_t address) {
        constexpr std::uint64_t largest_number = 0x10000;
        if (value.kind == Value::Kind::constant) {
            const auto number = static_cast<std::uint32_t>(value.number);
            if (number < largest_number) {
                found_.calls.emplace(number, address);
            }
            return number < largest_number;
        }
        if (value.kind == Value::Kind::argument) {
            const auto wanted = static_cast<Register>(value.number);
            const auto [begin, end] = carriers_.equal_range(value.function);
            if (std::none_of(begin, end, [&](const auto& known) { return known.second == wanted; })) {
                carriers_.emplace(value.function, wanted);
            }
            return true;
        }
        return false;
    }

    void clobber_result() {
        if (isa_ == Isa::x86_64) {
            values_[0] = {};
            values_[1] = {};
            values_[11] = {};
        } else {
            values_.at(isa_ == Isa::aarch64 ? 0 : 10) = {};
        }
    }

    void after_call() {
        for (Register i = 0; i < register_count; i++) {
            if (!is_kept_over_calls(isa_, i)) {
                values_.at(i) = {};
            }
        }
    }

    Isa isa_;
    std::vector<Line> lines_;
    std::set<std::uint64_t> functions_;
    std::multimap<std::uint64_t, Register> carriers_; ///< functions that trap with the number in this register
    std::array<Value, register_count> values_;
    Found found_;
};

} // namespace

Found scan(const ElfProgram& program) {
    return Scanner(program).scan();
}

} // namespace host::check
