#pragma once
// The flattened device tree as types. Format and names: Devicetree Specification v0.4, chapters 2 and 5.
// The blob is the machine's word, not a user's, but nothing in it is trusted: every offset and length is checked
// against the blob's own size, and what does not fit is not there. Everything here only reads; it may be called on any
// CPU, with any lock held. It walks the blob each time: boot time only.

#include "lib/address.hpp"
#include "lib/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace device {

class Fdt;

/// One interrupt of a device as its controller spells it (GIC: kind, number, flags; PLIC: number).
/// InterruptController::decode() turns it into a line.
struct InterruptSpecifier {
    static constexpr std::size_t max_cells = 4;
    std::array<std::uint32_t, max_cells> cells{};
    std::size_t count = 0;
    std::span<const std::uint32_t> span() const { return {cells.data(), count}; }
};

/// One node. A value; good as long as the blob stays where it is.
class FdtNode {
public:
    struct Region {
        PhysAddr start; // as the CPU sees it: translated through the `ranges` of all parents
        std::uint64_t size = 0;
    };

    /// Unit name with its address: "pl011@9000000"; empty for the root.
    std::string_view name() const;
    /// True when `compatible` lists this string.
    bool is_compatible(const char* compatible) const;
    /// False when `status` says anything but "okay".
    bool is_enabled() const;

    /// Raw bytes, big endian where they are numbers; nothing when there is no such property.
    std::optional<std::span<const std::byte>> property(const char* property_name) const;
    bool has(const char* property_name) const { return property(property_name).has_value(); }
    /// A number of one or two cells.
    std::optional<std::uint64_t> number(const char* property_name) const;
    /// Cell `index` of a property that is an array of 32-bit cells.
    std::optional<std::uint32_t> cell(const char* property_name, std::size_t index) const;
    /// The first string of a string property, without its NUL; empty when there is none.
    std::string_view string(const char* property_name) const;

    /// Entry `index` of `reg` by the parent's #address-cells and #size-cells. Errors: not_found.
    Result<Region> reg(std::size_t index = 0) const;
    /// The same without translation: the unit address of a CPU (MPIDR, hart id). Errors: not_found.
    Result<std::uint64_t> unit_address() const;
    /// Entry `index` of `interrupts` (or `interrupts-extended`) by the controller's #interrupt-cells. Errors:
    /// not_found.
    Result<InterruptSpecifier> interrupt(std::size_t index = 0) const;
    /// What `interrupt-map` of this node, a bus, makes of an interrupt of a device on it: the device's address and the
    /// interrupt, in this node's cells. Errors: not_found.
    Result<InterruptSpecifier> mapped_interrupt(std::span<const std::uint32_t> source) const;
    /// The controller that interrupt() speaks to. Errors: not_found.
    Result<FdtNode> interrupt_parent() const;

    std::optional<FdtNode> parent() const;
    std::optional<FdtNode> first_child() const;
    std::optional<FdtNode> next_sibling() const;
    std::optional<FdtNode> child(const char* child_name) const;
    Fdt tree() const;

private:
    friend class Fdt;
    static constexpr std::size_t max_depth = 8; // deeper nodes are not visited

    FdtNode(const void* blob, std::uint32_t offset) : blob_(blob), offset_(offset) {}
    FdtNode below(std::uint32_t offset) const;
    FdtNode beside(std::uint32_t offset) const;
    std::optional<FdtNode> next() const; // in the order of the tree
    std::uint32_t cell_count(const char* property_name, std::uint32_t when_absent) const;
    std::optional<std::uint64_t> translate(std::uint64_t address) const; // from this bus's addresses to the CPU's

    const void* blob_;
    std::uint32_t offset_; // of its token in the structure block
    std::uint32_t depth_ = 0;
    std::array<std::uint32_t, max_depth> ancestors_{}; // offsets of the nodes above, the root first
};

class Fdt {
public:
    /// Checks the header of a blob in mapped memory. Errors: invalid_argument (not a device tree, or
    /// broken).
    static Result<Fdt> open(const void* blob);

    const void* blob() const { return blob_; }
    std::size_t size() const; // bytes
    /// Copies the blob without the room behind its last part, and with zeros for what is to stay secret (`rng-seed`).
    /// `to`: used_size() bytes.
    void copy(std::span<std::byte> to) const;
    std::size_t used_size() const; // bytes

    FdtNode root() const { return {blob_, 0}; }
    std::optional<FdtNode> node(const char* path) const;
    std::optional<FdtNode> node_by_phandle(std::uint32_t phandle) const;
    /// The first enabled node after `after` (or from the start) whose `compatible` lists the string.
    std::optional<FdtNode> find_compatible(const char* compatible, std::optional<FdtNode> after = {}) const;
    /// The first node after `after` with this `device_type` ("memory", "cpu").
    std::optional<FdtNode> find_device_type(const char* type, std::optional<FdtNode> after = {}) const;

    /// Entry of the memory reservation block. Errors: not_found (past the last one).
    Result<FdtNode::Region> reservation(std::size_t index) const;

    // /chosen
    std::string_view command_line() const;         // `bootargs`; in the blob
    std::optional<FdtNode::Region> initrd() const; // `linux,initrd-start` and -end
    std::span<const std::byte> rng_seed() const;   // empty when there is none
    std::optional<FdtNode> console() const;        // the node that `stdout-path` names, options cut off

private:
    friend class FdtNode;
    explicit Fdt(const void* blob) : blob_(blob) {}
    template <typename Matches>
    std::optional<FdtNode> find(std::optional<FdtNode> after, Matches matches) const;

    const void* blob_;
};

inline Fdt FdtNode::tree() const {
    return Fdt(blob_);
}

} // namespace device
