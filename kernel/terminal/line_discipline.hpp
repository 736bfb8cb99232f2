#pragma once
// What lies between the bytes of a line and what a program reads and writes: line editing, echo, signals from the
// keyboard, output processing (POSIX.1-2017, chapter 11). Knows no hardware, no process and no lock: its terminal holds
// one over every call.

#include "terminal/byte_ring.hpp"
#include "terminal/settings.hpp"

#include <bitset>
#include <span>

namespace terminal {

class LineDiscipline {
public:
    static constexpr std::size_t queue_size = 4096;

    /// What the keyboard asked for besides input; bits.
    enum Request : unsigned {
        request_interrupt = 1u << 0,
        request_quit = 1u << 1,
        request_suspend = 1u << 2,
    };

    const Settings& settings() const { return settings_; }
    void set_settings(const Settings& settings);

    /// One byte from the line. Returns Request bits. Echo goes to the output queue.
    unsigned receive(char byte);

    /// True when a read would not wait: a line is complete, or the wanted number of bytes is there.
    bool readable() const;
    /// Bytes that a read could get now (of all complete lines, in canonical mode).
    std::size_t available() const;
    /// Takes input: at most one line in canonical mode (its end-of-file character is not part of it). 0: nothing there,
    /// or, when `end_of_file` is set, an end of file was taken.
    std::size_t read(std::span<char> to, bool& end_of_file);

    /// Puts processed output into the queue; returns how many of the bytes fitted.
    std::size_t write(std::span<const char> from);
    /// What is to be sent, in pieces; empty while output is stopped.
    std::span<const char> output() const { return stopped_ ? std::span<const char>() : output_.front(); }
    void output_sent(std::size_t bytes) { output_.drop(bytes); }
    bool output_empty() const { return output_.empty(); }
    std::size_t output_pending() const { return output_.size(); }
    /// Room for at least a few bytes of output.
    bool writable() const { return output_.room() >= output_reserve; }

    void flush_input();
    void flush_output() { output_.drop_to(output_.tail()); }
    void set_stopped(bool stopped) { stopped_ = stopped; }
    bool is_stopped() const { return stopped_; }

private:
    static constexpr std::size_t output_reserve = 16; // the longest that one byte of output becomes

    bool is(char byte, Character which) const;
    unsigned signal_request(char byte) const;
    bool edit(char byte);
    void receive_plain(char byte, bool literal);
    void end_line(char byte, bool end_of_file);
    void erase_character();
    void erase_word();
    void kill_line();
    void reprint();
    void echo(char byte);
    void echo_raw(char byte);
    void rub_out(std::size_t position);
    unsigned column_at(std::size_t position) const;
    unsigned width(char byte, unsigned column) const;
    bool put(char byte);
    void advance_column(char byte);

    Settings settings_;
    ByteRing<queue_size> input_;
    std::bitset<queue_size> line_ends_;    // canonical: the byte at that place ends a line
    std::bitset<queue_size> ends_of_file_; // and is an end-of-file character, which is not read
    std::size_t complete_ = 0;             // input before this position belongs to complete lines
    bool literal_next_ = false;
    ByteRing<queue_size> output_;
    unsigned column_ = 0;      // of the cursor
    unsigned line_column_ = 0; // where the line that is being edited began
    bool stopped_ = false;
};

} // namespace terminal
