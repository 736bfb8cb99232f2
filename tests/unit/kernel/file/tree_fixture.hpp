#pragma once
// A root in memory and somebody who works in it.

#include "fake/machine.hpp"
#include "file/file_table.hpp"
#include "file/operations.hpp"
#include "file/ramfs.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace file {

class FileTreeTest : public testing::Test {
protected:
    void SetUp() override {
        file_system = *RamFileSystem::create("tmpfs", 0755, 1024);
        top = *Entry::create({}, "", *file_system->make_root());
        mounted = Ref<Mount>::adopt(new Mount(file_system, top, 0));
        place = *WorkingDirectory::create(root(), root(), 022);
    }
    void TearDown() override {
        place = {};
        thread::MutexGuard guard(tree_lock());
        top->clear();
    }

    Path root() const { return {mounted, top}; }
    Walk walk() const { return {.place = *place, .start = nullptr, .who = who}; }

    Result<Path> find(std::string_view path, bool follow = true) { return look_up(walk(), path, {.follow = follow}); }
    Error error_of(const auto& result) { return result ? Error::no_system_call : result.error(); }
    Error look_up_error(std::string_view path, bool follow = true) { return error_of(find(path, follow)); }

    Ref<OpenFile> open_file(std::string_view path, std::uint32_t flags, Mode mode = 0644) {
        auto opened = open(walk(), path, flags, mode);
        EXPECT_TRUE(opened) << path << ": " << (opened ? "" : error_name(opened.error()));
        return opened ? *opened : Ref<OpenFile>();
    }
    void write_file(std::string_view path, std::string_view text) {
        auto opened = open_file(path, open_write | open_create | open_truncate);
        Source source(std::as_bytes(std::span(text)));
        EXPECT_EQ(opened->write(source), text.size());
    }
    std::string read_all(OpenFile& opened) {
        std::string text;
        char part[100];
        for (;;) {
            Sink sink(std::as_writable_bytes(std::span(part)));
            auto got = opened.read(sink);
            if (!got || *got == 0)
                return text;
            text.append(part, *got);
        }
    }
    std::string read_file(std::string_view path) { return read_all(*open_file(path, open_read)); }
    std::vector<std::string> names(std::string_view path) {
        auto opened = open_file(path, open_read | open_directory);
        std::vector<std::string> found;
        DirectoryItem item;
        while (opened->read_directory(item).value_or(false))
            found.emplace_back(item.text());
        return found;
    }
    std::string name_of(const Path& path) {
        char buffer[longest_path];
        auto name = absolute_name(path, root(), buffer);
        return name ? std::string(*name) : "?";
    }

    fake::Machine machine;
    Ref<RamFileSystem> file_system;
    Ref<Entry> top;
    Ref<Mount> mounted;
    Ref<WorkingDirectory> place;
    Identity who{};
};

} // namespace file
