// A plugin of QEMU (aarch64) that looks for long stretches of kernel instructions with interrupts masked. masked.py
// builds it, hands it to QEMU and reads what it writes.
//
// QEMU ends a block of translated code behind everything that changes PSTATE, so looking at PSTATE where a block begins
// misses nothing; a block that a fault cuts short counts in full. Sources: QEMU 7.2's manual, "QEMU TCG Plugins" (the
// interface, version 1); the Arm ARM, "PSTATE" (I is bit 7, the exception level bits 2 and 3).

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

extern "C" {

using PluginId = std::uint64_t;
struct qemu_plugin_tb;
struct CPUState;
struct GByteArray {
    std::uint8_t* data;
    unsigned len;
};
enum CallbackRegisters { callback_no_registers, callback_reads_registers };

void qemu_plugin_register_vcpu_tb_trans_cb(PluginId id, void (*callback)(PluginId, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_cb(
    qemu_plugin_tb* block, void (*callback)(unsigned, void*), CallbackRegisters registers, void* data);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb* block);

// The interface of 7.2 has no way to a register; the program has, for its gdb stub.
CPUState* qemu_get_cpu(int index);
int aarch64_cpu_gdb_read_register(CPUState* cpu, GByteArray* into, int number);
GByteArray* g_byte_array_new();
GByteArray* g_byte_array_set_size(GByteArray* array, unsigned bytes);

extern int qemu_plugin_version;
int qemu_plugin_version = 1;
int qemu_plugin_install(PluginId id, const void* machine, int count, char** arguments);
}

namespace {

constexpr int pstate_register = 33;
constexpr std::uint32_t interrupts_masked = 1u << 7, exception_level = 3u << 2;
constexpr unsigned max_cpus = 16, address_bits = 48;

/// A core, touched by its own thread only.
struct Core {
    GByteArray* bytes = nullptr;
    std::uint64_t length = 0;
    std::vector<std::uint64_t> blocks; // of the stretch so far: address and instructions, as handed to executed()
};

std::array<Core, max_cpus> cores;
std::FILE* output = nullptr;
std::uint64_t shortest = 1000; // what is written
bool seen_user_mode = false;   // the boot has interrupts off as a whole

std::uint32_t pstate_of(Core& core, unsigned cpu) {
    if (!core.bytes)
        core.bytes = g_byte_array_new();
    g_byte_array_set_size(core.bytes, 0);
    aarch64_cpu_gdb_read_register(qemu_get_cpu(static_cast<int>(cpu)), core.bytes, pstate_register);
    std::uint32_t value = 0;
    std::memcpy(&value, core.bytes->data, sizeof value);
    return value;
}

/// One line: the length, then ADDRESS:INSTRUCTIONS of each block. Lines of several cores do not mix.
void write_stretch(const Core& core) {
    flockfile(output);
    std::fprintf(output, "%llu", static_cast<unsigned long long>(core.length));
    for (const std::uint64_t block : core.blocks)
        std::fprintf(
            output, " %llx:%u", static_cast<unsigned long long>(block | 0xffffull << address_bits),
            static_cast<unsigned>(block >> address_bits));
    std::fputc('\n', output);
    std::fflush(output);
    funlockfile(output);
}

void executed(unsigned cpu, void* data) {
    Core& core = cores[cpu];
    const std::uint32_t pstate = pstate_of(core, cpu);
    const bool in_user_mode = (pstate & exception_level) == 0;
    if (in_user_mode)
        seen_user_mode = true;
    if (!in_user_mode && (pstate & interrupts_masked)) {
        const auto block = reinterpret_cast<std::uint64_t>(data);
        core.length += block >> address_bits;
        core.blocks.push_back(block);
        return;
    }
    if (core.length >= shortest && seen_user_mode)
        write_stretch(core);
    core.length = 0;
    core.blocks.clear();
}

void translated(PluginId, qemu_plugin_tb* block) {
    const std::uint64_t address = qemu_plugin_tb_vaddr(block) & ((1ull << address_bits) - 1);
    const std::uint64_t packed = address | std::uint64_t{qemu_plugin_tb_n_insns(block)} << address_bits;
    qemu_plugin_register_vcpu_tb_exec_cb(
        block, executed, callback_reads_registers, reinterpret_cast<void*>(packed)); // NOLINT: a number it hands back
}

} // namespace

/// Arguments: out=FILE, min=INSTRUCTIONS.
int qemu_plugin_install(PluginId id, const void*, int count, char** arguments) {
    for (int i = 0; i < count; ++i) {
        if (std::strncmp(arguments[i], "out=", 4) == 0)
            output = std::fopen(arguments[i] + 4, "w");
        else if (std::strncmp(arguments[i], "min=", 4) == 0)
            shortest = std::strtoull(arguments[i] + 4, nullptr, 10);
    }
    if (!output)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
