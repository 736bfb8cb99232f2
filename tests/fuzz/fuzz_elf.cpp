// ELF headers as a program file gives them.

#include "process/elf_image.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

class Bytes final : public process::ElfSource {
public:
    explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> to) override {
        if (offset >= bytes_.size())
            return std::size_t{0};
        const auto part = bytes_.subspan(offset, std::min<std::size_t>(to.size(), bytes_.size() - offset));
        std::ranges::copy(part, to.begin());
        return part.size();
    }

private:
    std::span<const std::byte> bytes_;
};

void require(bool holds) {
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using process::ElfImage;
    Bytes bytes(std::as_bytes(std::span(data, size)));
    for (const auto machine : {ElfImage::Machine::aarch64, ElfImage::Machine::riscv, ElfImage::Machine::x86_64}) {
        ElfImage image;
        if (!ElfImage::parse(bytes, machine, image))
            continue;
        // What parse() promises.
        std::uint64_t end = 0;
        std::size_t loads = 0;
        for (const process::ElfSegment& segment : image.segments()) {
            if (segment.kind != process::ElfSegment::Kind::load)
                continue;
            loads++;
            require(segment.address >= end && segment.memory_bytes >= segment.file_bytes);
            require(segment.address + segment.memory_bytes >= segment.address);
            require(!image.is_mappable() || segment.file_bytes == 0 || segment.address % 4096 == segment.offset % 4096);
            end = segment.address + segment.memory_bytes;
        }
        require(loads > 0 && image.lowest() <= image.highest() && image.highest() >= end);
        image.has_note("GNU", 1);
        require(image.interpreter().find('\0') == std::string_view::npos);
    }
    return 0;
}
