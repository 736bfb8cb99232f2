#include "walk/gdb_connection.hpp"
#include "walk/register_map.hpp"
#include "walk/symbols.hpp"

#include <array>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <thread>

namespace {

using host::Descriptor;
using namespace host::walk;

TEST(WalkProtocol, ReadsHexadecimalBytes) {
    EXPECT_EQ(bytes_of_hex("00ff10"), (std::vector<std::uint8_t>{0, 255, 16}));
    EXPECT_EQ(bytes_of_hex("1"), std::vector<std::uint8_t>());
    EXPECT_EQ(bytes_of_hex("12xx"), std::vector<std::uint8_t>{0x12});
    const std::array<std::uint8_t, 3> bytes{0x78, 0x56, 0x34};
    EXPECT_EQ(little_endian(bytes.data(), bytes.size()), 0x345678U);
}

/// A stub that answers the given packets in order, whatever it is asked.
class PlayedStub {
public:
    explicit PlayedStub(std::vector<std::string> answers) {
        std::array<int, 2> ends{};
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data());
        client_ = Descriptor(ends[0]);
        server_ = std::thread([own = Descriptor(ends[1]), answers = std::move(answers)] {
            std::array<char, 1024> buffer{};
            for (const std::string& answer : answers) {
                std::string got;
                while (got.find('#') == std::string::npos || got.size() < got.find('#') + 3) {
                    const ssize_t count = recv(own.get(), buffer.data(), buffer.size(), 0);
                    if (count <= 0) {
                        return;
                    }
                    got.append(buffer.data(), static_cast<std::size_t>(count));
                }
                send(own.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
            }
        });
    }
    ~PlayedStub() { server_.join(); }
    Descriptor take() { return std::move(client_); }

private:
    Descriptor client_;
    std::thread server_;
};

TEST(WalkProtocol, UndoesRunLengthsAndEscapes) {
    PlayedStub stub({"$QStartNoAckMode+#00", "$OK#9a", "$S05#b8", "$0* 12#00"});
    GdbConnection connection(stub.take());
    // '*' and ' ' (32) repeat the last digit 3 times more.
    EXPECT_EQ(connection.core_registers(), (std::vector<std::uint8_t>{0, 0, 0x12}));
}

TEST(WalkRegisters, NumbersFollowTheDescription) {
    const RegisterMap map(
        {R"(<reg name="rax" bitsize="64" type="int64"/><reg name="ss_base" bitsize="64"/><reg name="cs" bitsize="32"/>)",
         R"(<reg name="priv" bitsize="64" regnum="70"/><reg name="next" bitsize="64"/>)"});
    EXPECT_EQ(map.find("cs")->number, 1U); // ss_base is described, but the stub does not have it
    EXPECT_EQ(map.find("cs")->offset, 8U);
    EXPECT_EQ(map.find("priv")->number, 70U);
    EXPECT_EQ(map.find("next")->number, 71U);
    EXPECT_EQ(map.find("none"), nullptr);
    EXPECT_EQ(map.value({1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0}, "cs"), 7U);
    EXPECT_EQ(map.value({1}, "cs"), std::nullopt);
}

TEST(WalkSymbols, NamesArePlain) {
    EXPECT_EQ(plain_name("_ZN3abi5linux14handle_syscallERN6thread6ThreadE"), "abi::linux::handle_syscall");
    EXPECT_EQ(plain_name("_ZN4trap12_GLOBAL__N_17do_workERN6thread6ThreadEj"), "trap::do_work");
    EXPECT_EQ(plain_name("el0t_64_sync"), "el0t_64_sync");
    EXPECT_EQ(plain_name("_Z1fIiEvT_"), "f<int>"); // void f<int>(int)
}

} // namespace
