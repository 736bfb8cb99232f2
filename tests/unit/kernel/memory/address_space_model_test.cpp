// A random run of calls on address spaces against the simplest model there is: a map from page to contents and rights.

#include "fake/machine.hpp"
#include "memory/address_space.hpp"
#include "memory/frame.hpp"
#include "memory/user_ptr.hpp"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace memory {
namespace {

constexpr std::uintptr_t base = 0x3ff0'0000; // across a border of 1 GiB
constexpr unsigned window = 1200;            // pages, several tables

struct Page {
    std::shared_ptr<int> contents; // one cell per page; shared by the views of shared memory
    bool read = true, write = true, shared = false;
};

struct Model {
    std::map<unsigned, Page> pages;

    /// What fork gives the child: private cells copied, shared ones not.
    Model fork() const {
        Model child = *this;
        for (auto& [number, page] : child.pages)
            if (!page.shared)
                page.contents = std::make_shared<int>(*page.contents);
        return child;
    }
};

class RandomRun {
public:
    explicit RandomRun(unsigned seed) : random_(seed) { add(*AddressSpace::create(EntryMode::direct, layout()), {}); }

    void step() {
        current_ = random_() % spaces_.size();
        machine_.enter(spaces_[current_].get());
        const unsigned first = random_() % window, count = 1 + random_() % (random_() % 10 ? 20 : window - first);
        const unsigned last = std::min(first + count, window);
        switch (random_() % 16) {
        case 0:
        case 1:
            return map(first, last);
        case 2:
            return unmap(first, last);
        case 3:
            return protect(first, last);
        case 4:
            return discard(first, last);
        case 5:
            return remap(first, last);
        case 6:
            return random_() % 4 ? fork() : drop();
        default:
            for (int i = 0; i < 20; ++i)
                access(random_() % window);
        }
    }

    void check_all() {
        for (current_ = 0; current_ < spaces_.size(); ++current_) {
            machine_.enter(spaces_[current_].get());
            for (unsigned page = 0; page < window; ++page)
                check(page);
            std::uint64_t mapped = 0;
            spaces_[current_]->for_each_mapping([&](const Mapping& mapping) { mapped += mapping.pages(); });
            EXPECT_EQ(mapped, model().pages.size());
            EXPECT_EQ(spaces_[current_]->usage().virtual_pages, mapped);
        }
    }

    void finish() {
        machine_.enter(nullptr);
        spaces_.clear();
        EXPECT_EQ(free_frame_count(), frames_at_start_);
    }

private:
    static Layout layout() { return {}; }
    static std::uintptr_t address(unsigned page) { return base + page * page_size; }
    static std::size_t bytes(unsigned first, unsigned last) { return (last - first) * page_size; }
    Model& model() { return models_[current_]; }
    AddressSpace& space() { return *spaces_[current_]; }

    void add(Ref<AddressSpace> space, Model model) {
        spaces_.push_back(std::move(space));
        models_.push_back(std::move(model));
    }

    bool covers(unsigned first, unsigned last) {
        for (unsigned page = first; page < last; ++page)
            if (!model().pages.contains(page))
                return false;
        return true;
    }

    void map(unsigned first, unsigned last) {
        const bool shared = random_() % 4 == 0, read = random_() % 6 != 0, write = read && random_() % 3 != 0;
        MapRequest request{
            .address = address(first),
            .bytes = bytes(first, last),
            .rights = {.read = read, .write = write},
            .placement = Placement::fixed,
            .shared = shared,
            .populate = random_() % 8 == 0,
        };
        if (shared)
            request.object = *create_shared_memory(request.bytes);
        ASSERT_TRUE(space().map(request));
        for (unsigned page = first; page < last; ++page)
            model().pages[page] = {std::make_shared<int>(0), read, write, shared};
    }

    void unmap(unsigned first, unsigned last) {
        ASSERT_TRUE(space().unmap(address(first), bytes(first, last)));
        for (unsigned page = first; page < last; ++page)
            model().pages.erase(page);
    }

    void protect(unsigned first, unsigned last) {
        const bool read = random_() % 4 != 0, write = read && random_() % 2 != 0;
        const Result<> done = space().protect(address(first), bytes(first, last), {.read = read, .write = write});
        ASSERT_EQ(done.has_value(), covers(first, last));
        for (unsigned page = first; done && page < last; ++page) {
            model().pages[page].read = read;
            model().pages[page].write = write;
        }
    }

    void discard(unsigned first, unsigned last) {
        ASSERT_EQ(space().discard(address(first), bytes(first, last)).has_value(), covers(first, last));
        for (unsigned page = first; page < last; ++page)
            if (auto at = model().pages.find(page); at != model().pages.end() && !at->second.shared)
                *at->second.contents = 0;
    }

    /// To a place further on in the window, if there is one. Only private pages, so that objects need no model of their
    /// own.
    void remap(unsigned first, unsigned last) {
        const unsigned count = last - first;
        if (last + count > window || !covers(first, last))
            return;
        for (unsigned page = first; page < last; ++page)
            if (model().pages[page].shared || model().pages[page].read != model().pages[first].read
                || model().pages[page].write != model().pages[first].write)
                return;
        const unsigned target = last + random_() % (window - last - count + 1);
        const auto moved = space().remap(address(first), bytes(first, last), bytes(first, last), true, address(target));
        if (!moved) { // the range lies in several mappings: the target is gone all the same
            ASSERT_EQ(moved.error(), Error::bad_address);
            for (unsigned i = 0; i < count; ++i)
                model().pages.erase(target + i);
            return;
        }
        for (unsigned i = 0; i < count; ++i) {
            model().pages[target + i] = model().pages[first + i];
            model().pages.erase(first + i);
        }
    }

    void fork() {
        if (spaces_.size() < 5)
            add(*space().fork(), model().fork());
    }

    void drop() {
        if (spaces_.size() < 2)
            return;
        machine_.enter(nullptr);
        spaces_.erase(spaces_.begin() + static_cast<std::ptrdiff_t>(current_));
        models_.erase(models_.begin() + static_cast<std::ptrdiff_t>(current_));
    }

    void access(unsigned page) {
        if (random_() % 2 == 0)
            return check(page);
        const int value = static_cast<int>(random_());
        const auto at = model().pages.find(page);
        const bool allowed = at != model().pages.end() && at->second.write;
        ASSERT_EQ(copy_out({address(page) + 64}, &value, sizeof value).has_value(), allowed);
        if (allowed)
            *at->second.contents = value;
    }

    void check(unsigned page) {
        int value = -1;
        const auto at = model().pages.find(page);
        const bool allowed = at != model().pages.end() && at->second.read;
        ASSERT_EQ(copy_in(&value, {address(page) + 64}, sizeof value).has_value(), allowed) << page;
        if (allowed)
            ASSERT_EQ(value, *at->second.contents) << page;
    }

    fake::Machine machine_{128 << 20};
    std::mt19937 random_;
    std::uint64_t frames_at_start_ = free_frame_count();
    std::vector<Ref<AddressSpace>> spaces_;
    std::vector<Model> models_;
    std::size_t current_ = 0;
};

class AddressSpaceModel : public testing::TestWithParam<unsigned> {};

TEST_P(AddressSpaceModel, AgreesOverARandomRun) {
    RandomRun run(GetParam());
    for (int i = 0; i < 3000 && !testing::Test::HasFatalFailure(); ++i)
        run.step();
    run.check_all();
    run.finish();
}

INSTANTIATE_TEST_SUITE_P(Seeds, AddressSpaceModel, testing::Range(1u, 9u));

} // namespace
} // namespace memory
