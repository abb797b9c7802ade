// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/baseline.h"

#include "core/check.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <secp256k1.h>
#include <sodium.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace fieldseal::bench {

namespace {

// A database of numbered records, all the same.
class Records {
public:
    Records(const std::string& directory, std::size_t record_bytes) : record_(record_bytes) {
        rocksdb::Options options;
        options.create_if_missing = true;
        options.compression = rocksdb::kNoCompression;
        rocksdb::DB* database = nullptr;
        FIELDSEAL_CHECK(rocksdb::DB::Open(options, directory, &database).ok());
        database_.reset(database);
        randombytes_buf(record_.data(), record_.size());
    }
    // One synced batch.
    void write(std::size_t count) {
        const auto slice = [](ByteView bytes) {
            return rocksdb::Slice(as_text(bytes).data(), bytes.size());
        };
        rocksdb::WriteBatch batch;
        for (; count > 0; --count) {
            Bytes key;
            append_u64_be(key, ++number_);
            FIELDSEAL_CHECK(batch.Put(slice(key), slice(record_)).ok());
        }
        rocksdb::WriteOptions options;
        options.sync = true;
        FIELDSEAL_CHECK(database_->Write(options, &batch).ok());
    }
    std::size_t record_bytes() const { return record_.size(); }

private:
    std::unique_ptr<rocksdb::DB> database_;
    Bytes record_;
    std::uint64_t number_ = 0;
};

}  // namespace

struct SyncWrites::Impl {
    Records records;
};

SyncWrites::SyncWrites(const std::string& directory, std::size_t record_bytes)
    : impl_(new Impl{Records(directory, record_bytes)}) {}
SyncWrites::~SyncWrites() = default;

void SyncWrites::write() {
    impl_->records.write(1);
}

std::size_t SyncWrites::record_bytes() const {
    return impl_->records.record_bytes();
}

struct GroupWrites::Impl {
    Records records;
    std::mutex mutex = {};
    std::condition_variable written = {};
    std::size_t waiting = 0;
    std::uint64_t group = 1;         // that who comes now belongs to
    std::uint64_t last_durable = 0;  // group
    bool writing = false;
};

GroupWrites::GroupWrites(const std::string& directory, std::size_t record_bytes)
    : impl_(new Impl{Records(directory, record_bytes)}) {}
GroupWrites::~GroupWrites() = default;

void GroupWrites::write() {
    std::unique_lock lock(impl_->mutex);
    const std::uint64_t mine = impl_->group;
    ++impl_->waiting;
    impl_->written.wait(lock, [&] { return impl_->last_durable >= mine || !impl_->writing; });
    if (impl_->last_durable >= mine) return;
    impl_->writing = true;
    const std::size_t count = std::exchange(impl_->waiting, 0);
    ++impl_->group;
    lock.unlock();
    impl_->records.write(count);
    lock.lock();
    impl_->writing = false;
    impl_->last_durable = mine;
    lock.unlock();
    impl_->written.notify_all();
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
