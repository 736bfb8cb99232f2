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
        {"isa", name_of(recording.isa)},
        {"call", recording.call},
        {"number", recording.number},
        {"arguments", std::move(arguments)},
        {"result", hexadecimal(recording.result)},
        {"returned", !recording.went_on_elsewhere},
        {"instructions", recording.instructions()},
        {"stations", std::move(list)}};
    if (!recording.registers.empty()) {
        document["registers"] = registers_json(recording.registers.rbegin()->second);
    }
    return document;
}

} // namespace host::walk
