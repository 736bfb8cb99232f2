#include "abi/linux/program_stack.hpp"

#include "file/random.hpp"
#include "memory/word_writer.hpp"
#include "process/exec.hpp"

#include <algorithm>
#include <array>
#include <asm/auxvec.h>
#include <linux/auxvec.h>
#include <linux_isa/program.hpp>
#include <string_view>

namespace abi::linux {
namespace {

using memory::WordWriter;
using process::ArgumentBlock;
using Word = std::uint64_t;

constexpr std::uintptr_t stack_top = arch::user_top;
constexpr std::size_t spare = 128 * 1024; // mapped below what is filled; the rest comes by growing
constexpr std::size_t entry_bytes = 56;   // of a program header
constexpr Word clock_ticks = 100;

struct AuxiliaryEntry {
    Word type, value;
};

/// Builds the stack from the top down.
class StackBuilder {
public:
    StackBuilder(process::ExecRequest& request, const ProgramStart& start)
        : request_(request), space_(*request.address_space), start_(start) {}

    Result<std::uintptr_t> run() {
        TRY(map());
        TRY(put_strings());
        TRY(put_extras());
        return put_vectors();
    }

private:
    Result<> map() {
        const std::size_t strings = request_.arguments.bytes() + request_.environment.bytes();
        const std::size_t words = request_.arguments.count() + request_.environment.count() + 64;
        const std::size_t bytes = align_up(strings + words * sizeof(Word) + sizeof(request_.path), page_size) + spare;
        TRY(space_.map({
            .address = stack_top - bytes,
            .bytes = bytes,
            .rights =
                {
                    .read = true,
                    .write = true,
                    .execute = request_.image.has_stack_header() && request_.image.stack_executable(),
                    .user = true,
                },
            .placement = memory::Placement::fixed_free,
            .grows_down = true,
            .name_is_stack = true,
        }));
        top_ = stack_top - sizeof(Word); // a word of zero ends everything
        return {};
    }

    Result<> put_bytes(std::span<const std::byte> bytes) {
        top_ -= bytes.size();
        return space_.write_foreign(top_, bytes);
    }
    /// With its NUL. Returns where it lies.
    Result<std::uintptr_t> put_string(const char* text) {
        const std::string_view view(text);
        TRY(put_bytes(std::as_bytes(std::span(view.data(), view.size() + 1))));
        return top_;
    }
    Result<> put_block(const ArgumentBlock& block) {
        top_ -= block.bytes();
        std::uintptr_t at = top_;
        return block.for_each_run([&](std::span<const std::byte> run) -> Result<> {
            TRY(space_.write_foreign(at, run));
            at += run.size();
            return {};
        });
    }

    Result<> put_strings() {
        path_ = TRY(put_string(request_.path));
        auto& area = request_.argument_area;
        area.environment_end = top_;
        TRY(put_block(request_.environment));
        area.environment_start = area.end = top_;
        TRY(put_block(request_.arguments));
        area.start = top_;
        return {};
    }

    Result<> put_extras() {
        top_ = align_down(top_, 16);
        if (isa::platform)
            platform_ = TRY(put_string(isa::platform));
        std::array<std::byte, 16> random;
        file::fill_random(random);
        top_ = align_down(top_, 16);
        TRY(put_bytes(random));
        random_ = top_;
        return {};
    }

    std::size_t auxiliary(std::span<AuxiliaryEntry> to) const {
        const process::Credentials& who = request_.credentials;
        std::size_t count = 0;
        const auto add = [&](Word type, Word value) { to[count++] = {type, value}; };
        add(AT_HWCAP, isa::hardware_capabilities());
        add(AT_PAGESZ, page_size);
        add(AT_CLKTCK, clock_ticks);
        add(AT_PHDR, start_.headers);
        add(AT_PHENT, entry_bytes);
        add(AT_PHNUM, start_.header_count);
        add(AT_BASE, start_.interpreter_base);
        add(AT_FLAGS, 0);
        add(AT_ENTRY, start_.program_entry);
        add(AT_UID, who.user);
        add(AT_EUID, who.effective_user);
        add(AT_GID, who.group);
        add(AT_EGID, who.effective_group);
        add(AT_SECURE, request_.secure);
        add(AT_RANDOM, random_);
        add(AT_HWCAP2, isa::hardware_capabilities2());
        add(AT_MINSIGSTKSZ, isa::least_signal_stack);
        add(AT_EXECFN, path_);
        if (platform_ != 0)
            add(AT_PLATFORM, platform_);
        add(AT_NULL, 0);
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

    Result<std::uintptr_t> put_vectors() {
        std::array<AuxiliaryEntry, 24> entries;
        const std::size_t count = auxiliary(entries);
        const std::size_t words = 1 + request_.arguments.count() + 1 + request_.environment.count() + 1 + 2 * count;
        const std::uintptr_t stack_pointer = align_down(top_ - words * sizeof(Word), 16);
        WordWriter writer(space_, stack_pointer);
        TRY(writer.put(request_.arguments.count()));
        TRY(put_pointers(writer, request_.arguments, request_.argument_area.start));
        TRY(put_pointers(writer, request_.environment, request_.argument_area.environment_start));
        for (const AuxiliaryEntry& entry : std::span(entries).first(count)) {
            TRY(writer.put(entry.type));
            TRY(writer.put(entry.value));
        }
        TRY(writer.flush());
        request_.argument_area.stack = stack_pointer;
        return stack_pointer;
    }

    process::ExecRequest& request_;
    memory::AddressSpace& space_;
    const ProgramStart& start_;
    std::uintptr_t top_ = 0;
    std::uintptr_t path_ = 0, platform_ = 0, random_ = 0;
};

} // namespace

Result<std::uintptr_t> build_stack(process::ExecRequest& request, const ProgramStart& start) {
    return StackBuilder(request, start).run();
}

} // namespace abi::linux
