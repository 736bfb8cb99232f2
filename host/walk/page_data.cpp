#include "walk/html.hpp"

#include "walk/call_tree.hpp"
#include "walk/isa_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace host::walk {

namespace {

using Json = nlohmann::ordered_json;

constexpr int page_version = 1;
constexpr std::uint64_t page_bytes = 4096;

std::string hexadecimal(std::uint64_t value) {
    return fmt::format("{:x}", value);
}

/// Gives each distinct text a small number.
class TextTable {
public:
    std::size_t number_of(const std::string& text) {
        const auto [at, is_new] = numbers_.try_emplace(text, texts_.size());
        if (is_new) {
            texts_.push_back(text);
        }
        return at->second;
    }
    [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

private:
    std::map<std::string, std::size_t> numbers_;
    std::vector<std::string> texts_;
};

class PageWriter {
public:
    PageWriter(const Recording& recording, Symbols& symbols, const StationMap& map, const PageSubject& subject)
        : recording_(recording), view_(view_of(recording.isa)), symbols_(symbols), map_(map), subject_(subject) {}

    Json write() {
        Json document{
            {"version", page_version},
            {"isa", name_of(recording_.isa)},
            {"kernel", subject_.kernel},
            {"program", subject_.program},
            {"command", subject_.command},
            {"trap", name_of(recording_.trap)},
            {"call", recording_.call},
            {"number", recording_.number},
            {"arguments", arguments()},
            {"decoded", decoded()},
            {"result_text", recording_.result_text},
            {"result", hexadecimal(recording_.result)},
            {"returned", !recording_.went_on_elsewhere},
            {"instructions", recording_.instructions()},
            {"steps", steps()},
            {"calls", calls()},
            {"rules", rules()},
            {"registers", registers()}};
        document["modes"] = modes();
        document["names"] = names_.texts();
        document["files"] = files_.texts();
        document["texts"] = texts_.texts();
        document["pages"] = pages_.texts();
        document["source"] = source();
        return document;
    }

private:
    [[nodiscard]] Json arguments() const {
        Json values = Json::array();
        for (const std::uint64_t value : recording_.arguments) {
            values.push_back(hexadecimal(value));
        }
        return values;
    }

    /// The arguments as their types have them: [name, text]; none where the types are not known.
    [[nodiscard]] Json decoded() const {
        Json list = Json::array();
        for (const Argument& argument : recording_.decoded) {
            list.push_back(Json::array({argument.name, argument.text}));
        }
        return list;
    }

    /// Columns: program counter (page number * 4096 + offset), text, innermost function (-1: none), file (-1), line,
    /// privilege.
    Json steps() {
        Json pc = Json::array(), text = Json::array(), name = Json::array(), file = Json::array(), line = Json::array(),
             level = Json::array();
        for (std::size_t i = 0; i < recording_.steps.size(); i++) {
            const Step& step = recording_.steps[i];
            pc.push_back(
                pages_.number_of(hexadecimal(step.program_counter / page_bytes)) * page_bytes
                + step.program_counter % page_bytes);
            text.push_back(texts_.number_of(step.instruction));
            level.push_back(step.privilege);
            const std::vector<SourceFrame>& frames = symbols_.frames_at(step.program_counter);
            if (i == 0 || frames.empty()) { // the user's own code is not in the kernel's symbols
                name.push_back(-1);
                file.push_back(-1);
                line.push_back(0);
                continue;
            }
            name.push_back(names_.number_of(frames.front().function));
            file.push_back(files_.number_of(frames.front().file));
            line.push_back(frames.front().line);
            shown_lines_[frames.front().file].insert(frames.front().line);
        }
        return {{"pc", pc}, {"text", text}, {"name", name}, {"file", file}, {"line", line}, {"level", level}};
    }

    Json calls() {
        const CallTree tree = build_calls(recording_, symbols_);
        Json name = Json::array(), parent = Json::array();
        for (const Call& call : tree.calls) {
            name.push_back(names_.number_of(call.function));
            parent.push_back(call.parent == Call::none ? Json(-1) : Json(call.parent));
        }
        return {{"name", name}, {"parent", parent}, {"step", tree.of_step}};
    }

    /// The rules in use, those above sub-stations too, and for each step its rule.
    Json rules() {
        std::vector<const StationRule*> known;
        const auto number_of = [&](const StationRule* rule) {
            const auto at = std::ranges::find(known, rule);
            if (at == known.end()) {
                known.push_back(rule);
                return known.size() - 1;
            }
            return static_cast<std::size_t>(at - known.begin());
        };
        Json step = Json::array(), list = Json::array();
        for (const StationRule* rule : rules_of_steps(recording_, symbols_, map_)) {
            step.push_back(number_of(rule));
        }
        for (std::size_t i = 0; i < known.size(); i++) { // parents are added on the way
            Json one{{"id", known[i]->id}, {"en", known[i]->title}, {"zh", known[i]->title_chinese}};
            if (!known[i]->parent.empty()) {
                one["parent"] = number_of(&map_.find(known[i]->parent));
            }
            list.push_back(std::move(one));
        }
        return {{"list", list}, {"step", step}};
    }

    /// The moments at which registers changed: [step, name number, value, ...], each with only what differs from the
    /// one before.
    Json registers() {
        Json system = Json::array();
        for (const ShownRegister& shown : view_.system) {
            system.push_back(shown.name);
        }
        Json moments = Json::array();
        for (std::size_t i = 0; i <= recording_.steps.size(); i++) {
            RegisterValues now;
            if (i > 0) {
                for (const RegisterChange& change : recording_.steps[i - 1].changes) {
                    now[recording_.register_names.at(change.name)] = change.value;
                }
            }
            if (const auto read = recording_.registers.find(i); read != recording_.registers.end()) {
                for (const auto& [name, value] : read->second) {
                    now[name] = value;
                }
            }
            add_moment(moments, i, now);
        }
        return {{"pc", view_.program_counter},      {"general", view_.general},     {"argument", view_.arguments},
                {"result", view_.result},           {"number", view_.number},       {"system", system},
                {"names", register_names_.texts()}, {"moments", std::move(moments)}};
    }

    void add_moment(Json& moments, std::size_t step, const RegisterValues& now) {
        Json moment = Json::array({step});
        for (const auto& [name, value] : now) {
            const auto [at, is_new] = last_values_.try_emplace(name, value);
            if (is_new || at->second != value) {
                moment.push_back(register_names_.number_of(name));
                moment.push_back(hexadecimal(value));
                at->second = value;
            }
        }
        if (moment.size() > 1) {
            moments.push_back(std::move(moment));
        }
    }

    [[nodiscard]] Json modes() const {
        Json names = Json::object();
        names["0"] = view_.mode_name(0);
        for (const Step& step : recording_.steps) {
            names[std::to_string(step.privilege)] = view_.mode_name(step.privilege);
        }
        return names;
    }

    /// {file: {line: text}} for the lines that have instructions.
    [[nodiscard]] Json source() const {
        Json all = Json::object();
        for (const auto& [file, lines] : shown_lines_) {
            std::ifstream input(subject_.source_tree / file);
            if (file.empty() || file.front() == '/' || !input) {
                continue;
            }
            Json& texts = all[file] = Json::object();
            std::string text;
            for (unsigned line = 1; std::getline(input, text); line++) {
                if (lines.contains(line)) {
                    texts[std::to_string(line)] = text;
                }
            }
        }
        return all;
    }

    const Recording& recording_;
    const IsaView& view_;
    Symbols& symbols_;
    const StationMap& map_;
    const PageSubject& subject_;
    TextTable names_, files_, texts_, pages_, register_names_;
    RegisterValues last_values_;
    std::map<std::string, std::set<unsigned>> shown_lines_;
};

} // namespace

Json page_data(const Recording& recording, Symbols& symbols, const StationMap& map, const PageSubject& subject) {
    return PageWriter(recording, symbols, map, subject).write();
}

} // namespace host::walk
