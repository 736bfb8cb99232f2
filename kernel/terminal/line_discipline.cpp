#include "terminal/line_discipline.hpp"

namespace terminal {

namespace {

constexpr char bell = '\a';
constexpr unsigned tab_width = 8;

bool is_control(char byte) {
    auto value = static_cast<unsigned char>(byte);
    return value < 0x20 || value == 0x7f;
}

/// Second and later bytes of a UTF-8 character.
bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

bool is_word(char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_'
           || (static_cast<unsigned char>(byte) & 0x80);
}

} // namespace

void LineDiscipline::set_settings(const Settings& settings) {
    bool was_canonical = settings_.is_canonical();
    settings_ = settings;
    if (was_canonical != settings_.is_canonical()) {
        // What was typed so far becomes readable as it is.
        if (settings_.is_canonical() && !input_.empty())
            line_ends_.set((input_.tail() - 1) % queue_size);
        complete_ = input_.tail();
        line_column_ = column_;
        literal_next_ = false;
    }
    if (!(settings_.input & input_flow_control))
        stopped_ = false;
}

bool LineDiscipline::is(char byte, Character which) const {
    std::uint8_t wanted = settings_.character(which);
    return wanted != 0 && wanted == static_cast<unsigned char>(byte);
}

// Input

unsigned LineDiscipline::signal_request(char byte) const {
    if (!(settings_.local & local_signals))
        return 0;
    if (is(byte, char_interrupt))
        return request_interrupt;
    if (is(byte, char_quit))
        return request_quit;
    if (is(byte, char_suspend))
        return request_suspend;
    return 0;
}

unsigned LineDiscipline::receive(char byte) {
    if (settings_.input & input_strip)
        byte = static_cast<char>(byte & 0x7f);
    if (literal_next_) {
        literal_next_ = false;
        receive_plain(byte, true);
        return 0;
    }
    if (settings_.input & input_flow_control) {
        if (is(byte, char_start)) {
            stopped_ = false;
            return 0;
        }
        if (is(byte, char_stop)) {
            stopped_ = true;
            return 0;
        }
    }
    if (unsigned request = signal_request(byte)) {
        stopped_ = false;
        if (!(settings_.local & local_no_flush)) {
            flush_input();
            flush_output();
        }
        if (settings_.local & local_echo)
            echo(byte);
        return request;
    }
    if (stopped_ && (settings_.input & input_flow_control) && (settings_.input & input_any_starts))
        stopped_ = false;
    if (byte == '\r') {
        if (settings_.input & input_ignore_cr)
            return 0;
        if (settings_.input & input_cr_to_nl)
            byte = '\n';
    } else if (byte == '\n' && (settings_.input & input_nl_to_cr))
        byte = '\r';
    if ((settings_.input & input_lower_case) && byte >= 'A' && byte <= 'Z')
        byte = static_cast<char>(byte - 'A' + 'a');
    if (settings_.is_canonical() && edit(byte))
        return 0;
    receive_plain(byte, false);
    return 0;
}

/// Bytes that change the line instead of becoming part of it. False: an ordinary one.
bool LineDiscipline::edit(char byte) {
    bool extended = settings_.local & local_extended;
    if (is(byte, char_erase)) {
        erase_character();
        return true;
    }
    if (is(byte, char_kill)) {
        kill_line();
        return true;
    }
    if (extended && is(byte, char_word_erase)) {
        erase_word();
        return true;
    }
    if (extended && is(byte, char_reprint) && (settings_.local & local_echo)) {
        reprint();
        return true;
    }
    if (extended && is(byte, char_literal_next)) {
        literal_next_ = true;
        if ((settings_.local & local_echo) && (settings_.local & local_echo_control)) {
            echo_raw('^');
            echo_raw('\b');
        }
        return true;
    }
    if (byte == '\n') {
        if (settings_.local & (local_echo | local_echo_newline))
            echo_raw('\n');
        end_line(byte, false);
        return true;
    }
    if (is(byte, char_end_of_file)) {
        end_line('\0', true);
        return true;
    }
    if (is(byte, char_end_of_line) || (extended && is(byte, char_end_of_line_2))) {
        if (settings_.local & local_echo)
            echo(byte);
        end_line(byte, false);
        return true;
    }
    return false;
}

void LineDiscipline::receive_plain(char byte, bool literal) {
    // One place stays free for the byte that ends the line.
    std::size_t needed = settings_.is_canonical() ? 2 : 1;
    if (input_.room() < needed) {
        if (settings_.input & input_bell_when_full)
            echo_raw(bell);
        return;
    }
    if (input_.tail() == complete_)
        line_column_ = column_;
    line_ends_.reset(input_.tail() % queue_size);
    ends_of_file_.reset(input_.tail() % queue_size);
    input_.push(byte);
    if (!settings_.is_canonical())
        complete_ = input_.tail();
    if (settings_.local & local_echo) {
        if (byte == '\n' && !literal)
            echo_raw('\n');
        else
            echo(byte);
    }
}

void LineDiscipline::end_line(char byte, bool end_of_file) {
    if (input_.room() == 0)
        return;
    line_ends_.set(input_.tail() % queue_size);
    ends_of_file_.set(input_.tail() % queue_size, end_of_file);
    input_.push(byte);
    complete_ = input_.tail();
    line_column_ = column_;
}

void LineDiscipline::erase_character() {
    if (input_.tail() == complete_)
        return;
    std::size_t position = input_.tail() - 1;
    if (settings_.input & input_utf8)
        while (position != complete_ && is_continuation(input_.at(position)))
            --position;
    rub_out(position);
}

void LineDiscipline::erase_word() {
    std::size_t position = input_.tail();
    while (position != complete_ && !is_word(input_.at(position - 1)))
        --position;
    while (position != complete_ && is_word(input_.at(position - 1)))
        --position;
    if (position != input_.tail())
        rub_out(position);
}

void LineDiscipline::kill_line() {
    bool erases = (settings_.local & local_echo_erase) && (settings_.local & local_echo_kill)
                  && (settings_.local & local_echo_kill_erase);
    if (erases) {
        if (input_.tail() != complete_)
            rub_out(complete_);
        return;
    }
    input_.cut_to(complete_);
    if (settings_.local & local_echo) {
        echo(static_cast<char>(settings_.character(char_kill)));
        if (settings_.local & local_echo_kill)
            echo_raw('\n');
    }
}

/// Takes the line back to `position`, on the screen too.
void LineDiscipline::rub_out(std::size_t position) {
    if (!(settings_.local & local_echo)) {
        input_.cut_to(position);
        return;
    }
    if (!(settings_.local & local_echo_erase)) {
        input_.cut_to(position);
        echo(static_cast<char>(settings_.character(char_erase)));
        return;
    }
    unsigned end = column_at(input_.tail());
    unsigned start = column_at(position);
    bool has_tab = false;
    for (std::size_t at = position; at != input_.tail(); ++at)
        has_tab |= input_.at(at) == '\t';
    input_.cut_to(position);
    // What a tab jumped over is blank already: going back is enough.
    if (has_tab) {
        for (; end > start; --end)
            echo_raw('\b');
        for (unsigned i = start; i < column_at(position); ++i)
            echo_raw(' ');
        return;
    }
    for (; end > start; --end) {
        echo_raw('\b');
        echo_raw(' ');
        echo_raw('\b');
    }
}

void LineDiscipline::reprint() {
    echo(static_cast<char>(settings_.character(char_reprint)));
    echo_raw('\n');
    line_column_ = column_;
    for (std::size_t at = complete_; at != input_.tail(); ++at)
        echo(input_.at(at));
}

void LineDiscipline::flush_input() {
    input_.drop_to(input_.tail());
    complete_ = input_.tail();
    literal_next_ = false;
    line_column_ = column_;
}

// Echo

unsigned LineDiscipline::width(char byte, unsigned column) const {
    if (byte == '\t')
        return tab_width - column % tab_width;
    if (is_control(byte))
        return settings_.local & local_echo_control ? 2 : 0;
    if ((settings_.input & input_utf8) && is_continuation(byte))
        return 0;
    return 1;
}

unsigned LineDiscipline::column_at(std::size_t position) const {
    unsigned column = line_column_;
    for (std::size_t at = complete_; at != position; ++at)
        column += width(input_.at(at), column);
    return column;
}

void LineDiscipline::echo(char byte) {
    if (is_control(byte) && byte != '\t' && (settings_.local & local_echo_control)) {
        echo_raw('^');
        echo_raw(static_cast<char>(byte ^ 0x40));
    } else
        echo_raw(byte);
}

void LineDiscipline::echo_raw(char byte) {
    if (output_.room() >= output_reserve)
        put(byte);
}

// Reading

bool LineDiscipline::readable() const {
    if (settings_.is_canonical())
        return input_.head() != complete_;
    std::size_t wanted = settings_.character(char_minimum);
    if (wanted == 0 || settings_.character(char_time) != 0)
        wanted = 1;
    return input_.size() >= wanted;
}

std::size_t LineDiscipline::available() const {
    return complete_ - input_.head();
}

std::size_t LineDiscipline::read(std::span<char> to, bool& end_of_file) {
    end_of_file = false;
    std::size_t done = 0;
    bool canonical = settings_.is_canonical();
    while (input_.head() != complete_) {
        std::size_t place = input_.head() % queue_size;
        bool ends = canonical && line_ends_.test(place);
        if (ends && ends_of_file_.test(place)) {
            // An end of file behind other bytes only ends the line.
            input_.pop();
            end_of_file = done == 0;
            break;
        }
        if (done == to.size())
            break;
        to[done++] = input_.pop();
        if (ends)
            break;
    }
    return done;
}

// Output

void LineDiscipline::advance_column(char byte) {
    switch (byte) {
    case '\r':
        column_ = 0;
        break;
    case '\n':
        if (settings_.output & (output_nl_to_crnl | output_nl_returns))
            column_ = 0;
        break;
    case '\b':
        column_ -= column_ > 0;
        break;
    case '\t':
        column_ += tab_width - column_ % tab_width;
        break;
    default:
        column_ += !is_control(byte) && !((settings_.input & input_utf8) && is_continuation(byte));
    }
}

/// One byte through output processing. The caller saw to room for output_reserve bytes.
bool LineDiscipline::put(char byte) {
    if (!(settings_.output & output_process)) {
        output_.push(byte);
        return true;
    }
    if (byte == '\r') {
        if ((settings_.output & output_no_first_cr) && column_ == 0)
            return true;
        if (settings_.output & output_cr_to_nl)
            byte = '\n';
    } else if (byte == '\n' && (settings_.output & output_nl_to_crnl)) {
        output_.push('\r');
    } else if (byte == '\t' && (settings_.output & output_expand_tabs) == output_expand_tabs) {
        for (unsigned spaces = tab_width - column_ % tab_width; spaces > 0; --spaces)
            output_.push(' ');
        advance_column('\t');
        return true;
    } else if ((settings_.output & output_upper_case) && byte >= 'a' && byte <= 'z')
        byte = static_cast<char>(byte - 'a' + 'A');
    advance_column(byte);
    output_.push(byte);
    return true;
}

std::size_t LineDiscipline::write(std::span<const char> from) {
    std::size_t done = 0;
    while (done < from.size() && output_.room() >= output_reserve)
        put(from[done++]);
    return done;
}

} // namespace terminal
