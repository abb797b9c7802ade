// SPDX-License-Identifier: Apache-2.0
#include "node/init.h"

#include "core/encoding.h"
#include "node/boot.h"
#include "node/checkpointer.h"
#include "node/custody/private_file.h"
#include "node/seals/seal_book.h"

#include <algorithm>
#include <filesystem>

namespace fieldseal::node {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameBytesMax = 64;

// The organisation and the node's name become parts of an origin and of key names.
Result<void> check_name(std::string_view what, std::string_view name) {
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    if (name.empty() || name.size() > kNameBytesMax || !plain || name.front() == '.' ||
        name.back() == '.') {
        return Error{Errc::invalid_argument,
                     "the " + std::string(what) +
                         " has 1 to 64 of a-z, 0-9, '-' and '.', for example \"" +
                         (what == "organisation" ? "ministry.example" : "office-7") + "\", not " +
                         fieldseal::quoted(name)};
    }
    return {};
}

Result<void> check_empty(const std::string& data_dir) {
    std::error_code status;
    if (!fs::exists(data_dir, status)) return {};
    for (const auto& item : fs::directory_iterator(data_dir, status)) {
        return Error{Errc::conflict, fieldseal::quoted(data_dir, 200) + " is not empty (" +
                                         fieldseal::quoted(item.path().filename().string()) +
                                         "): choose another --data-dir"};
    }
    if (status)
        return Error{Errc::io,
                     "cannot read " + fieldseal::quoted(data_dir, 200) + ": " + status.message()};
    return {};
}

Result<PublicKey> public_key(const KeyInfo& info) {
    if (!info.public_key) return Error{Errc::internal, "a signing key without a public half"};
    return *info.public_key;
}

Result<note::VerifierKey> make_note_key(KeyStore& keystore, std::string_view file, Purpose purpose,
                                        const std::string& name) {
    FIELDSEAL_TRY(keystore.create_unattended({std::string(file), KeyAlgorithm::eddsa, purpose}));
    return FIELDSEAL_TRY(keystore.open_unattended(file))->verifier_key(name);
}

Result<NodeIdentity> make_keys(const InitOptions& options, KeyStore& keystore) {
    const std::string& organisation = options.config.node.organisation;
    const std::string& name = options.config.node.name;
    const std::string origin = statements_origin(organisation, name);
    FIELDSEAL_TRY(keystore.create_unattended(
        {std::string(kPinKeyName), KeyAlgorithm::hmac_sha256, Purpose::pin}));
    const auto status = FIELDSEAL_TRY(keystore.create_unattended(
        {std::string(kStatusKeyName), KeyAlgorithm::eddsa, Purpose::status}));
    const std::string seal_name(kFirstSealName);
    const auto seal = FIELDSEAL_TRY(keystore.create_attended(
        {seal_key_name(seal_name), options.seal_algorithm, Purpose::statement},
        *options.seal_passphrase));
    return NodeIdentity{
        organisation,
        name,
        origin,
        FIELDSEAL_TRY(make_note_key(keystore, kLogKeyName, Purpose::checkpoint, origin)),
        FIELDSEAL_TRY(public_key(status)),
        {SealIdentity{seal_name, FIELDSEAL_TRY(public_key(seal))}},
        FIELDSEAL_TRY(make_note_key(keystore, kWitnessKeyName, Purpose::cosignature,
                                    witness_name(organisation, name))),
        FIELDSEAL_TRY(make_note_key(keystore, kWitnessedLogKeyName, Purpose::checkpoint,
                                    witnessed_origin(organisation, name)))};
}

// The store, with entry 0 (the first status snapshot) and a checkpoint over it.
Result<void> make_store(const Config& config, const NodeIdentity& identity) {
    const NodeKeys keys = FIELDSEAL_TRY(open_keys(config, identity));
    const auto pin_key = FIELDSEAL_TRY(keys.pin->pin_key());
    FIELDSEAL_TRY(store::Store::create(config.data_dir, pin_key));
    const auto store = FIELDSEAL_TRY(open_store(config, keys));
    const SystemClock clock;
    const auto status = FIELDSEAL_TRY(StatusBook::load(*store, identity, *keys.status, clock));
    const auto checkpointer =
        FIELDSEAL_TRY(Checkpointer::load({*store, identity, *keys.log, *keys.witnessed_log, *status,
                                          clock, [](store::LogId, std::uint64_t) {}},
                                         {}));
    const auto seals = FIELDSEAL_TRY(SealBook::load(*store, identity));
    const SealChange created{
        .at_s = std::max<std::int64_t>(0, clock.now_s()), .what = "created", .actor = "init"};
    store::Batch batch = store->begin();
    FIELDSEAL_TRY(seals->write_missing(batch, created));
    FIELDSEAL_TRY(checkpointer->close_group(batch, /*last=*/true));
    FIELDSEAL_TRY(store->commit(std::move(batch)));
    return store->close();
}

}  // namespace

Result<InitReport> init_node(const InitOptions& options) {
    const Config& config = options.config;
    FIELDSEAL_TRY(check_name("organisation", config.node.organisation));
    FIELDSEAL_TRY(check_name("node name", config.node.name));
    FIELDSEAL_TRY(check_empty(config.data_dir));
    FIELDSEAL_TRY(make_private_directory(config.data_dir));
    auto keystore =
        FIELDSEAL_TRY(KeyStore::create(keys_directory(config.data_dir), keystore_options(config)));
    auto identity = FIELDSEAL_TRY(make_keys(options, *keystore));
    auto recovery = FIELDSEAL_TRY(
        keystore->renew_recovery(seal_key_name(std::string(kFirstSealName)),
                                 Credential::passphrase(*options.seal_passphrase, 0)));
    FIELDSEAL_TRY(make_store(config, identity));
    const std::string config_path = config.data_dir + "/fieldseal.toml";
    FIELDSEAL_TRY(write_private_file(config_path, as_bytes(to_toml(config))));
    FIELDSEAL_TRY(write_private_file(config.data_dir + "/node.json", as_bytes(to_json(identity))));
    return InitReport{std::move(identity), config_path, std::move(recovery)};
}

}  // namespace fieldseal::node
