// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/token_info.h"

namespace fieldseal::node::pkcs11 {

std::vector<std::string> remarks(const TokenFlags& flags) {
    std::vector<std::string> said;
    if (!flags.initialised) said.emplace_back("it is not initialised yet");
    if (flags.initialised && flags.login_required && !flags.pin_set)
        said.emplace_back("it has no user PIN yet");
    if (flags.pin_locked) {
        said.emplace_back("its PIN is locked");
    } else if (flags.pin_final_try) {
        said.emplace_back("one more wrong PIN locks it");
    } else if (flags.pin_count_low) {
        said.emplace_back("a wrong PIN was given since the last right one");
    }
    if (flags.pin_to_be_changed) said.emplace_back("its PIN has to be changed before it is used");
    if (flags.pin_pad) said.emplace_back("the PIN is typed on the reader itself");
    if (flags.write_protected) said.emplace_back("it is write-protected: no key can be made in it");
    return said;
}

std::string locked_advice(const TokenInfo& token) {
    const std::string name = "the PIN of the token \"" + token.name.label + "\" is locked: ";
    if (token.library.starts_with("TPM2")) {
        return name +
               "a TPM lets go by itself (about 17 minutes for each try unless set otherwise), or "
               "at "
               "once with `tpm2_dictionarylockout --clear-lockout`; then unlock with the right PIN";
    }
    return name +
           "unblock it with the token's own tool and its PUK or SO PIN, for example `pkcs15-tool "
           "--unblock-pin` (docs/operations/tokens.md); the key in it is not lost";
}

std::string padded_text(std::string_view field) {
    std::string text;
    for (const char c : field) {
        if (c == '\0') break;
        text += c >= 0x20 && c < 0x7F ? c : '?';
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

}  // namespace fieldseal::node::pkcs11
