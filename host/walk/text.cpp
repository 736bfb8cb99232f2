#include "walk/text.hpp"

#include "walk/isa_view.hpp"

#include <fmt/format.h>
#include <iterator>

namespace host::walk {

namespace {

/// Writes one walk line by line.
class Writer {
public:
    Writer(const Recording& recording, Symbols& symbols, const TextOptions& options)
        : recording_(recording), view_(view_of(recording.isa)), symbols_(symbols), options_(options) {}

    std::string write(const std::vector<Station>& stations) {
        heading();
        unsigned number = 0;
        for (const Station& station : stations) {
            line(fmt::format("{:2}", ++number), station, 0);
            registers(station);
            body(station, 1);
        }
        result();
        return std::move(text_);
    }

private:
    void heading() {
        std::string arguments;
        for (const std::uint64_t value : recording_.arguments) {
            arguments += fmt::format("{}{:#x}", arguments.empty() ? "" : ", ", value);
        }
        add("{}{}({}){}  {}, {} {}\n", bold(), recording_.call, arguments, plain(), name_of(recording_.isa),
            recording_.instructions(), options_.chinese ? "条内核指令" : "kernel instructions");
    }

    void line(std::string_view number, const Station& station, unsigned depth) {
        const Step& step = recording_.steps[station.first_step];
        const std::string title =
            std::string(depth * 2, ' ') + (options_.chinese ? station.rule->title_chinese : station.rule->title);
        add("{} {}{:<36}{} {:>7}  {:#018x} {:<6} {}\n", number, depth == 0 ? bold() : "", title, plain(),
            station.instructions, step.program_counter, view_.mode_name(step.privilege), place(station));
    }

    [[nodiscard]] std::string place(const Station& station) const {
        const Step& step = recording_.steps[station.first_step];
        if (station.first_step == 0) {
            return step.instruction;
        }
        const std::vector<SourceFrame>& frames = symbols_.frames_at(step.program_counter);
        if (frames.empty()) {
            return step.instruction;
        }
        return fmt::format("{} {}:{}", frames.front().function, frames.front().file, frames.front().line);
    }

    /// What changed since the last moment that was recorded before this station.
    void registers(const Station& station) {
        const auto now = recording_.registers.lower_bound(station.first_step == 0 ? 1 : station.first_step);
        if (now == recording_.registers.end()) {
            return;
        }
        std::string changed;
        for (const ShownRegister& shown : view_.system) {
            const auto value = now->second.find(std::string(shown.name));
            if (value == now->second.end()) {
                continue;
            }
            const auto [before, is_new] = last_.try_emplace(value->first, value->second);
            if (is_new || before->second != value->second) {
                changed += fmt::format("  {}={:#x}", value->first, value->second);
            }
            before->second = value->second;
        }
        if (!changed.empty()) {
            add("   {}{}\n", std::string(2, ' '), changed);
        }
    }

    void body(const Station& station, unsigned depth) {
        for (const Station& part : station.parts) {
            line("  ", part, depth);
            functions(part, depth + 1);
        }
        functions(station, depth);
        if (options_.instructions) {
            instructions(station);
        }
    }

    void functions(const Station& station, unsigned depth) {
        if (!options_.functions) {
            return;
        }
        for (const FunctionPart& part : station.functions) {
            add("   {}{:<34} {:>7}  {}\n", std::string(depth * 2, ' '), part.function, part.instructions, part.file);
        }
    }

    void instructions(const Station& station) {
        for (std::size_t i = station.first_step; i < station.first_step + station.instructions; i++) {
            const Step& step = recording_.steps[i];
            const std::vector<SourceFrame>& frames = symbols_.frames_at(step.program_counter);
            add("      {:#018x}  {:<40} {}\n", step.program_counter, step.instruction,
                i == 0 || frames.empty() ? "" : fmt::format("{}:{}", frames.front().file, frames.front().line));
        }
    }

    void result() {
        const auto value = static_cast<std::int64_t>(recording_.result);
        if (recording_.went_on_elsewhere) {
            add("{}\n", options_.chinese ? "用户态在别处继续(信号、exec 或另一个线程)"
                                         : "user mode went on elsewhere (a signal, exec, or another thread)");
        } else {
            add("{} {} ({:#x})\n", options_.chinese ? "返回值" : "result", value, recording_.result);
        }
    }

    template <typename... Args>
    void add(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    }
    [[nodiscard]] const char* bold() const { return options_.colour ? "\x1b[1m" : ""; }
    [[nodiscard]] const char* plain() const { return options_.colour ? "\x1b[0m" : ""; }

    const Recording& recording_;
    const IsaView& view_;
    Symbols& symbols_;
    const TextOptions& options_;
    std::map<std::string, std::uint64_t> last_;
    std::string text_;
};

} // namespace

std::string as_text(
    const Recording& recording, const std::vector<Station>& stations, Symbols& symbols, const TextOptions& options) {
    return Writer(recording, symbols, options).write(stations);
}

} // namespace host::walk
