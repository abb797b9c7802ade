// SPDX-License-Identifier: Apache-2.0
// The certificates that statements of this node refer to, and the newest revocation lists about
// them: public files in the data directory, for evidence.
//   certificates/<x5t>.pem        one chain, leaf first, named by the leaf's SHA-256; never
//   removed:
//                                 statements made under it need it for ever
//   certificates/<issuer>.crl     the newest list of an issuer, named by the SHA-256 of its name
// OWNED BY: the daemon. THREADS: any. DURABLE: on return.
// Errors: invalid_argument (no such form), conflict (an older list), exhausted, corrupt, io.
#pragma once

#include "core/bytes.h"
#include "core/hash.h"
#include "core/pki/certificate.h"
#include "core/result.h"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

inline constexpr std::size_t kCrlFilesMax = 64;
// How far a list's thisUpdate may lie ahead of our clock: zones and clocks that are off.
inline constexpr std::int64_t kCrlAheadMax_s = 86'400;

class CertificateFiles {
public:
    explicit CertificateFiles(const std::string& data_dir)
        : directory_(data_dir + "/certificates") {}

    Result<void> put_chain(std::span<const pki::Certificate> chain);
    // The chain whose leaf has this SHA-256, as DER; nothing when there is none.
    Result<std::optional<std::vector<Bytes>>> chain(const Digest& x5t) const;

    // Keeps a list that an authority of a chain here signed, at most kCrlAheadMax_s ahead of
    // `now_s`; else invalid_argument. conflict when there is a newer one of that issuer.
    Result<void> put_crl(const pki::Crl& crl, std::int64_t now_s);
    // Those that an authority of this chain may have signed, at most `max`.
    Result<std::vector<Bytes>> crls_for(std::span<const Bytes> chain, std::size_t max) const;

private:
    std::string path_of(const Digest& name, std::string_view suffix) const;
    Result<pki::Certificate> issuer_among_chains(const pki::Crl& crl) const;

    const std::string directory_;
    mutable std::mutex mutex_;  // one writer
};

}  // namespace fieldseal::node
