// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error, by value, never ignored. The one way a call of ours fails.
//
// An Error is for "could not do it". The verdict about a document is not an error
// (verify/verdict.h). Member names follow std::expected so that a later swap is a `using`. THREADS:
// a value type; no shared state.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace fieldseal {

// Few codes, each with one litmus test for the caller.
enum class Errc : std::uint8_t {
    invalid_argument,  // the caller's input is wrong, whatever our state is
    not_found,         // the named thing does not exist
    conflict,          // our state says otherwise: re-read, then decide
    corrupt,           // stored or received bytes are not what they must be: stop, call a person
    unavailable,       // the same call may succeed later (network, daemon down)
    exhausted,         // a bounded queue or limit is full: try again after a pause
    denied,            // wrong passphrase, missing right
    unauthenticated,   // nobody we know: log in, or bring a token
    rate_limited,      // too many attempts: wait as long as the message says
    locked,            // a key has to be unlocked by a person first
    held,              // sealing is stopped until a person decides (rollback, restore)
    storage_full,      // disk space is below the low-water mark
    io,                // the operating system refused
    unsupported,       // understood, and not done by this version
    internal,          // our own defect
};

// The lower-case word for an Errc, as in JSON and logs ("storage_full").
std::string_view to_string(Errc code);

struct [[nodiscard]] Error {
    Errc code = Errc::internal;
    // A sentence for a person: what was attempted, the offending value (bounded, never a secret),
    // and the next step where there is one.
    std::string message;
    // A word of its own, for what callers tell apart more finely than by `code`: a problem code
    // (api/openapi/errors.json) where the API can answer with it. Static storage; empty for none.
    std::string_view problem = {};

    // The same error with "context: " in front, added once per layer.
    Error with_context(std::string_view context) const;
};

template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value)
        : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    bool has_value() const { return ok(); }

    // REQUIRES: ok(). Aborts otherwise (std::get would throw; no exception crosses our modules).
    T& value() & { return *checked(); }
    const T& value() const& { return *const_cast<Result*>(this)->checked(); }
    T&& value() && { return std::move(*checked()); }
    T& operator*() & { return *checked(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*checked()); }
    T* operator->() { return checked(); }
    const T* operator->() const { return const_cast<Result*>(this)->checked(); }

    // REQUIRES: !ok().
    const Error& error() const& { return checked_error(); }
    Error&& error() && { return std::move(const_cast<Error&>(checked_error())); }

    T value_or(T fallback) && { return ok() ? std::move(*checked()) : std::move(fallback); }

private:
    T* checked() {
        if (auto* value = std::get_if<0>(&state_)) return value;
        std::abort();
    }
    const Error& checked_error() const {
        if (const auto* error = std::get_if<1>(&state_)) return *error;
        std::abort();
    }
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

    bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    bool has_value() const { return ok(); }
    void value() const {
        if (!ok()) std::abort();
    }
    // REQUIRES: !ok().
    const Error& error() const& {
        if (ok()) std::abort();
        return *error_;
    }
    Error&& error() && {
        if (ok()) std::abort();
        return std::move(*error_);
    }

private:
    std::optional<Error> error_;
};

// Spelled where an error is dropped on purpose; `reason` is for the reader.
template <class T>
void ignore_error(const Result<T>&, std::string_view /*reason*/) {}

}  // namespace fieldseal

// Yields the value, or returns the Error from the enclosing function.
#define FIELDSEAL_TRY(expression)                                                       \
    __extension__({                                                                     \
        auto fieldseal_try_result = (expression);                                       \
        if (!fieldseal_try_result.ok()) return std::move(fieldseal_try_result).error(); \
        std::move(fieldseal_try_result).value();                                        \
    })
