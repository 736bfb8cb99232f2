#include "walk/kernel_map.hpp"

#include "failure.hpp"
#include "places.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

namespace host::walk {

namespace {

using Json = nlohmann::json;

/// A number, or a string with hexadecimal digits.
std::uint64_t number_in(const Json& value) {
    if (value.is_number_unsigned()) {
        return value.get<std::uint64_t>();
    }
    const auto& text = value.get_ref<const std::string&>();
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    if (!text.starts_with("0x") || std::from_chars(text.data() + 2, end, number, 16).ptr != end) {
        throw std::invalid_argument(text + " is no number");
    }
    return number;
}

std::optional<Isa> isa_in(const Json& object) {
    if (!object.contains("isa")) {
        return std::nullopt;
    }
    const auto isa = isa_named(object.at("isa").get<std::string>());
    if (!isa) {
        throw std::invalid_argument("unknown isa");
    }
    return isa;
}

std::vector<std::string> words_in(const Json& object, const char* key) {
    return object.value(key, std::vector<std::string>());
}

std::vector<TrapKind> kinds_in(const Json& entry) {
    std::vector<TrapKind> kinds;
    for (const std::string& word : entry.value("traps", std::vector<std::string>{"call"})) {
        const auto kind = trap_kind_named(word);
        if (!kind) {
            throw std::invalid_argument(word + " is no kind of trap");
        }
        kinds.push_back(*kind);
    }
    return kinds;
}

EntryPoint entry_in(const Json& entry) {
    EntryPoint point{
        .symbol = entry.at("symbol"),
        .offset = entry.contains("offset") ? number_in(entry.at("offset")) : 0,
        .isa = isa_in(entry),
        .kinds = kinds_in(entry),
        .count = entry.value("count", 1U),
        .stride = entry.value("stride", 0U),
        .vector = entry.contains("vector") ? std::optional(entry.at("vector").get<unsigned>()) : std::nullopt};
    constexpr unsigned most_entries = 256;
    if (point.count == 0 || point.count > most_entries) {
        throw std::invalid_argument("count is no number of entries");
    }
    return point;
}

ThreadSign thread_in(const Json& document) {
    const Json sign = document.value("thread", Json::object());
    ThreadSign thread{.symbol = sign.value("symbol", ""), .register_name = sign.value("register", "")};
    for (const std::string& pattern : words_in(sign, "switches")) {
        thread.switches.emplace_back(pattern, std::regex::optimize);
    }
    for (const Isa isa : all_isas) {
        const std::string frame = sign.value("frames", Json::object()).value(std::string(name_of(isa)), "");
        if (!frame.empty()) {
            thread.frames[isa] = frame;
        }
    }
    return thread;
}

MachineWords machine_in(const Json& document) {
    const Json machine = document.value("machine", Json::object());
    return {
        .machine = machine.value("machine", ""),
        .cpu = machine.value("cpu", ""),
        .memory = machine.value("memory", ""),
        .append = machine.value("append", ""),
        .program_append = machine.value("program", ""),
        .options = words_in(machine, "options"),
        .disk = words_in(machine, "disk")};
}

KernelMap map_in(const Json& document) {
    KernelMap map{
        .kernel = document.at("kernel"),
        .isa = isa_in(document),
        .personality = document.value("personality", ""),
        .gate = document.value("gate", ""),
        .thread = thread_in(document),
        .machine = machine_in(document)};
    for (const Json& entry : document.at("entries")) {
        map.entries.push_back(entry_in(entry));
    }
    for (const Json& one : document.value("trampolines", Json::array())) {
        map.trampolines.push_back(
            {.address = number_in(one.at("address")), .bytes = number_in(one.at("bytes")), .symbol = one.at("symbol")});
    }
    return map;
}

std::filesystem::path shipped_maps() {
    return source_tree() / "host/walk/stations";
}

} // namespace

KernelMap KernelMap::load(const std::filesystem::path& file) {
    std::ifstream input(file);
    return parse({std::istreambuf_iterator<char>(input), {}}, file.string());
}

KernelMap KernelMap::parse(const std::string& text, const std::string& name) {
    try {
        return map_in(Json::parse(text));
    } catch (const std::exception& error) {
        throw Failure(own_failure, fmt::format("{}: no station map: {}", name, error.what()));
    }
}

std::filesystem::path find_map(const std::string& word) {
    if (std::filesystem::is_regular_file(word)) {
        return word;
    }
    const std::filesystem::path shipped = shipped_maps() / (word + ".json");
    if (word.find('/') == std::string::npos && std::filesystem::is_regular_file(shipped)) {
        return shipped;
    }
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(shipped_maps())) {
        names.insert(entry.path().stem());
    }
    throw Failure(
        own_failure, fmt::format("--stations {}: neither a file nor one of {}", word, fmt::join(names, ", ")));
}

} // namespace host::walk
