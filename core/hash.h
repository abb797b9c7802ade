// SPDX-License-Identifier: Apache-2.0
// SHA-256, SHA-512 and Keccak-256 through Crypto++ (SHA-NI without EVP's call cost;
// docs/dependencies.md).
// THREADS: free functions any; a hasher object belongs to one thread.
#pragma once

#include "core/bytes.h"

#include <array>
#include <memory>

namespace fieldseal {

inline constexpr std::size_t kSha512Bytes = 64;
using Sha512Digest = std::array<std::uint8_t, kSha512Bytes>;

Digest sha256(ByteView bytes);
Sha512Digest sha512(ByteView bytes);
// The original Keccak of EVM chains, which is not SHA3-256 (other padding).
Digest keccak256(ByteView bytes);
// HMAC-SHA256, RFC 2104.
Digest hmac_sha256(ByteView key, ByteView message);

// Hashes a document once, as a stream, into both digests a statement carries
// (docs/formats/statement.md).
class DocumentHasher {
public:
    DocumentHasher();
    ~DocumentHasher();
    DocumentHasher(DocumentHasher&&) noexcept;
    DocumentHasher& operator=(DocumentHasher&&) noexcept;

    void update(ByteView bytes);

    struct Digests {
        Digest sha256{};
        Sha512Digest sha512{};
    };
    // The digests of all bytes so far; resets the hasher.
    Digests finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal
