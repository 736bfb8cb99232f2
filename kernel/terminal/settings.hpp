#pragma once
// What a program can set about a terminal (termios(3)). The bits have the numbers of Linux's generic list, which
// RT-Thread Smart (musl) shares; what is kept but does nothing here (baud rates, parity) is not named.

#include <array>
#include <cstdint>

namespace terminal {

enum InputFlag : std::uint32_t {
    input_strip = 0000040,          // ISTRIP: seven bits
    input_nl_to_cr = 0000100,       // INLCR
    input_ignore_cr = 0000200,      // IGNCR
    input_cr_to_nl = 0000400,       // ICRNL
    input_lower_case = 0001000,     // IUCLC
    input_flow_control = 0002000,   // IXON: VSTOP and VSTART stop and start output
    input_any_starts = 0004000,     // IXANY
    input_bell_when_full = 0020000, // IMAXBEL
    input_utf8 = 0040000,           // IUTF8: erase takes whole characters
};

enum OutputFlag : std::uint32_t {
    output_process = 0000001,     // OPOST: without it none of the others does anything
    output_upper_case = 0000002,  // OLCUC
    output_nl_to_crnl = 0000004,  // ONLCR
    output_cr_to_nl = 0000010,    // OCRNL
    output_no_first_cr = 0000020, // ONOCR: no CR in column 0
    output_nl_returns = 0000040,  // ONLRET: NL does the work of CR
    output_expand_tabs = 0014000, // XTABS
};

enum LocalFlag : std::uint32_t {
    local_signals = 0000001,         // ISIG
    local_canonical = 0000002,       // ICANON: input in lines that can be edited
    local_echo = 0000010,            // ECHO
    local_echo_erase = 0000020,      // ECHOE: an erased character disappears
    local_echo_kill = 0000040,       // ECHOK: NL after a killed line
    local_echo_newline = 0000100,    // ECHONL: NL is echoed even without ECHO
    local_no_flush = 0000200,        // NOFLSH: signals do not flush the queues
    local_stop_background = 0000400, // TOSTOP: output from the background stops its group
    local_echo_control = 0001000,    // ECHOCTL: control characters as ^X
    local_echo_kill_erase = 0004000, // ECHOKE: a killed line disappears
    local_extended = 0100000,        // IEXTEN: VWERASE, VREPRINT, VLNEXT
};

/// Indices into Settings::characters.
enum Character : std::uint8_t {
    char_interrupt = 0,
    char_quit = 1,
    char_erase = 2,
    char_kill = 3,
    char_end_of_file = 4,
    char_time = 5,    // tenths of a second between bytes (not canonical)
    char_minimum = 6, // bytes that a read waits for (not canonical)
    char_start = 8,
    char_stop = 9,
    char_suspend = 10,
    char_end_of_line = 11,
    char_reprint = 12,
    char_word_erase = 14,
    char_literal_next = 15,
    char_end_of_line_2 = 16,
    character_count = 19,
};

struct Settings {
    std::uint32_t input = input_cr_to_nl | input_flow_control;
    std::uint32_t output = output_process | output_nl_to_crnl;
    std::uint32_t control = 0000017 | 0000060 | 0000200; // 38400 baud, 8 bits, receiver on: kept, not used
    std::uint32_t local = local_signals | local_canonical | local_echo | local_echo_erase | local_echo_kill
                          | local_echo_control | local_echo_kill_erase | local_extended;
    std::uint8_t discipline = 0;
    std::uint32_t input_speed = 38400, output_speed = 38400; // kept, not used
    /// Ctrl-C, Ctrl-\, DEL, Ctrl-U, Ctrl-D, 0, 1, -, Ctrl-Q, Ctrl-S, Ctrl-Z, -, Ctrl-R, Ctrl-O, Ctrl-W, Ctrl-V, -.
    std::array<std::uint8_t, character_count> characters{3,  28, 127, 21, 4,  0,  1, 0, 17, 19,
                                                         26, 0,  18,  15, 23, 22, 0, 0, 0};

    std::uint8_t character(Character which) const { return characters[which]; }
    bool is_canonical() const { return local & local_canonical; }
};

struct WindowSize {
    std::uint16_t rows = 0, columns = 0, width = 0, height = 0; // characters; pixels
    constexpr bool operator==(const WindowSize&) const = default;
};

} // namespace terminal
