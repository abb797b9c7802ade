// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_store.h"

#include "core/hash.h"

#include <gtest/gtest.h>

namespace fieldseal::store {
namespace {

constexpr std::size_t kCoseBytes = 450;

}  // namespace

PinKey test_pin_key() {
    PinKey key{};
    key.fill(0x42);
    return key;
}

NewStatement test_statement(std::uint64_t number) {
    NewStatement statement;
    statement.received_at_s = 1'700'000'000 + static_cast<std::int64_t>(number);
    append_u64_be(statement.cose, number);
    statement.cose.resize(kCoseBytes, 0x5a);
    statement.entry = sha256(statement.cose);
    Bytes document;
    append_u64_be(document, number / 2);
    statement.document = sha256(document);
    statement.local = to_bytes(as_bytes("file " + std::to_string(number)));
    return statement;
}

CheckpointRecord test_checkpoint(const merkle::TreeHead& head) {
    return {head, 1'700'000'000, "example.org/test/1\n" + std::to_string(head.size.value) + "\n"};
}

OpenOptions test_options(const std::filesystem::path& data_dir) {
    OpenOptions options;
    options.data_dir = data_dir;
    options.pin_key = test_pin_key();
    return options;
}

std::unique_ptr<Store> create_and_open(const std::filesystem::path& data_dir) {
    const auto created = Store::create(data_dir, test_pin_key());
    EXPECT_TRUE(created.ok()) << created.error().message;
    return reopen(data_dir);
}

std::unique_ptr<Store> reopen(const std::filesystem::path& data_dir) {
    auto opened = Store::open(test_options(data_dir));
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
    return opened.ok() ? std::move(*opened) : nullptr;
}

void append_statements(Store& store, std::uint64_t first, std::uint64_t count) {
    Batch batch = store.begin();
    for (std::uint64_t i = first; i < first + count; ++i) {
        const auto index = batch.append_statement(test_statement(i));
        ASSERT_TRUE(index.ok()) << index.error().message;
    }
    const auto committed = store.commit(std::move(batch));
    ASSERT_TRUE(committed.ok()) << committed.error().message;
}

}  // namespace fieldseal::store
