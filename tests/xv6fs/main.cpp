// xv6image: makes and judges disk images (README.md).

#include "image.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error(path + ": cannot be read");
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

xv6image::Image read_image(const std::string& path) {
    const std::string bytes = read_file(path);
    return {bytes.begin(), bytes.end()};
}

void make(const std::string& path, const xv6image::Shape& shape, const std::vector<std::string>& words) {
    std::vector<std::pair<std::string, std::string>> files;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        const std::string file = equals == std::string::npos ? word : word.substr(equals + 1);
        const std::string name =
            equals == std::string::npos ? std::filesystem::path(word).filename().string() : word.substr(0, equals);
        files.emplace_back(name, read_file(file));
    }
    const xv6image::Image image = xv6image::make(shape, files);
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
    if (!out) {
        throw std::runtime_error(path + ": cannot be written");
    }
}

int check(const std::string& path) {
    xv6image::Image image = read_image(path);
    const std::uint32_t recovered = xv6image::recover(image);
    if (recovered != 0) {
        std::cout << recovered << " blocks from the log\n";
    }
    const std::vector<std::string> problems = xv6image::check(image);
    for (const std::string& problem : problems) {
        std::cout << problem << '\n';
    }
    return problems.empty() ? 0 : 1;
}

void list(const std::string& path) {
    xv6image::Image image = read_image(path);
    xv6image::recover(image);
    for (const auto& [name, file] : xv6image::tree(image)) {
        std::cout << name << " inode " << file.inode << " type " << file.type << " links " << file.links << " bytes "
                  << file.contents.size() << '\n';
    }
}

void cat(const std::string& path, const std::string& name) {
    xv6image::Image image = read_image(path);
    xv6image::recover(image);
    const auto files = xv6image::tree(image);
    const auto found = files.find(name);
    if (found == files.end()) {
        throw std::runtime_error(name + ": not found");
    }
    std::cout << found->second.contents;
}

} // namespace

int main(int count, char** arguments) {
    CLI::App app("Makes and judges images of xv6 file systems.", "xv6image");
    app.require_subcommand(1);
    std::string image, name;
    xv6image::Shape shape;
    std::vector<std::string> files;
    CLI::App* making = app.add_subcommand("make", "a new image with these files in its root");
    making->add_option("--blocks", shape.blocks);
    making->add_option("--inodes", shape.inodes);
    making->add_option("--log", shape.log);
    CLI::App* checking = app.add_subcommand("check", "what is wrong with an image");
    CLI::App* listing = app.add_subcommand("list", "every name in it");
    CLI::App* reading = app.add_subcommand("cat", "a file in it");
    for (CLI::App* command : {making, checking, listing, reading}) {
        command->add_option("IMG", image)->required();
    }
    making->add_option("FILE", files, "FILE or NAME=FILE");
    reading->add_option("PATH", name)->required();
    CLI11_PARSE(app, count, arguments);
    try {
        if (*making) {
            make(image, shape, files);
        } else if (*listing) {
            list(image);
        } else if (*reading) {
            cat(image, name);
        } else {
            return check(image);
        }
    } catch (const std::exception& error) {
        std::cerr << "xv6image: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
