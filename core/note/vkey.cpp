// SPDX-License-Identifier: Apache-2.0
#include "core/note/vkey.h"

#include "core/encoding.h"
#include "core/hash.h"

#include <algorithm>
#include <array>

namespace fieldseal::note {
namespace {

// name, two "+", 8 hex digits, base64 of 33 bytes.
constexpr std::size_t kVkeyBytesMax = kKeyNameBytesMax + 2 + 8 + 44;

// The White_Space code points of Unicode above ASCII, as UTF-8.
constexpr std::array<std::string_view, 19> kUnicodeSpaces = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

Error bad_vkey(std::string_view vkey, std::string_view why) {
    return {Errc::invalid_argument,
            "not a verifier key (" + std::string(why) + "): " + quoted(vkey)};
}

std::string id_text(std::uint32_t id) {
    Bytes bytes;
    append_u32_be(bytes, id);
    return hex_encode(bytes);
}

}  // namespace

std::uint32_t VerifierKey::id() const {
    return key_id(name, type, key);
}

std::uint32_t key_id(std::string_view name, KeyType type, const Ed25519PublicKey& key) {
    Bytes preimage = to_bytes(as_bytes(name));
    preimage.push_back('\n');
    preimage.push_back(static_cast<std::uint8_t>(type));
    append(preimage, key);
    return read_u32_be(sha256(preimage));
}

Result<void> check_key_name(std::string_view name) {
    const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != '+' && c != '\x7F';
    });
    const bool unspaced = std::none_of(
        kUnicodeSpaces.begin(), kUnicodeSpaces.end(),
        [&](std::string_view space) { return name.find(space) != std::string_view::npos; });
    if (name.empty() || !printable || !unspaced || !is_utf8(name)) {
        return Error{
            Errc::invalid_argument,
            "a key name is UTF-8 without spaces, \"+\" or control bytes, not " + quoted(name)};
    }
    return {};
}

Result<VerifierKey> parse_vkey(std::string_view vkey) {
    if (vkey.size() > kVkeyBytesMax) return bad_vkey(vkey, "too long");
    // The base64 part may hold "+" itself: only the first two separate.
    const auto first = vkey.find('+');
    if (first == std::string_view::npos) return bad_vkey(vkey, "no \"+\"");
    const auto second = vkey.find('+', first + 1);
    if (second == std::string_view::npos) return bad_vkey(vkey, "only one \"+\"");

    VerifierKey key;
    key.name = vkey.substr(0, first);
    FIELDSEAL_TRY(check_key_name(key.name));
    if (key.name.size() > kKeyNameBytesMax) return bad_vkey(vkey, "name too long");
    const auto material = base64_decode(vkey.substr(second + 1));
    if (!material.ok() || material->empty()) return bad_vkey(vkey, "bad base64");

    const std::uint8_t type = material->front();
    if (type != static_cast<std::uint8_t>(KeyType::ed25519) &&
        type != static_cast<std::uint8_t>(KeyType::cosignature)) {
        return Error{Errc::unsupported, "verifier key of type " + std::to_string(type) +
                                            "; only 1 (Ed25519) and 4 (Ed25519 cosignature) are "
                                            "supported: " +
                                            quoted(vkey)};
    }
    key.type = static_cast<KeyType>(type);
    if (material->size() != 1 + kEd25519KeyBytes) return bad_vkey(vkey, "key is not 32 bytes");
    std::copy(material->begin() + 1, material->end(), key.key.begin());
    if (vkey.substr(first + 1, second - first - 1) != id_text(key.id())) {
        return bad_vkey(vkey, "key ID does not belong to name and key");
    }
    return key;
}

std::string format_vkey(const VerifierKey& key) {
    Bytes material{static_cast<std::uint8_t>(key.type)};
    append(material, key.key);
    return key.name + "+" + id_text(key.id()) + "+" + base64_encode(material);
}

}  // namespace fieldseal::note
