// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/token_key_file.h"

#include "core/encoding.h"
#include "core/json/reader.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace fieldseal::node::pkcs11 {
namespace {

constexpr std::string_view kVersion = "token-key/v1";
constexpr std::string_view kFamily = "token-key/";
constexpr json::Limits kLimits{
    .bytes_max = kTokenKeyFileBytesMax, .depth_max = 3, .values_max = 64};
constexpr std::size_t kWordBytesMax = 64;
constexpr std::array kCustodies = {Custody::pkcs11, Custody::pkcs11_sealed_inside, Custody::tpm};

bool printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

Result<std::string> read_text(json::Members& in, std::string_view name, std::size_t bytes_max) {
    std::string text = FIELDSEAL_TRY(in.required_string(name, bytes_max));
    if (!printable(text)) return in.error_at(name, "has other characters than printable ASCII");
    return text;
}

Result<std::string> checked_path(json::Members& in, std::string_view name, std::string path) {
    if (!is_plain_path(path)) return in.error_at(name, "is not an absolute path");
    return path;
}

Result<Custody> read_custody(json::Members& in) {
    const std::string word = FIELDSEAL_TRY(in.required_string("custody", kWordBytesMax));
    for (const Custody custody : kCustodies) {
        if (to_string(custody) == word) return custody;
    }
    return in.error_at("custody", "is not pkcs11, pkcs11-sealed-inside or tpm");
}

Result<Bytes> read_key_id(json::Members& in) {
    const std::string text = FIELDSEAL_TRY(in.required_string("key_id", 2 * kKeyIdBytesMax));
    Bytes id = FIELDSEAL_TRY(hex_decode(text));
    if (id.empty() || hex_encode(id) != text)
        return in.error_at("key_id", "is not 1 to 64 bytes in lower-case hexadecimal");
    return id;
}

Result<TokenName> read_token(json::Members& in) {
    TokenName token;
    std::string module = FIELDSEAL_TRY(in.required_string("module", kPathBytesMax));
    token.module = FIELDSEAL_TRY(checked_path(in, "module", std::move(module)));
    json::Members at = FIELDSEAL_TRY(in.required_object("token"));
    token.label = FIELDSEAL_TRY(read_text(at, "label", kLabelTextBytesMax));
    token.serial = FIELDSEAL_TRY(read_text(at, "serial", kSerialTextBytesMax));
    FIELDSEAL_TRY(at.finish());
    return token;
}

// RFC 7512 §2.3: what is not unreserved is escaped.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        const auto byte = static_cast<std::uint8_t>(c);
        out += plain ? std::string(1, c) : "%" + hex_encode(ByteView(&byte, 1));
    }
    return out;
}

struct Header {
    std::string name;
    KeyAlgorithm algorithm = KeyAlgorithm::es256;
    Purpose purpose = Purpose::statement;
};

Result<Header> read_header(json::Members& in) {
    const std::string version = FIELDSEAL_TRY(in.required_string("fieldseal", kWordBytesMax));
    if (version != kVersion) {
        return Error{Errc::unsupported, "the file says " + fieldseal::quoted(version) +
                                            ", and this version reads \"token-key/v1\""};
    }
    Header header;
    header.name = FIELDSEAL_TRY(in.required_string("name", kWordBytesMax));
    FIELDSEAL_TRY(check_key_name(header.name));
    const auto algorithm = FIELDSEAL_TRY(in.required_string("algorithm", kWordBytesMax));
    header.algorithm = FIELDSEAL_TRY(parse_key_algorithm(algorithm));
    const auto purpose = FIELDSEAL_TRY(in.required_string("purpose", kWordBytesMax));
    header.purpose = FIELDSEAL_TRY(parse_purpose(purpose));
    // A chain transaction is signed recoverably, which no token does; notes are for later.
    if (header.purpose != Purpose::statement || header.algorithm == KeyAlgorithm::hmac_sha256)
        return in.error("only a seal's key is kept in a token");
    return header;
}

Result<TokenKeyFile> read_file(std::string_view text) {
    const json::Value tree = FIELDSEAL_TRY(json::parse(text, kLimits));
    json::Members in = FIELDSEAL_TRY(json::Reader(tree).members());
    Header header = FIELDSEAL_TRY(read_header(in));
    const Bytes spki = FIELDSEAL_TRY(in.required_base64("public_key", kSpkiBytesMax));
    auto public_key = FIELDSEAL_TRY(PublicKey::from_spki(spki));
    if (public_key.algorithm() != signature_algorithm(header.algorithm))
        return in.error_at("public_key", "is of another algorithm");
    TokenName token = FIELDSEAL_TRY(read_token(in));
    Bytes key_id = FIELDSEAL_TRY(read_key_id(in));
    const Custody custody = FIELDSEAL_TRY(read_custody(in));
    auto pin_file = FIELDSEAL_TRY(in.optional_string("pin_file", kPathBytesMax));
    if (pin_file) pin_file = FIELDSEAL_TRY(checked_path(in, "pin_file", std::move(*pin_file)));
    FIELDSEAL_TRY(in.finish());
    return TokenKeyFile{
        std::move(header.name), header.purpose,   {std::move(key_id), header.algorithm},
        std::move(public_key),  std::move(token), custody,
        std::move(pin_file)};
}

}  // namespace

bool is_plain_path(std::string_view path) {
    return path.starts_with('/') && path.size() <= kPathBytesMax && printable(path);
}

std::string uri_of(const TokenKeyFile& file) {
    std::string id;
    for (const std::uint8_t byte : file.key.id) {
        id += '%';
        id += hex_encode(ByteView(&byte, 1));
    }
    return "pkcs11:token=" + escaped(file.token.label) + ";serial=" + escaped(file.token.serial) +
           ";id=" + id + ";type=private";
}

KeyInfo TokenKeyFile::info() const {
    KeyInfo info;
    info.name = name;
    info.algorithm = key.algorithm;
    info.purpose = purpose;
    info.unattended = pin_file.has_value();
    info.custody = custody;
    info.public_key = public_key;
    return info;
}

bool is_token_key_file(std::string_view text) {
    const auto tree = json::parse(text, kLimits);
    if (!tree.ok()) return false;
    const json::Value* version = tree->find("fieldseal");
    return version != nullptr && version->is_string() && version->as_string().starts_with(kFamily);
}

Result<TokenKeyFile> parse_token_key_file(std::string_view text) {
    auto file = read_file(text);
    if (file.ok() || file.error().code == Errc::unsupported) return file;
    return Error{Errc::corrupt, "not a token's key file: " + file.error().message};
}

std::string to_json(const TokenKeyFile& file) {
    json::Value out = json::Value::object(
        {{"fieldseal", kVersion},
         {"name", file.name},
         {"algorithm", to_string(file.key.algorithm)},
         {"purpose", to_string(file.purpose)},
         {"public_key", base64_encode(file.public_key.spki())},
         {"module", file.token.module},
         {"token",
          json::Value::object({{"label", file.token.label}, {"serial", file.token.serial}})},
         {"key_id", hex_encode(file.key.id)},
         {"custody", to_string(file.custody)}});
    out.set_if("pin_file", file.pin_file);
    return json::dump(out, json::Style::pretty);
}

}  // namespace fieldseal::node::pkcs11
