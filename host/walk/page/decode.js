"use strict";
// What a register's value means, in words. Each reader takes the value as a BigInt and gives a text or nothing.

function hexDigits(value) {
  return value.toString(16);
}

const REGISTER_READERS = {
  ESR_EL1(value, words) {
    const code = Number((value >> 26n) & 0x3fn);
    const names = { 0x15: "svc64", 0x24: "data_abort_user", 0x25: "data_abort", 0x20: "instruction_abort_user", 0x07: "fpu" };
    return words("decoded.esr", { code: "0x" + code.toString(16), name: words("decoded." + (names[code] || "other")) });
  },
  SPSR_EL1(value, words) {
    const mode = "EL" + ((value >> 2n) & 3n);
    const masked = (value >> 7n) & 1n;
    return words("decoded.returns_to", { mode }) + words("decoded.and") + words(masked ? "decoded.interrupts_off" : "decoded.interrupts_on");
  },
  TTBR0_EL1: armTable,
  TTBR1_EL1: armTable,
  SCAUSE(value, words) {
    if (value >> 63n) {
      return words("decoded.interrupt");
    }
    const faults = { 12: "fetch_fault", 13: "load_fault", 15: "store_fault" };
    return value === 8n ? words("decoded.ecall_u") : faults[value] ? words("decoded." + faults[value]) : String(value);
  },
  SSTATUS(value, words) {
    const mode = (value >> 8n) & 1n ? "S" : "U";
    return words("decoded.returns_to", { mode }) + words("decoded.and") + words((value >> 1n) & 1n ? "decoded.interrupts_on" : "decoded.interrupts_off");
  },
  SATP(value, words) {
    if (value >> 60n === 0n) {
      return words("decoded.bare");
    }
    return words("decoded.table_asid", { address: "0x" + hexDigits((value & 0xfffffffffffn) << 12n), asid: String((value >> 44n) & 0xffffn) });
  },
  CR3(value, words) {
    return words("decoded.table", { address: "0x" + hexDigits(value & 0xffffffffff000n) });
  },
  RFLAGS(value, words) {
    return words((value >> 9n) & 1n ? "decoded.interrupts_on" : "decoded.interrupts_off");
  },
};

function armTable(value, words) {
  return words("decoded.table_asid", { address: "0x" + hexDigits(value & 0xfffffffffffen), asid: String(value >> 48n) });
}

// Registers whose value is a code address, shown with its function where it is known.
const CODE_REGISTERS = new Set(["VBAR_EL1", "STVEC", "LSTAR"]);

// What the trap itself sets: their values before it were not recorded, as the machine stops behind it.
const SET_BY_TRAP = {
  aarch64: ["ELR_EL1", "ESR_EL1", "SPSR_EL1"],
  riscv64: ["SEPC", "SCAUSE", "SSTATUS"],
  x86_64: ["rcx", "r11", "RFLAGS", "RCX", "R11"],
};
