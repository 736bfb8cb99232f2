#include "walk/compare.hpp"

#include "failure.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

namespace host::walk {

namespace {

using Json = nlohmann::ordered_json;

constexpr int known_version = 1;

struct Line {
    std::string id, title;
    std::int64_t instructions = 0;
    std::vector<Line> parts{};
};

struct Summary {
    std::string heading; ///< "Linux (arm64), aarch64: openat"
    std::int64_t instructions = 0;
    std::vector<Line> stations{};
};

Line line_of(const Json& station, bool chinese) {
    Line line{station.at("id"), station.at(chinese ? "zh" : "en"), station.at("instructions")};
    for (const Json& part : station.value("parts", Json::array())) {
        line.parts.push_back(line_of(part, chinese));
    }
    return line;
}

Summary summary_of(const Json& walk, bool chinese) {
    try {
        if (walk.at("version") != known_version) {
            throw std::invalid_argument("of another version");
        }
        Summary summary{
            fmt::format(
                "{}, {}: {}", walk.value("kernel", "Tetrapylon"), walk.at("isa").get<std::string>(),
                walk.at("call").get<std::string>()),
            walk.at("instructions")};
        for (const Json& station : walk.at("stations")) {
            summary.stations.push_back(line_of(station, chinese));
        }
        return summary;
    } catch (const std::exception& error) {
        throw Failure(own_failure, fmt::format("--against: not a walk as --json writes it: {}", error.what()));
    }
}

/// A station of both walks, or of one.
struct Pair {
    const Line* there = nullptr;
    const Line* here = nullptr;
};

/// The longest common subsequence by id keeps both orders.
std::vector<Pair> line_up(const std::vector<Line>& there, const std::vector<Line>& here) {
    std::vector<std::vector<unsigned>> best(there.size() + 1, std::vector<unsigned>(here.size() + 1));
    for (std::size_t i = there.size(); i-- > 0;) {
        for (std::size_t j = here.size(); j-- > 0;) {
            best[i][j] = there[i].id == here[j].id ? best[i + 1][j + 1] + 1 : std::max(best[i + 1][j], best[i][j + 1]);
        }
    }
    std::vector<Pair> pairs;
    std::size_t i = 0, j = 0;
    while (i < there.size() || j < here.size()) {
        if (i < there.size() && j < here.size() && there[i].id == here[j].id) {
            pairs.push_back({&there[i++], &here[j++]});
        } else if (j == here.size() || (i < there.size() && best[i + 1][j] >= best[i][j + 1])) {
            pairs.push_back({&there[i++], nullptr});
        } else {
            pairs.push_back({nullptr, &here[j++]});
        }
    }
    return pairs;
}

void write(std::string& text, const std::vector<Pair>& pairs, unsigned depth) {
    const std::vector<Line> none;
    for (const auto& [there, here] : pairs) {
        const std::string title = std::string(depth * 2U, ' ') + (here != nullptr ? here : there)->title;
        const std::int64_t a = there == nullptr ? 0 : there->instructions;
        const std::int64_t b = here == nullptr ? 0 : here->instructions;
        fmt::format_to(
            std::back_inserter(text), "{:<50} {:>8} {:>8} {:>+8}\n", title, there == nullptr ? "-" : std::to_string(a),
            here == nullptr ? "-" : std::to_string(b), b - a);
        write(text, line_up(there == nullptr ? none : there->parts, here == nullptr ? none : here->parts), depth + 1);
    }
}

} // namespace

std::string compare(const Json& there_json, const Json& here_json, bool chinese) {
    const Summary there = summary_of(there_json, chinese);
    const Summary here = summary_of(here_json, chinese);
    std::string text = fmt::format(
        "{}: {}\n{}: {}\n\n", chinese ? "那里" : "there", there.heading, chinese ? "这里" : "here", here.heading);
    fmt::format_to(
        std::back_inserter(text), "{:<50} {:>8} {:>8} {:>8}\n", chinese ? "站" : "station", chinese ? "那里" : "there",
        chinese ? "这里" : "here", chinese ? "差" : "more");
    write(text, line_up(there.stations, here.stations), 0);
    const std::int64_t difference = here.instructions - there.instructions;
    fmt::format_to(
        std::back_inserter(text), "{:<50} {:>8} {:>8} {:>+8}\n", chinese ? "内核指令总数" : "kernel instructions",
        there.instructions, here.instructions, difference);
    return text;
}

} // namespace host::walk
