// SPDX-License-Identifier: Apache-2.0
// Our side of the interop tests: makes and judges statements for software of others.
//
//     statement_tool make ALGORITHM [full]   prints: SPKI, statement (hex, one a line)
//     statement_tool judge                   reads lines "SPKI STATEMENT" (hex), prints a verdict
//     each statement_tool example statement|status|audit  the examples of docs/formats, hex
// Keys are made from a fixed, obviously fake seed.
#include "core/audit.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "core/statement.h"
#include "core/status.h"
#include "tests/support/seal_signer.h"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

using namespace fieldseal;

namespace {

constexpr std::uint8_t kSeed = 0x07;
constexpr int kExitUsage = 64;
constexpr std::int64_t kIssuedAt = 1795444200;

StatementClaims claims_for(const PublicKey& key, bool full) {
    StatementClaims claims;
    claims.document = sha256(as_bytes("a contract"));
    claims.algorithm = key.algorithm();
    claims.kid = key.kid();
    claims.issuer = "example.org/office-7/1";
    claims.subject = "contract 2026-117";
    claims.issued_at = kIssuedAt;
    claims.media_type = "application/pdf";
    claims.nonce.fill(0x11);
    claims.document_sha512 = sha512(as_bytes("a contract"));
    claims.clock = {ClockSource::kernel_synchronised, 3600, ClockTrust::synchronised};
    if (!full) return claims;
    claims.certificate = sha256(as_bytes("a certificate"));
    claims.floor = FloorReference{FloorKind::cosignature, sha256(as_bytes("a cosignature"))};
    claims.approvals = sha256(as_bytes("approvals"));
    claims.custody = Custody::pkcs11_sealed_inside;
    claims.clock.age_s.reset();
    return claims;
}

Result<Statement> make_statement(const testing::SealSigner& signer, bool full) {
    const auto tbs = FIELDSEAL_TRY(StatementTbs::from(claims_for(signer.key(), full)));
    return assemble(tbs, signer.sign(tbs.preimage()));
}

Result<void> make(std::string_view name, bool full) {
    const Algorithm algorithm = FIELDSEAL_TRY(algorithm_from_name(name));
    const testing::SealSigner signer = testing::SealSigner::of(algorithm, kSeed);
    const Statement statement = FIELDSEAL_TRY(make_statement(signer, full));
    std::cout << hex_encode(signer.key().spki()) << '\n' << hex_encode(statement.cose()) << '\n';
    return {};
}

Result<Statement> judge_line(std::string_view spki, std::string_view cose) {
    const Bytes spki_der = FIELDSEAL_TRY(hex_decode(spki));
    const PublicKey key = FIELDSEAL_TRY(PublicKey::from_spki(spki_der));
    const Bytes received = FIELDSEAL_TRY(hex_decode(cose));
    Statement statement = FIELDSEAL_TRY(parse_statement(received));
    FIELDSEAL_TRY(verify_statement(statement, key));
    return statement;
}

void judge() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream fields(line);
        std::string spki;
        std::string cose;
        fields >> spki >> cose;
        const auto statement = judge_line(spki, cose);
        std::cout << (statement.ok() ? "valid " + statement->id()
                                     : "refused " + statement.error().message)
                  << '\n';
    }
}

Result<Status> example_status() {
    const testing::SealSigner signer = testing::SealSigner::eddsa(kSeed);
    StatusSnapshot snapshot;
    snapshot.algorithm = Algorithm::eddsa;
    snapshot.kid = signer.key().kid();
    snapshot.issued_at = kIssuedAt;
    snapshot.origin = "example.org/office-7/1";
    snapshot.seq = 2;
    snapshot.previous = sha256(as_bytes("the snapshot before"));
    snapshot.as_of_size = 300;
    const Digest first = sha256(as_bytes("seal B"));
    const Digest second = sha256(as_bytes("seal A"));
    snapshot.seals = {{std::min(first, second), SealState::active, 0, {}},
                      {std::max(first, second), SealState::compromised, 300, 1795440000}};
    const auto tbs = FIELDSEAL_TRY(StatusTbs::from(snapshot));
    return assemble(tbs, signer.sign(tbs.preimage()));
}

// Two entries and the head over them, one after another.
Result<Bytes> example_audit() {
    const testing::SealSigner signer = testing::SealSigner::eddsa(kSeed);
    AuditChain chain;
    Bytes bytes = FIELDSEAL_TRY(
        encode(AuditEntry{0, {}, kIssuedAt, "local", "people-add", "amina", "ok", ""}));
    FIELDSEAL_TRY(chain.add(bytes));
    const Bytes second = FIELDSEAL_TRY(encode(AuditEntry{1, chain.newest(), kIssuedAt + 60, "amina",
                                                         "log-in", "", "failed", "192.0.2.7"}));
    FIELDSEAL_TRY(chain.add(second));
    append(bytes, second);
    const auto tbs = FIELDSEAL_TRY(
        AuditHeadTbs::from({Algorithm::eddsa, signer.key().kid(), kIssuedAt + 120,
                            "example.org/office-7/1", chain.count(), *chain.newest(), 300}));
    append(bytes, FIELDSEAL_TRY(assemble(tbs, signer.sign(tbs.preimage()))).cose());
    return bytes;
}

Result<void> example(std::string_view what) {
    if (what == "audit") {
        std::cout << hex_encode(FIELDSEAL_TRY(example_audit())) << '\n';
        return {};
    }
    if (what == "status") {
        std::cout << hex_encode(FIELDSEAL_TRY(example_status()).cose()) << '\n';
        return {};
    }
    const testing::SealSigner signer = testing::SealSigner::es256k(kSeed);
    std::cout << hex_encode(FIELDSEAL_TRY(make_statement(signer, false)).cose()) << '\n';
    return {};
}

int exit_code(const Result<void>& result) {
    if (result.ok()) return 0;
    std::cerr << "statement_tool: " << result.error().message << '\n';
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view verb = argc > 1 ? argv[1] : "";
    const std::string_view argument = argc > 2 ? argv[2] : "";
    if (verb == "make") return exit_code(make(argument, argc > 3));
    if (verb == "example") return exit_code(example(argument));
    if (verb != "judge") {
        std::cerr << "usage: statement_tool make ALGORITHM [full] | judge | "
                     "example statement|status|audit\n";
        return kExitUsage;
    }
    judge();
    return 0;
}
