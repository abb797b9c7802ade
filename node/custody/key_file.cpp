// SPDX-License-Identifier: Apache-2.0
#include "node/custody/key_file.h"

#include "core/encoding.h"
#include "core/json/reader.h"

#include <algorithm>
#include <cstdlib>

namespace fieldseal::node {
namespace {

constexpr std::string_view kVersion = "key/v1";
constexpr std::string_view kHeaderDomain = "fieldseal-key/v1 header";
constexpr std::string_view kExportable = "exportable";
constexpr std::string_view kChecksum = "checksum";
constexpr std::string_view kChecksumDomain = "fieldseal-key/v1 checksum";
constexpr std::string_view kWrapDomain = "fieldseal-key/v1 wrap";
constexpr json::Limits kLimits{.bytes_max = kKeyFileBytesMax, .depth_max = 4, .values_max = 256};
constexpr std::size_t kWordBytesMax = 64;

// Length, then bytes: two different lists of fields never give the same bytes.
void append_field(Bytes& out, ByteView field) {
    append_u32_be(out, static_cast<std::uint32_t>(field.size()));
    append(out, field);
}
void append_field(Bytes& out, std::string_view field) {
    append_field(out, as_bytes(field));
}

template <std::size_t kSize>
Result<std::array<std::uint8_t, kSize>> read_array(json::Members& in, std::string_view name) {
    const Bytes bytes = FIELDSEAL_TRY(in.required_base64(name, kSize));
    if (bytes.size() != kSize) {
        return in.error_at(
            name, "has " + std::to_string(bytes.size()) + " bytes, not " + std::to_string(kSize));
    }
    std::array<std::uint8_t, kSize> out{};
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

Result<WrapType> parse_wrap_type(std::string_view text) {
    for (const WrapType type : {WrapType::passphrase, WrapType::recovery, WrapType::unattended}) {
        if (to_string(type) == text) return type;
    }
    return Error{Errc::invalid_argument, "unknown wrap type " + quoted(text)};
}

template <class T>
Result<T> read_word(json::Members& in, std::string_view name,
                    Result<T> (*parse_word)(std::string_view)) {
    const std::string word = FIELDSEAL_TRY(in.required_string(name, kWordBytesMax));
    return parse_word(word);
}

Result<void> read_cost(json::Members& in, Wrap& wrap) {
    json::Members cost = FIELDSEAL_TRY(in.required_object("argon2id"));
    wrap.cost.memory_kib = static_cast<std::uint32_t>(FIELDSEAL_TRY(cost.required_integer(
        "memory_kib", kArgon2idCostMin.memory_kib, kArgon2idCostMax.memory_kib)));
    wrap.cost.passes = static_cast<std::uint32_t>(FIELDSEAL_TRY(
        cost.required_integer("passes", kArgon2idCostMin.passes, kArgon2idCostMax.passes)));
    wrap.salt = FIELDSEAL_TRY(read_array<kSaltBytes>(cost, "salt"));
    return cost.finish();
}

Result<Wrap> read_wrap(const json::Reader& at) {
    json::Members in = FIELDSEAL_TRY(at.members());
    Wrap wrap;
    wrap.type = FIELDSEAL_TRY(read_word(in, "type", parse_wrap_type));
    if (wrap.type == WrapType::passphrase) FIELDSEAL_TRY(read_cost(in, wrap));
    wrap.nonce = FIELDSEAL_TRY(read_array<kAeadNonceBytes>(in, "nonce"));
    wrap.wrapped_key = FIELDSEAL_TRY(read_array<kWrappedKeyBytes>(in, "wrapped_key"));
    FIELDSEAL_TRY(in.finish());
    return wrap;
}

Result<void> read_header(json::Members& in, KeyFile& file) {
    const std::string version = FIELDSEAL_TRY(in.required_string("fieldseal", kWordBytesMax));
    if (version != kVersion) {
        return Error{Errc::unsupported,
                     "the file says " + quoted(version) + ", and this version reads \"key/v1\""};
    }
    file.name = FIELDSEAL_TRY(in.required_string("name", kWordBytesMax));
    FIELDSEAL_TRY(check_key_name(file.name));
    file.algorithm = FIELDSEAL_TRY(read_word(in, "algorithm", parse_key_algorithm));
    file.purpose = FIELDSEAL_TRY(read_word(in, "purpose", parse_purpose));
    if (!purpose_allows(file.purpose, file.algorithm)) {
        return in.error("a key for " + std::string(to_string(file.purpose)) + " cannot be " +
                        std::string(to_string(file.algorithm)));
    }
    if (const auto exportable = FIELDSEAL_TRY(in.optional_bool("exportable"))) {
        if (!*exportable) return in.error_at("exportable", "is true or absent");
        file.exportable = true;
    }
    const Bytes spki = FIELDSEAL_TRY(in.required_base64("public_key", kSpkiBytesMax));
    if (file.algorithm == KeyAlgorithm::hmac_sha256) {
        return spki.empty() ? Result<void>{} : in.error_at("public_key", "a MAC key has none");
    }
    file.public_key = FIELDSEAL_TRY(PublicKey::from_spki(spki));
    if (to_string(file.public_key->algorithm()) != to_string(file.algorithm)) {
        return in.error_at("public_key", "is of another algorithm");
    }
    return {};
}

Result<void> read_wraps(json::Members& in, KeyFile& file) {
    for (const json::Reader& at : FIELDSEAL_TRY(in.required_array("wraps", kWrapsMax))) {
        Wrap wrap = FIELDSEAL_TRY(read_wrap(at));
        if (file.find(wrap.type)) return at.error("a second wrap of the same type");
        file.wraps.push_back(wrap);
    }
    if (file.wraps.empty()) return in.error_at("wraps", "is empty, so nothing can open the key");
    return {};
}

Result<KeyFile> read_key_file(std::string_view text) {
    const json::Value tree = FIELDSEAL_TRY(json::parse(text, kLimits));
    json::Members in = FIELDSEAL_TRY(json::Reader(tree).members());
    KeyFile file;
    FIELDSEAL_TRY(read_header(in, file));
    FIELDSEAL_TRY(read_wraps(in, file));
    file.nonce = FIELDSEAL_TRY(read_array<kAeadNonceBytes>(in, "nonce"));
    file.encrypted_key = FIELDSEAL_TRY(read_array<kWrappedKeyBytes>(in, "encrypted_key"));
    // Files of before there was one have none.
    const auto checksum = FIELDSEAL_TRY(in.optional_base64_digest(kChecksum));
    FIELDSEAL_TRY(in.finish());
    if (checksum && *checksum != file.checksum())
        return in.error_at(kChecksum, "does not fit: the file was damaged");
    return file;
}

json::Value wrap_to_json(const Wrap& wrap) {
    json::Value out = json::Value::object({{"type", to_string(wrap.type)}});
    if (wrap.type == WrapType::passphrase) {
        out.set("argon2id", json::Value::object({{"memory_kib", wrap.cost.memory_kib},
                                                 {"passes", wrap.cost.passes},
                                                 {"salt", base64_encode(wrap.salt)}}));
    }
    out.set("nonce", base64_encode(wrap.nonce));
    out.set("wrapped_key", base64_encode(wrap.wrapped_key));
    return out;
}

}  // namespace

std::string_view to_string(WrapType type) {
    switch (type) {
        case WrapType::passphrase:
            return "passphrase";
        case WrapType::recovery:
            return "recovery";
        case WrapType::unattended:
            return "unattended";
    }
    std::abort();
}

const Wrap* KeyFile::find(WrapType type) const {
    const auto at = std::find_if(wraps.begin(), wraps.end(),
                                 [&](const Wrap& wrap) { return wrap.type == type; });
    return at == wraps.end() ? nullptr : &*at;
}

KeyInfo KeyFile::info() const {
    return KeyInfo{.name = name,
                   .algorithm = algorithm,
                   .purpose = purpose,
                   .unattended = find(WrapType::unattended) != nullptr,
                   .has_passphrase = find(WrapType::passphrase) != nullptr,
                   .has_recovery = find(WrapType::recovery) != nullptr,
                   .exportable = exportable,
                   .public_key = public_key};
}

Bytes KeyFile::header() const {
    Bytes out;
    append_field(out, kHeaderDomain);
    append_field(out, name);
    append_field(out, to_string(algorithm));
    append_field(out, to_string(purpose));
    append_field(out, public_key ? ByteView(public_key->spki()) : ByteView{});
    if (exportable) append_field(out, kExportable);
    return out;
}

Bytes KeyFile::wrap_header(const Wrap& wrap) const {
    Bytes out = header();
    append_field(out, kWrapDomain);
    append_field(out, to_string(wrap.type));
    if (wrap.type == WrapType::passphrase) {
        append_u32_be(out, wrap.cost.memory_kib);
        append_u32_be(out, wrap.cost.passes);
        append_field(out, wrap.salt);
    }
    return out;
}

Digest KeyFile::checksum() const {
    Bytes all;
    append_field(all, kChecksumDomain);
    append_field(all, header());
    for (const Wrap& wrap : wraps) {
        append_field(all, wrap_header(wrap));
        append_field(all, wrap.nonce);
        append_field(all, wrap.wrapped_key);
    }
    append_field(all, nonce);
    append_field(all, encrypted_key);
    return sha256(all);
}

Result<KeyFile> parse_key_file(std::string_view text) {
    auto file = read_key_file(text);
    if (file.ok() || file.error().code == Errc::unsupported) return file;
    return Error{Errc::corrupt, "not a key file: " + file.error().message};
}

std::string to_json(const KeyFile& file) {
    json::Array wraps;
    for (const Wrap& wrap : file.wraps) wraps.push_back(wrap_to_json(wrap));
    const std::string spki =
        file.public_key ? base64_encode(file.public_key->spki()) : std::string();
    json::Value out = json::Value::object({{"fieldseal", kVersion},
                                           {"name", file.name},
                                           {"algorithm", to_string(file.algorithm)},
                                           {"purpose", to_string(file.purpose)}});
    if (file.exportable) out.set("exportable", true);
    out.set("public_key", spki);
    out.set("wraps", std::move(wraps));
    out.set("nonce", base64_encode(file.nonce));
    out.set("encrypted_key", base64_encode(file.encrypted_key));
    out.set(kChecksum, base64_encode(file.checksum()));
    return json::dump(out, json::Style::pretty);
}

}  // namespace fieldseal::node
