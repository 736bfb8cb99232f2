#pragma once
// The PC's MC146818 real-time clock. `Ports` reaches I/O ports.

#include "device/real_time_clock.hpp"

#include <array>
#include <cstdint>

namespace device {

/// Seconds since 1970 of a date of the proleptic Gregorian calendar, UTC; month 1..12, day 1..31.
constexpr std::uint64_t
seconds_of_date(std::uint64_t year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second) {
    // Years that begin in March: the leap day is their last, and month lengths repeat every five months.
    const std::uint64_t y = month <= 2 ? year - 1 : year;
    const unsigned m = month <= 2 ? month + 9 : month - 3;
    const std::uint64_t days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1;
    constexpr std::uint64_t days_before_1970 = 719468;
    return (days - days_before_1970) * 86400 + hour * 3600u + minute * 60u + second;
}
static_assert(seconds_of_date(1970, 1, 1, 0, 0, 0) == 0);
static_assert(seconds_of_date(2000, 3, 1, 0, 0, 0) == 951868800);

template <typename Ports>
class CmosClock final : public RealTimeClock {
public:
    std::uint64_t seconds() override {
        // Two equal readings with no update in progress: none can have come in between.
        Reading reading = read_all();
        for (int attempt = 0; attempt < 1000; ++attempt) {
            const Reading again = read_all();
            if (again == reading && (register_at(status_a) & update_in_progress) == 0)
                break;
            reading = again;
        }
        return decode(reading);
    }

private:
    static constexpr std::uint16_t index_port = 0x70, data_port = 0x71;
    static constexpr std::uint8_t status_a = 0x0a, status_b = 0x0b, update_in_progress = 0x80, binary = 0x04,
                                  hours_24 = 0x02, afternoon = 0x80;
    static constexpr std::array<std::uint8_t, 7> registers{0x00, 0x02, 0x04, 0x07, 0x08, 0x09, 0x32};
    using Reading = std::array<std::uint8_t, 7>; // second, minute, hour, day, month, year of the century, century

    static std::uint8_t register_at(std::uint8_t index) {
        Ports::write8(index_port, index);
        return Ports::read8(data_port);
    }
    static Reading read_all() {
        Reading reading;
        for (std::size_t i = 0; i < reading.size(); ++i)
            reading[i] = register_at(registers[i]);
        return reading;
    }
    static std::uint64_t decode(Reading reading) {
        const std::uint8_t mode = register_at(status_b);
        const bool is_afternoon = (mode & hours_24) == 0 && (reading[2] & afternoon) != 0;
        reading[2] &= static_cast<std::uint8_t>(~afternoon);
        if ((mode & binary) == 0)
            for (std::uint8_t& value : reading)
                value = static_cast<std::uint8_t>((value >> 4) * 10 + (value & 15));
        unsigned hour = reading[2];
        if ((mode & hours_24) == 0)
            hour = hour % 12 + (is_afternoon ? 12 : 0);
        const unsigned century = reading[6] >= 19 && reading[6] <= 99 ? reading[6] : 20;
        return seconds_of_date(century * 100u + reading[5], reading[4], reading[3], hour, reading[1], reading[0]);
    }
};

} // namespace device
