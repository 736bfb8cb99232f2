// A QEMU plugin that counts the instructions of a riscv64 machine with one hart between two marks, which
// programs/xv6/marked executes around another program. Options:
//
//   out=FILE             a line "user kernel waiting" for each pair of marks is added here
//   wait=FROM-TO         the kernel looks for something to do from the instruction at FROM until that at TO
//   (hexadecimal); trap=FROM-TO         ... but for interrupts' handlers, from the first instruction to the last
//
// User mode is known by the addresses of xv6's programs, which end below 128 MiB; no kernel and no firmware runs there.
#include "qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { mark_begin = 0x5a100013, mark_end = 0x5a200013, user_end = 0x08000000 }; // hints: addi x0, x0, 0x5a1 and 0x5a2

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

struct range {
    uint64_t from, to;
};
static struct range wait, trap;
static FILE* out;

static uint64_t user, kernel; // executed since the machine was started
static uint64_t waited, waiting_since;
static int is_waiting, is_interrupted;
static uint64_t user_before, kernel_before, waited_before;

static void pause_waiting(void) {
    if (is_waiting && !is_interrupted)
        waited += kernel - waiting_since;
}

static void resume_waiting(void) {
    waiting_since = kernel;
}

static void wait_begins(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    is_waiting = 1;
    resume_waiting();
}

static void wait_ends(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    pause_waiting();
    is_waiting = 0;
}

static void trap_begins(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    pause_waiting();
    is_interrupted = 1;
}

static void trap_ends(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    is_interrupted = 0;
    resume_waiting();
}

static void begin(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    user_before = user, kernel_before = kernel, waited_before = waited;
}

static void end(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    const uint64_t waiting = waited - waited_before;
    fprintf(out, "%lu %lu %lu\n", user - user_before, kernel - kernel_before - waiting, waiting);
    fflush(out);
}

static void call(struct qemu_plugin_insn* instruction, void (*function)(unsigned, void*)) {
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, function, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void watch_user(struct qemu_plugin_insn* instruction) {
    uint32_t code = 0;
    if (qemu_plugin_insn_size(instruction) == sizeof code)
        memcpy(&code, qemu_plugin_insn_data(instruction), sizeof code);
    if (code == mark_begin)
        call(instruction, begin);
    if (code == mark_end)
        call(instruction, end);
}

static void watch_kernel(struct qemu_plugin_insn* instruction, uint64_t address) {
    if (address == wait.from)
        call(instruction, wait_begins);
    if (address == wait.to)
        call(instruction, wait_ends);
    if (address == trap.from)
        call(instruction, trap_begins);
    if (address == trap.to)
        call(instruction, trap_ends);
}

static void translate(uint64_t id, struct qemu_plugin_tb* block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
        const uint64_t address = qemu_plugin_insn_vaddr(instruction);
        const int is_user = address < user_end;
        if (is_user)
            watch_user(instruction);
        else
            watch_kernel(instruction, address);
        qemu_plugin_register_vcpu_insn_exec_inline(
            instruction, QEMU_PLUGIN_INLINE_ADD_U64, is_user ? &user : &kernel, 1);
    }
}

static int read_range(const char* text, struct range* range) {
    return sscanf(text, "%lx-%lx", &range->from, &range->to) == 2;
}

__attribute__((visibility("default"))) int
qemu_plugin_install(uint64_t id, const void* info, int count, char** options) {
    (void)info;
    for (int i = 0; i < count; i++) {
        const char* option = options[i];
        if (!strncmp(option, "out=", 4))
            out = fopen(option + 4, "a");
        else if (
            strncmp(option, "wait=", 5) == 0 ? !read_range(option + 5, &wait)
                                             : strncmp(option, "trap=", 5) != 0 || !read_range(option + 5, &trap))
            return 1;
    }
    if (!out)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    return 0;
}
