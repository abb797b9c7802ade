// SPDX-License-Identifier: Apache-2.0
#include "tests/support/soft_token.h"

#include "core/bytes.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace fieldseal::testing {
namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "test token: %s\n", why.c_str());
    std::_Exit(1);
}

}  // namespace

SoftToken::SoftToken(std::string module_path) : module(std::move(module_path)) {
    const std::string config = directory / "softhsm2.conf";
    std::ofstream(config) << "directories.tokendir = " << directory.path() << "/tokens\n"
                          << "objectstore.backend = file\nlog.level = ERROR\n";
    if (std::system(("mkdir -p " + (directory / "tokens")).c_str()) != 0) give_up("no directory");
    ::setenv("SOFTHSM2_CONF", config.c_str(), 1);
    add("office");
}

bool SoftToken::installed() {
    return ::access(kSoftHsmModule, R_OK) == 0;
}

void SoftToken::add(const std::string& label) {
    const std::string command = "softhsm2-util --init-token --free --label " + label +
                                " --so-pin 12345678 --pin " + kTokenPin + " >/dev/null";
    if (std::system(command.c_str()) != 0) give_up("softhsm2-util failed");
}

node::pkcs11::TokenName SoftToken::name(const std::string& label) const {
    node::pkcs11::TokenKeys keys(directory.path());
    const auto tokens = keys.tokens(module);
    if (!tokens.ok()) give_up(tokens.error().message);
    for (const auto& token : *tokens) {
        if (token.name.label == label) return token.name;
    }
    give_up("there is no token " + label);
}

node::pkcs11::PinEntry pin_entry(std::string_view pin, bool last_try, std::int64_t now_s) {
    auto secret = node::SecretBytes::copy_of(as_bytes(pin));
    if (!secret.ok()) give_up(secret.error().message);
    return {std::make_shared<const node::SecretBytes>(std::move(*secret)), now_s, last_try};
}

}  // namespace fieldseal::testing
