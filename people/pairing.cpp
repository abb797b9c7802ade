// SPDX-License-Identifier: Apache-2.0
// Row: { 1: version, 2: hash, 3: POSIX seconds when it was made, 4: tries }
#include "people/pairing.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/check.h"
#include "core/hash.h"
#include "people/random_text.h"
#include "people/row_reader.h"

#include <sodium.h>

namespace fieldseal::people {
namespace {

constexpr std::int64_t kVersion = 1;

// The keys of the map.
namespace field {
constexpr std::int64_t version = 1;
constexpr std::int64_t hash = 2;
constexpr std::int64_t made_at = 3;
constexpr std::int64_t attempts = 4;
}  // namespace field

constexpr cbor::Limits kLimits{.bytes_max = 128, .depth_max = 1, .items_max = 9};
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kLetters = 32;
constexpr std::size_t kGroupLetters = 4;
constexpr std::size_t kTypedBytesMax = 128;
constexpr std::string_view kDomain = "fieldseal-pairing/v1 ";

Result<Pairing> read_pairing(ByteView row) {
    const cbor::Value value = FIELDSEAL_TRY(cbor::decode(row, kLimits));
    cbor::MapReader in = FIELDSEAL_TRY(cbor::Reader(value, "pairing").map());
    FIELDSEAL_TRY(row_integer(in, field::version, kVersion, kVersion));
    Pairing out;
    out.hash = FIELDSEAL_TRY(row_fixed<kDigestBytes>(in, field::hash));
    out.made_at_s = FIELDSEAL_TRY(row_integer(in, field::made_at, 0, kTimeMaxS));
    out.attempts = FIELDSEAL_TRY(row_integer(in, field::attempts, 0, kPairingAttemptsMax));
    FIELDSEAL_TRY(in.finish());
    return out;
}

Digest hash_of(std::string_view letters) {
    std::string text = std::string(kDomain) + std::string(letters);
    const Digest hash = sha256(as_bytes(text));
    wipe(text);
    return hash;
}

bool is_blank(char c) {
    return c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// The letter somebody meant, 0 for what no code has.
char meant(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') return '0';
    if (c == 'I' || c == 'L') return '1';
    return kAlphabet.find(c) == std::string_view::npos ? '\0' : c;
}

// An expired code says the same as a wrong one; what to do is the same too.
Error wrong_code() {
    return {Errc::unauthenticated,
            "the pairing code is wrong, used or too old: `fieldseal people pair` on the node "
            "shows a new one"};
}

}  // namespace

Bytes encode_pairing(const Pairing& pairing) {
    return cbor::encode(cbor::Value::map({{field::version, kVersion},
                                          {field::hash, pairing.hash},
                                          {field::made_at, pairing.made_at_s},
                                          {field::attempts, pairing.attempts}}));
}

Result<Pairing> decode_pairing(ByteView row) {
    return or_corrupt(read_pairing(row), kPairingRow);
}

std::optional<std::string> pairing_letters(std::string_view typed) {
    if (typed.size() > kTypedBytesMax) return std::nullopt;
    std::string letters;
    letters.reserve(kTypedBytesMax);
    for (const char c : typed) {
        if (is_blank(c)) continue;
        const char letter = meant(c);
        if (letter == '\0') return std::nullopt;
        letters += letter;
    }
    if (letters.size() != kLetters) return std::nullopt;
    return letters;
}

Result<std::string> make_pairing_code(Rows& rows, std::int64_t now_s) {
    FIELDSEAL_CHECK(sodium_init() >= 0);
    std::string letters;
    std::string shown;
    letters.reserve(kLetters);
    shown.reserve(2 * kLetters);
    for (std::size_t i = 0; i < kLetters; ++i) {
        if (i > 0 && i % kGroupLetters == 0) shown += '-';
        letters += kAlphabet[randombytes_uniform(kAlphabet.size())];
        shown += letters.back();
    }
    const Pairing pairing{hash_of(letters), now_s, 0};
    wipe(letters);
    FIELDSEAL_TRY(rows.put(kPairingRow, encode_pairing(pairing)));
    return shown;
}

Result<void> check_pairing_code(Rows& rows, std::string_view typed, std::int64_t now_s) {
    auto letters = pairing_letters(typed);
    if (!letters) {
        return Error{Errc::unauthenticated,
                     "this is not a pairing code: it reads 8 groups of 4 characters"};
    }
    const Digest hash = hash_of(*letters);
    wipe(*letters);
    const auto row = FIELDSEAL_TRY(rows.get(kPairingRow));
    if (!row) return wrong_code();
    Pairing pairing = FIELDSEAL_TRY(decode_pairing(*row));
    const std::int64_t age_s = now_s - pairing.made_at_s;
    if (age_s < 0 || age_s >= kPairingS || pairing.attempts >= kPairingAttemptsMax) {
        return wrong_code();
    }
    ++pairing.attempts;
    FIELDSEAL_TRY(rows.put(kPairingRow, encode_pairing(pairing)));
    if (sodium_memcmp(hash.data(), pairing.hash.data(), hash.size()) != 0) return wrong_code();
    return {};
}

}  // namespace fieldseal::people
