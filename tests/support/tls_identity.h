// SPDX-License-Identifier: Apache-2.0
// A self-signed certificate for 127.0.0.1 with a fresh key, and TLS server connections under it.
// THREADS: any after construction.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace fieldseal::testing {

class TlsSession {
public:
    virtual ~TlsSession() = default;
    virtual std::string read_some() = 0;
    virtual bool write(std::string_view bytes) = 0;
};

class TlsIdentity {
public:
    TlsIdentity();
    ~TlsIdentity();
    TlsIdentity(const TlsIdentity&) = delete;
    TlsIdentity& operator=(const TlsIdentity&) = delete;

    // The certificate, to be trusted as a CA file.
    std::string certificate_pem() const;
    // "sha256//<base64>" of its public key.
    std::string spki_pin() const;
    // The server's side of a handshake on a connected socket; null when it fails.
    std::unique_ptr<TlsSession> accept(int fd) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::testing
