#include "places.hpp"
#include "walk/call_tree.hpp"
#include "walk/folded.hpp"
#include "walk/html.hpp"
#include "walk/perfetto.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <protozero/pbf_reader.hpp>

// Functions of this program, whose addresses a made-up recording walks over.
extern "C" {
[[gnu::noinline, gnu::used]] int walked_outer(int value) {
    return value * 3;
}
[[gnu::noinline, gnu::used]] int walked_inner(int value) {
    return value * 5;
}
[[gnu::noinline, gnu::used]] int walked_after(int value) {
    return value * 7;
}
}

namespace {

using namespace host::walk;

/// outer calls inner, inner jumps to after, after returns to outer, outer calls inner again.
class WalkOutputs : public testing::Test {
protected:
    WalkOutputs() {
        const auto at = [&](const char* name) { return symbols.address_of(name).value_or(0); };
        const std::uint64_t outer = at("walked_outer");
        const std::uint64_t inner = at("walked_inner");
        recording.call = "made_up";
        recording.arguments = {1, 2};
        const auto step = [&](std::uint64_t pc, const char* text) { recording.steps.push_back({pc, 1, text}); };
        recording.steps.push_back({0x1000, 0, "svc\t#0"});
        step(outer, "bl\t#4");
        step(inner, "b\t#8");
        step(at("walked_after"), "ret");
        step(outer + 4, "bl\t#4");
        step(inner, "ret");
        step(outer + 8, "eret");
        recording.registers[1] = {{"x0", 7}, {"ELR_EL1", 0x1004}};
        recording.registers[recording.steps.size()] = {{"x0", 9}, {"ELR_EL1", 0x1004}, {"pc", 0x1004}};
    }

    Symbols symbols{"/proc/self/exe", host::source_tree()};
    StationMap map = StationMap::load(host::source_tree() / "host/walk/stations/tetrapylon.json");
    Recording recording;
};

TEST_F(WalkOutputs, CallsFollowCallsReturnsAndJumps) {
    const CallTree tree = build_calls(recording, symbols);
    std::vector<std::string> names;
    for (const std::size_t call : tree.of_step) {
        names.push_back(std::to_string(tree.calls[call].depth) + tree.calls[call].function);
    }
    EXPECT_EQ(
        names, (std::vector<std::string>{
                   "00x1000", "0walked_outer", "1walked_inner", "1walked_after", "0walked_outer", "1walked_inner",
                   "0walked_outer"}));
    EXPECT_NE(tree.of_step[2], tree.of_step[5]); // two calls of the same function
    EXPECT_EQ(tree.of_step[1], tree.of_step[6]);
    EXPECT_EQ(stack_at(recording, symbols, tree, 3), (std::vector<std::string>{"walked_outer", "walked_after"}));
}

TEST_F(WalkOutputs, FoldedStacksAddUp) {
    const std::string text = as_folded(recording, fold(recording, symbols, map), symbols);
    EXPECT_NE(text.find("made_up;other code;walked_outer;walked_inner 2\n"), std::string::npos) << text;
    std::size_t sum = 0;
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        sum += std::stoul(text.substr(text.rfind(' ', end) + 1));
    }
    EXPECT_EQ(sum, recording.instructions());
}

TEST_F(WalkOutputs, PerfettoSlicesOpenAndClose) {
    const std::string bytes = as_perfetto(recording, fold(recording, symbols, map), symbols);
    std::map<std::uint64_t, int> depth;
    std::uint64_t last = 0;
    std::size_t events = 0;
    for (protozero::pbf_reader trace(bytes); trace.next(1);) {
        std::uint64_t time = 0;
        for (protozero::pbf_reader packet = trace.get_message(); packet.next();) {
            if (packet.tag() == 8) {
                time = packet.get_uint64();
                last = std::max(last, time);
            } else if (packet.tag() == 11) {
                std::int32_t type = 0;
                std::uint64_t track = 0;
                for (protozero::pbf_reader event = packet.get_message(); event.next();) {
                    if (event.tag() == 9) {
                        type = event.get_int32();
                    } else if (event.tag() == 11) {
                        track = event.get_uint64();
                    } else {
                        event.skip();
                    }
                }
                events++;
                depth[track] += type == 1 ? 1 : type == 2 ? -1 : 0;
                EXPECT_GE(depth[track], 0);
            } else {
                packet.skip();
            }
        }
    }
    EXPECT_GT(events, 10U);
    EXPECT_EQ(last, recording.steps.size());
    for (const auto& [track, open] : depth) {
        EXPECT_EQ(open, 0) << "track " << track;
    }
}

TEST_F(WalkOutputs, ThePageHoldsNoMarkupOfTheProgram) {
    const std::string page = as_page(
        recording, symbols, map,
        {.kernel = "Tetrapylon", .program = "</script><b>", .command = "", .source_tree = host::source_tree()});
    EXPECT_EQ(page.find("</script><b>"), std::string::npos);
    EXPECT_NE(page.find("\\u003c/script>\\u003cb>"), std::string::npos);
    EXPECT_EQ(page.find("/*script*/"), std::string::npos);
    EXPECT_EQ(page.find("{\"walk\":0}"), std::string::npos);
}

TEST_F(WalkOutputs, ThePagesColumnsAreAsLongAsTheWalk) {
    const PageSubject subject{.kernel = "k", .program = "p", .command = "", .source_tree = host::source_tree()};
    const nlohmann::ordered_json data = page_data(recording, symbols, map, subject);
    for (const char* column : {"pc", "text", "name", "file", "line", "level"}) {
        EXPECT_EQ(data["steps"][column].size(), recording.steps.size()) << column;
    }
    EXPECT_EQ(data["calls"]["step"].size(), recording.steps.size());
    EXPECT_EQ(data["rules"]["step"].size(), recording.steps.size());
    // The second moment has only what is new.
    EXPECT_EQ(data["registers"]["moments"][1].dump(), R"([7,2,"1004",1,"9"])");
}

} // namespace
