// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/token.h"

#include "core/encoding.h"
#include "node/custody/attempts.h"
#include "node/custody/private_file.h"

#include <ctime>
#include <map>
#include <string_view>
#include <sys/stat.h>

namespace fieldseal::node::pkcs11 {
namespace {

constexpr std::string_view kOfFiles = ".files";  // the counter of PINs that files hold

std::string subject_of(const TokenName& name) {
    return "the token " + fieldseal::quoted(name.label);
}

Result<void> check_pin_size(const SecretBytes& pin) {
    if (pin.size() >= kPinBytesMin && pin.size() <= kPinBytesMax) return {};
    return Error{Errc::invalid_argument,
                 "a PIN has 1 to 255 bytes, not " + std::to_string(pin.size())};
}

// A file as `echo 1234 > file` writes it, too.
Result<std::shared_ptr<const SecretBytes>> read_pin_file(const std::string& path) {
    SecretBytes pin = FIELDSEAL_TRY(read_secret_file(path, kPinBytesMax + 2));
    std::size_t size = pin.size();
    if (size > 0 && pin.data()[size - 1] == '\n') --size;
    pin.shrink(size);
    FIELDSEAL_TRY(check_pin_size(pin));
    return std::make_shared<const SecretBytes>(std::move(pin));
}

// Changes when the file does.
std::int64_t version_of(const std::string& path) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) return 0;
    return facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec;
}

}  // namespace

// Used on the worker's thread only.
struct Token::Core {
    Session session;
    const std::string attempts_path;
    // Files whose PIN the token refused, as they were then: not tried again until they change.
    std::map<std::string, std::int64_t> refused_files;

    Core(std::shared_ptr<Module> module, TokenName name, std::string path)
        : session(std::move(module), std::move(name)), attempts_path(std::move(path)) {}

    enum class Guess { right, wrong, not_made };
    Result<void> login(const PinEntry& entry);
    Result<void> login(const PinEntry& entry, AttemptCounter attempts, Guess& guess);
    Result<void> check_try(const TokenInfo& token, const PinEntry& entry,
                           const AttemptCounter& attempts) const;
    Error refused(ReturnValue value);
    Result<void> login_from(const std::string& pin_file);
    Result<Bytes> sign(const KeyName& key, ByteView message,
                       const std::optional<std::string>& pin_file);
    Result<void> reopen(const std::optional<std::string>& pin_file);
};

Result<void> Token::Core::check_try(const TokenInfo& token, const PinEntry& entry,
                                    const AttemptCounter& attempts) const {
    if (token.flags.pin_locked) return Error{Errc::denied, locked_advice(token)};
    if (token.flags.login_required && !token.flags.pin_set) {
        return Error{Errc::conflict, subject_of(token.name) +
                                         " has no user PIN yet: set one with the token's own tool"};
    }
    if (entry.pin) FIELDSEAL_TRY(check_pin_size(*entry.pin));
    if (!entry.pin && !token.flags.pin_pad) {
        return Error{
            Errc::invalid_argument,
            subject_of(token.name) + " needs its PIN, and its reader has no keys: give it"};
    }
    const std::uint64_t failures = FIELDSEAL_TRY(attempts.failures());
    const bool says_nothing = !token.flags.pin_count_low && failures >= kUncertainTries;
    if (entry.last_try || (!token.flags.pin_final_try && !says_nothing)) return {};
    return Error{
        Errc::denied,
        (token.flags.pin_final_try
             ? subject_of(token.name) + " says that the next wrong PIN locks it"
             : std::to_string(failures) + " wrong PINs were given to " + subject_of(token.name) +
                   ", which does not say how many it allows; often the third locks it") +
            ": nothing was tried. When you are sure of the PIN, unlock with --last-try"};
}

// Says what the token thinks now, after a guess that failed.
Error Token::Core::refused(ReturnValue value) {
    const auto token = session.look();
    const bool locked =
        trouble_of(value) == Trouble::pin_locked || (token.ok() && token->flags.pin_locked);
    if (locked && token.ok()) return Error{Errc::denied, locked_advice(*token)};
    std::string said = "wrong PIN for " + subject_of(session.name());
    if (token.ok() && token->flags.pin_final_try) said += "; one more wrong PIN locks it";
    return Error{Errc::denied, said};
}

Result<void> Token::Core::login(const PinEntry& entry) {
    Guess guess = Guess::not_made;
    return login(entry, AttemptCounter(attempts_path), guess);
}

Result<void> Token::Core::login(const PinEntry& entry, AttemptCounter attempts, Guess& guess) {
    guess = Guess::not_made;
    const TokenInfo token = FIELDSEAL_TRY(session.look());
    FIELDSEAL_TRY(check_try(token, entry, attempts));
    session.close_sessions();
    FIELDSEAL_TRY(session.open());
    FIELDSEAL_TRY(attempts.begin(entry.now_s));
    // A login that is there already would take any PIN for the right one.
    if (session.logged_in()) session.logout();
    const ReturnValue value = session.login(entry.pin.get());
    switch (trouble_of(value)) {
        case Trouble::none:
            guess = Guess::right;
            return attempts.succeeded();
        case Trouble::wrong_pin:
        case Trouble::pin_locked:
            guess = Guess::wrong;
            return refused(value);
        case Trouble::lost_session:
        case Trouble::absent:
            session.close();
            break;
        case Trouble::unsupported:
        case Trouble::refused:
            break;
    }
    return error_of("C_Login", session.name().label, value);
}

Result<void> Token::Core::login_from(const std::string& pin_file) {
    const std::int64_t version = version_of(pin_file);
    const auto refused_then = refused_files.find(pin_file);
    if (refused_then != refused_files.end() && refused_then->second == version) {
        return Error{Errc::denied, subject_of(session.name()) + " refused the PIN in " +
                                       fieldseal::quoted(pin_file, 200) +
                                       ": correct that file; until then it is not tried again"};
    }
    const PinEntry entry{FIELDSEAL_TRY(read_pin_file(pin_file)), std::time(nullptr), false};
    Guess guess = Guess::not_made;
    auto done = login(entry, AttemptCounter(attempts_path + std::string(kOfFiles)), guess);
    if (guess == Guess::wrong) refused_files[pin_file] = version;
    if (guess == Guess::right) refused_files.erase(pin_file);
    return done;
}

// Once, and only where no PIN has to be guessed.
Result<void> Token::Core::reopen(const std::optional<std::string>& pin_file) {
    const auto opened = session.open();
    if (!opened.ok()) {
        session.close();
        if (pin_file) return opened.error();
        return Error{Errc::locked, opened.error().message + ", then unlock the seal again"};
    }
    if (session.logged_in()) return {};
    if (pin_file) return login_from(*pin_file);
    session.close();
    return Error{Errc::locked, subject_of(session.name()) +
                                   " was unplugged or lost its login: unlock the seal again"};
}

Result<Bytes> Token::Core::sign(const KeyName& key, ByteView message,
                                const std::optional<std::string>& pin_file) {
    ReturnValue outcome = 0;
    auto first = session.sign(key, message, outcome);
    if (first.ok()) return first;
    switch (trouble_of(outcome)) {
        case Trouble::lost_session:
            session.close_working();
            break;
        case Trouble::absent:
            session.close();
            break;
        case Trouble::none:
        case Trouble::wrong_pin:
        case Trouble::pin_locked:
        case Trouble::unsupported:
        case Trouble::refused:
            return first;
    }
    FIELDSEAL_TRY(reopen(pin_file));
    auto second = session.sign(key, message, outcome);
    if (!second.ok()) session.close_working();  // the next order begins with a new session
    return second;
}

Token::Token(std::shared_ptr<Module> module, TokenName name, std::string attempts_path)
    : module_(module),
      core_(std::make_shared<Core>(module, name, std::move(attempts_path))),
      worker_(subject_of(name)) {}

Token::~Token() {
    worker_.post([core = core_] {
        core->session.logout();
        core->session.close();
    });
    if (!worker_.stop()) module_->abandon();
}

Result<TokenInfo> Token::look() {
    return worker_.run<TokenInfo>([core = core_] { return core->session.look(); }, kLoginDeadline);
}

Result<void> Token::login(PinEntry entry) {
    const auto deadline = entry.pin ? kLoginDeadline : kPinPadDeadline;
    return worker_.run<void>(
        [core = core_, entry = std::move(entry)] { return core->login(entry); }, deadline);
}

Result<void> Token::login_from(std::string pin_file) {
    return worker_.run<void>(
        [core = core_, pin_file = std::move(pin_file)] { return core->login_from(pin_file); },
        kLoginDeadline);
}

Result<TokenKey> Token::describe(KeyName key) {
    return worker_.run<TokenKey>(
        [core = core_, key = std::move(key)]() -> Result<TokenKey> {
            FIELDSEAL_TRY(core->session.open());
            return core->session.describe(key);
        },
        kLoginDeadline);
}

Result<TokenKey> Token::generate(KeyName key, std::string label) {
    return worker_.run<TokenKey>(
        [core = core_, key = std::move(key), label = std::move(label)]() -> Result<TokenKey> {
            FIELDSEAL_TRY(core->session.open(Session::Access::write));
            return core->session.generate(key, label);
        },
        kGenerateDeadline);
}

Result<void> Token::destroy(PinEntry entry, std::optional<std::string> pin_file, KeyName key,
                            PublicKey expected) {
    const bool types_it = !entry.pin && !pin_file;
    return worker_.run<void>(
        [core = core_, entry = std::move(entry), pin_file = std::move(pin_file),
         key = std::move(key), expected = std::move(expected)]() -> Result<void> {
            FIELDSEAL_TRY(!entry.pin && pin_file ? core->login_from(*pin_file)
                                                 : core->login(entry));
            FIELDSEAL_TRY(core->session.open(Session::Access::write));
            return core->session.destroy(key, &expected);
        },
        kLoginDeadline + (types_it ? kPinPadDeadline : kLoginDeadline));
}

Result<Bytes> Token::sign(KeyName key, ByteView message, std::optional<std::string> pin_file) {
    return worker_.run<Bytes>(
        [core = core_, key = std::move(key), message = to_bytes(message),
         pin_file = std::move(pin_file)] { return core->sign(key, message, pin_file); },
        pin_file ? kSignDeadline + kLoginDeadline : kSignDeadline);
}

void Token::enter() {
    const std::scoped_lock lock(mutex_);
    ++users_;
}

void Token::leave() {
    const std::scoped_lock lock(mutex_);
    if (--users_ > 0) return;
    worker_.post([core = core_] {
        core->session.logout();
        core->session.close();
    });
}

}  // namespace fieldseal::node::pkcs11
