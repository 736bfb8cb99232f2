// What the seL4 API has of each instruction set: object types, methods' numbers, page attributes. From libsel4's
// interface description.
#ifndef TETRAPYLON_SEL4_ISA_H
#define TETRAPYLON_SEL4_ISA_H

#include "sel4.h"

#if defined(__aarch64__)
enum { type_page = 7, type_table = 9, type_root = 6 };
enum {
    table_map = first_of_isa + 5,
    table_unmap,
    page_map,
    page_unmap,
    page_address = page_unmap + 5,
    make_pool,
    assign,
    issue_handler_trigger,
    issue_sgi_signal,
    issue_handler_core = issue_sgi_signal, // with SMP support
};
enum { attribute_plain = 1, attribute_device = 0 };
#elif defined(__riscv)
enum { type_page = 6, type_table = 8, type_root = 8 };
enum {
    table_map = first_of_isa,
    table_unmap,
    page_map,
    page_unmap,
    page_address,
    make_pool,
    assign,
    issue_handler_trigger
};
enum { attribute_plain = 0, attribute_device = 0 };
#else
enum { type_page = 8, type_table = 10, type_root = 6, type_pdpt = 5, type_directory = 11 };
enum {
    pdpt_map = first_of_isa,
    directory_map = pdpt_map + 2,
    table_map = directory_map + 2,
    page_map = table_map + 2,
    page_unmap,
    page_address,
    make_pool,
    assign,
    port_issue,
    port_in8,
    port_in16,
    port_in32,
    port_out8,
    port_out16,
    port_out32,
    issue_io_apic,
    issue_message,
};
enum { attribute_plain = 0, attribute_device = 2 }; // PCD
#endif

#endif
