#pragma once
// The walks of docs/walks: walks.json names them, the pages and the index are made from it.

#include <string>
#include <vector>

namespace host::walk {

/// `--list`: name, ISAs, call and program of each, on stdout. Throws Failure(125) when walks.json cannot be read.
void list_pages();

/// `--regenerate`: walks each of `names` ("linux-openat", "linux-openat.aarch64"; none: all) again, writes its page
/// into docs/walks and the counts into the index of both READMEs. Throws Failure(125) for a name that there is not, and
/// as walk() does.
void regenerate_pages(const std::vector<std::string>& names);

} // namespace host::walk
