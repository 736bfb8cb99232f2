// A QEMU plugin that counts a machine's instructions by the half of the address space that they lie in: kernels (ours
// and seL4's) in the upper one, programs and firmware in the lower one. Option: out=FILE, written when QEMU ends.
#include "../xv6/qemu_plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t halves[2];
static char out[4096];

static void translate(uint64_t id, struct qemu_plugin_tb* block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
        qemu_plugin_register_vcpu_insn_exec_inline(
            instruction, QEMU_PLUGIN_INLINE_ADD_U64, &halves[qemu_plugin_insn_vaddr(instruction) >> 63], 1);
    }
}

static void finish(uint64_t id, void* data) {
    (void)id, (void)data;
    FILE* const file = fopen(out, "w");
    if (!file)
        return;
    fprintf(file, "kernel %" PRIu64 "\nprogram %" PRIu64 "\n", halves[1], halves[0]);
    fclose(file);
}

__attribute__((visibility("default"))) int
qemu_plugin_install(uint64_t id, const void* info, int count, char** options) {
    (void)info;
    if (count != 1 || strncmp(options[0], "out=", 4) != 0 || strlen(options[0]) >= sizeof out)
        return 1;
    strcpy(out, options[0] + 4);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
