// SPDX-License-Identifier: Apache-2.0
// Seals whose certificate has ended: they go on sealing without it.
#include "core/encoding.h"
#include "node/boot.h"
#include "node/maintenance/doctor.h"
#include "node/seals/seal_book.h"
#include "node/seals/status_book.h"

namespace fieldseal::node {

std::optional<Diagnosis> examine_certificate(const std::string& seal, ByteView der,
                                             std::int64_t now_s) {
    const auto leaf = read_leaf(der);
    if (!leaf || !leaf->has_ended(now_s)) return std::nullopt;
    return Diagnosis{"certificate of " + fieldseal::quoted(seal), Health::notice,
                     "it ended on " + rfc3339(leaf->not_after_s) +
                         ": statements made since do not name it, and nobody who knows only its "
                         "authority can verify them",
                     "Have it renewed: fieldseal seal-key csr " + seal +
                         " …, and fieldseal seal-key certificate " + seal + " CHAIN"};
}

std::vector<Diagnosis> examine_certificates(const store::Store& store, const NodeIdentity& identity,
                                            const SigningKey& status_key, const Clock& clock) {
    const auto book = SealBook::load(store, identity);
    const auto status = StatusBook::load(store, identity, status_key, clock);
    if (!book.ok() || !status.ok()) return {};  // the log's examination says it
    std::vector<Diagnosis> found;
    for (const SealRecordPtr& seal : (*book)->all()) {
        const auto published = (*status)->find(seal->key.kid());
        if (seal->certificates.empty() || (published && is_terminal(published->state))) continue;
        auto ended = examine_certificate(seal->name, seal->certificates.front(), clock.now_s());
        if (ended) found.push_back(*std::move(ended));
    }
    return found;
}

}  // namespace fieldseal::node
