// SPDX-License-Identifier: Apache-2.0
// What stands between this node and the tokens its seals' keys are in. Asks for no PIN.
#include "core/encoding.h"
#include "node/boot.h"
#include "node/custody/keystore.h"
#include "node/maintenance/doctor.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace fieldseal::node {
namespace {

struct Device {
    std::string_view library;  // part of its file's name
    const char* path;          // what it talks to
    std::string_view fix;
};
constexpr Device kDevices[] = {
    {"tpm2_pkcs11", "/dev/tpmrm0",
     "Put the node's user into the group tss and start the node again (or set TPM2_PKCS11_TCTI in "
     "its service, for tpm2-abrmd)."},
    {"opensc", "/run/pcscd/pcscd.comm",
     "Install pcscd, start it, and let the node's user talk to it (polkit)."},
};

Diagnosis bad(std::string subject, std::string finding, std::string fix) {
    return {std::move(subject), Health::bad, std::move(finding), std::move(fix)};
}

// Where the way to the token can be seen to be closed; otherwise nothing is known.
std::optional<Diagnosis> examine_device(const std::string& subject, const std::string& module) {
    for (const Device& device : kDevices) {
        if (module.find(device.library) == std::string::npos) continue;
        if (::access(device.path, R_OK | W_OK) == 0) return std::nullopt;
        return bad(subject, std::string(device.path) + ": " + std::strerror(errno),
                   std::string(device.fix));
    }
    return std::nullopt;
}

Diagnosis examine_token(const std::string& key, const pkcs11::TokenKeyFile& file,
                        pkcs11::TokenKeys& tokens) {
    const std::string subject = "token of " + key;
    const auto found = tokens.tokens(file.token.module);
    if (!found.ok()) {
        if (auto device = examine_device(subject, file.token.module)) return *device;
        return bad(
            subject, found.error().message,
            "Install the library's package, or plug the token in (docs/operations/tokens.md).");
    }
    for (const pkcs11::TokenInfo& token : *found) {
        if (!(token.name == file.token)) continue;
        std::string said = fieldseal::quoted(token.name.label) + ", serial " + token.name.serial;
        for (const std::string& remark : pkcs11::remarks(token.flags)) said += "; " + remark;
        if (token.flags.pin_locked) return bad(subject, said, pkcs11::locked_advice(token) + ".");
        const bool careful = token.flags.pin_final_try || token.flags.pin_to_be_changed;
        return {subject, careful ? Health::notice : Health::good, said,
                careful ? "Make sure of the PIN before it is tried again." : ""};
    }
    if (auto device = examine_device(subject, file.token.module)) return *device;
    return bad(subject,
               "the token " + fieldseal::quoted(file.token.label) + ", serial " +
                   file.token.serial + ", is not there",
               "Plug it in, then unlock the seal.");
}

}  // namespace

std::vector<Diagnosis> examine_tokens(const Config& config) {
    const auto keystore = KeyStore::open(keys_directory(config.data_dir), keystore_options(config));
    if (!keystore.ok()) return {};  // the keys' examination says it
    const auto keys = (*keystore)->list();
    if (!keys.ok()) return {};
    std::vector<Diagnosis> found;
    for (const KeyInfo& info : *keys) {
        if (info.custody == Custody::software) continue;
        const auto file = (*keystore)->token_key(info.name);
        if (file.ok() && *file)
            found.push_back(examine_token(info.name, **file, (*keystore)->tokens()));
    }
    return found;
}

}  // namespace fieldseal::node
