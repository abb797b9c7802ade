// SPDX-License-Identifier: Apache-2.0
// Row: { 1: version, 2: hash, 3: account, 4: label, 5: [scope, …], 6: created at, ? 7: expires at }
#include "people/token.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "people/account.h"
#include "people/random_text.h"
#include "people/role.h"
#include "people/row_reader.h"
#include "people/rows.h"

#include <algorithm>

namespace fieldseal::people {
namespace {

constexpr std::int64_t kVersion = 1;

// The keys of the map.
namespace field {
constexpr std::int64_t version = 1;
constexpr std::int64_t hash = 2;
constexpr std::int64_t account = 3;
constexpr std::int64_t label = 4;
constexpr std::int64_t scopes = 5;
constexpr std::int64_t created_at = 6;
constexpr std::int64_t expires_at = 7;
}  // namespace field

constexpr std::size_t kScopeBytesMax = 32;
constexpr std::size_t kScopesMax = 16;
constexpr cbor::Limits kLimits{.bytes_max = kRowBytesMax, .depth_max = 2, .items_max = 40};

Result<std::vector<std::string>> read_scopes(cbor::MapReader& in, const cbor::Key& key) {
    const cbor::Reader list = FIELDSEAL_TRY(in.required(key));
    const std::vector<cbor::Reader> items = FIELDSEAL_TRY(list.items(1, kScopesMax));
    std::vector<std::string> out;
    for (const cbor::Reader& item : items) {
        out.push_back(FIELDSEAL_TRY(item.text(kScopeBytesMax)));
    }
    auto checked = FIELDSEAL_TRY(check_scopes(out));
    if (checked != out) return list.error("not in order");
    return checked;
}

Result<Token> read_token(ByteView row) {
    const cbor::Value value = FIELDSEAL_TRY(cbor::decode(row, kLimits));
    cbor::MapReader in = FIELDSEAL_TRY(cbor::Reader(value, "token").map());
    FIELDSEAL_TRY(row_integer(in, field::version, kVersion, kVersion));
    Token out;
    out.hash = FIELDSEAL_TRY(row_fixed<kDigestBytes>(in, field::hash));
    out.id = token_id(out.hash);
    out.account = FIELDSEAL_TRY(row_text(in, field::account, kAccountNameBytesMax));
    FIELDSEAL_TRY(check_account_name(out.account));
    out.label = FIELDSEAL_TRY(row_text(in, field::label, kTokenLabelBytesMax));
    FIELDSEAL_TRY(check_token_label(out.label));
    out.scopes = FIELDSEAL_TRY(read_scopes(in, field::scopes));
    out.created_at_s = FIELDSEAL_TRY(row_integer(in, field::created_at, 0, kTimeMaxS));
    if (const auto expires = in.optional(field::expires_at)) {
        out.expires_at_s = FIELDSEAL_TRY(expires->integer(0, kTimeMaxS));
    }
    FIELDSEAL_TRY(in.finish());
    return out;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::string random_token() {
    std::string body = random_text();
    std::string out = std::string(kTokenPrefix) + body;
    wipe(body);
    return out;
}

bool is_token(std::string_view text) {
    return text.starts_with(kTokenPrefix) && is_random_text(text.substr(kTokenPrefix.size()));
}

Digest token_hash(std::string_view text) {
    return sha256(as_bytes(text));
}

std::string token_id(const Digest& hash) {
    return hex_encode(ByteView(hash).first(kTokenIdBytes / 2));
}

std::string token_key(std::string_view id) {
    return std::string(kTokenRows) + std::string(id);
}

Result<void> check_token_label(std::string_view label) {
    if (!label.empty() && label.size() <= kTokenLabelBytesMax && is_utf8(label) &&
        std::ranges::none_of(label, is_control)) {
        return {};
    }
    return Error{Errc::invalid_argument,
                 "the token's label " + quoted(label) +
                     " is not 1 to 64 bytes of text without control characters: say what the "
                     "token is for"};
}

Result<std::vector<std::string>> check_scopes(std::vector<std::string> scopes) {
    if (scopes.empty()) {
        return Error{Errc::invalid_argument,
                     "a token without scopes could do nothing: name at least one"};
    }
    for (const std::string& scope : scopes) {
        if (std::ranges::find(all_rights(), scope) == all_rights().end()) {
            return Error{Errc::invalid_argument,
                         quoted(scope) + " is not a scope (statement:create, statement:read, …)"};
        }
    }
    std::ranges::sort(scopes);
    const auto twice = std::ranges::adjacent_find(scopes);
    if (twice != scopes.end()) {
        return Error{Errc::invalid_argument, "the scope " + quoted(*twice) + " is named twice"};
    }
    return scopes;
}

Bytes encode_token(const Token& token) {
    cbor::Array scopes;
    for (const std::string& scope : token.scopes) scopes.emplace_back(scope);
    cbor::Value row = cbor::Value::map({
        {field::version, kVersion},
        {field::hash, token.hash},
        {field::account, token.account},
        {field::label, token.label},
        {field::scopes, std::move(scopes)},
        {field::created_at, token.created_at_s},
    });
    row.set_if(field::expires_at, token.expires_at_s);
    return cbor::encode(row);
}

Result<Token> decode_token(ByteView row) {
    return or_corrupt(read_token(row), kTokenRows);
}

}  // namespace fieldseal::people
