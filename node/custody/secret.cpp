// SPDX-License-Identifier: Apache-2.0
#include "node/custody/secret.h"

#include "core/check.h"

#include <openssl/crypto.h>
#include <sodium.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <utility>

namespace fieldseal::node {
namespace {

// Room for 64 threads that sign at once; the smallest piece OpenSSL may take is 64 bytes.
constexpr std::size_t kOpensslHeapBytes = 256 * 1024;
constexpr std::size_t kOpensslPieceBytes = 64;
constexpr int kHeapReadyAndLocked = 1;  // 2 is ready but swappable

}  // namespace

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    return *this;
}

Result<SecretBytes> SecretBytes::allocate(std::size_t size) {
    FIELDSEAL_CHECK(size > 0);
    if (sodium_init() < 0) return Error{Errc::internal, "libsodium cannot be initialised"};
    auto* data = static_cast<std::uint8_t*>(sodium_malloc(size));
    if (!data) return Error{Errc::exhausted, "no memory left for a secret"};
    // sodium_malloc locks too, but does not say when the limit stopped it. Locking twice is
    // harmless: munlock and munmap do not count.
    if (sodium_mlock(data, size) != 0) {
        const int reason = errno;
        sodium_free(data);
        return Error{Errc::exhausted,
                     std::string("a secret cannot be locked in memory: ") + std::strerror(reason) +
                         "; raise the limit (LimitMEMLOCK=8M in the service, or `ulimit -l`)"};
    }
    std::memset(data, 0, size);
    SecretBytes secret;
    secret.data_ = data;
    secret.size_ = size;
    return secret;
}

Result<SecretBytes> SecretBytes::random(std::size_t size) {
    SecretBytes secret = FIELDSEAL_TRY(allocate(size));
    randombytes_buf(secret.data_, size);
    return secret;
}

Result<SecretBytes> SecretBytes::copy_of(ByteView bytes) {
    if (bytes.empty()) return SecretBytes();
    SecretBytes secret = FIELDSEAL_TRY(allocate(bytes.size()));
    std::copy(bytes.begin(), bytes.end(), secret.data_);
    return secret;
}

void SecretBytes::shrink(std::size_t size) {
    FIELDSEAL_CHECK(size <= size_);
    if (size == size_) return;
    sodium_memzero(data_ + size, size_ - size);
    size_ = size;
    if (size == 0) wipe();
}

void SecretBytes::wipe() {
    sodium_free(data_);  // Zeroes first; accepts nullptr.
    data_ = nullptr;
    size_ = 0;
}

bool equal_secrets(const SecretBytes& a, const SecretBytes& b) {
    return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

Result<void> harden_process() {
    const rlimit no_core{0, 0};
    if (setrlimit(RLIMIT_CORE, &no_core) != 0) {
        return Error{Errc::io,
                     std::string("core dumps cannot be switched off: ") + std::strerror(errno)};
    }
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return Error{Errc::io,
                     std::string("the process cannot be made undumpable: ") + std::strerror(errno)};
    }
    if (CRYPTO_secure_malloc_initialized() == 0 &&
        CRYPTO_secure_malloc_init(kOpensslHeapBytes, kOpensslPieceBytes) != kHeapReadyAndLocked) {
        return Error{Errc::exhausted,
                     "OpenSSL's heap for keys cannot be locked in memory; "
                     "raise the limit (LimitMEMLOCK=8M in the service)"};
    }
    return {};
}

}  // namespace fieldseal::node
