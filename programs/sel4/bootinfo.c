// What the initial thread was given: the bootinfo frame and what stands behind it.
#include "sel4.h"

enum {
    chunk_memory_map = 2,
    chunk_root_pointer,
    chunk_tsc = 5,
    chunk_device_tree,
    header_bytes = 16,
    page_bytes = 4096
};

static void line(const char* name, word_t number, const char* unit) {
    print(name);
    print(" ");
    print_number(number);
    print(unit);
    print("\n");
}

static word_t slots(const char* name, struct region region) {
    line(name, region.end - region.start, " slots");
    return region.end - region.start;
}

static word_t untyped_bytes(unsigned is_device) {
    word_t bytes = 0;
    for (word_t i = 0; i < boot_info->untyped.end - boot_info->untyped.start; ++i)
        if (boot_info->untyped_list[i].is_device == is_device)
            bytes += (word_t)1 << boot_info->untyped_list[i].size_bits;
    return bytes;
}

/// Each untyped is aligned to its size, and no two overlap.
static word_t is_sound(void) {
    const word_t count = boot_info->untyped.end - boot_info->untyped.start;
    for (word_t i = 0; i < count; ++i) {
        const struct untyped one = boot_info->untyped_list[i];
        const word_t end = one.physical + ((word_t)1 << one.size_bits);
        if (one.physical & (((word_t)1 << one.size_bits) - 1))
            return 0;
        for (word_t j = 0; j < i; ++j) {
            const struct untyped other = boot_info->untyped_list[j];
            if (one.physical < other.physical + ((word_t)1 << other.size_bits) && other.physical < end)
                return 0;
        }
    }
    return 1;
}

static word_t big_endian(const unsigned char* at) {
    return (word_t)at[0] << 24 | (word_t)at[1] << 16 | (word_t)at[2] << 8 | at[3];
}

static word_t little_endian(const unsigned char* at) {
    return (word_t)at[3] << 24 | (word_t)at[2] << 16 | (word_t)at[1] << 8 | at[0];
}

/// The contents are what their number says.
static word_t is_good(word_t id, const unsigned char* contents, word_t bytes) {
    switch (id) {
    case chunk_device_tree:
        return big_endian(contents) == 0xd00dfeed && big_endian(contents + 4) == bytes;
    case chunk_root_pointer:
        return bytes == 36 && contents[0] == 'R' && contents[1] == 'S' && contents[2] == 'D' && contents[7] == ' ';
    case chunk_memory_map:
        return bytes == 4 + 50 * 24 && little_endian(contents) >= 24 && little_endian(contents) % 24 == 0
               && little_endian(contents + 4) == 20;
    case chunk_tsc:
        return bytes == 4 && little_endian(contents) != 0;
    default:
        return 0;
    }
}

static void chunks(void) {
    const unsigned char* const start = (const unsigned char*)boot_info + page_bytes;
    word_t at = 0;
    while (at < boot_info->extra_bytes) {
        const unsigned char* const chunk = start + at;
        const word_t id = little_endian(chunk), bytes = little_endian(chunk + 8);
        if (bytes < header_bytes || bytes > boot_info->extra_bytes - at)
            break;
        check(
            id == chunk_device_tree    ? "device tree"
            : id == chunk_root_pointer ? "ACPI root pointer"
            : id == chunk_memory_map   ? "memory map"
                                       : "frequency",
            is_good(id, chunk + header_bytes, bytes - header_bytes), 1);
        at += bytes;
    }
    check("chunks end where they should", at, boot_info->extra_bytes);
}

int main(void) {
    line("nodes", boot_info->nodes, "");
    line("memory", untyped_bytes(0) >> 10, " KiB");
    line("devices", untyped_bytes(1) >> 10, " KiB");
    check("this node", boot_info->node, 0);
    check("the domain", boot_info->domain, 0);
    check("the CNode has empty slots to its end", boot_info->empty.end, (word_t)1 << boot_info->cnode_bits);
    check("an image", slots("image", boot_info->image) != 0, 1);
    check("its tables", slots("tables", boot_info->tables) != 0, 1);
    const word_t pages = (boot_info->extra_bytes + page_bytes - 1) / page_bytes;
    check("pages behind bootinfo", slots("extra", boot_info->extra), pages);
    check("untyped memory is aligned and apart", is_sound(), 1);
    chunks();
    return 0;
}
