#pragma once
// Who brings changes that are only in memory to the disks, and when: a thread, a short while after the first of them;
// sync(2); the end of the machine.

#include "lib/result.hpp"

namespace file {

/// A mounted file system has something that sync() would write. From anywhere, any lock held.
void note_unwritten();
/// FileSystem::sync() of everything that is mounted. May sleep; no locks held. Errors: the first one's; the others are
/// written all the same.
Result<> sync_all();
/// Starts the thread. Once, when there are disks. Errors: no_memory.
Result<> start_write_back();

} // namespace file
