// Typing at a terminal: editing, echo, signals, output.

#include "terminal/line_discipline.hpp"

#include <gtest/gtest.h>
#include <string>

namespace terminal {
namespace {

class LineDisciplineTest : public testing::Test {
protected:
    unsigned type(std::string_view text) {
        unsigned requests = 0;
        for (char byte : text)
            requests |= line.receive(byte);
        return requests;
    }
    std::string read(std::size_t bytes = 100) {
        std::string text(bytes, '?');
        text.resize(line.read(text, end_of_file));
        return text;
    }
    std::string shown() {
        std::string text;
        while (!line.output().empty()) {
            std::span<const char> part = line.output();
            text.append(part.data(), part.size());
            line.output_sent(part.size());
        }
        return text;
    }
    void change(auto edit) {
        Settings settings = line.settings();
        edit(settings);
        line.set_settings(settings);
    }

    LineDiscipline line;
    bool end_of_file = false;
};

TEST_F(LineDisciplineTest, ReadsWholeLines) {
    type("one");
    EXPECT_FALSE(line.readable());
    EXPECT_EQ(read(), "");
    type("\rtwo\n");
    EXPECT_TRUE(line.readable());
    EXPECT_EQ(read(), "one\n");
    EXPECT_EQ(read(2), "tw");
    EXPECT_EQ(read(), "o\n");
    EXPECT_FALSE(line.readable());
    EXPECT_EQ(shown(), "one\r\ntwo\r\n");
}

TEST_F(LineDisciplineTest, EditsTheLine) {
    type("abx\x7f\x7f");
    EXPECT_EQ(shown(), "abx\b \b\b \b");
    type("\x7f\x7f\x7fxy z1\x17");
    EXPECT_EQ(shown(), "\b \bxy z1\b \b\b \b");
    type("\x15last\n");
    EXPECT_EQ(read(), "last\n");
}

TEST_F(LineDisciplineTest, ErasesControlCharactersAndTabs) {
    type("\x01");
    EXPECT_EQ(shown(), "^A");
    type("\x7f");
    EXPECT_EQ(shown(), "\b \b\b \b");
    type("a\t");
    EXPECT_EQ(shown(), "a\t");
    type("\x7f");
    EXPECT_EQ(shown(), std::string(7, '\b'));
}

TEST_F(LineDisciplineTest, ErasesWholeUtf8Characters) {
    change([](Settings& s) { s.input |= input_utf8; });
    type("\xc3\xa9\x7fx\n");
    EXPECT_EQ(read(), "x\n");
}

TEST_F(LineDisciplineTest, EndsTheFile) {
    type("part\x04");
    EXPECT_EQ(read(), "part");
    EXPECT_FALSE(end_of_file);
    type("\x04");
    EXPECT_TRUE(line.readable());
    EXPECT_EQ(read(), "");
    EXPECT_TRUE(end_of_file);
    type("more\n");
    EXPECT_EQ(read(), "more\n");
}

TEST_F(LineDisciplineTest, RaisesSignalsAndFlushes) {
    type("half a line");
    EXPECT_EQ(type("\x03"), LineDiscipline::request_interrupt);
    EXPECT_EQ(line.available(), 0u);
    EXPECT_EQ(shown(), "^C");
    EXPECT_EQ(type("\x1c\x1a"), LineDiscipline::request_quit | LineDiscipline::request_suspend);
    change([](Settings& s) { s.local &= ~std::uint32_t{local_signals}; });
    EXPECT_EQ(type("\x03\n"), 0u);
    EXPECT_EQ(read(), "\x03\n");
}

TEST_F(LineDisciplineTest, TakesTheNextByteLiterally) {
    EXPECT_EQ(type("\x16\x03\x16\x7f\n"), 0u);
    EXPECT_EQ(read(), "\x03\x7f\n");
}

TEST_F(LineDisciplineTest, RawInputComesAtOnce) {
    change([](Settings& s) {
        s.local = 0;
        s.input = 0;
        s.characters[char_minimum] = 3;
    });
    type("\x7f\r");
    EXPECT_FALSE(line.readable());
    type("\x03");
    EXPECT_TRUE(line.readable());
    EXPECT_EQ(read(), "\x7f\r\x03");
    EXPECT_EQ(shown(), "");
}

TEST_F(LineDisciplineTest, SwitchingModesKeepsWhatWasTyped) {
    type("half");
    change([](Settings& s) { s.local &= ~std::uint32_t{local_canonical}; });
    EXPECT_EQ(read(2), "ha");
    change([](Settings& s) { s.local |= local_canonical; });
    EXPECT_EQ(read(), "lf");
}

TEST_F(LineDisciplineTest, StopsAndStartsOutput) {
    type("\x13");
    EXPECT_EQ(line.write(std::string_view("text")), 4u);
    EXPECT_EQ(shown(), "");
    type("\x11");
    EXPECT_EQ(shown(), "text");
}

TEST_F(LineDisciplineTest, ProcessesOutput) {
    line.write(std::string_view("a\nb"));
    EXPECT_EQ(shown(), "a\r\nb");
    change([](Settings& s) { s.output |= output_expand_tabs; });
    line.write(std::string_view("\r\tx"));
    EXPECT_EQ(shown(), "\r        x");
    change([](Settings& s) { s.output = 0; });
    line.write(std::string_view("\n"));
    EXPECT_EQ(shown(), "\n");
}

TEST_F(LineDisciplineTest, FullQueuesLoseNothingThatWasTaken) {
    change([](Settings& s) { s.local &= ~std::uint32_t{local_echo}; });
    type(std::string(5000, 'x'));
    type("\n"); // there is always room for the end of the line
    EXPECT_TRUE(line.readable());
    EXPECT_EQ(read(5000).size(), LineDiscipline::queue_size);
    std::string text(10000, 'y');
    std::size_t taken = line.write(text);
    EXPECT_LT(taken, text.size());
    EXPECT_EQ(shown().size(), taken);
}

TEST_F(LineDisciplineTest, KillWithoutEraseStartsANewLine) {
    change([](Settings& s) { s.local &= ~std::uint32_t{local_echo_kill_erase}; });
    type("abc\x15");
    EXPECT_EQ(shown(), "abc^U\r\n");
}

TEST_F(LineDisciplineTest, ReprintsTheLine) {
    type("abc\x12");
    EXPECT_EQ(shown(), "abc^R\r\nabc");
}

} // namespace
} // namespace terminal
