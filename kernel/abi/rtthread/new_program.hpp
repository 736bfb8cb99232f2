#pragma once
// exec(), which is not execve(): a new process with a new program. The child begins as a vfork of the caller and
// becomes the program before it reaches user mode.

#include "process/exec.hpp"

namespace abi::rtthread {

/// Held by the caller and the child; the caller goes on as soon as the child has its program.
struct NewProgram : RefCounted<NewProgram> {
    process::ExecRequest request;
    file::Path executable;
    std::array<char, 256> path{};
    std::string_view name; // into path
    Result<> outcome;      // written before the child ends or has its program
};

/// Starts it; returns the child's number. Errors: those of process::clone, prepare and commit.
Result<process::Id> start_program(thread::Thread& thread, NewProgram& program);
/// In the child, from before_return. Ends the child when there is no way to the program.
void become_new_program(thread::Thread& thread);

} // namespace abi::rtthread
