#pragma once
// I/O ports (SDM volume 1, chapter 19), and the access policy that drivers of port-mapped devices are given.

#include <cstdint>

namespace arch {

struct PortIo {
    static std::uint8_t read8(std::uint16_t port) {
        std::uint8_t value;
        asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
        return value;
    }
    static std::uint16_t read16(std::uint16_t port) {
        std::uint16_t value;
        asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
        return value;
    }
    static std::uint32_t read32(std::uint16_t port) {
        std::uint32_t value;
        asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
        return value;
    }
    static void write8(std::uint16_t port, std::uint8_t value) {
        asm volatile("outb %0, %1" ::"a"(value), "Nd"(port) : "memory");
    }
    static void write16(std::uint16_t port, std::uint16_t value) {
        asm volatile("outw %0, %1" ::"a"(value), "Nd"(port) : "memory");
    }
    static void write32(std::uint16_t port, std::uint32_t value) {
        asm volatile("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
    }
};

} // namespace arch
