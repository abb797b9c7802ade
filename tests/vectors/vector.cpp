// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/vector.h"

#include "core/encoding.h"
#include "core/json/json.h"
#include "core/json/reader.h"
#include "tests/vectors/scene.h"

#include <algorithm>

namespace fieldseal::vectors {
namespace {

constexpr std::size_t kVectorBytesMax = 2 * 1024 * 1024;
constexpr std::int64_t kExitMax = 255;

Result<std::optional<std::int64_t>> optional_seconds(json::Members& in, std::string_view name) {
    return in.optional_integer(name, 0, json::kIntegerMax);
}

Result<Expected> read_expected(json::Members in) {
    Expected expect;
    expect.verdict = FIELDSEAL_TRY(in.required_string("verdict"));
    expect.reason = FIELDSEAL_TRY(in.required_string("reason"));
    expect.exit = static_cast<int>(FIELDSEAL_TRY(in.required_integer("exit", 0, kExitMax)));
    expect.not_before_s = FIELDSEAL_TRY(optional_seconds(in, "not_before_s"));
    expect.not_after_s = FIELDSEAL_TRY(optional_seconds(in, "not_after_s"));
    if (const auto anchors = in.optional("anchors")) {
        expect.anchors.emplace();
        for (const auto& reason : FIELDSEAL_TRY(anchors->items(kEvidenceAnchorsMax))) {
            expect.anchors->push_back(FIELDSEAL_TRY(reason.string()));
        }
    }
    expect.floor = FIELDSEAL_TRY(in.optional_string("floor"));
    FIELDSEAL_TRY(in.finish());
    return expect;
}

Result<Sha512Digest> read_sha512(const std::string& hex) {
    const Bytes bytes = FIELDSEAL_TRY(hex_decode(hex));
    Sha512Digest digest{};
    if (bytes.size() != digest.size()) return Error{Errc::invalid_argument, "not a SHA-512"};
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

}  // namespace

std::string to_json(const Vector& vector) {
    json::Value expect = json::Value::object({{"verdict", vector.expect.verdict},
                                              {"reason", vector.expect.reason},
                                              {"exit", vector.expect.exit}});
    expect.set_if("not_before_s", vector.expect.not_before_s);
    expect.set_if("not_after_s", vector.expect.not_after_s);
    if (vector.expect.anchors) {
        json::Value anchors = json::Value::array();
        for (const std::string& reason : *vector.expect.anchors) anchors.push_back(reason);
        expect.set("anchors", std::move(anchors));
    }
    expect.set_if("floor", vector.expect.floor);
    json::Value tree = json::Value::object({{"name", vector.name}, {"why", vector.why}});
    if (vector.document_sha256) tree.set("document_sha256", hex_encode(*vector.document_sha256));
    if (vector.document_sha512) tree.set("document_sha512", hex_encode(*vector.document_sha512));
    tree.set_if("now_s", vector.now_s);
    tree.set("evidence", vector.evidence).set("trust", vector.trust);
    tree.set("expect", std::move(expect));
    return json::dump(tree, json::Style::pretty);
}

Result<Vector> parse_vector(std::string_view text) {
    const auto tree = FIELDSEAL_TRY(json::parse(text, {.bytes_max = kVectorBytesMax}));
    auto in = FIELDSEAL_TRY(json::Reader(tree).members());
    Vector vector;
    vector.name = FIELDSEAL_TRY(in.required_string("name"));
    vector.why = FIELDSEAL_TRY(in.required_string("why"));
    vector.document_sha256 = FIELDSEAL_TRY(in.optional_hex_digest("document_sha256"));
    if (const auto hex = FIELDSEAL_TRY(in.optional_string("document_sha512"))) {
        vector.document_sha512 = FIELDSEAL_TRY(read_sha512(*hex));
    }
    vector.now_s = FIELDSEAL_TRY(optional_seconds(in, "now_s"));
    vector.evidence = FIELDSEAL_TRY(in.required_string("evidence"));
    vector.trust = FIELDSEAL_TRY(in.required_string("trust"));
    auto expect = FIELDSEAL_TRY(in.required_object("expect"));
    vector.expect = FIELDSEAL_TRY(read_expected(std::move(expect)));
    FIELDSEAL_TRY(in.finish());
    return vector;
}

Expected valid(std::optional<std::int64_t> not_before_s, std::optional<std::int64_t> not_after_s) {
    return {"valid", "ok", 0, not_before_s, not_after_s};
}

Expected invalid(std::string_view reason) {
    return {"invalid", std::string(reason), 1, {}, {}};
}

Expected cannot_tell(std::string_view reason, std::optional<std::int64_t> not_before_s,
                     std::optional<std::int64_t> not_after_s) {
    return {"indeterminate", std::string(reason), 2, not_before_s, not_after_s};
}

Expected pending(std::optional<std::int64_t> not_before_s,
                 std::optional<std::int64_t> not_after_s) {
    return {"indeterminate", "anchor-policy-unmet", 3, not_before_s, not_after_s};
}

Expected refused(std::string_view reason) {
    return {"refused", std::string(reason), 66, {}, {}};
}

std::string evidence_text(const Evidence& evidence) {
    return json::dump(json::parse(fieldseal::to_json(evidence)).value(), json::Style::pretty);
}

Vector make_vector(std::string_view name, std::string_view why, const Evidence& evidence,
                   const Trust& trust, Expected expect) {
    return make_text_vector(name, why, evidence_text(evidence), fieldseal::to_json(trust),
                            std::move(expect));
}

Vector make_text_vector(std::string_view name, std::string_view why, std::string evidence,
                        std::string trust, Expected expect) {
    Vector vector;
    vector.name = name;
    vector.why = why;
    vector.document_sha256 = contract().sha256;
    vector.document_sha512 = contract().sha512;
    vector.evidence = std::move(evidence);
    vector.trust = std::move(trust);
    vector.expect = std::move(expect);
    return vector;
}

}  // namespace fieldseal::vectors
