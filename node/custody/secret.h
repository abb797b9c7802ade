// SPDX-License-Identifier: Apache-2.0
// SecretBytes: the only place key bytes, data keys and passphrases live while they are in use.
// libsodium's guarded heap: locked in RAM (never swapped), left out of core dumps, a guard page on
// either side, zeroed when freed. Move-only, so that each copy of a secret is a visible decision.
// OWNED BY: whoever unlocked it; freed at the latest when the owner dies.
// THREADS: a value type; concurrent reads are fine.
// Errors: exhausted (the locked-memory limit), internal.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace fieldseal::node {

class SecretBytes {
public:
    SecretBytes() = default;
    ~SecretBytes() { wipe(); }
    SecretBytes(SecretBytes&& other) noexcept;
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;

    // Zero bytes to be filled in. Fails rather than hand out memory that could be swapped to disk.
    static Result<SecretBytes> allocate(std::size_t size);
    static Result<SecretBytes> random(std::size_t size);
    static Result<SecretBytes> copy_of(ByteView bytes);  // of nothing: an empty one

    std::uint8_t* data() { return data_; }
    const std::uint8_t* data() const { return data_; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    ByteView view() const { return {data_, size_}; }
    std::span<std::uint8_t> span() { return {data_, size_}; }

    // Forgets the bytes after the first `size`. REQUIRES: size <= size().
    void shrink(std::size_t size);
    // Zeroes and frees; the object is empty afterwards.
    void wipe();

private:
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

// Compares in time that depends on the sizes only.
bool equal_secrets(const SecretBytes& a, const SecretBytes& b);

// Called once by main before any secret is read and before other threads run: no core dumps, no
// other process of this user can attach to this one or read its memory (RLIMIT_CORE 0,
// PR_SET_DUMPABLE 0), and OpenSSL gets a locked heap for what it copies of a key while it signs.
Result<void> harden_process();

}  // namespace fieldseal::node
