#include "walk/gdb_connection.hpp"

#include "failure.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <fmt/format.h>
#include <numeric>
#include <poll.h>
#include <regex>
#include <sys/socket.h>

namespace host::walk {

namespace {

constexpr double answer_seconds = 20;

[[noreturn]] void fail(const std::string& what) {
    throw Failure(own_failure, "the emulator's debugger stub " + what);
}

/// Undoes the protocol's escapes ('}' and a changed byte) and run lengths ('*' and a count).
std::string expand(std::string_view body) {
    std::string plain;
    for (std::size_t i = 0; i < body.size(); i++) {
        if (body[i] == '}' && i + 1 < body.size()) {
            plain += static_cast<char>(body[++i] ^ 0x20);
        } else if (body[i] == '*' && i + 1 < body.size() && !plain.empty()) {
            plain.append(static_cast<std::size_t>(body[++i] - 29), plain.back());
        } else {
            plain += body[i];
        }
    }
    return plain;
}

unsigned checksum(std::string_view body) {
    return std::accumulate(body.begin(), body.end(), 0U, [](unsigned sum, char c) {
        return (sum + static_cast<unsigned char>(c)) & 0xff;
    });
}

} // namespace

std::vector<std::uint8_t> bytes_of_hex(std::string_view digits) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        std::uint8_t byte = 0;
        const auto [end, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
        if (error != std::errc() || end != digits.data() + i + 2) {
            break;
        }
        bytes.push_back(byte);
    }
    return bytes;
}

std::uint64_t little_endian(const std::uint8_t* bytes, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = std::min<std::size_t>(count, 8); i-- > 0;) {
        value = value << 8 | bytes[i];
    }
    return value;
}

GdbConnection::GdbConnection(Descriptor socket) : socket_(std::move(socket)) {
    const std::string features = request("qSupported:swbreak+;hwbreak+;xmlRegisters=i386,arm");
    if (features.find("QStartNoAckMode+") != std::string::npos && request("QStartNoAckMode") == "OK") {
        acknowledges_ = false;
    }
    request("?");
}

bool GdbConnection::fill(double seconds) {
    pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    int ready = 0;
    do {
        ready = poll(&readable, 1, static_cast<int>(seconds * 1000));
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
        return false;
    }
    std::array<char, 65536> bytes{};
    const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count <= 0) {
        closed_ = true;
        return false;
    }
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
}

void GdbConnection::send(std::string_view packet) {
    const std::string framed = fmt::format("${}#{:02x}", packet, checksum(packet));
    for (std::string_view rest = framed; !rest.empty();) {
        const ssize_t count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            closed_ = true;
            fail("closed the connection");
        }
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string GdbConnection::receive(double seconds) {
    for (;;) {
        const std::size_t start = buffer_.find('$');
        const std::size_t end = start == std::string::npos ? start : buffer_.find('#', start);
        if (end != std::string::npos && buffer_.size() >= end + 3) {
            const std::string body = expand(std::string_view(buffer_).substr(start + 1, end - start - 1));
            buffer_.erase(0, end + 3);
            if (acknowledges_) {
                ::send(socket_.get(), "+", 1, MSG_NOSIGNAL);
            }
            return body;
        }
        if (!fill(seconds)) {
            return {};
        }
    }
}

std::string GdbConnection::request(std::string_view packet) {
    send(packet);
    std::string answer = receive(answer_seconds);
    if (closed_) {
        fail("closed the connection");
    }
    return answer;
}

std::vector<std::string> GdbConnection::register_descriptions() {
    const auto read_file = [this](std::string_view name) {
        std::string text;
        for (;;) {
            const std::string part = request(fmt::format("qXfer:features:read:{}:{:x},{:x}", name, text.size(), 0x800));
            if (part.empty() || (part[0] != 'm' && part[0] != 'l')) {
                fail(fmt::format("has no {}", name));
            }
            text += part.substr(1);
            if (part[0] == 'l') {
                return text;
            }
        }
    };
    std::vector<std::string> files;
    const std::string target = read_file("target.xml");
    const std::regex include("href=\"([^\"]+)\"");
    for (std::sregex_iterator at(target.begin(), target.end(), include), end; at != end; ++at) {
        files.push_back(read_file((*at)[1].str()));
    }
    return files;
}

std::vector<std::uint8_t> GdbConnection::core_registers() {
    return bytes_of_hex(request("g"));
}

std::optional<std::uint64_t> GdbConnection::register_value(unsigned number) {
    const std::vector<std::uint8_t> bytes = bytes_of_hex(request(fmt::format("p{:x}", number)));
    if (bytes.empty() || bytes.size() > 8) {
        return std::nullopt;
    }
    return little_endian(bytes.data(), bytes.size());
}

std::vector<std::optional<std::uint64_t>> GdbConnection::register_values(std::span<const unsigned> numbers) {
    std::vector<std::optional<std::uint64_t>> values;
    for (const unsigned number : numbers) {
        send(fmt::format("p{:x}", number));
    }
    for (std::size_t i = 0; i < numbers.size(); i++) {
        const std::vector<std::uint8_t> bytes = bytes_of_hex(receive(answer_seconds));
        values.push_back(
            bytes.empty() || bytes.size() > 8 ? std::nullopt
                                              : std::optional(little_endian(bytes.data(), bytes.size())));
    }
    return values;
}

std::vector<std::uint8_t> GdbConnection::memory(std::uint64_t address, std::size_t bytes) {
    return bytes_of_hex(request(fmt::format("m{:x},{:x}", address, bytes)));
}

void GdbConnection::insert_breakpoint(std::uint64_t address) {
    if (request(fmt::format("Z1,{:x},1", address)) != "OK") {
        fail(fmt::format("refuses a breakpoint at {:#x}", address));
    }
}

void GdbConnection::remove_breakpoint(std::uint64_t address) {
    request(fmt::format("z1,{:x},1", address));
}

void GdbConnection::set_step_mode(StepMode mode) {
    // 1: single step, 2: no interrupts, 4: no timers (QEMU's manual, "Changing single-stepping behaviour").
    if (request(fmt::format("Qqemu.sstep={:#x}", static_cast<unsigned>(mode))) != "OK") {
        fail("cannot mask interrupts while stepping: this QEMU is too old");
    }
}

GdbConnection::Stop GdbConnection::step() {
    send("s");
    const std::string stop = receive(answer_seconds);
    if (closed_ || stop.starts_with('W') || stop.starts_with('X')) {
        return Stop::ended;
    }
    if (stop.empty()) {
        fail("did not answer a step");
    }
    return Stop::stopped;
}

GdbConnection::Stop GdbConnection::resume(double seconds) {
    send("c");
    const std::string stop = receive(seconds);
    if (closed_ || stop.starts_with('W') || stop.starts_with('X')) {
        return Stop::ended;
    }
    if (stop.empty()) {
        ::send(socket_.get(), "\x03", 1, MSG_NOSIGNAL);
        receive(answer_seconds);
        return Stop::timed_out;
    }
    return Stop::stopped;
}

} // namespace host::walk
