// SPDX-License-Identifier: Apache-2.0
// What one statement costs a verifier: each algorithm's signature, the strict parse, the key's
// parse.
#include "core/json/json.h"
#include "core/statement.h"
#include "tests/support/seal_signer.h"

#include <benchmark/benchmark.h>

#include <cstdlib>

using namespace fieldseal;

namespace {

constexpr std::uint8_t kSeed = 0x07;

Statement some_statement(const testing::SealSigner& signer) {
    StatementClaims claims;
    claims.algorithm = signer.key().algorithm();
    claims.kid = signer.key().kid();
    claims.issuer = "example.org/office-7/1";
    claims.subject = "contract 2026-117";
    claims.media_type = "application/pdf";
    claims.document_sha512.emplace();
    const auto tbs = StatementTbs::from(claims);
    auto statement = assemble(*tbs, signer.sign(tbs->preimage()));
    return *std::move(statement);
}

void verify(benchmark::State& state, Algorithm algorithm) {
    const testing::SealSigner signer = testing::SealSigner::of(algorithm, kSeed);
    const Statement statement = some_statement(signer);
    for (auto _ : state) {
        if (!verify_statement(statement, signer.key()).ok()) std::abort();
    }
}
BENCHMARK_CAPTURE(verify, es256k, Algorithm::es256k);
BENCHMARK_CAPTURE(verify, es256, Algorithm::es256);
BENCHMARK_CAPTURE(verify, eddsa, Algorithm::eddsa);
BENCHMARK_CAPTURE(verify, ps256, Algorithm::ps256);

void parse_statement_bytes(benchmark::State& state) {
    const Bytes cose = some_statement(testing::SealSigner::es256k(kSeed)).cose();
    for (auto _ : state) benchmark::DoNotOptimize(parse_statement(cose).ok());
}
BENCHMARK(parse_statement_bytes);

void build_statement_tbs(benchmark::State& state) {
    const StatementClaims claims = some_statement(testing::SealSigner::es256k(kSeed)).claims;
    for (auto _ : state) benchmark::DoNotOptimize(StatementTbs::from(claims).ok());
}
BENCHMARK(build_statement_tbs);

void parse_key(benchmark::State& state, Algorithm algorithm) {
    const Bytes spki = testing::SealSigner::of(algorithm, kSeed).key().spki();
    for (auto _ : state) benchmark::DoNotOptimize(PublicKey::from_spki(spki).ok());
}
BENCHMARK_CAPTURE(parse_key, es256k, Algorithm::es256k);
BENCHMARK_CAPTURE(parse_key, es256, Algorithm::es256);
BENCHMARK_CAPTURE(parse_key, eddsa, Algorithm::eddsa);

void parse_json(benchmark::State& state) {
    json::Value proofs = json::Value::array();
    for (int i = 0; i < 16; ++i) {
        json::Value hashes = json::Value::array();
        for (int k = 0; k < 20; ++k) hashes.push_back(std::string(44, 'A'));
        proofs.push_back(json::Value::object({{"index", i}, {"hashes", std::move(hashes)}}));
    }
    const std::string text = json::dump(proofs);
    for (auto _ : state) benchmark::DoNotOptimize(json::parse(text).ok());
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(parse_json);

}  // namespace

BENCHMARK_MAIN();
