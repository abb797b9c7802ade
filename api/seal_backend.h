// SPDX-License-Identifier: Apache-2.0
// The port of the routes about seals: what they are, and what is done to them in their life
// (docs/seals.md). Unlocking and locking is api/backend.h's. Owned by api, implemented in
// node/seals/seal_manager.h.
//
// Orders name who gives them: the audit log and the seal's own history say so. Asking for what is
// so already is answered as if it had been done. THREADS: any. DURABLE: orders on return, published
// in a status snapshot. Errors: invalid_argument, not_found, conflict (a name that is taken; a
// state that may not follow: problem "seal-state"), exhausted, and custody's.
#pragma once

#include "api/caller.h"
#include "core/json/json.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::api {

// A member of a policy: absent leaves it, present without a value clears it.
template <class T>
using Setting = std::optional<std::optional<T>>;

struct PolicyOrder {
    std::optional<std::vector<std::string>> media_types;
    Setting<std::uint32_t> quota_per_day;
    Setting<std::string> hours;  // "08:00-18:00"
    Setting<std::uint32_t> lock_after_statements;
    Setting<std::uint32_t> lock_after_hours;
    Setting<std::uint32_t> idle_lock_s;
};

struct SealSettings {
    std::optional<std::string> owner;
    PolicyOrder policy = {};
};

// A key that is made in, or is already in, a PKCS#11 token of the node's machine.
struct TokenPlace {
    std::string module;  // absolute path of the library
    std::string label;
    std::string serial;
    std::string key_id = {};    // hexadecimal; empty: a new key
    std::string pin_file = {};  // stays there: the seal is unattended; empty: a person unlocks it
    bool last_try = false;      // even if a wrong PIN may lock the token
};

struct NewSeal {
    std::string name;
    std::string suite;            // ES256K, ES256, EdDSA, PS256; empty = the node's default
    std::string_view passphrase;  // with `token` its PIN; empty when the reader asks for it
    std::optional<TokenPlace> token = std::nullopt;
    SealSettings settings = {};
    bool activate = false;    // else it is pre_active until somebody activates it
    bool exportable = false;  // its key may leave; never of one in a token
};

enum class SealAction : std::uint8_t { activate, suspend, resume, retire, compromise, destroy };
// "activate", …: the last part of the route.
std::string_view to_string(SealAction action);
// Nothing leads back from it.
bool is_irreversible(SealAction action);

struct SealActionOrder {
    SealAction action = SealAction::suspend;
    std::string reason = {};
    // compromise: POSIX seconds from which the key may have been misused; absent = always.
    std::optional<std::int64_t> from = std::nullopt;
    // destroy, of a key in a token: its PIN; absent when the reader asks for it. The caller's.
    std::optional<std::string_view> pin = std::nullopt;
};

class SealBackend {
public:
    virtual ~SealBackend() = default;
    // {"items": [seal, …]} by name.
    virtual Result<json::Value> seals() = 0;
    // With its policy, its use and its history.
    virtual Result<json::Value> seal(std::string_view name) = 0;
    // {"items": [token, …]} of one PKCS#11 library, or of all that are installed.
    virtual Result<json::Value> pkcs11_tokens(const std::string& module) {
        return Error{Errc::unsupported, "no tokens here (" + module + ")"};
    }
    // Unlocks a seal in a token even if a wrong PIN may lock the token. For the console only.
    virtual Result<void> unlock_last_try(const std::string& name, std::string_view pin) {
        return Error{Errc::unsupported,
                     "no tokens here (" + name + ", " + std::to_string(pin.size()) + " bytes)"};
    }
    virtual Result<json::Value> create(const Caller& by, const NewSeal& order) = 0;
    // A new seal takes the old one's place, and the old one is retired, in one snapshot.
    virtual Result<json::Value> rotate(const Caller& by, std::string_view old,
                                       const NewSeal& order) = 0;
    virtual Result<json::Value> act(const Caller& by, std::string_view name,
                                    const SealActionOrder& order) = 0;
    virtual Result<json::Value> set(const Caller& by, std::string_view name,
                                    const SealSettings& settings) = 0;
};

}  // namespace fieldseal::api
