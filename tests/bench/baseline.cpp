// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/baseline.h"

#include "core/check.h"

#include <rocksdb/db.h>
#include <secp256k1.h>
#include <sodium.h>

#include <array>

namespace fieldseal::bench {

struct SyncWrites::Impl {
    std::unique_ptr<rocksdb::DB> database;
    Bytes record;
    std::uint64_t number = 0;
};

SyncWrites::SyncWrites(const std::string& directory, std::size_t record_bytes)
    : impl_(std::make_unique<Impl>()) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    rocksdb::DB* database = nullptr;
    FIELDSEAL_CHECK(rocksdb::DB::Open(options, directory, &database).ok());
    impl_->database.reset(database);
    impl_->record.resize(record_bytes);
    randombytes_buf(impl_->record.data(), impl_->record.size());
}

SyncWrites::~SyncWrites() = default;

void SyncWrites::write() {
    Bytes key;
    append_u64_be(key, ++impl_->number);
    rocksdb::WriteOptions options;
    options.sync = true;
    const auto slice = [](ByteView bytes) {
        return rocksdb::Slice(as_text(bytes).data(), bytes.size());
    };
    FIELDSEAL_CHECK(impl_->database->Put(options, slice(key), slice(impl_->record)).ok());
}

std::size_t SyncWrites::record_bytes() const {
    return impl_->record.size();
}

struct BareSigner::Impl {
    secp256k1_context* context =
        secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
    std::array<std::uint8_t, 32> scalar{};
    std::array<std::uint8_t, 32> digest{};
    secp256k1_pubkey key;

    ~Impl() { secp256k1_context_destroy(context); }
};

BareSigner::BareSigner() : impl_(std::make_unique<Impl>()) {
    impl_->scalar.fill(7);
    FIELDSEAL_CHECK(secp256k1_ec_pubkey_create(impl_->context, &impl_->key, impl_->scalar.data()) ==
                    1);
}
BareSigner::BareSigner(BareSigner&&) noexcept = default;
BareSigner& BareSigner::operator=(BareSigner&&) noexcept = default;
BareSigner::~BareSigner() = default;

void BareSigner::sign_and_verify() {
    // Another message each time, as in life.
    sodium_increment(impl_->digest.data(), impl_->digest.size());
    secp256k1_ecdsa_signature signature;
    FIELDSEAL_CHECK(secp256k1_ecdsa_sign(impl_->context, &signature, impl_->digest.data(),
                                         impl_->scalar.data(), nullptr, nullptr) == 1);
    FIELDSEAL_CHECK(
        secp256k1_ecdsa_verify(impl_->context, &signature, impl_->digest.data(), &impl_->key) == 1);
}

}  // namespace fieldseal::bench
