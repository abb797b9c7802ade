// SPDX-License-Identifier: Apache-2.0
// Trust files that are refused before anything is judged.
#include "core/encoding.h"
#include "core/hash.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

#include <algorithm>

namespace fieldseal::vectors {
namespace {

std::string replace_once(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

// A P-256 key in the compressed form, as SubjectPublicKeyInfo: 02 or 03 and x.
Bytes compressed_spki(const PublicKey& key) {
    const Bytes& spki = key.spki();
    const std::size_t point = spki.size() - kEcPointBytes;
    Bytes out(spki.begin(), spki.begin() + static_cast<std::ptrdiff_t>(point) + 33);
    out[1] = static_cast<std::uint8_t>(out[1] - 32);                  // SEQUENCE
    out[point - 2] = static_cast<std::uint8_t>(out[point - 2] - 32);  // BIT STRING
    out[point] = static_cast<std::uint8_t>(2 + (spki.back() & 1));
    return out;
}

// One evidence text under many trust files.
class TrustCases {
public:
    TrustCases()
        : evidence_(evidence_text(ordinary_day().evidence())),
          trust_(ordinary_trust()),
          text_(fieldseal::to_json(trust_)) {}

    Vectors take() && {
        add_roles();
        add_keys();
        add_texts();
        return std::move(out_);
    }

private:
    void add(std::string_view name, std::string_view why, std::string trust,
             std::string_view reason) {
        out_.push_back(make_text_vector(name, why, evidence_, std::move(trust), refused(reason)));
    }
    template <class Change>
    void changed(std::string_view name, std::string_view why, std::string_view reason,
                 Change change) {
        Trust trust = trust_;
        change(trust);
        add(name, why, fieldseal::to_json(trust), reason);
    }
    void edited(std::string_view name, std::string_view why, std::string_view from,
                std::string_view to) {
        add(name, why, replace_once(text_, from, to), "trust-malformed");
    }

    void add_roles() {
        changed("trust-log-key-as-witness", "The log's key pinned as a witness.",
                "trust-key-reused", [](Trust& t) { t.witnesses[0].key.key = t.logs[0].key.key; });
        changed("trust-one-witness-key-under-two-names", "One key would count for two operators.",
                "trust-key-reused", [](Trust& t) {
                    note::VerifierKey again = t.witnesses[0].key;
                    again.name = "second.example/name";
                    t.witnesses.push_back({again, "Somebody Else", {}});
                });
        changed("trust-status-key-as-witness", "The status key is a witness's key.",
                "trust-key-reused", [](Trust& t) {
                    t.logs[0].status_keys = {*PublicKey::eddsa_from_raw32(t.witnesses[0].key.key)};
                });
        changed(
            "trust-seal-key-as-status-key", "The status key pinned as a seal.", "trust-key-reused",
            [](Trust& t) {
                t.seals.push_back({t.logs[0].status_keys[0], {std::string(kOfficeOrigin)}, {}, {}});
            });
        changed("trust-one-origin-twice", "Two entries for one log.", "trust-malformed",
                [](Trust& t) { t.logs.push_back(t.logs[0]); });
    }

    // The seal's key, its kid and its algorithm exchanged together: only the key's form is wrong.
    std::string with_seal_key(const Bytes& spki, std::string_view algorithm) const {
        const PublicKey& key = permits_seal().key();
        std::string text = replace_once(text_, base64_encode(key.spki()), base64_encode(spki));
        text = replace_once(text, hex_encode(key.kid()), hex_encode(sha256(spki)));
        return replace_once(text, "ES256K", algorithm);
    }

    void add_keys() {
        add("trust-compressed-point", "A seal's key with a compressed point: one key, one form.",
            with_seal_key(compressed_spki(permits_seal().key()), "ES256K"), "trust-malformed");
        Bytes small_order = SealSigner::eddsa(0x11).key().spki();
        std::fill(small_order.end() - 32, small_order.end(), std::uint8_t{0});
        *(small_order.end() - 32) = 1;
        add("trust-seal-key-of-small-order", "Under this key everybody can sign everything.",
            with_seal_key(small_order, "EdDSA"), "trust-malformed");
        edited("trust-kid-of-another-key", "The kid is not the SHA-256 of the key.",
               hex_encode(permits_seal().key().kid()), std::string(64, '0'));
        edited("trust-algorithm-of-another-key", "ES256 over a secp256k1 key.", "\"ES256K\"",
               "\"ES256\"");
        edited("trust-vkey-of-another-name", "The vkey's name is not the origin.",
               "\"origin\": \"works", "\"origin\": \"forks");
    }

    void add_texts() {
        edited("trust-unknown-member", "A member that nobody defined.", "\"skew_s\"", "\"skew\"");
        edited("trust-duplicate-member", "One member twice.", "\"skew_s\": 300",
               "\"skew_s\": 300,\n  \"skew_s\": 0");
        add("trust-of-another-version", "trust/v2.", replace_once(text_, "trust/v1", "trust/v2"),
            "trust-unsupported");
        add("trust-seal-by-authority",
            "An authority that is no certificate, and a pinned key beside it.",
            replace_once(text_, "\"kid\"", "\"ca\": \"MAA=\",\n      \"kid\""), "trust-malformed");
        add("trust-is-evidence", "The evidence file in the trust file's place.", evidence_,
            "trust-malformed");
    }

    std::string evidence_;
    Trust trust_;
    std::string text_;
    Vectors out_;
};

}  // namespace

Vectors trust_cases() {
    return TrustCases().take();
}

}  // namespace fieldseal::vectors
