#include "walk/call_names.hpp"

#include "failure.hpp"
#include "places.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace host::walk {

namespace {

std::optional<std::int64_t> as_number(const std::string& text) {
    std::int64_t number = 0;
    const bool is_hexadecimal = text.starts_with("0x");
    const char* end = text.data() + text.size();
    const auto [at, error] =
        std::from_chars(text.data() + (is_hexadecimal ? 2 : 0), end, number, is_hexadecimal ? 16 : 10);
    return error == std::errc() && at == end ? std::optional(number) : std::nullopt;
}

} // namespace

CallNames::CallNames(const std::filesystem::path& tables, Isa isa, const std::string& personality) {
    add_tables(tables, personality);
    add_facts(isa, personality);
    std::ranges::stable_partition(calls_, [](const KnownCall& call) { return call.personality == "linux"; });
}

void CallNames::add_tables(const std::filesystem::path& tables, const std::string& personality) {
    if (!std::filesystem::exists(tables)) {
        return;
    }
    for (CallTable& table : read_call_tables(tables)) {
        if (!personality.empty() && table.personality != personality) {
            continue;
        }
        for (CallRow& row : table.rows) {
            const std::int64_t number = row.number;
            calls_.push_back({table.personality, number, std::move(row)});
        }
    }
}

/// What no table says: the registers, and the calls of personalities that dispatch without a table.
void CallNames::add_facts(Isa isa, const std::string& personality) {
    const std::filesystem::path file = source_tree() / "host/walk/personalities.json";
    std::ifstream input(file);
    const nlohmann::json facts = nlohmann::json::parse(input, nullptr, false);
    if (!facts.is_object()) {
        throw Failure(own_failure, fmt::format("{}: cannot be read", file.string()));
    }
    for (const auto& [name, known] : facts.items()) {
        const nlohmann::json words = known.at("registers").value(std::string(host::name_of(isa)), nlohmann::json());
        CallRegisters registers;
        if (words.is_object()) {
            registers = {words.at("number"), words.at("result"), words.at("arguments")};
        }
        const bool has_table = std::ranges::contains(calls_, name, &KnownCall::personality);
        for (KnownCall& call : calls_) {
            if (call.personality == name) {
                call.registers = registers;
            }
        }
        if (has_table || (!personality.empty() && personality != name)) {
            continue;
        }
        for (const auto& [call, shape] : known.at("calls").items()) {
            calls_.push_back({name, shape.at(0), {.name = call, .arguments = shape.at(1)}, registers});
        }
    }
}

KnownCall CallNames::find(const std::string& name_or_number) const {
    const std::optional<std::int64_t> number = as_number(name_or_number);
    const auto call = std::ranges::find_if(calls_, [&](const KnownCall& candidate) {
        return number ? candidate.number == *number : candidate.row.name == name_or_number;
    });
    if (call != calls_.end()) {
        return *call;
    }
    if (!number) {
        throw Failure(
            own_failure,
            fmt::format("--call {}: there is no such call (pylon walk --calls shows the names)", name_or_number));
    }
    return {.personality = {}, .number = *number, .row = {.name = name_or_number, .arguments = 6}};
}

std::string CallNames::name_of(std::int64_t number) const {
    const auto call = std::ranges::find(calls_, number, &KnownCall::number);
    return call == calls_.end() ? std::string() : call->row.name;
}

std::string CallNames::list() const {
    std::string text;
    for (const KnownCall& call : calls_) {
        fmt::format_to(std::back_inserter(text), "{:<9} {:>4}  {}\n", call.personality, call.number, call.row.name);
    }
    return text;
}

} // namespace host::walk
