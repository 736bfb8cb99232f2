#pragma once
// Disks, in no bus's words. A driver adds what it finds; file systems look here.

#include "lib/address.hpp"
#include "lib/result.hpp"

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace device {

inline constexpr std::uint32_t sector_bytes = 512;

/// One piece of a transfer, contiguous on the medium and in memory.
struct BlockTransfer {
    std::uint64_t sector = 0; // the first
    PhysAddr memory{};
    std::uint32_t bytes = 0; // a multiple of sector_bytes
};

/// Callable by many threads at once, which wait while their pieces are under way; no spin lock held.
class BlockDevice {
public:
    virtual ~BlockDevice() = default;

    /// As Linux would call it: "vda".
    virtual std::string_view name() const = 0;
    virtual std::uint64_t sectors() const = 0;
    virtual bool is_read_only() const = 0;

    /// Moves all pieces, several at once and in any order; returns when the last one has ended. Errors: io (any of the
    /// pieces may have been moved or not, none is under way any more), out_of_range (nothing was begun).
    virtual Result<> read(std::span<const BlockTransfer> pieces) = 0;
    /// The same the other way. Errors: also read_only.
    virtual Result<> write(std::span<const BlockTransfer> pieces) = 0;
    /// Returns when everything whose write() has returned is where a loss of power does not reach it. Errors: io.
    virtual Result<> flush() = 0;

    BlockDevice* next = nullptr; // in the list

private:
    friend class DiskClaim;
    std::atomic<int> claims_{0}; // writers, or the one owner
};

/// The right to change a disk for as long as it lives. One owner has it alone, a file system, which keeps in memory
/// what the disk holds; writers share it. Reading needs none.
class DiskClaim {
public:
    enum class Kind : std::uint8_t { owner, writer };

    DiskClaim() = default;
    /// Errors: busy.
    static Result<DiskClaim> make(BlockDevice& disk, Kind kind);
    DiskClaim(DiskClaim&& other) noexcept : disk_(std::exchange(other.disk_, nullptr)), kind_(other.kind_) {}
    DiskClaim& operator=(DiskClaim&&) = delete;
    ~DiskClaim();

private:
    DiskClaim(BlockDevice& disk, Kind kind) : disk_(&disk), kind_(kind) {}
    BlockDevice* disk_ = nullptr;
    Kind kind_ = Kind::writer;
};

/// The list has no lock: it grows while devices are started and is read afterwards. Devices never go.
void add_block_device(BlockDevice& device);
/// In the order in which they were found; null when there is none.
BlockDevice* first_block_device();
/// Null when there is none of that name.
BlockDevice* find_block_device(std::string_view name);

} // namespace device
