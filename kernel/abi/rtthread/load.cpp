#include "abi/rtthread/load.hpp"

#include "abi/rtthread/argument_area.hpp"
#include "abi/rtthread/segments.hpp"
#include "abi/rtthread/support_code.hpp"
#include "memory/address_space.hpp"
#include "process/exec.hpp"

#include <new>
#include <rtthread_isa/address_map.hpp>
#include <rtthread_isa/start.hpp>

namespace abi::rtthread {
namespace {

using process::ElfImage;
using process::ElfSegment;

constexpr std::string_view interpreter_5_0 = "/lib/ld.so"; // loaded for any dynamic program, whatever it asks for
constexpr std::uint8_t os_abi_system_v = 0;
constexpr std::uint64_t least_stack = 256 * 1024; // mapped at once; the rest comes by growing

const AddressMap& map_of(Generation generation) {
    return generation == Generation::v5_0 ? isa::map_5_0 : isa::map_newest;
}

bool is_dynamic(const ElfImage& image) {
    for (const ElfSegment& segment : image.segments())
        if (segment.kind == ElfSegment::Kind::dynamic)
            return true;
    return false;
}

/// Where an image's addresses begin: position-independent ones go to `place`.
std::uint64_t bias_of(const ElfImage& image, std::uintptr_t place) {
    return image.type() == ElfImage::Type::shared ? place - image.lowest() : 0;
}

Result<> map_stack(memory::AddressSpace& space, const AddressMap& map) {
    TRY(space.map({
        .address = map.stack_end - least_stack,
        .bytes = least_stack,
        .rights = {.read = true, .write = true, .execute = true, .user = true},
        .placement = memory::Placement::fixed_free,
        .grows_down = true,
        .name_is_stack = true,
    }));
    space.stack_limit = map.stack_end - map.stack_start;
    return {};
}

/// Maps the dynamic linker; fills in where it starts.
Result<>
map_interpreter(memory::AddressSpace& space, std::string_view path, const AddressMap& map, ProgramStart& start) {
    const file::Path executable = TRY(process::find_executable(path));
    auto* image = new (std::nothrow) ElfImage;
    if (!image)
        return fail(Error::no_memory);
    const Result<> done = [&]() -> Result<> {
        TRY(process::read_image(executable.inode(), *image));
        const std::uint64_t bias = bias_of(*image, map.interpreter);
        TRY(map_segments(space, executable.inode(), *image, bias));
        start.interpreter_base = image->lowest() + bias;
        start.entry = image->entry() + bias;
        return {};
    }();
    delete image;
    return done;
}

/// 5.0.x calls the dynamic linker as a program: `ld.so -e PROGRAM ARGUMENTS`.
Result<> call_interpreter(process::ExecRequest& request) {
    process::ArgumentBlock longer;
    TRY(longer.append(interpreter_5_0));
    TRY(longer.append(std::string_view("-e")));
    TRY(longer.append(std::string_view(request.path)));
    TRY(longer.append_all(request.arguments));
    request.arguments.swap(longer);
    return {};
}

Result<> load_as(process::ExecRequest& request, Generation generation) {
    const AddressMap& map = map_of(generation);
    const ElfImage& image = request.image;
    request.address_space = TRY(memory::AddressSpace::create(
        request.entry_mode, {.search_down = map.search_down, .search_start = map.search_start}));
    memory::AddressSpace& space = *request.address_space;
    ProgramStart start{.header_count = image.header_count()};
    const std::uint64_t bias = bias_of(image, map.load);
    start.entry = start.program_entry = image.entry() + bias;
    if (generation == Generation::v5_0 && is_dynamic(image)) {
        TRY(call_interpreter(request));
        TRY(map_interpreter(space, interpreter_5_0, map, start));
    } else {
        TRY(map_segments(space, request.executable.inode(), image, bias));
        if (!image.interpreter().empty())
            TRY(map_interpreter(space, image.interpreter(), map, start));
    }
    TRY(map_stack(space, map));
    space.initialise_break(map.heap_start);
    space.break_limit = map.heap_end - map.heap_start;
    request.support_code = map.top - 3 * page_size;
    TRY(map_support_code(space, request.support_code));
    const std::uintptr_t arguments = TRY(build_arguments(request, map, start, generation));
    isa::set_program_start(request.frame, start.entry, map.stack_end, arguments, generation);
    return {};
}

} // namespace

unsigned recognise(const ElfImage& image) {
    constexpr const AddressMap& map = isa::map_newest;
    constexpr unsigned by_interpreter = 80, by_convention = 50;
    if (image.os_abi() != os_abi_system_v)
        return 0;
    if (image.interpreter() == interpreter_5_0)
        return by_interpreter;
    if (!image.interpreter().empty() || image.type() != ElfImage::Type::executable)
        return 0;
    const bool at_first_byte = image.entry() == map.load || image.entry() == map.interpreter;
    // Elsewhere programs of other kernels lie around 0x200000; above 4 GiB nobody else's do.
    const bool in_own_place = map.load >> 32 != 0 && image.lowest() >= map.load && image.lowest() < map.heap_start;
    return at_first_byte || in_own_place ? by_convention : 0;
}

unsigned recognise_nothing(const ElfImage&) {
    return 0;
}

Result<> load(process::ExecRequest& request) {
    const bool from_5_0 = thread::current().personality == &personality_5_0;
    if (from_5_0 && request.personality == &personality)
        request.personality = &personality_5_0;
    return load_as(request, request.personality == &personality_5_0 ? Generation::v5_0 : Generation::newest);
}

} // namespace abi::rtthread
