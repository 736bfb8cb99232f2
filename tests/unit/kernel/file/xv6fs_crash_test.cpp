// The power goes at any write: what is on the disk then is mounted again, is a consistent file system, and is what the
// programs had made of it after one of their operations, never something between two.

#include "xv6fs_fixture.hpp"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace file {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Names, link counts and contents: what programs can see.
std::string state_of(const Bytes& image) {
    std::string text;
    for (const auto& [path, found] : xv6image::tree(image))
        text += path + " " + std::to_string(found.type) + " " + std::to_string(found.links) + " "
                + std::to_string(std::hash<std::string>{}(found.contents)) + "\n";
    return text;
}

/// Things that programs do, each one step on the disk. The same seed does the same.
class Workload {
public:
    Workload(MountedDisk& fs, unsigned seed) : fs_(fs), random_(seed) {}

    void step() {
        const std::string name = a_name();
        switch (below(14)) {
        case 0:
        case 1:
            (void)fs_.open(name, open_write | open_create);
            break;
        case 2:
            (void)fs_.open(name, open_write | open_truncate);
            break;
        case 3:
        case 4:
        case 5:
        case 6:
            write_within_a_page(name);
            break;
        case 7:
            (void)fs_.link(name, a_name());
            break;
        case 8:
            (void)fs_.unlink(name);
            break;
        case 9:
            (void)fs_.make_dir(name);
            break;
        case 10:
            (void)fs_.remove_dir(name);
            break;
        case 11:
            (void)fs_.rename(name, a_name());
            break;
        case 12:
            if (const auto found = look_up(fs_.walk(), name); found && found->inode().is_regular()) {
                const std::uint64_t size = found->inode().attributes().size;
                (void)truncate(*found, size ? below(static_cast<unsigned>(size)) : 0, fs_.who);
            }
            break;
        default:
            hold_open_and_unlink(name);
            break;
        }
    }
    /// Files that lost their name are let go.
    void let_go() { held_.reset(); }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    std::string a_name() {
        static const char* const directories[] = {"", "", "", "d/", "d/e/"};
        static const char* const names[] = {"a", "b", "c", "d", "e", "f"};
        return std::string(directories[below(5)]) + names[below(6)];
    }
    void write_within_a_page(const std::string& name) {
        const auto opened = fs_.open(name, open_write);
        const unsigned seed = below(1000), at = below(1000), bytes = 1 + below(4096);
        if (!opened || !(*opened)->inode()->is_regular())
            return;
        const std::uint64_t size = (*opened)->attributes().size;
        const std::uint64_t offset = size == 0 ? 0 : at < 600 ? size : size * at / 1000;
        const std::size_t room = 4096 - offset % 4096;
        (*opened)->set_offset(offset);
        (void)MountedDisk::write(**opened, pattern(bytes < room ? bytes : room, seed));
    }
    void hold_open_and_unlink(const std::string& name) {
        if (const auto opened = fs_.open(name, open_read); opened && (*opened)->inode()->is_regular()) {
            held_ = *opened;
            (void)fs_.unlink(name);
        }
    }

    MountedDisk& fs_;
    std::mt19937 random_;
    Ref<OpenFile> held_;
};

constexpr unsigned steps = 600;

class Xv6FsCrashTest : public testing::Test {
protected:
    static Bytes fresh() {
        return xv6image::make({.blocks = 300, .inodes = 48, .log = 30}, {{"README", pattern(3000)}});
    }

    /// The states that the workload goes through, each brought to the disk.
    void play_singly(unsigned seed) {
        fake::Disk disk(fresh());
        MountedDisk fs(disk);
        Workload work(fs, seed);
        states = {state_of(disk.medium)};
        for (unsigned i = 0; i < steps; ++i) {
            work.step();
            ASSERT_TRUE(fs.sync());
            states.push_back(state_of(disk.medium));
        }
    }
    /// The same with a commit only when the log is full, or now and then; every write is remembered.
    void play_grouped(unsigned seed) {
        fake::Disk disk(fresh());
        MountedDisk fs(disk);
        Workload work(fs, seed);
        disk.recording = true;
        std::mt19937 random(seed + 1);
        for (unsigned i = 0; i < steps; ++i) {
            work.step();
            if (random() % 8 == 0) {
                ASSERT_TRUE(fs.sync());
                durable.push_back({disk.history.size(), i + 1});
            }
        }
        ASSERT_TRUE(fs.sync());
        durable.push_back({disk.history.size(), steps});
        history = disk.history;
    }
    static void apply(Bytes& image, const fake::Disk::Write& write) {
        std::memcpy(&image[write.block * 1024], write.contents.data(), write.contents.size());
    }
    /// Operations whose effects must be there when `writes` writes have reached the disk.
    unsigned promised(std::size_t writes) const {
        unsigned count = 0;
        for (const auto& [written, operations] : durable)
            if (written <= writes)
                count = operations;
        return count;
    }
    /// Mounts what a cut left, with the kernel's recovery, and gives back the disk.
    static Bytes recovered(const Bytes& cut) {
        fake::Disk disk(cut);
        {
            MountedDisk fs(disk);
            EXPECT_TRUE(fs.outcome);
        }
        return disk.medium;
    }
    /// The first state at or after `from` that the image shows.
    unsigned find_state(const Bytes& image, unsigned from) const {
        const std::string state = state_of(image);
        while (from < states.size() && states[from] != state)
            ++from;
        return from;
    }
    void expect_good(const Bytes& image, std::size_t writes, unsigned& at_least) {
        const auto problems = xv6image::check(image);
        ASSERT_EQ(joined(problems), "") << "after write " << writes;
        at_least = std::max(at_least, promised(writes));
        at_least = find_state(image, at_least);
        ASSERT_LT(at_least, states.size()) << "no operation left this, after write " << writes;
    }

    fake::Machine machine;
    std::vector<std::string> states;
    std::vector<std::pair<std::size_t, unsigned>> durable; // writes → operations
    std::vector<fake::Disk::Write> history;
};

TEST_F(Xv6FsCrashTest, EveryPrefixOfTheWrites) {
    for (unsigned seed = 1; seed <= 6; ++seed) {
        durable.clear();
        play_singly(seed);
        play_grouped(seed);
        ASSERT_GT(history.size(), 200u);
        Bytes image = fresh();
        unsigned at_least = 0;
        for (std::size_t writes = 0; writes <= history.size(); ++writes) {
            if (writes)
                apply(image, history[writes - 1]);
            expect_good(recovered(image), writes, at_least);
            if (HasFatalFailure())
                return;
            if (writes % 16 == 0) { // the same by the checker's own recovery
                Bytes copy = image;
                xv6image::recover(copy);
                ASSERT_EQ(joined(xv6image::check(copy)), "");
            }
        }
        EXPECT_EQ(at_least, steps);
    }
}

/// A disk may keep the writes between two flushes in any order.
TEST_F(Xv6FsCrashTest, AnyOrderBetweenFlushes) {
    play_singly(3);
    play_grouped(3);
    std::mt19937 random(3);
    const unsigned epochs = history.back().epoch;
    for (int trial = 0; trial < 250; ++trial) {
        const unsigned epoch = random() % (epochs + 1);
        Bytes image = fresh();
        std::size_t before = 0;
        for (const fake::Disk::Write& write : history) {
            before += write.epoch < epoch;
            if (write.epoch < epoch || (write.epoch == epoch && random() % 2))
                apply(image, write);
        }
        unsigned at_least = 0;
        expect_good(recovered(image), before, at_least);
        if (HasFatalFailure())
            return;
    }
}

/// The power goes a second time while the log is carried out.
TEST_F(Xv6FsCrashTest, ACutDuringRecovery) {
    play_singly(4);
    play_grouped(4);
    Bytes image = fresh();
    std::size_t recoveries = 0;
    for (std::size_t writes = 0; writes < history.size() && recoveries < 12; ++writes) {
        apply(image, history[writes]);
        if (history[writes].block != 2 || history[writes].contents[0] == 0)
            continue; // not the header that commits
        ++recoveries;
        const std::string wanted = state_of(recovered(image));
        fake::Disk disk(image);
        disk.recording = true;
        MountedDisk(disk).outcome.value();
        Bytes half = image;
        for (const fake::Disk::Write& write : disk.history) {
            apply(half, write);
            const Bytes again = recovered(half);
            ASSERT_EQ(joined(xv6image::check(again)), "");
            ASSERT_EQ(state_of(again), wanted);
        }
    }
    EXPECT_GT(recoveries, 5u);
}

} // namespace
} // namespace file
