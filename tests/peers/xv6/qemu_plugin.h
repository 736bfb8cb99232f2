// What of QEMU's plugin interface (version 1; QEMU's manual, "QEMU TCG Plugins") count.c uses. Debian ships no header
// of it.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct qemu_plugin_tb;   // a block of instructions that QEMU translates as a whole
struct qemu_plugin_insn; // one of them

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

// Called when QEMU ends.
void qemu_plugin_register_atexit_cb(uint64_t id, void (*call)(uint64_t id, void* data), void* data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*call)(uint64_t id, struct qemu_plugin_tb* block));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn* instruction);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn* instruction);
void qemu_plugin_register_vcpu_insn_exec_inline(
    struct qemu_plugin_insn* instruction, enum qemu_plugin_op op, void* counter, uint64_t amount);
void qemu_plugin_register_vcpu_insn_exec_cb(
    struct qemu_plugin_insn* instruction, void (*call)(unsigned cpu, void* data), enum qemu_plugin_cb_flags flags,
    void* data);
