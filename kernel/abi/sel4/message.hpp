#pragma once
// The words of a message: the message-info word, capability rights, lengths. seL4 manual 4.1 and 3.1.4.

#include <cstdint>

namespace abi::sel4 {

using Word = std::uint64_t;
using Cptr = std::uint64_t; // a capability's address in a CSpace

inline constexpr unsigned word_bits = 64;
inline constexpr unsigned message_words = 120;        // seL4_MsgMaxLength
inline constexpr unsigned max_extra_caps = 3;         // seL4_MsgMaxExtraCaps
inline constexpr unsigned message_register_count = 4; // words that travel in registers, on every ISA

/// seL4_MessageInfo_t: label 52 | unwrapped 3 | extra capabilities 2 | length 7.
struct MessageInfo {
    Word word = 0;

    static constexpr MessageInfo make(Word label, Word unwrapped, Word extra, Word length) {
        return {label << 12 | unwrapped << 9 | extra << 7 | length};
    }
    constexpr Word label() const { return word >> 12; }
    constexpr Word unwrapped() const { return word >> 9 & 7; }
    constexpr unsigned extra_caps() const { return static_cast<unsigned>(word >> 7 & 3); }
    /// Never more than message_words.
    constexpr unsigned length() const {
        const auto wanted = static_cast<unsigned>(word & 0x7f);
        return wanted < message_words ? wanted : message_words;
    }
};

/// seL4_CapRights_t: what a copy of a capability keeps.
enum Right : std::uint8_t {
    right_write = 1 << 0, // send, signal, write
    right_read = 1 << 1,  // receive, wait, read
    right_grant = 1 << 2,
    right_grant_reply = 1 << 3,
};
using Rights = std::uint8_t; // Right bits
inline constexpr Rights all_rights = 15;

/// The thread's IPC buffer, in words: tag, message, user data, capabilities or badges, where received capabilities go.
namespace ipc_buffer {
inline constexpr unsigned bits = 10; // size, and least alignment
inline constexpr unsigned message = 1;
inline constexpr unsigned user_data = message + message_words;
inline constexpr unsigned caps_or_badges = user_data + 1;
inline constexpr unsigned receive_cnode = caps_or_badges + max_extra_caps;
inline constexpr unsigned receive_index = receive_cnode + 1;
inline constexpr unsigned receive_depth = receive_index + 1;
} // namespace ipc_buffer

} // namespace abi::sel4
