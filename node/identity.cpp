// SPDX-License-Identifier: Apache-2.0
#include "node/identity.h"

#include "core/encoding.h"
#include "core/json/reader.h"
#include "core/note/checkpoint.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace fieldseal::node {
namespace {

constexpr std::string_view kVersion = "node/v1";
constexpr std::string_view kFileName = "/node.json";
constexpr std::string_view kFirstGeneration = "/1";
constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kVkeyBytesMax = 512;
constexpr std::size_t kSealsMax = 64;

json::Value key_value(const PublicKey& key) {
    return base64_encode(key.spki());
}

Result<PublicKey> read_key(json::Members& in, std::string_view name) {
    return PublicKey::from_spki(FIELDSEAL_TRY(in.required_base64(name, kSpkiBytesMax)));
}

Result<note::VerifierKey> read_vkey(json::Members& in, std::string_view name) {
    return note::parse_vkey(FIELDSEAL_TRY(in.required_string(name, kVkeyBytesMax)));
}

Result<SealIdentity> read_seal(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    auto name = FIELDSEAL_TRY(in.required_string("name", kNameBytesMax));
    auto key = FIELDSEAL_TRY(read_key(in, "key"));
    FIELDSEAL_TRY(in.finish());
    return SealIdentity{std::move(name), std::move(key)};
}

Result<NodeIdentity> read_identity(std::string_view text) {
    const auto value = FIELDSEAL_TRY(json::parse(text));
    auto in = FIELDSEAL_TRY(json::Reader(value).members());
    if (FIELDSEAL_TRY(in.required_string("fieldseal", kNameBytesMax)) != kVersion) {
        return in.error_at("fieldseal", "this program reads node/v1");
    }
    auto organisation = FIELDSEAL_TRY(in.required_string("organisation", kNameBytesMax));
    auto name = FIELDSEAL_TRY(in.required_string("name", kNameBytesMax));
    auto origin = FIELDSEAL_TRY(in.required_string("origin", note::kOriginBytesMax));
    auto log_key = FIELDSEAL_TRY(read_vkey(in, "log_vkey"));
    auto status_key = FIELDSEAL_TRY(read_key(in, "status_key"));
    std::vector<SealIdentity> seals;
    for (const auto& item : FIELDSEAL_TRY(in.required_array("seals", kSealsMax))) {
        seals.push_back(FIELDSEAL_TRY(read_seal(item)));
    }
    auto witness_key = FIELDSEAL_TRY(read_vkey(in, "witness_vkey"));
    auto witnessed_log_key = FIELDSEAL_TRY(read_vkey(in, "witnessed_log_vkey"));
    FIELDSEAL_TRY(in.finish());
    return NodeIdentity{std::move(organisation), std::move(name),
                        std::move(origin),       std::move(log_key),
                        std::move(status_key),   std::move(seals),
                        std::move(witness_key),  std::move(witnessed_log_key)};
}

}  // namespace

std::string statements_origin(const std::string& organisation, const std::string& name) {
    return organisation + "/" + name + std::string(kFirstGeneration);
}

std::string witnessed_origin(const std::string& organisation, const std::string& name) {
    return organisation + "/" + name + ".witnessed" + std::string(kFirstGeneration);
}

std::string witness_name(const std::string& organisation, const std::string& name) {
    return organisation + "/" + name + ".witness";
}

std::string seal_key_name(const std::string& seal) {
    return "seal-" + seal;
}

std::string to_json(const NodeIdentity& identity) {
    json::Value seals = json::Value::array();
    for (const auto& seal : identity.seals) {
        seals.push_back(json::Value::object({{"name", seal.name}, {"key", key_value(seal.key)}}));
    }
    return json::dump(json::Value::object(
                          {{"fieldseal", kVersion},
                           {"organisation", identity.organisation},
                           {"name", identity.name},
                           {"origin", identity.origin},
                           {"log_vkey", note::format_vkey(identity.log_key)},
                           {"status_key", key_value(identity.status_key)},
                           {"seals", std::move(seals)},
                           {"witness_vkey", note::format_vkey(identity.witness_key)},
                           {"witnessed_log_vkey", note::format_vkey(identity.witnessed_log_key)}}),
                      json::Style::pretty);
}

Result<NodeIdentity> parse_identity(std::string_view text) {
    auto identity = read_identity(text);
    if (!identity.ok())
        return Error{Errc::corrupt, identity.error().with_context("node.json").message};
    return identity;
}

Result<NodeIdentity> load_identity(const std::string& data_dir) {
    const std::string path = data_dir + std::string(kFileName);
    std::ifstream file(path, std::ios::binary);
    std::error_code ignored;
    if (!file && std::filesystem::exists(data_dir + "/keys", ignored)) {
        return Error{Errc::corrupt, path +
                                        " is missing, and keys of a node are beside it: put it "
                                        "back from a backup"};
    }
    if (!file) {
        return Error{Errc::not_found, "there is no node in " + fieldseal::quoted(data_dir, 200) +
                                          ": make one with `fieldseal init --data-dir " + data_dir +
                                          " ORGANISATION NAME`"};
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse_identity(text.str());
}

}  // namespace fieldseal::node
