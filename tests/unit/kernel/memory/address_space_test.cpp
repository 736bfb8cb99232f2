// Address spaces, one property at a time. User memory is touched through memory/user_ptr.hpp, so that faults are taken
// and resolved.

#include "fake/machine.hpp"
#include "memory/address_space.hpp"
#include "memory/frame.hpp"
#include "memory/user_ptr.hpp"

#include <arch/trampoline.hpp>
#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace memory {
namespace {

constexpr PageRights read_write{.read = true, .write = true};
constexpr PageRights read_only{.read = true};
constexpr std::uintptr_t base = 0x1000'0000;

/// Pages 0..count-1, page i filled with 'a' + i.
class TextObject final : public MemoryObject {
public:
    explicit TextObject(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            frames_.push_back(*allocate_frame());
            std::memset(arch::phys_to_virt<char>(frames_.back()), static_cast<int>('a' + i), page_size);
        }
    }
    ~TextObject() override {
        for (const PhysAddr frame : frames_)
            release_frame(frame);
    }
    Result<PhysAddr> page(std::uint64_t index, bool for_write) override {
        if (index >= frames_.size())
            return fail(Error::out_of_range);
        writes_announced += for_write;
        add_frame_reference(frames_[index]);
        return frames_[index];
    }
    std::optional<PhysAddr> resident_page(std::uint64_t index) override {
        if (index >= frames_.size())
            return std::nullopt;
        add_frame_reference(frames_[index]);
        return frames_[index];
    }
    bool tracks_writes() const override { return tracks; }

    void cut(std::uint64_t count) {
        for (; frames_.size() > count; frames_.pop_back())
            release_frame(frames_.back());
    }

    bool tracks = false;
    int writes_announced = 0;

private:
    std::vector<PhysAddr> frames_;
};

class AddressSpaces : public testing::Test {
protected:
    AddressSpaces() : before_(free_frame_count()), space(*AddressSpace::create(EntryMode::direct, {})) {
        machine_.enter(space.get());
    }
    ~AddressSpaces() override {
        machine_.enter(nullptr);
        space.reset();
        EXPECT_EQ(free_frame_count(), before_) << "frames were lost";
    }

    std::uintptr_t
    map(std::uintptr_t at, std::size_t pages, PageRights rights = read_write, Ref<MemoryObject> object = {},
        bool shared = false) {
        const Result<std::uintptr_t> start = space->map(
            {.address = at,
             .bytes = pages * page_size,
             .rights = rights,
             .placement = at ? Placement::fixed : Placement::anywhere,
             .shared = shared,
             .object = object});
        EXPECT_TRUE(start);
        return start.value_or(0);
    }
    bool write(std::uintptr_t at, char value) { return copy_out({at}, &value, 1).has_value(); }
    int read(std::uintptr_t at) {
        unsigned char value;
        return copy_in(&value, {at}, 1) ? value : -1;
    }
    std::size_t mappings() {
        std::size_t count = 0;
        space->for_each_mapping([&](const Mapping&) { ++count; });
        return count;
    }

    fake::Machine machine_{32 << 20};
    std::uint64_t before_;
    Ref<AddressSpace> space;
};

TEST_F(AddressSpaces, AnonymousMemoryIsZeroThenWhatWasWritten) {
    map(base, 4);
    EXPECT_EQ(read(base + page_size), 0);
    EXPECT_TRUE(write(base + page_size, 7));
    EXPECT_EQ(read(base + page_size), 7);
    EXPECT_EQ(read(base + 2 * page_size), 0);
    EXPECT_EQ(space->usage().resident_pages, 2u);
    EXPECT_EQ(read(base - 1), -1);
    EXPECT_EQ(read(base + 4 * page_size), -1);
}

TEST_F(AddressSpaces, RightsAreKept) {
    map(base, 1, read_only);
    EXPECT_EQ(read(base), 0);
    EXPECT_FALSE(write(base, 1));
    EXPECT_EQ(space->handle_fault(base, Access::write).error(), Error::access_denied);
    EXPECT_EQ(space->handle_fault(base, Access::execute).error(), Error::access_denied);
    EXPECT_EQ(space->handle_fault(base + page_size, Access::read).error(), Error::bad_address);
}

TEST_F(AddressSpaces, ProtectionTakesAndGivesBack) {
    map(base, 3);
    EXPECT_TRUE(write(base + page_size, 9));
    EXPECT_TRUE(space->protect(base + page_size, page_size, {}));
    EXPECT_EQ(read(base + page_size), -1);
    EXPECT_EQ(mappings(), 3u);
    EXPECT_TRUE(space->protect(base + page_size, page_size, read_only));
    EXPECT_EQ(read(base + page_size), 9);
    EXPECT_FALSE(write(base + page_size, 1));
    EXPECT_TRUE(space->protect(base + page_size, page_size, read_write));
    EXPECT_EQ(mappings(), 1u); // joined again
    EXPECT_TRUE(write(base + page_size, 1));
    EXPECT_EQ(space->protect(base, 8 * page_size, read_only).error(), Error::no_memory);
    EXPECT_EQ(space->protect(base + 1, page_size, read_only).error(), Error::invalid_argument);
}

TEST_F(AddressSpaces, NeighboursJoinAndHolesSplit) {
    map(base, 1);
    map(base + page_size, 1);
    map(base + 2 * page_size, 1);
    EXPECT_EQ(mappings(), 1u);
    EXPECT_TRUE(write(base, 1) && write(base + page_size, 2) && write(base + 2 * page_size, 3));
    EXPECT_TRUE(space->unmap(base + page_size, page_size));
    EXPECT_EQ(mappings(), 2u);
    EXPECT_EQ(read(base), 1);
    EXPECT_EQ(read(base + page_size), -1);
    EXPECT_EQ(read(base + 2 * page_size), 3);
}

TEST_F(AddressSpaces, PlacementIsAsAskedFor) {
    map(base, 1);
    EXPECT_EQ(
        space->map({.address = base, .bytes = 1, .rights = read_write, .placement = Placement::fixed_free}).error(),
        Error::exists);
    EXPECT_EQ(
        space->map({.address = base + 1, .bytes = 1, .placement = Placement::fixed}).error(), Error::invalid_argument);
    EXPECT_EQ(
        space->map({.address = arch::user_top, .bytes = 1, .placement = Placement::fixed}).error(), Error::no_memory);
    EXPECT_EQ(space->map({.bytes = 0}).error(), Error::invalid_argument);
    EXPECT_EQ(space->map({.bytes = ~std::size_t{0}}).error(), Error::no_memory);
    EXPECT_EQ(space->map({.bytes = 64 << 20, .rights = read_write}).error(), Error::no_memory); // more than there is
    EXPECT_TRUE(space->map({.bytes = 64 << 20, .rights = read_write, .no_reserve = true}));
    const std::uintptr_t first = map(0, 2), second = map(0, 3);
    EXPECT_EQ(second + 3 * page_size, first); // downwards, without gaps
    EXPECT_EQ(*space->map({.address = base + 5 * page_size + 17, .bytes = 1}), base + 5 * page_size); // a hint
    space->limit_pages = space->usage().virtual_pages + 1;
    EXPECT_EQ(space->map({.bytes = 2 * page_size}).error(), Error::no_memory);
}

TEST_F(AddressSpaces, FilesArePrivateOrShared) {
    auto* text = new TextObject(20);
    Ref<MemoryObject> object(Ref<TextObject>::adopt(text));
    map(base, 21, read_write, object);
    map(base + 0x100000, 20, read_write, object, true);
    EXPECT_EQ(read(base + 3 * page_size), 'd');
    EXPECT_GT(space->usage().resident_pages, 10u); // neighbours came along
    EXPECT_EQ(space->handle_fault(base + 20 * page_size, Access::read).error(), Error::out_of_range);
    EXPECT_TRUE(write(base + 3 * page_size, 'X'));
    EXPECT_EQ(read(base + 0x100000 + 3 * page_size), 'd'); // the file did not change
    EXPECT_TRUE(write(base + 0x100000 + 4 * page_size, 'Y'));
    EXPECT_EQ(read(base + 4 * page_size), 'Y'); // it did; the private page is still the file's
}

TEST_F(AddressSpaces, WritesAreAnnouncedToObjectsThatAsk) {
    auto* text = new TextObject(4);
    text->tracks = true;
    map(base, 4, read_write, Ref<TextObject>::adopt(text), true);
    EXPECT_EQ(read(base), 'a');
    EXPECT_EQ(text->writes_announced, 0);
    EXPECT_TRUE(write(base, 'z'));
    EXPECT_TRUE(write(base, 'y'));
    EXPECT_EQ(text->writes_announced, 1);
    EXPECT_EQ(read(base), 'y');
}

TEST_F(AddressSpaces, ACutFileLeavesEveryMapping) {
    auto* text = new TextObject(8);
    Ref<MemoryObject> object(Ref<TextObject>::adopt(text));
    map(base, 8, read_write, object);
    map(base + 0x100000, 8, read_write, object, true);
    EXPECT_TRUE(write(base + 5 * page_size, 'X'));
    Ref<AddressSpace> child = *space->fork();
    EXPECT_EQ(read(base + 0x100000 + 5 * page_size), 'f');
    text->cut(4);
    text->forget_pages(4, 100, true);
    for (AddressSpace* each : {space.get(), child.get()}) {
        machine_.enter(each);
        EXPECT_EQ(read(base + 3 * page_size), 'd');
        EXPECT_EQ(read(base + 5 * page_size), -1);
        EXPECT_EQ(read(base + 0x100000 + 5 * page_size), -1);
    }
    machine_.enter(space.get());
}

TEST_F(AddressSpaces, ForkSharesUntilSomebodyWrites) {
    map(base, 3);
    EXPECT_TRUE(write(base, 1) && write(base + page_size, 2));
    const std::uint64_t free = free_frame_count();
    Ref<AddressSpace> child = *space->fork();
    EXPECT_GE(free_frame_count() + 8, free); // tables, no pages
    EXPECT_TRUE(write(base, 10));
    machine_.enter(child.get());
    EXPECT_EQ(read(base), 1);
    EXPECT_TRUE(write(base + page_size, 20));
    EXPECT_EQ(read(base + 2 * page_size), 0);
    machine_.enter(space.get());
    EXPECT_EQ(read(base), 10);
    EXPECT_EQ(read(base + page_size), 2);
    child.reset();
    const std::uint64_t alone = free_frame_count();
    EXPECT_TRUE(write(base + page_size, 3)); // nobody else has it: no copy
    EXPECT_EQ(free_frame_count(), alone);
}

TEST_F(AddressSpaces, ForkLeavesOutAndWipes) {
    map(base, 3);
    EXPECT_TRUE(write(base, 1) && write(base + page_size, 2) && write(base + 2 * page_size, 3));
    EXPECT_TRUE(space->set_inheritance(base, page_size, Inheritance::left_out));
    EXPECT_TRUE(space->set_inheritance(base + page_size, page_size, Inheritance::zeroed));
    Ref<AddressSpace> child = *space->fork();
    machine_.enter(child.get());
    EXPECT_EQ(read(base), -1);
    EXPECT_EQ(read(base + page_size), 0);
    EXPECT_EQ(read(base + 2 * page_size), 3);
    machine_.enter(space.get());
    EXPECT_EQ(read(base + page_size), 2);
}

TEST_F(AddressSpaces, SharedMemoryStaysSharedAfterFork) {
    map(base, 2, read_write, *create_shared_memory(2 * page_size), true);
    EXPECT_TRUE(write(base, 5));
    Ref<AddressSpace> child = *space->fork();
    machine_.enter(child.get());
    EXPECT_EQ(read(base), 5);
    EXPECT_TRUE(write(base + page_size, 6));
    machine_.enter(space.get());
    EXPECT_EQ(read(base + page_size), 6);
    EXPECT_EQ(space->shared_place(base + 8)->object, child->shared_place(base + 8)->object);
}

TEST_F(AddressSpaces, ForkFailsCleanlyAtEveryPoint) {
    for (std::uintptr_t i = 0; i < 12; ++i) {
        map(base + i * 0x4000'0000, 2);
        EXPECT_TRUE(write(base + i * 0x4000'0000, static_cast<char>(i)));
    }
    for (std::uint64_t left = 0; left < 60; left += 3) {
        std::vector<PhysAddr> hoard;
        while (free_frame_count() > left)
            hoard.push_back(*allocate_frame());
        const std::uint64_t free = free_frame_count();
        {
            const Result<Ref<AddressSpace>> child = space->fork();
            if (!child)
                EXPECT_EQ(child.error(), Error::no_memory);
        }
        EXPECT_EQ(free_frame_count(), free);
        for (const PhysAddr frame : hoard)
            free_frame(frame);
    }
    for (std::uintptr_t i = 0; i < 12; ++i) {
        EXPECT_EQ(read(base + i * 0x4000'0000), static_cast<int>(i));
        EXPECT_TRUE(write(base + i * 0x4000'0000, 1));
    }
}

TEST_F(AddressSpaces, RemapMovesPagesAndGrowsInPlace) {
    map(base, 2);
    EXPECT_TRUE(write(base, 1) && write(base + page_size, 2));
    EXPECT_EQ(*space->remap(base, 2 * page_size, 4 * page_size, false, 0), base);
    EXPECT_EQ(read(base + 3 * page_size), 0);
    map(base + 4 * page_size, 1, read_only);
    EXPECT_EQ(space->remap(base, 4 * page_size, 6 * page_size, false, 0).error(), Error::no_memory);
    const std::uintptr_t moved = *space->remap(base, 4 * page_size, 6 * page_size, true, 0);
    EXPECT_NE(moved, base);
    EXPECT_EQ(read(base), -1);
    EXPECT_EQ(read(moved), 1);
    EXPECT_EQ(read(moved + page_size), 2);
    EXPECT_EQ(read(moved + 5 * page_size), 0);
    const std::uintptr_t target = base + 0x20'0000 - page_size; // across two tables
    EXPECT_EQ(*space->remap(moved, 6 * page_size, 2 * page_size, true, target), target);
    EXPECT_EQ(read(target + page_size), 2);
    EXPECT_EQ(read(moved), -1);
    EXPECT_EQ(
        space->remap(target, 2 * page_size, 2 * page_size, true, target + page_size).error(), Error::invalid_argument);
    EXPECT_EQ(space->remap(base, page_size, page_size, true, 0).error(), Error::bad_address);
    EXPECT_EQ(*space->remap(target, page_size, page_size, true, base, true), base); // the old range stays, empty
    EXPECT_EQ(read(base), 1);
    EXPECT_EQ(read(target), 0);
}

TEST_F(AddressSpaces, TheBreakMoves) {
    space->initialise_break(base + 100);
    EXPECT_EQ(space->set_break(0), base + 100);
    EXPECT_EQ(space->set_break(base + 3 * page_size + 1), base + 3 * page_size + 1);
    EXPECT_TRUE(write(base + 3 * page_size, 4));
    EXPECT_EQ(space->set_break(base + page_size), base + page_size);
    EXPECT_EQ(read(base + 3 * page_size), -1);
    map(base + 8 * page_size, 1);
    EXPECT_EQ(space->set_break(base + 9 * page_size), base + page_size); // something is there
    space->break_limit = 2 * page_size;
    EXPECT_EQ(space->set_break(base + 4 * page_size), base + page_size);
}

TEST_F(AddressSpaces, StacksGrowToTheirLimit) {
    const std::uintptr_t top = base + 0x100'0000;
    ASSERT_TRUE(space->map(
        {.address = top - page_size,
         .bytes = page_size,
         .rights = read_write,
         .placement = Placement::fixed,
         .grows_down = true}));
    space->stack_limit = 64 * page_size;
    EXPECT_TRUE(write(top - 10 * page_size, 1));
    EXPECT_TRUE(write(top - 64 * page_size, 1));
    EXPECT_FALSE(write(top - 65 * page_size, 1));
    space->stack_limit = 0x100'0000;
    map(top - 400 * page_size, 1);
    EXPECT_TRUE(write(top - 143 * page_size, 1));
    EXPECT_FALSE(write(top - 144 * page_size, 1)); // keeps its distance
}

TEST_F(AddressSpaces, DiscardedPagesReadAsZero) {
    map(base, 3);
    EXPECT_TRUE(write(base, 1) && write(base + page_size, 2));
    EXPECT_TRUE(space->discard(base, page_size));
    EXPECT_EQ(read(base), 0);
    EXPECT_EQ(read(base + page_size), 2);
    EXPECT_EQ(space->discard(base, 4 * page_size).error(), Error::no_memory);
    EXPECT_EQ(read(base + page_size), 0);
}

TEST_F(AddressSpaces, ForeignAccessIgnoresRights) {
    map(base, 2, read_only);
    const std::array<std::byte, 4> text{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    EXPECT_TRUE(space->write_foreign(base + page_size - 2, text));
    EXPECT_EQ(read(base + page_size - 1), 2);
    EXPECT_EQ(read(base + page_size), 3);
    EXPECT_FALSE(write(base, 1));
    EXPECT_TRUE(space->protect(base, 2 * page_size, {}));
    std::array<std::byte, 4> back{};
    EXPECT_TRUE(space->read_foreign(base + page_size - 2, back));
    EXPECT_EQ(back, text);
    EXPECT_EQ(space->read_foreign(base + 2 * page_size - 1, back).error(), Error::bad_address);
}

TEST_F(AddressSpaces, IsolatedThreadsHaveFramePages) {
    Ref<AddressSpace> isolated = *AddressSpace::create(EntryMode::trampoline, {});
    thread::Thread& thread = machine_.thread();
    thread.own_frame.program_counter = 77;
    ASSERT_TRUE(isolated->attach_thread(thread));
    EXPECT_NE(thread.frame, &thread.own_frame);
    EXPECT_EQ(thread.frame->program_counter, 77u);
    EXPECT_EQ(thread.frame->user_view, arch::trampoline_frame_address(0));
    thread.frame->program_counter = 78;
    ASSERT_TRUE(
        isolated->map({.address = base, .bytes = page_size, .rights = read_write, .placement = Placement::fixed}));
    machine_.enter(isolated.get());
    EXPECT_TRUE(write(base, 3));
    const auto* root = arch::phys_to_virt<std::uint64_t>(isolated->translation().root);
    const auto* mirror = arch::phys_to_virt<std::uint64_t>(isolated->translation().isolated_root);
    EXPECT_NE(root[0], 0u);
    EXPECT_EQ(root[0], mirror[0]);
    isolated->detach_thread(thread);
    EXPECT_EQ(thread.frame, &thread.own_frame);
    EXPECT_EQ(thread.own_frame.program_counter, 78u);
    machine_.enter(space.get());
}

TEST_F(AddressSpaces, MoreSpacesThanNumbersWork) {
    std::vector<Ref<AddressSpace>> many;
    for (int i = 0; i < 40; ++i) {
        many.push_back(*AddressSpace::create(EntryMode::direct, {}));
        EXPECT_TRUE(
            many.back()->map({.address = base, .bytes = 1, .rights = read_write, .placement = Placement::fixed}));
        machine_.enter(many.back().get());
        EXPECT_TRUE(write(base, static_cast<char>(i)));
    }
    EXPECT_EQ(many[20]->translation().asid, 0);
    machine_.enter(space.get());
    many.clear();
    EXPECT_NE((*AddressSpace::create(EntryMode::direct, {}))->translation().asid, 0);
}

TEST_F(AddressSpaces, MappingsAreBounded) {
    Result<std::uintptr_t> last = 0;
    std::uintptr_t at = base;
    for (; last; at += 2 * page_size)
        last = space->map({.address = at, .bytes = page_size, .rights = read_only, .placement = Placement::fixed});
    EXPECT_EQ(last.error(), Error::no_memory);
    EXPECT_EQ(mappings(), AddressSpace::max_mappings);
    EXPECT_EQ(space->protect(base, page_size, read_write).has_value(), true); // splits nothing
}

} // namespace
} // namespace memory
