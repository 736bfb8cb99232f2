#include "abi/sel4/boot_chunks.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace abi::sel4 {

std::span<std::byte> BootChunks::add(ChunkId id, std::size_t bytes) {
    const std::array<Word, 2> header{static_cast<Word>(id), sizeof(header) + bytes};
    const std::size_t start = used_;
    used_ += header[1];
    if (used_ > room_.size())
        return {};
    std::memcpy(room_.data() + start, header.data(), sizeof(header));
    return room_.subspan(start + sizeof(header), bytes);
}

void BootChunks::add(ChunkId id, std::span<const std::byte> contents) {
    const auto to = add(id, contents.size());
    if (!to.empty())
        std::ranges::copy(contents, to.begin());
}

} // namespace abi::sel4
