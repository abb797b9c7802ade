// SPDX-License-Identifier: Apache-2.0
// Stores for tests: a directory that removes itself, a pin key that is obviously no secret,
// statements made from a number.
#pragma once

#include "store/store.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace fieldseal::store {

PinKey test_pin_key();
// A statement whose bytes, document and time follow from `number`; `number` / 2 is the document.
NewStatement test_statement(std::uint64_t number);
CheckpointRecord test_checkpoint(const merkle::TreeHead& head);

OpenOptions test_options(const std::filesystem::path& data_dir);
// Fails the test when it cannot.
std::unique_ptr<Store> create_and_open(const std::filesystem::path& data_dir);
std::unique_ptr<Store> reopen(const std::filesystem::path& data_dir);
// Appends statements [first, first + count) in one commit.
void append_statements(Store& store, std::uint64_t first, std::uint64_t count);

}  // namespace fieldseal::store
