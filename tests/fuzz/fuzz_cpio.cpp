// The initrd as the boot loader hands it over.

#include "file/cpio.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto archive = std::as_bytes(std::span(data, size));
    file::CpioReader reader(archive);
    std::size_t before = 0;
    for (;;) {
        const auto entry = reader.next();
        if (!entry || !*entry)
            break;
        // Every entry lies inside and the reader moves on.
        const auto* begin = archive.data();
        const std::span<const std::byte> content = (*entry)->data;
        if (!content.empty() && (content.data() < begin || content.data() + content.size() > begin + archive.size()))
            std::abort();
        if (reader.offset() <= before || reader.offset() > archive.size())
            std::abort();
        before = reader.offset();
    }
    return 0;
}
