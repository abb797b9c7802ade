// SPDX-License-Identifier: Apache-2.0
// A header has one meaning per mode: its block hash does not depend on its seals, nobody counts
// twice, and a set of its own choice is sealed by a quorum of that set or not at all. A short
// header is the one encoding of what it expands to.
#include "core/check.h"
#include "core/evm/header.h"
#include "core/evm/quorum.h"
#include "core/evm/rlp.h"
#include "core/evm/short_header.h"
#include "core/hash.h"
#include "tests/support/sealed_header.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;
namespace rlp = fieldseal::evm::rlp;

namespace {

constexpr std::size_t kExtraData = 12;

// The header without seals.
Bytes without_seals(ByteView raw) {
    const auto list = rlp::decode(raw).value();
    const auto extra = rlp::decode(list.items[kExtraData].payload).value();
    std::vector<Bytes> kept;
    for (const rlp::Item& item : extra.items) kept.push_back(to_bytes(item.raw));
    kept.back() = rlp::encode_list(ByteView());
    std::vector<Bytes> fields;
    for (const rlp::Item& item : list.items) fields.push_back(to_bytes(item.raw));
    fields[kExtraData] = rlp::encode_string(rlp::encode_list(kept));
    return rlp::encode_list(fields);
}

void check_sealed(const evm::Header& header, evm::Mode mode) {
    const auto bare = evm::parse_header(without_seals(header.raw), mode);
    FIELDSEAL_CHECK(bare.ok() && bare->block_hash == header.block_hash && bare->signers.empty());
    FIELDSEAL_CHECK(bare->round == header.round && bare->validators == header.validators);
    FIELDSEAL_CHECK(std::is_sorted(header.validators.begin(), header.validators.end()));
    const auto count = evm::count_seals(header, header.validators);
    FIELDSEAL_CHECK(count.seals <= header.signers.size());
    FIELDSEAL_CHECK(count.seals <= header.validators.size());
    if (count.finding == evm::SealFinding::sealed) {
        FIELDSEAL_CHECK(count.seals >= count.needed && count.seals == header.signers.size());
        FIELDSEAL_CHECK(evm::hands_over(header, header.validators));
    }
    FIELDSEAL_CHECK(!evm::hardened_time(header, {}, header.validators).has_value());
}

// The block behind which the short ones are.
const evm::Header& before() {
    static const evm::Header header = [] {
        const auto validators = testing::make_validators(4);
        testing::HeaderDraft draft;
        draft.number = 42;
        draft.validators = testing::addresses_of(validators);
        draft.sealers = testing::first_sealers(validators, 3);
        draft.fields = 21;
        return evm::parse_header(testing::make_header(draft), evm::Mode::qbft).value();
    }();
    return header;
}

void check_short(ByteView input) {
    const auto raw = evm::expand_header(input, before());
    if (!raw.ok()) return;
    const auto header = evm::parse_header(*raw, evm::Mode::qbft);
    if (!header.ok() || std::ranges::equal(*raw, input)) return;
    FIELDSEAL_CHECK(header->number == 43 && header->parent_hash == before().block_hash);
    const Bytes made = evm::shorten_header(*header, before());
    FIELDSEAL_CHECK(std::ranges::equal(made, input) || made == header->raw);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    check_short(input);
    const auto plain = evm::parse_header(input, evm::Mode::plain);
    for (const evm::Mode mode : {evm::Mode::qbft, evm::Mode::ibft2}) {
        const auto header = evm::parse_header(input, mode);
        if (!header.ok()) continue;
        FIELDSEAL_CHECK(plain.ok() && plain->number == header->number);
        FIELDSEAL_CHECK(std::ranges::equal(header->raw, input));
        if (header->number == 0) {
            FIELDSEAL_CHECK(header->block_hash == plain->block_hash && header->signers.empty());
        } else {
            check_sealed(*header, mode);
        }
    }
    FIELDSEAL_CHECK(!plain.ok() || plain->block_hash == keccak256(input));
    return 0;
}
