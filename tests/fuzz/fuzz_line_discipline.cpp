// Bytes and settings, in any order, through a line discipline.

#include "terminal/line_discipline.hpp"

#include <cstdlib>
#include <cstring>

namespace {

/// Takes what a reader and the line would take, and checks that no more comes than can be there.
void drain(terminal::LineDiscipline& line) {
    char buffer[64];
    bool end_of_file = false;
    for (std::size_t total = 0; line.readable();) {
        std::size_t got = line.read(buffer, end_of_file);
        total += got;
        if (total > terminal::LineDiscipline::queue_size)
            std::abort();
        if (got == 0 && !end_of_file && line.settings().is_canonical())
            std::abort(); // readable, but nothing comes
        if (got == 0 && !end_of_file)
            break;
    }
    while (!line.output().empty())
        line.output_sent(line.output().size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    terminal::LineDiscipline line;
    for (std::size_t i = 0; i < size; ++i) {
        switch (data[i]) {
        case 0xf0: // new settings from the bytes that follow
            if (size - i > 40) {
                terminal::Settings settings;
                std::memcpy(&settings.input, data + i + 1, 4);
                std::memcpy(&settings.output, data + i + 5, 4);
                std::memcpy(&settings.local, data + i + 9, 4);
                std::memcpy(settings.characters.data(), data + i + 13, settings.characters.size());
                line.set_settings(settings);
                i += 32;
            }
            break;
        case 0xf1:
            drain(line);
            break;
        case 0xf2:
            line.flush_input();
            break;
        case 0xf3:
            (void)line.write({reinterpret_cast<const char*>(data), size});
            break;
        default:
            (void)line.receive(static_cast<char>(data[i]));
        }
    }
    drain(line);
    return 0;
}
