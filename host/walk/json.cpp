#include "walk/json.hpp"

#include "walk/isa_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace host::walk {

namespace {

using Json = nlohmann::ordered_json;

constexpr int schema_version = 1;

std::string hexadecimal(std::uint64_t value) {
    return fmt::format("{:#x}", value);
}

Json functions_json(const Station& station) {
    Json functions = Json::array();
    for (const FunctionPart& part : station.functions) {
        functions.push_back({{"name", part.function}, {"file", part.file}, {"instructions", part.instructions}});
    }
    return functions;
}

Json registers_json(const RegisterValues& values) {
    Json registers = Json::object();
    for (const auto& [name, value] : values) {
        registers[name] = hexadecimal(value);
    }
    return registers;
}

Json steps_json(const Recording& recording, const Station& station, Symbols& symbols) {
    Json steps = Json::array();
    for (std::size_t i = station.first_step; i < station.first_step + station.instructions; i++) {
        const Step& step = recording.steps[i];
        Json one{{"pc", hexadecimal(step.program_counter)}, {"instruction", step.instruction}};
        const std::vector<SourceFrame>& frames = symbols.frames_at(step.program_counter);
        if (i > 0 && !frames.empty()) {
            one["function"] = frames.front().function;
            one["file"] = frames.front().file;
            one["line"] = frames.front().line;
        }
        if (const auto at = recording.registers.find(i); at != recording.registers.end()) {
            one["registers"] = registers_json(at->second);
        }
        if (!step.changes.empty()) {
            Json changes = Json::object();
            for (const RegisterChange& change : step.changes) {
                changes[recording.register_names[change.name]] = hexadecimal(change.value);
            }
            one["changes"] = std::move(changes);
        }
        steps.push_back(std::move(one));
    }
    return steps;
}

Json part_json(const Station& station) {
    return {
        {"id", station.rule->id},
        {"en", station.rule->title},
        {"zh", station.rule->title_chinese},
        {"instructions", station.instructions},
        {"functions", functions_json(station)}};
}

Json decoded_json(const Recording& recording) {
    Json list = Json::array();
    for (const Argument& argument : recording.decoded) {
        list.push_back(
            {{"name", argument.name},
             {"type", argument.type},
             {"value", hexadecimal(argument.value)},
             {"text", argument.text}});
    }
    return list;
}

Json threads_json(const Recording& recording) {
    Json list = Json::array();
    for (const ThreadChange& change : recording.thread_changes) {
        list.push_back({{"step", change.step}, {"from", hexadecimal(change.from)}, {"to", hexadecimal(change.to)}});
    }
    return list;
}

std::string_view name_of(Ending ending) {
    switch (ending) {
    case Ending::returned:
        return "returned";
    case Ending::elsewhere:
        return "elsewhere";
    case Ending::idle:
        return "idle";
    case Ending::machine_ended:
        break;
    }
    return "machine ended";
}

} // namespace

Json as_json(const Recording& recording, const std::vector<Station>& stations, Symbols& symbols) {
    const IsaView& view = view_of(recording.isa);
    Json arguments = Json::array();
    for (const std::uint64_t value : recording.arguments) {
        arguments.push_back(hexadecimal(value));
    }
    Json list = Json::array();
    for (const Station& station : stations) {
        Json one = part_json(station);
        one["mode"] = view.mode_name(recording.steps[station.first_step].privilege);
        one["parts"] = Json::array();
        for (const Station& part : station.parts) {
            one["parts"].push_back(part_json(part));
        }
        one["steps"] = steps_json(recording, station, symbols);
        list.push_back(std::move(one));
    }
    Json document{
        {"version", schema_version},
        {"kernel", recording.kernel},
        {"isa", host::name_of(recording.isa)},
        {"trap", name_of(recording.trap)},
        {"call", recording.call},
        {"number", recording.number},
        {"arguments", std::move(arguments)},
        {"decoded", decoded_json(recording)},
        {"message", recording.message},
        {"stub", recording.stub},
        {"result", hexadecimal(recording.result)},
        {"result_text", recording.result_text},
        {"returned", !recording.went_on_elsewhere},
        {"ending", name_of(recording.ending)},
        {"threads", threads_json(recording)},
        {"instructions", recording.instructions()},
        {"stations", std::move(list)}};
    if (!recording.registers.empty()) {
        document["registers"] = registers_json(recording.registers.rbegin()->second);
    }
    return document;
}

} // namespace host::walk
