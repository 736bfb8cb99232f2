#include "device/fdt.hpp"

#include "device/fdt_structure.hpp"

#include <cstring>

namespace device {

using fdt::Bytes;
using fdt::Structure;
using fdt::Token;

namespace {

/// "name" matches the unit names "name" and "name@address".
bool names(std::string_view wanted, std::string_view unit_name) {
    return unit_name.starts_with(wanted) && (unit_name.size() == wanted.size() || unit_name[wanted.size()] == '@');
}

} // namespace

// Where nodes lie: the offset of a node's BEGIN_NODE token, and those of its ancestors.

FdtNode FdtNode::below(std::uint32_t offset) const {
    FdtNode node = *this;
    node.ancestors_[depth_] = offset_;
    node.depth_ = depth_ + 1;
    node.offset_ = offset;
    return node;
}

FdtNode FdtNode::beside(std::uint32_t offset) const {
    FdtNode node = *this;
    node.offset_ = offset;
    return node;
}

std::optional<FdtNode> FdtNode::parent() const {
    if (depth_ == 0)
        return {};
    FdtNode node = *this;
    node.depth_ = depth_ - 1;
    node.offset_ = ancestors_[node.depth_];
    return node;
}

std::optional<FdtNode> FdtNode::first_child() const {
    if (depth_ == max_depth)
        return {};
    const Structure structure(blob_);
    std::uint32_t offset = offset_;
    auto token = structure.token_at(offset);
    while (token) {
        offset = token->next;
        token = structure.token_at(offset);
        if (token && token->kind == Token::Kind::begin_node)
            return below(offset);
        if (token && token->kind != Token::Kind::property)
            break;
    }
    return {};
}

std::optional<FdtNode> FdtNode::next_sibling() const {
    if (depth_ == 0)
        return {};
    const Structure structure(blob_);
    std::uint32_t offset = offset_;
    std::uint32_t open_nodes = 0;
    while (const auto token = structure.token_at(offset)) {
        if (token->kind == Token::Kind::begin_node)
            ++open_nodes;
        else if (token->kind == Token::Kind::end_node && --open_nodes == 0) {
            offset = token->next;
            const auto behind = structure.token_at(offset);
            if (behind && behind->kind == Token::Kind::begin_node)
                return beside(offset);
            break;
        }
        offset = token->next;
    }
    return {};
}

std::optional<FdtNode> FdtNode::child(const char* child_name) const {
    for (auto node = first_child(); node; node = node->next_sibling())
        if (names(child_name, node->name()))
            return node;
    return {};
}

std::optional<FdtNode> FdtNode::next() const {
    if (auto node = first_child())
        return node;
    for (std::optional<FdtNode> node = *this; node; node = node->parent())
        if (auto sibling = node->next_sibling())
            return sibling;
    return {};
}

// Properties

std::string_view FdtNode::name() const {
    const auto token = Structure(blob_).token(offset_);
    return token ? token->name : std::string_view{};
}

std::optional<Bytes> FdtNode::property(const char* property_name) const {
    const Structure structure(blob_);
    const std::string_view wanted(property_name);
    std::uint32_t offset = offset_;
    auto token = structure.token_at(offset);
    while (token) {
        offset = token->next;
        token = structure.token_at(offset);
        if (!token || token->kind != Token::Kind::property)
            break;
        if (structure.is_named(*token, wanted))
            return token->value;
    }
    return {};
}

bool FdtNode::is_compatible(const char* compatible) const {
    const auto value = property("compatible");
    return value && fdt::lists_string(*value, compatible);
}

bool FdtNode::is_enabled() const {
    const std::string_view status = string("status");
    return status.empty() || status == "okay" || status == "ok";
}

std::optional<std::uint64_t> FdtNode::number(const char* property_name) const {
    const auto value = property(property_name);
    if (!value || (value->size() != 4 && value->size() != 8))
        return {};
    return fdt::read_cells(*value, 0, value->size() / 4);
}

std::optional<std::uint32_t> FdtNode::cell(const char* property_name, std::size_t index) const {
    const auto value = property(property_name);
    return value ? fdt::read_cell(*value, index) : std::nullopt;
}

std::string_view FdtNode::string(const char* property_name) const {
    const auto value = property(property_name);
    return value ? fdt::read_string(*value).value_or(std::string_view{}) : std::string_view{};
}

std::uint32_t FdtNode::cell_count(const char* property_name, std::uint32_t when_absent) const {
    constexpr std::uint32_t most = 4; // three for PCI addresses
    const std::uint32_t count = cell(property_name, 0).value_or(when_absent);
    return count <= most ? count : most;
}

// Addresses (specification 2.3.6, 2.3.8)

std::optional<std::uint64_t> FdtNode::translate(std::uint64_t address) const {
    const auto outer = parent();
    if (!outer)
        return address; // the root's addresses are the CPU's
    const auto ranges = property("ranges");
    if (!ranges)
        return {}; // not mapped
    if (ranges->empty())
        return outer->translate(address);
    const std::size_t inner_cells = cell_count("#address-cells", 2), size_cells = cell_count("#size-cells", 1);
    const std::size_t outer_cells = outer->cell_count("#address-cells", 2);
    for (std::size_t at = 0;; at += inner_cells + outer_cells + size_cells) {
        const auto from = fdt::read_cells(*ranges, at, inner_cells);
        const auto to = fdt::read_cells(*ranges, at + inner_cells, outer_cells);
        const auto size = fdt::read_cells(*ranges, at + inner_cells + outer_cells, size_cells);
        if (!from || !to || !size || inner_cells + outer_cells + size_cells == 0)
            return {};
        if (address >= *from && address - *from < *size)
            return outer->translate(*to + (address - *from));
    }
}

Result<FdtNode::Region> FdtNode::reg(std::size_t index) const {
    const auto bus = parent();
    const auto value = property("reg");
    if (!bus || !value)
        return fail(Error::not_found);
    const std::size_t address_cells = bus->cell_count("#address-cells", 2),
                      size_cells = bus->cell_count("#size-cells", 1);
    const std::size_t at = index * (address_cells + size_cells);
    const auto address = fdt::read_cells(*value, at, address_cells);
    const auto size = fdt::read_cells(*value, at + address_cells, size_cells);
    if (!address || !size || address_cells == 0)
        return fail(Error::not_found);
    const auto start = bus->translate(*address);
    if (!start)
        return fail(Error::not_found);
    return Region{{*start}, *size};
}

Result<std::uint64_t> FdtNode::unit_address() const {
    const auto bus = parent();
    const auto value = property("reg");
    const auto address = bus && value ? fdt::read_cells(*value, 0, bus->cell_count("#address-cells", 2)) : std::nullopt;
    if (!address)
        return fail(Error::not_found);
    return *address;
}

// The tree

Result<Fdt> Fdt::open(const void* blob) {
    const Structure structure(blob);
    const auto root = structure.token(0);
    if (!root || root->kind != Token::Kind::begin_node)
        return fail(Error::invalid_argument);
    return Fdt(blob);
}

std::size_t Fdt::size() const {
    return Structure(blob_).size();
}

std::size_t Fdt::used_size() const {
    return Structure(blob_).used();
}

void Fdt::copy(std::span<std::byte> to) const {
    const auto* const from = static_cast<const std::byte*>(blob_);
    std::memcpy(to.data(), from, to.size());
    fdt::set_total_size(to);
    const Bytes secret = rng_seed();
    if (!secret.empty())
        std::memset(to.data() + (secret.data() - from), 0, secret.size());
}

std::optional<FdtNode> Fdt::node(const char* path) const {
    std::string_view rest(path);
    std::optional<FdtNode> node = root();
    while (node && !rest.empty()) {
        const std::size_t start = rest.find_first_not_of('/');
        if (start == std::string_view::npos)
            break;
        rest.remove_prefix(start);
        const std::string_view step = rest.substr(0, rest.find('/'));
        rest.remove_prefix(step.size());
        node = node->first_child();
        while (node && !names(step, node->name()))
            node = node->next_sibling();
    }
    return node;
}

template <typename Matches>
std::optional<FdtNode> Fdt::find(std::optional<FdtNode> after, Matches matches) const {
    for (auto node = after ? after->next() : root(); node; node = node->next())
        if (matches(*node))
            return node;
    return {};
}

std::optional<FdtNode> Fdt::node_by_phandle(std::uint32_t phandle) const {
    return find({}, [phandle](const FdtNode& node) { return node.cell("phandle", 0) == phandle; });
}

std::optional<FdtNode> Fdt::find_compatible(const char* compatible, std::optional<FdtNode> after) const {
    return find(
        after, [compatible](const FdtNode& node) { return node.is_compatible(compatible) && node.is_enabled(); });
}

std::optional<FdtNode> Fdt::find_device_type(const char* type, std::optional<FdtNode> after) const {
    return find(after, [type](const FdtNode& node) { return node.string("device_type") == type; });
}

Result<FdtNode::Region> Fdt::reservation(std::size_t index) const {
    const Bytes entries = Structure(blob_).reservations();
    const auto start = fdt::read_cells(entries, index * 4, 2), size = fdt::read_cells(entries, index * 4 + 2, 2);
    if (!start || !size || (*start == 0 && *size == 0))
        return fail(Error::not_found);
    return FdtNode::Region{{*start}, *size};
}

std::string_view Fdt::command_line() const {
    const auto chosen = node("/chosen");
    return chosen ? chosen->string("bootargs") : std::string_view{};
}

std::optional<FdtNode::Region> Fdt::initrd() const {
    const auto chosen = node("/chosen");
    if (!chosen)
        return {};
    const auto start = chosen->number("linux,initrd-start"), end = chosen->number("linux,initrd-end");
    if (!start || !end || *end <= *start)
        return {};
    return FdtNode::Region{{*start}, *end - *start};
}

std::span<const std::byte> Fdt::rng_seed() const {
    const auto chosen = node("/chosen");
    return chosen ? chosen->property("rng-seed").value_or(Bytes{}) : Bytes{};
}

std::optional<FdtNode> Fdt::console() const {
    const auto chosen = node("/chosen");
    if (!chosen)
        return {};
    std::string_view path = chosen->string("stdout-path");
    path = path.substr(0, path.find(':'));
    std::array<char, 128> text{};
    if (path.empty() || path.size() >= text.size())
        return {};
    path.copy(text.data(), path.size());
    if (path.front() == '/')
        return node(text.data());
    const auto aliases = node("/aliases"); // a name, not a path
    const std::string_view target = aliases ? aliases->string(text.data()) : std::string_view{};
    if (target.empty() || target.size() >= text.size())
        return {};
    text.fill('\0');
    target.copy(text.data(), target.size());
    return node(text.data());
}

} // namespace device
