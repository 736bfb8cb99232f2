#pragma once

#include "isa.hpp"

#include <filesystem>
#include <string>

namespace host {

/// The bundled root as a cpio archive: Debian 13's busybox-static with its applets' names, and host/root/.
/// Made once per ISA and kept in the cache; needs the network only for that. Throws Failure(125).
std::filesystem::path bundled_root(Isa isa);

/// Whether a cpio archive has the program `name` in one of PATH's directories (bin, sbin, usr/bin, usr/sbin).
bool root_has(const std::filesystem::path& cpio, const std::string& name);

/// Where it has it ("/bin/cat"); empty: nowhere.
std::string path_in_root(const std::filesystem::path& cpio, const std::string& name);

/// The bytes of the program `name` in an archive: a path in it, or a name in one of PATH's directories; symlinks are
/// followed. Throws Failure(127) when it is not there.
std::string root_program(const std::filesystem::path& cpio, const std::string& name);

} // namespace host
