#include "failure.hpp"
#include "places.hpp"
#include "walk/arguments.hpp"
#include "walk/compare.hpp"
#include "walk/kernel_map.hpp"
#include "walk/stations.hpp"
#include "walk/symbol_list.hpp"
#include "walk/user_trap.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace {

using namespace host::walk;
using host::TemporaryFolder;

SymbolList list_of(const std::string& text) {
    std::istringstream input(text);
    return SymbolList::read(input);
}

TEST(WalkSymbolList, ReadsSystemMapAndKallsyms) {
    const SymbolList list = list_of("ffff800008010000 T _stext\n"
                                    "ffff800008010000 T vectors\n"
                                    "ffff800008010800 t el0t_64_sync\r\n"
                                    "ffff800008020000 D jiffies\n"
                                    "ffff800000010000 t helper\t[module]\n"
                                    "no symbol\n\n"
                                    "0 T zero\n");
    EXPECT_TRUE(list.is_usable());
    EXPECT_EQ(list.name_at(0xffff800008010004), "vectors"); // not the section's mark at the same address
    EXPECT_EQ(list.name_at(0xffff800008010900), "el0t_64_sync");
    EXPECT_EQ(list.name_at(0xffff800000010008), "helper");
    EXPECT_EQ(list.name_at(0x1000), "");
    EXPECT_EQ(list.name_at(0xffff900008010900), ""); // far behind the last
    EXPECT_EQ(list.address_of("jiffies"), 0xffff800008020000U);
    EXPECT_EQ(list.address_of("nothing"), std::nullopt);
}

TEST(WalkSymbolList, HiddenAddressesAreNoSymbols) {
    EXPECT_FALSE(list_of("0000000000000000 T vectors\n0000000000000000 t helper\n").is_usable());
    EXPECT_FALSE(list_of("").is_usable());
    EXPECT_FALSE(list_of(std::string("\x7f\0\0\xff", 4)).is_usable());
}

TEST(WalkKernelMap, ShippedMapsAreComplete) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(host::source_tree() / "host/walk/stations")) {
        const KernelMap map = KernelMap::load(entry.path());
        EXPECT_FALSE(map.entries.empty()) << entry.path();
        const StationMap stations = StationMap::load(entry.path());
        for (const char* id : {"trap", "return", "handler", "dispatch", "restore"}) {
            EXPECT_EQ(stations.find(id).id, id) << entry.path();
        }
        count++;
    }
    EXPECT_GE(count, 8U);
    EXPECT_EQ(find_map("xv6-riscv").filename(), "xv6-riscv.json");
    EXPECT_THROW(find_map("nonesuch"), host::Failure);
}

TEST(WalkKernelMap, RefusesWhatIsNone) {
    const TemporaryFolder folder;
    const auto refused = [&](const std::string& text) {
        std::ofstream(folder.path() / "map.json") << text;
        EXPECT_THROW(KernelMap::load(folder.path() / "map.json"), host::Failure) << text;
    };
    refused("");
    refused("[]");
    refused(R"({"kernel": "x"})");
    refused(R"({"kernel": "x", "isa": "vax", "entries": []})");
    refused(R"({"kernel": "x", "entries": [{"symbol": "a", "offset": "12"}]})");
    refused(R"({"kernel": "x", "entries": [{"symbol": "a", "traps": ["nothing"]}]})");
    refused(R"({"kernel": "x", "entries": [{"symbol": "a", "count": 0}]})");
    refused(R"({"kernel": "x", "entries": [], "thread": {"switches": ["("]}})");
}

TEST(WalkKernelMap, EntriesSayWhichTrapsArrive) {
    const KernelMap map = KernelMap::load(find_map("tetrapylon"));
    std::size_t interrupts = 0;
    for (const EntryPoint& entry : map.entries) {
        EXPECT_FALSE(entry.kinds.empty()) << entry.symbol;
        interrupts += std::ranges::contains(entry.kinds, TrapKind::interrupt) ? entry.count : 0;
    }
    EXPECT_GT(interrupts, 224U); // x86's vectors, and the entries of the others
}

TEST(WalkTrap, CausesHaveWords) {
    using host::Isa;
    const UserTrap arm{.kind = TrapKind::fault, .cause = 0x92000046};
    EXPECT_EQ(words_of_cause(Isa::aarch64, arm), "data abort on a write, translation fault (0x92000046)");
    EXPECT_EQ(cause_code(Isa::aarch64, arm), 0x24U);
    const UserTrap external{.kind = TrapKind::interrupt, .cause = std::uint64_t{1} << 63 | 9};
    EXPECT_EQ(words_of_cause(Isa::riscv64, external), "external interrupt (0x8000000000000009)");
    EXPECT_EQ(cause_code(Isa::riscv64, external), 9U);
    EXPECT_EQ(words_of_cause(Isa::x86_64, {.kind = TrapKind::fault, .cause = 14}), "page fault (vector 14)");
    EXPECT_EQ(words_of_cause(Isa::riscv64, {.kind = TrapKind::fault, .cause = 99}), "reserved (0x63)");
}

/// Steps through functions that a list of symbols names, a function every 0x100.
TEST(WalkStations, TheWayBackHasNamesOfItsOwn) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "symbols") << "00010000 T vector\n00010100 T table\n00010200 T helper\n"
                                                "00010300 T sys_one\n00010400 T out\n00010500 T other\n";
    std::ofstream(folder.path() / "map.json") << R"({"kernel": "k", "entries": [], "default": "handler", "stations": [
        {"id": "trap", "en": "t", "zh": "t"}, {"id": "return", "en": "r", "zh": "r"},
        {"id": "vector", "en": "v", "zh": "v", "functions": ["^vector$"], "back": "restore"},
        {"id": "dispatch", "en": "d", "zh": "d", "functions": ["^table$"], "back": "result"},
        {"id": "result", "en": "s", "zh": "s"},
        {"id": "restore", "en": "o", "zh": "o", "functions": ["^out$"]},
        {"id": "lock", "parent": "handler", "en": "l", "zh": "l", "functions": ["^helper$"]},
        {"id": "handler", "en": "h", "zh": "h", "functions": ["^sys_"]}]})";
    Symbols symbols(folder.path() / "symbols", host::source_tree());
    const StationMap map = StationMap::load(folder.path() / "map.json");
    Recording recording;
    for (const std::uint64_t pc :
         {0x5U, 0x10000U, 0x10200U, 0x10100U, 0x10300U, 0x10200U, 0x10500U, 0x10104U, 0x10004U, 0x10204U, 0x10400U,
          0x10404U}) {
        recording.steps.push_back({pc, pc > 5 ? 1U : 0U, "nop"});
    }
    std::string ids;
    for (const StationRule* rule : rules_of_steps(recording, symbols, map)) {
        ids += rule->id + " ";
    }
    EXPECT_EQ(ids, "trap vector vector dispatch handler lock handler result restore restore restore return ");
    std::size_t sum = 0;
    for (const Station& station : fold(recording, symbols, map)) {
        sum += station.instructions;
    }
    EXPECT_EQ(sum, recording.steps.size());
}

TEST(WalkArguments, ShowsKinds) {
    const MemoryReader memory = [](std::uint64_t address, std::size_t bytes) {
        const std::string text = "a\"b\n";
        return address == 0x1000 ? std::vector<std::uint8_t>(
                                       text.begin(), text.begin() + static_cast<long>(std::min(bytes, text.size())))
               : address == 0x1004 ? std::vector<std::uint8_t>{0}
                                   : std::vector<std::uint8_t>();
    };
    // descriptor, string, buffer in (two registers), flags, buffer out (two)
    using enum host::ArgumentKind;
    const host::CallRow row{
        .number = 1, .name = "call", .arguments = 5, .kinds = {descriptor, string, buffer_in, flags, buffer_out}};
    EXPECT_EQ(register_count(row), 7U);
    const std::vector<std::uint64_t> registers{0xffffff9c, 0x1000, 0x1000, 2, 0x41, 0x2000, 8};
    const std::vector<Argument> shown = decode_arguments(row, {"at", "path"}, registers, memory);
    ASSERT_EQ(shown.size(), 5U);
    EXPECT_EQ(shown[0].name + "=" + shown[0].text, "at=AT_FDCWD");
    EXPECT_EQ(shown[1].text, R"("a\"b\n")");
    EXPECT_EQ(shown[2].text, R"("a\"", 2)");
    EXPECT_EQ(shown[3].text, "0x41");
    EXPECT_EQ(shown[4].text, "0x2000, 8");
    EXPECT_EQ(shown[4].name, "");
}

TEST(WalkArguments, ShowsResultsAndMessages) {
    EXPECT_EQ(linux_error(static_cast<std::uint64_t>(-2)), "ENOENT (No such file or directory)");
    EXPECT_EQ(linux_error(3), "");
    EXPECT_EQ(linux_error(static_cast<std::uint64_t>(-100000)), "");
    // label 5, an extra capability, 5 words: two of them in registers here
    const std::vector<std::string> lines = decode_capability_call({7, 5 << 12 | 1 << 7 | 5, 10, 11});
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0], "capability 0x7, label 5, 5 words, 1 extra capabilities");
    EXPECT_EQ(lines[2], "word 1 = 0xb");
    EXPECT_EQ(lines[3], "words 2 to 4 are in the IPC buffer");
    EXPECT_TRUE(decode_capability_call({}).empty());
}

TEST(WalkCompare, LinesStationsUp) {
    using Json = nlohmann::ordered_json;
    const auto walk = [](std::initializer_list<std::pair<const char*, int>> stations) {
        Json document{
            {"version", 1}, {"isa", "riscv64"}, {"call", "x"}, {"instructions", 0}, {"stations", Json::array()}};
        for (const auto& [id, count] : stations) {
            document["stations"].push_back({{"id", id}, {"en", id}, {"zh", id}, {"instructions", count}});
        }
        return document;
    };
    const std::string text = compare(walk({{"a", 5}, {"b", 7}, {"c", 9}}), walk({{"a", 6}, {"c", 9}, {"d", 1}}), false);
    const auto line = [&](const std::string& id) {
        const std::size_t at = text.find("\n" + id + " ") + 1;
        std::istringstream words(text.substr(at, text.find('\n', at) - at));
        std::string joined, word;
        while (words >> word) {
            joined += word + " ";
        }
        return joined;
    };
    EXPECT_EQ(line("a"), "a 5 6 +1 ");
    EXPECT_EQ(line("b"), "b 7 - -7 ");
    EXPECT_EQ(line("c"), "c 9 9 +0 ");
    EXPECT_EQ(line("d"), "d - 1 +1 ");
    EXPECT_THROW(compare(Json::object(), walk({}), false), host::Failure);
    EXPECT_THROW(compare(Json{{"version", 9}}, walk({}), false), host::Failure);
}

} // namespace
