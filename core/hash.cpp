// SPDX-License-Identifier: Apache-2.0
#include "core/hash.h"

#include <cryptopp/hmac.h>
#include <cryptopp/keccak.h>
#include <cryptopp/sha.h>

namespace fieldseal {

Digest sha256(ByteView bytes) {
    Digest digest;
    CryptoPP::SHA256().CalculateDigest(digest.data(), bytes.data(), bytes.size());
    return digest;
}

Sha512Digest sha512(ByteView bytes) {
    Sha512Digest digest;
    CryptoPP::SHA512().CalculateDigest(digest.data(), bytes.data(), bytes.size());
    return digest;
}

Digest keccak256(ByteView bytes) {
    Digest digest;
    CryptoPP::Keccak_256().CalculateDigest(digest.data(), bytes.data(), bytes.size());
    return digest;
}

Digest hmac_sha256(ByteView key, ByteView message) {
    Digest digest;
    CryptoPP::HMAC<CryptoPP::SHA256> hmac(key.data(), key.size());
    hmac.CalculateDigest(digest.data(), message.data(), message.size());
    return digest;
}

struct DocumentHasher::Impl {
    CryptoPP::SHA256 sha256;
    CryptoPP::SHA512 sha512;
};

DocumentHasher::DocumentHasher() : impl_(std::make_unique<Impl>()) {}
DocumentHasher::~DocumentHasher() = default;
DocumentHasher::DocumentHasher(DocumentHasher&&) noexcept = default;
DocumentHasher& DocumentHasher::operator=(DocumentHasher&&) noexcept = default;

void DocumentHasher::update(ByteView bytes) {
    impl_->sha256.Update(bytes.data(), bytes.size());
    impl_->sha512.Update(bytes.data(), bytes.size());
}

DocumentHasher::Digests DocumentHasher::finish() {
    Digests digests;
    impl_->sha256.Final(digests.sha256.data());
    impl_->sha512.Final(digests.sha512.data());
    return digests;
}

}  // namespace fieldseal
