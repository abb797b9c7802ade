// SPDX-License-Identifier: Apache-2.0
#include "node/custody/passphrase.h"

#include "core/encoding.h"
#include "node/custody/descriptor.h"
#include "node/custody/private_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace fieldseal::node {
namespace {

constexpr std::uint8_t kCtrlC = 0x03;
// The longest passphrase, a line ending, and one byte more to notice that it is longer.
constexpr std::size_t kReadBytesMax = kPassphraseBytesMax + 3;

Error os_error(std::string_view doing) {
    return Error{Errc::io, std::string(doing) + ": " + std::strerror(errno)};
}

void strip_line_ending(SecretBytes& bytes) {
    std::size_t size = bytes.size();
    if (size > 0 && bytes.data()[size - 1] == '\n') --size;
    if (size < bytes.size() && size > 0 && bytes.data()[size - 1] == '\r') --size;
    bytes.shrink(size);
}

// Straight into locked memory: no stdio buffer keeps a copy.
Result<SecretBytes> read_to_end(int fd) {
    SecretBytes bytes = FIELDSEAL_TRY(SecretBytes::allocate(kReadBytesMax));
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::read(fd, bytes.data() + done, bytes.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return os_error("read the passphrase");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    bytes.shrink(done);
    strip_line_ending(bytes);
    return bytes;
}

Result<Passphrase> checked(const PassphraseRequest& request, SecretBytes bytes,
                           std::string warning = {}) {
    FIELDSEAL_TRY(check_passphrase(bytes, request.bytes_min));
    return Passphrase{std::move(bytes), std::move(warning)};
}

Result<Passphrase> from_private_file(const PassphraseRequest& request, const std::string& path,
                                     std::string warning) {
    SecretBytes bytes = FIELDSEAL_TRY(read_secret_file(path, kReadBytesMax));
    strip_line_ending(bytes);
    return checked(request, std::move(bytes), std::move(warning));
}

// systemd owns the mode of these files (root and an ACL, or the service's user), in a directory
// only the service can see; demanding 0600 here would refuse its own work.
Result<std::optional<Passphrase>> from_credential(const PassphraseRequest& request) {
    if (request.credentials_directory.empty() || request.credential_name.empty()) {
        return std::optional<Passphrase>();
    }
    const std::string path = request.credentials_directory + "/" + request.credential_name;
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (fd.get() < 0 && errno == ENOENT) return std::optional<Passphrase>();
    if (fd.get() < 0) return os_error("open credential " + quoted(path, 200));
    SecretBytes bytes = FIELDSEAL_TRY(read_to_end(fd.get()));
    return std::optional(FIELDSEAL_TRY(checked(request, std::move(bytes))));
}

Result<Passphrase> from_terminal(int terminal, const PassphraseRequest& request) {
    SecretBytes first = FIELDSEAL_TRY(read_hidden_line(terminal, request.prompt + ": "));
    FIELDSEAL_TRY(check_passphrase(first, request.bytes_min));
    if (request.confirm) {
        const SecretBytes second =
            FIELDSEAL_TRY(read_hidden_line(terminal, request.prompt + " again: "));
        if (!equal_secrets(first, second)) {
            return Error{Errc::invalid_argument, "the two passphrases differ; nothing was changed"};
        }
    }
    return checked(request, std::move(first));
}

// Echo off while it lives. Signals are off too, so that Ctrl-C cannot leave the terminal mute: it
// ends the line instead (VEOL) and is seen as a byte.
class HiddenInput {
public:
    explicit HiddenInput(int terminal) : terminal_(terminal) {
        ready_ = ::tcgetattr(terminal, &before_) == 0;
        if (!ready_) return;
        termios hidden = before_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ISIG);
        hidden.c_lflag |= ICANON;
        hidden.c_cc[VEOL] = kCtrlC;
        ready_ = ::tcsetattr(terminal, TCSAFLUSH, &hidden) == 0;
    }
    ~HiddenInput() {
        if (ready_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    HiddenInput(const HiddenInput&) = delete;
    HiddenInput& operator=(const HiddenInput&) = delete;
    bool ready() const { return ready_; }

private:
    int terminal_;
    bool ready_ = false;
    termios before_{};
};

Result<void> write_text(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return os_error("write to the terminal");
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

bool ends_line(std::uint8_t byte) {
    return byte == '\n' || byte == kCtrlC;
}

}  // namespace

Result<void> check_passphrase(const SecretBytes& passphrase, std::size_t bytes_min) {
    if (passphrase.size() < bytes_min) {
        return Error{Errc::invalid_argument,
                     "a passphrase has at least 8 bytes; four or more random words are good"};
    }
    if (passphrase.size() > kPassphraseBytesMax) {
        return Error{Errc::invalid_argument, "a passphrase has at most 1024 bytes"};
    }
    const ByteView bytes = passphrase.view();
    if (std::find(bytes.begin(), bytes.end(), std::uint8_t{0}) != bytes.end()) {
        return Error{Errc::invalid_argument, "a passphrase contains no NUL byte"};
    }
    return {};
}

Result<SecretBytes> read_hidden_line(int terminal, const std::string& prompt) {
    SecretBytes line = FIELDSEAL_TRY(SecretBytes::allocate(kReadBytesMax));
    std::size_t size = 0;
    {
        const HiddenInput hidden(terminal);
        if (!hidden.ready()) return os_error("switch off the terminal's echo");
        FIELDSEAL_TRY(write_text(terminal, prompt));
        while (size < line.size() && (size == 0 || !ends_line(line.data()[size - 1]))) {
            const ssize_t got = ::read(terminal, line.data() + size, line.size() - size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return os_error("read from the terminal");
            if (got == 0) break;
            size += static_cast<std::size_t>(got);
        }
    }
    FIELDSEAL_TRY(write_text(terminal, "\n"));
    const bool cancelled = size == 0 || line.data()[size - 1] == kCtrlC;
    if (cancelled) return Error{Errc::denied, "cancelled: no passphrase was entered"};
    line.shrink(size);
    strip_line_ending(line);
    return line;
}

std::string credentials_directory_from_environment() {
    const char* path = std::getenv("CREDENTIALS_DIRECTORY");
    return path ? path : "";
}

Result<Passphrase> obtain_passphrase(const PassphraseRequest& request) {
    if (request.descriptor)
        return checked(request, FIELDSEAL_TRY(read_to_end(*request.descriptor)));
    if (request.file) return from_private_file(request, *request.file, {});
    if (!request.terminal.empty()) {
        const Descriptor terminal(::open(request.terminal.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
        if (terminal.get() >= 0) return from_terminal(terminal.get(), request);
    }
    auto credential = FIELDSEAL_TRY(from_credential(request));
    if (credential) return std::move(*credential);
    if (!request.stored_file.empty()) {
        auto stored =
            from_private_file(request, request.stored_file,
                              "the passphrase is stored in " + quoted(request.stored_file, 200) +
                                  ": whoever reads this disk can use the key; prefer "
                                  "systemd's LoadCredentialEncrypted");
        if (stored.ok() || stored.error().code != Errc::not_found) return stored;
    }
    std::string none = "no terminal to ask for the secret: name a file with " + request.file_option;
    if (!request.credential_name.empty())
        none += ", or give a systemd credential (LoadCredentialEncrypted)";
    return Error{Errc::invalid_argument, std::move(none)};
}

}  // namespace fieldseal::node
