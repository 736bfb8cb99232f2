#include "walk/text.hpp"

#include "walk/isa_view.hpp"

#include <algorithm>
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
        add("{}{}({}){}  {}, {} {}\n", bold(), recording_.call, arguments(), plain(), name_of(recording_.isa),
            recording_.instructions(), say("kernel instructions", "条内核指令"));
        for (const Argument& argument : recording_.decoded) {
            add("   {:<12} {} = {}\n", argument.type, argument.name.empty() ? "-" : argument.name, argument.text);
        }
        for (const std::string& one : recording_.message) {
            add("   {}\n", one);
        }
        if (!recording_.stub.empty()) {
            add("   {}: {}\n", say("user stub", "用户态桩函数"), recording_.stub);
        }
    }

    [[nodiscard]] std::string arguments() const {
        std::string text;
        for (const Argument& argument : recording_.decoded) {
            text += (text.empty() ? "" : ", ") + argument.text;
        }
        if (!recording_.decoded.empty()) {
            return text;
        }
        for (const std::uint64_t value : recording_.arguments) {
            text += fmt::format("{}{:#x}", text.empty() ? "" : ", ", value);
        }
        return text;
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
        // Of inlined library code, the place that uses it.
        const auto own =
            std::ranges::find_if(frames, [](const SourceFrame& one) { return !one.file.starts_with("/usr/"); });
        const SourceFrame& frame = own == frames.end() ? frames.front() : *own;
        return frame.file.empty() ? frame.function : fmt::format("{} {}:{}", frame.function, frame.file, frame.line);
    }

    /// The registers before the station's first instruction: system registers that changed since the last station, and
    /// which general ones did.
    void registers(const Station& station) {
        const auto moment = recording_.registers.lower_bound(std::max<std::size_t>(station.first_step, 1));
        if (moment != recording_.registers.end() && shown_.empty()) {
            shown_ = moment->second; // all of them at the first station
            std::string all;
            for (const ShownRegister& shown : view_.system) {
                if (const auto at = shown_.find(std::string(shown.name)); at != shown_.end()) {
                    all += fmt::format("  {}={:#x}", at->first, at->second);
                }
            }
            add("     {}\n", all);
        }
        if (station.first_step == 0) {
            return;
        }
        std::map<std::string, std::uint64_t> system, general;
        const std::size_t systems_at = view_.general.size();
        for (std::size_t i = station.first_step; i < station.first_step + station.instructions; i++) {
            for (const RegisterChange& change : recording_.steps[i].changes) {
                const std::string& name = recording_.register_names[change.name];
                (change.name >= systems_at ? system : general)[name] = change.value;
            }
        }
        std::string changed;
        for (const auto& [name, value] : system) {
            changed += fmt::format("  {}={:#x}", name, value);
        }
        if (!changed.empty()) {
            add("     {}\n", changed);
        }
        if (options_.functions && !general.empty()) {
            std::string names;
            for (const std::string_view name : view_.general) {
                names += general.contains(std::string(name)) ? fmt::format(" {}", name) : "";
            }
            add("       {}:{}\n", say("general registers written", "写过的通用寄存器"), names);
        }
        threads(station);
    }

    void threads(const Station& station) {
        for (const ThreadChange& change : recording_.thread_changes) {
            if (change.step >= station.first_step && change.step < station.first_step + station.instructions) {
                add("       {}: {:#x} -> {:#x}\n", say("the thread changes", "线程切换"), change.from, change.to);
            }
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
            std::string place;
            if (i > 0 && !frames.empty()) {
                const SourceFrame& frame = frames.front();
                place = frame.file.empty() ? frame.function : fmt::format("{}:{}", frame.file, frame.line);
            }
            std::string changes;
            for (const RegisterChange& change : step.changes) {
                changes += fmt::format(" {}={:#x}", recording_.register_names[change.name], change.value);
            }
            add("      {:#018x}  {:<34} {:<40}{}\n", step.program_counter, step.instruction, place, changes);
        }
    }

    void result() {
        switch (recording_.ending) {
        case Ending::elsewhere:
            return add(
                "{}\n", say("user mode went on elsewhere (a signal, exec, or another thread)",
                            "用户态在别处继续(信号、exec 或另一个线程)"));
        case Ending::idle:
            return add(
                "{}\n",
                say("nothing was left to run: the CPU waits for an interrupt", "没有可运行的线程:CPU 等待中断"));
        case Ending::machine_ended:
            return add("{}\n", say("it ended the machine", "虚拟机就此结束"));
        case Ending::returned:
            break;
        }
        if (recording_.trap != TrapKind::call) {
            return add("{}\n", say("user mode went on where it was", "用户态在原处继续"));
        }
        add("{} {} ({:#x}) {}\n", say("result", "返回值"), static_cast<std::int64_t>(recording_.result),
            recording_.result, recording_.result_text);
    }

    [[nodiscard]] const char* say(const char* english, const char* chinese) const {
        return options_.chinese ? chinese : english;
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
    RegisterValues shown_;
    std::string text_;
};

} // namespace

std::string as_text(
    const Recording& recording, const std::vector<Station>& stations, Symbols& symbols, const TextOptions& options) {
    return Writer(recording, symbols, options).write(stations);
}

} // namespace host::walk
