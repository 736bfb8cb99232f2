#include "abi/rtthread/argument_area.hpp"

#include "file/random.hpp"
#include "memory/word_writer.hpp"
#include "process/exec.hpp"

#include <array>

namespace abi::rtthread {
namespace {

using memory::WordWriter;
using process::ArgumentBlock;
using Word = std::uint64_t;

constexpr std::size_t header_bytes = 56, random_bytes = 16;
constexpr std::uint64_t program_header_field = 32; // e_phoff

/// Types of auxiliary vector entries (System V ABI; elf.h).
enum AuxiliaryType : Word {
    at_phdr = 3,
    at_phent = 4,
    at_phnum = 5,
    at_pagesz = 6,
    at_base = 7,
    at_flags = 8,
    at_entry = 9,
    at_uid = 11,
    at_euid = 12,
    at_gid = 13,
    at_egid = 14,
    at_hwcap = 16,
    at_clktck = 17,
    at_secure = 23,
    at_random = 25,
    at_execfn = 31,
};
struct AuxiliaryEntry {
    Word type, value;
};
/// The vector has a fixed number of places, those at the end empty.
constexpr std::size_t places_5_0 = 6, places_newest = 32;

class Builder {
public:
    Builder(process::ExecRequest& request, const AddressMap& map, const ProgramStart& start, Generation generation)
        : request_(request), space_(*request.address_space), map_(map), start_(start), generation_(generation) {}

    Result<std::uintptr_t> run() {
        TRY(put_header_page());
        const bool old = generation_ == Generation::v5_0;
        base_ = map_.arguments != 0 ? map_.arguments : map_.top - page_size;
        const std::size_t words = 1 + request_.arguments.count() + 1 + request_.environment.count() + 1
                                  + 2 * (old ? places_5_0 : places_newest) + 1;
        const std::size_t path_bytes = std::string_view(request_.path).size() + 1;
        const std::size_t bytes =
            words * sizeof(Word) + request_.arguments.bytes() + request_.environment.bytes() + path_bytes;
        if (old && bytes > page_size)
            return fail(Error::too_big);
        TRY(map_pages(base_, bytes));
        TRY(put_strings(base_ + words * sizeof(Word), path_bytes));
        TRY(put_vectors());
        return base_;
    }

private:
    Result<> map_pages(std::uintptr_t at, std::size_t bytes) {
        TRY(space_.map({
            .address = at,
            .bytes = bytes,
            .rights = {.read = true, .write = true, .user = true},
            .placement = memory::Placement::fixed_free,
        }));
        return {};
    }

    /// A copy of the program headers from the page's start, the random bytes at its end.
    Result<> put_header_page() {
        headers_ = map_.top - 2 * page_size;
        random_ = map_.top - page_size - random_bytes;
        TRY(map_pages(headers_, page_size));
        file::Inode& inode = request_.executable.inode();
        Word offset = 0;
        TRY(file::read_kernel(inode, program_header_field, std::as_writable_bytes(std::span(&offset, 1))));
        std::array<std::byte, header_bytes> header;
        for (std::size_t i = 0; i < start_.header_count; ++i) {
            TRY(file::read_kernel(inode, offset + i * header_bytes, header));
            TRY(space_.write_foreign(headers_ + i * header_bytes, header));
        }
        std::array<std::byte, random_bytes> random;
        file::fill_random(random);
        return space_.write_foreign(random_, random);
    }

    Result<> put_block(const ArgumentBlock& block, std::uintptr_t at) {
        return block.for_each_run([&](std::span<const std::byte> run) -> Result<> {
            TRY(space_.write_foreign(at, run));
            at += run.size();
            return {};
        });
    }

    Result<> put_strings(std::uintptr_t at, std::size_t path_bytes) {
        auto& area = request_.argument_area;
        area.start = at;
        area.end = area.environment_start = at + request_.arguments.bytes();
        area.environment_end = area.environment_start + request_.environment.bytes();
        area.stack = map_.stack_end;
        path_ = area.environment_end;
        TRY(put_block(request_.arguments, area.start));
        TRY(put_block(request_.environment, area.environment_start));
        return space_.write_foreign(path_, std::as_bytes(std::span(request_.path, path_bytes)));
    }

    std::size_t auxiliary(std::span<AuxiliaryEntry> to) const {
        std::size_t count = 0;
        const auto add = [&](Word type, Word value) { to[count++] = {type, value}; };
        if (generation_ == Generation::v5_0)
            add(at_execfn, path_);
        add(at_pagesz, page_size);
        add(at_random, random_);
        add(at_phdr, headers_);
        add(at_phnum, start_.header_count);
        add(at_phent, header_bytes);
        if (generation_ == Generation::v5_0)
            return count;
        add(at_base, start_.interpreter_base);
        add(at_flags, 0);
        add(at_entry, start_.program_entry);
        for (const Word type : {at_uid, at_euid, at_gid, at_egid, at_hwcap, at_clktck, at_secure})
            add(type, 0);
        return count;
    }

    /// The addresses of a block's strings, which lie one behind the other from `at`, and a null.
    Result<> put_pointers(WordWriter& writer, const ArgumentBlock& block, std::uintptr_t at) {
        bool at_start = true;
        TRY(block.for_each_run([&](std::span<const std::byte> run) -> Result<> {
            for (const std::byte byte : run) {
                if (at_start)
                    TRY(writer.put(at));
                at_start = byte == std::byte{};
                ++at;
            }
            return {};
        }));
        return writer.put(0);
    }

    Result<> put_vectors() {
        std::array<AuxiliaryEntry, places_newest> entries{};
        auxiliary(entries);
        WordWriter writer(space_, base_);
        TRY(writer.put(request_.arguments.count()));
        TRY(put_pointers(writer, request_.arguments, request_.argument_area.start));
        TRY(put_pointers(writer, request_.environment, request_.argument_area.environment_start));
        const std::size_t places = generation_ == Generation::v5_0 ? places_5_0 : places_newest;
        for (const AuxiliaryEntry& entry : std::span(entries).first(places)) {
            TRY(writer.put(entry.type));
            TRY(writer.put(entry.value));
        }
        TRY(writer.put(0));
        return writer.flush();
    }

    process::ExecRequest& request_;
    memory::AddressSpace& space_;
    const AddressMap& map_;
    const ProgramStart& start_;
    const Generation generation_;
    std::uintptr_t base_ = 0, headers_ = 0, random_ = 0, path_ = 0;
};

} // namespace

Result<std::uintptr_t> build_arguments(
    process::ExecRequest& request, const AddressMap& map, const ProgramStart& start, Generation generation) {
    return Builder(request, map, start, generation).run();
}

} // namespace abi::rtthread
