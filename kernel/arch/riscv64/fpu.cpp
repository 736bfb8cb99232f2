#include "csr.hpp"
#include "thread/cpu.hpp"

#include <arch/fpu.hpp>
#include <string.h>

extern "C" void store_fpu_registers(void* to); // fpu.S
extern "C" void load_fpu_registers(const void* from);

namespace arch {
namespace {

std::uint64_t state() {
    return CSR_READ(sstatus) & SSTATUS_FS;
}
void set_state(std::uint64_t wanted) {
    CSR_CLEAR(sstatus, SSTATUS_FS);
    CSR_SET(sstatus, wanted);
}

/// FS says Dirty only while it is on: what it said is kept in fpu_dirty when it is switched off.
void collect_dirty() {
    if (state() == SSTATUS_FS)
        current_cpu().arch.fpu_dirty = true;
}

} // namespace

void initialise_fpu_state(void* image) {
    memset(image, 0, fpu_state_size());
}

void save_fpu(void* image) {
    CpuLocal& local = current_cpu().arch;
    collect_dirty();
    if (!local.fpu_dirty && local.fpu_image == image)
        return;
    bool enabled = state() != 0;
    CSR_SET(sstatus, SSTATUS_FS);
    store_fpu_registers(image);
    local.fpu_image = image;
    local.fpu_dirty = false;
    set_state(enabled ? SSTATUS_FS_CLEAN : 0);
}

void load_fpu(const void* image) {
    CpuLocal& local = current_cpu().arch;
    bool enabled = state() != 0;
    CSR_SET(sstatus, SSTATUS_FS);
    load_fpu_registers(image);
    local.fpu_image = image;
    local.fpu_dirty = false;
    set_state(enabled ? SSTATUS_FS_CLEAN : 0);
}

void enable_fpu() {
    if (state() == 0)
        CSR_SET(sstatus, SSTATUS_FS_CLEAN);
}

void disable_fpu() {
    collect_dirty();
    CSR_CLEAR(sstatus, SSTATUS_FS);
}

} // namespace arch
