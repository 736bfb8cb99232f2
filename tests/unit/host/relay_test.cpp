// The relay between pylon's streams and a guest that is played by the test over the same sockets.

#include "relay.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <thread>

namespace host {
namespace {

/// A run with pipes for the standard streams. The test holds the far ends.
class RelayTest : public testing::Test {
protected:
    void SetUp() override {
        std::signal(SIGPIPE, SIG_IGN);
        for (std::size_t index = 0; index < channel_count; index++) {
            std::array<int, 2> ends{};
            ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
            setup_.channels.at(index) = Descriptor(ends[0]);
            guest_.at(index) = Descriptor(ends[1]);
        }
        make_pipe(input_reader_, input_writer_);
        make_pipe(output_reader_, output_writer_);
        make_pipe(error_reader_, error_writer_);
        setup_.in = input_reader_.get();
        setup_.out = output_writer_.get();
        setup_.err = error_writer_.get();
        setup_.timeout = 20;
    }

    static void make_pipe(Descriptor& reader, Descriptor& writer) {
        std::array<int, 2> ends{};
        ASSERT_EQ(pipe(ends.data()), 0);
        reader = Descriptor(ends[0]);
        writer = Descriptor(ends[1]);
    }

    int guest(Channel which) { return guest_.at(static_cast<std::size_t>(which)).get(); }

    void guest_says(Channel which, std::string_view text) {
        ASSERT_EQ(send(guest(which), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }

    void guest_powers_off() {
        for (Descriptor& socket : guest_) {
            socket.reset();
        }
    }

    static std::string read_all(int fd) {
        std::string all;
        std::array<char, 4096> buffer{};
        for (ssize_t count = 0; (count = read(fd, buffer.data(), buffer.size())) > 0;) {
            all.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return all;
    }

    static std::string read_some(int fd) {
        std::array<char, 4096> buffer{};
        const ssize_t count = read(fd, buffer.data(), buffer.size());
        return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }

    Outcome run() {
        Relay relay(std::move(setup_));
        Outcome outcome = relay.run();
        recent_ = relay.recent_lines();
        return outcome;
    }

    RelaySetup setup_;
    std::array<Descriptor, channel_count> guest_;
    Descriptor input_reader_, input_writer_, output_reader_, output_writer_, error_reader_, error_writer_;
    std::deque<std::string> recent_;
};

TEST_F(RelayTest, DeliversOutputAndStatus) {
    guest_says(Channel::standard_output, "hello\n");
    guest_says(Channel::standard_error, "oops\n");
    guest_says(Channel::control, "exit 7\n");
    guest_powers_off();
    const Outcome outcome = run();
    EXPECT_EQ(outcome.kind, Outcome::Kind::exited);
    EXPECT_EQ(exit_status(outcome), 7);
    EXPECT_EQ(read_some(output_reader_.get()), "hello\n");
    EXPECT_EQ(read_some(error_reader_.get()), "oops\n");
}

TEST_F(RelayTest, StreamsMoreThanAnyBufferHolds) {
    constexpr std::size_t size = 3'000'000;
    std::thread far_input([this] {
        const std::string block(size, 'x');
        for (std::size_t done = 0; done < size;) {
            done += static_cast<std::size_t>(write(input_writer_.get(), block.data() + done, size - done));
        }
        input_writer_.reset();
    });
    std::thread echo([this] {
        for (;;) {
            const std::string got = read_some(guest(Channel::standard_input));
            if (got.empty()) {
                break;
            }
            send(guest(Channel::standard_output), got.data(), got.size(), MSG_NOSIGNAL);
        }
        guest_says(Channel::control, "exit 0\n");
        guest_powers_off();
    });
    std::string output;
    std::thread far_output([&] { output = read_all(output_reader_.get()); });
    EXPECT_EQ(run().kind, Outcome::Kind::exited);
    output_writer_.reset();
    far_input.join();
    echo.join();
    far_output.join();
    EXPECT_EQ(output.size(), size);
}

TEST_F(RelayTest, EndsWhenNobodyReadsTheOutput) {
    output_reader_.reset();
    guest_says(Channel::standard_output, "y\n");
    const Outcome outcome = run();
    EXPECT_EQ(outcome.kind, Outcome::Kind::output_closed);
    EXPECT_EQ(exit_status(outcome), 141);
}

TEST_F(RelayTest, TimesOut) {
    setup_.timeout = 0.05;
    EXPECT_EQ(exit_status(run()), 124);
}

TEST_F(RelayTest, AVanishedMachineIsOurFailure) {
    guest_says(Channel::log, "last words");
    guest_powers_off();
    EXPECT_EQ(exit_status(run()), 125);
    ASSERT_FALSE(recent_.empty());
    EXPECT_EQ(recent_.back(), "last words");
}

TEST_F(RelayTest, PassesASignalOnAndCutsOffAtTheSecond) {
    // Blocked before the thread starts, so that no thread takes the signal away from the relay.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::thread asker([this] {
        kill(getpid(), SIGTERM);
        EXPECT_EQ(read_some(guest(Channel::control)), "signal 15\n");
        kill(getpid(), SIGTERM);
    });
    EXPECT_EQ(exit_status(run()), 128 + SIGTERM);
    asker.join();
}

TEST_F(RelayTest, KeepsControlCharactersOffTheTerminal) {
    guest_says(Channel::log, "\033[2Jclear\n");
    guest_powers_off();
    run();
    ASSERT_FALSE(recent_.empty());
    EXPECT_EQ(recent_.front(), "?[2Jclear");
}

TEST_F(RelayTest, TellsAnEarlyLineOnce) {
    guest_says(Channel::uart, "one\r\ntwo\r\n");
    std::thread later([this] {
        // The UART's lines come first, as at boot.
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        guest_says(Channel::log, "one\ntwo\nthree\n");
        guest_powers_off();
    });
    run();
    later.join();
    EXPECT_EQ(recent_, (std::deque<std::string>{"one", "two", "three"}));
}

} // namespace
} // namespace host
