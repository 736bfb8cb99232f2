#pragma once
// A disk in memory that remembers in which order its blocks were written, and fails when a test says so.

#include "device/block_device.hpp"

#include <cstring>
#include <set>
#include <vector>

#include <arch/page_table.hpp>

namespace fake {

class Disk final : public device::BlockDevice {
public:
    static constexpr std::size_t block_bytes = 1024;

    explicit Disk(std::vector<std::uint8_t> image) : medium(std::move(image)) {}

    std::string_view name() const override { return "fake"; }
    std::uint64_t sectors() const override { return medium.size() / device::sector_bytes; }
    bool is_read_only() const override { return read_only; }

    Result<> read(std::span<const device::BlockTransfer> pieces) override {
        for (const device::BlockTransfer& piece : pieces) {
            if (!is_inside(piece))
                return fail(Error::out_of_range);
            ++reads;
            if (broken_reads.contains(piece.sector / 2) || fails(reads_until_failure))
                return fail(Error::io);
            std::memcpy(arch::phys_to_virt<std::uint8_t>(piece.memory), at(piece), piece.bytes);
        }
        return {};
    }
    Result<> write(std::span<const device::BlockTransfer> pieces) override {
        if (read_only)
            return fail(Error::read_only);
        for (const device::BlockTransfer& piece : pieces) {
            if (!is_inside(piece))
                return fail(Error::out_of_range);
            if (fails(writes_until_failure))
                return fail(Error::io);
            const auto* from = arch::phys_to_virt<std::uint8_t>(piece.memory);
            std::memcpy(at(piece), from, piece.bytes);
            if (recording)
                history.push_back({piece.sector / 2, {from, from + piece.bytes}, epoch});
        }
        return {};
    }
    Result<> flush() override {
        ++epoch;
        return {};
    }

    struct Write {
        std::uint64_t block;
        std::vector<std::uint8_t> contents;
        unsigned epoch; // flushes before it
    };
    std::vector<std::uint8_t> medium;
    std::vector<Write> history;
    bool recording = false;
    bool read_only = false;
    unsigned epoch = 0;
    unsigned reads = 0;
    std::set<std::uint64_t> broken_reads; // blocks
    // Counted down to a failure of every request from then on; negative: never.
    int reads_until_failure = -1, writes_until_failure = -1;

private:
    std::uint8_t* at(const device::BlockTransfer& piece) { return medium.data() + piece.sector * device::sector_bytes; }
    bool is_inside(const device::BlockTransfer& piece) const {
        return piece.sector <= sectors() && piece.bytes <= (sectors() - piece.sector) * device::sector_bytes;
    }
    static bool fails(int& left) {
        if (left < 0)
            return false;
        return left == 0 || left-- == 0;
    }
};

} // namespace fake
