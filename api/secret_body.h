// SPDX-License-Identifier: Apache-2.0
// JSON bodies that hold secrets, read and written without a parser's tree: {"name": "text" | true |
// false, …}. A tree's nodes and a lexer's buffers would leave copies of a passphrase in freed
// memory; here the texts are decoded into one buffer that is wiped when it goes.
// TRUST: any bytes. Strict: one object, at most kSecretMembersMax members, no member twice, UTF-8.
// THREADS: one. Errors: invalid_argument, never with the secret in the sentence.
#pragma once

#include "api/http.h"
#include "core/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::api {

inline constexpr std::size_t kSecretMembersMax = 8;

class SecretBody {
public:
    // The views below live as long as this object does.
    static Result<SecretBody> parse(std::string_view json);
    // One text out of an object that holds other things, too: the body has that member alone, and
    // `rest` the object without it, for a parser that may leave copies about.
    static Result<SecretBody> lift(std::string_view json, std::string_view name, std::string& rest);
    ~SecretBody();
    SecretBody(SecretBody&& other) noexcept;
    SecretBody& operator=(SecretBody&&) = delete;
    SecretBody(const SecretBody&) = delete;
    SecretBody& operator=(const SecretBody&) = delete;

    Result<std::string_view> required_text(std::string_view name, std::size_t bytes_max);
    Result<std::optional<std::string_view>> optional_text(std::string_view name,
                                                          std::size_t bytes_max);
    // Absent is false.
    Result<bool> flag(std::string_view name);
    // Refuses members that nobody asked for.
    Result<void> finish() const;

private:
    enum class Kind { text, boolean };
    struct Member {
        std::string name;
        Kind kind = Kind::text;
        std::size_t at = 0;  // in decoded_
        std::size_t size = 0;
        bool on = false;
        bool asked = false;
    };
    SecretBody() = default;
    class Reader;
    Member* find(std::string_view name);

    std::string decoded_;  // never grows after parse() reserved it
    std::vector<Member> members_;
};

// 200 with {"fieldseal": "<kind>/v1", "<name>": "<text>", …}; the server wipes it once it is sent.
using SecretMembers = std::vector<std::pair<std::string_view, std::string_view>>;
Response secret_response(std::string_view kind, const SecretMembers& members);

}  // namespace fieldseal::api
