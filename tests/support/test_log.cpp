// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_log.h"

#include "core/check.h"
#include "core/hash.h"

namespace fieldseal::testing {

TestLog::TestLog(std::string_view origin, std::uint8_t seed_byte, std::uint64_t size,
                 std::uint8_t salt)
    : signer_(origin, note::KeyType::ed25519, seed_byte), salt_(salt) {
    grow_to(size);
}

void TestLog::grow_to(std::uint64_t size) {
    while (leaf_hashes_.size() < size) {
        const Bytes text = {salt_, static_cast<std::uint8_t>(leaf_hashes_.size() >> 8),
                            static_cast<std::uint8_t>(leaf_hashes_.size())};
        append(sha256(text));
    }
}

void TestLog::append(const Digest& entry) {
    leaf_hashes_.push_back(merkle::leaf_hash(entry));
}

note::Checkpoint TestLog::checkpoint(std::uint64_t size) const {
    FIELDSEAL_CHECK(size <= leaf_hashes_.size());
    return {origin(), merkle::TreeSize{size},
            merkle::root_of(std::span(leaf_hashes_).first(static_cast<std::size_t>(size)))};
}

std::string TestLog::note(std::uint64_t size) const {
    const std::string text = checkpoint(size).text();
    const std::string line = signer_.sign(text);
    return note::format_note(text, std::span(&line, 1));
}

merkle::HashReader TestLog::reader() const {
    return [this](merkle::NodeId node) -> Result<Digest> {
        const std::uint64_t width = std::uint64_t{1} << node.level;
        const std::uint64_t begin = node.index * width;
        if (begin + width > leaf_hashes_.size()) {
            return Error{Errc::not_found, "a subtree beyond the test log"};
        }
        return merkle::root_of(
            std::span(leaf_hashes_)
                .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(width)));
    };
}

merkle::Proof TestLog::consistency(std::uint64_t old_size, std::uint64_t new_size) const {
    auto proof =
        merkle::consistency_proof(reader(), merkle::TreeSize{old_size}, merkle::TreeSize{new_size});
    FIELDSEAL_CHECK(proof.ok());
    return *std::move(proof);
}

merkle::Proof TestLog::inclusion(std::uint64_t index, std::uint64_t size) const {
    auto proof =
        merkle::inclusion_proof(reader(), merkle::LeafIndex{index}, merkle::TreeSize{size});
    FIELDSEAL_CHECK(proof.ok());
    return *std::move(proof);
}

}  // namespace fieldseal::testing
