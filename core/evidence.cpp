// SPDX-License-Identifier: Apache-2.0
#include "core/evidence.h"

#include "core/encoding.h"

namespace fieldseal {
namespace {

// What one file may hold in all, counted down while it is read.
struct Budget {
    std::size_t proofs = kEvidenceProofsMax;
    std::size_t anchors = kEvidenceAnchorsMax;
};

Result<Anchor> read_anchor(const json::Reader& at) {
    // Only the type is asked for: what else an anchor holds is its own format's matter.
    auto in = FIELDSEAL_TRY(at.members());
    Anchor anchor;
    anchor.type = FIELDSEAL_TRY(in.required_string("type"));
    if (anchor.type.empty()) return in.error_at("type", "empty");
    anchor.members = at.value();
    return anchor;
}

Result<std::vector<Proof>> read_proofs(const std::vector<json::Reader>& items, std::size_t level,
                                       Budget& budget);

Result<Proof> read_proof(const json::Reader& at, std::size_t level, Budget& budget) {
    if (level > kEvidenceProofNestingMax) {
        return at.error("PROOFs nested deeper than " + std::to_string(kEvidenceProofNestingMax));
    }
    if (budget.proofs-- == 0) {
        return at.error("more than " + std::to_string(kEvidenceProofsMax) + " PROOFs in one file");
    }
    auto in = FIELDSEAL_TRY(at.members());
    Proof proof;
    proof.index = static_cast<std::uint64_t>(
        FIELDSEAL_TRY(in.required_integer("index", 0, json::kIntegerMax)));
    for (const auto& item : FIELDSEAL_TRY(in.required_array("hashes", kEvidenceProofHashesMax))) {
        proof.hashes.push_back(FIELDSEAL_TRY(item.base64_digest()));
    }
    proof.checkpoint = FIELDSEAL_TRY(in.required_string("checkpoint"));
    for (const auto& item : FIELDSEAL_TRY(in.required_array("anchors"))) {
        if (budget.anchors-- == 0) {
            return item.error("more than " + std::to_string(kEvidenceAnchorsMax) +
                              " anchors in one file");
        }
        proof.anchors.push_back(FIELDSEAL_TRY(read_anchor(item)));
    }
    const auto logged = FIELDSEAL_TRY(in.required_array("logged"));
    proof.logged = FIELDSEAL_TRY(read_proofs(logged, level + 1, budget));
    FIELDSEAL_TRY(in.finish());
    return proof;
}

Result<std::vector<Proof>> read_proofs(const std::vector<json::Reader>& items, std::size_t level,
                                       Budget& budget) {
    std::vector<Proof> proofs;
    for (const auto& item : items) {
        proofs.push_back(FIELDSEAL_TRY(read_proof(item, level, budget)));
    }
    return proofs;
}

Result<StatusItem> read_status(const json::Reader& at, Budget& budget) {
    auto in = FIELDSEAL_TRY(at.members());
    StatusItem item;
    item.statement = FIELDSEAL_TRY(in.required_base64("statement"));
    const auto proofs = FIELDSEAL_TRY(in.required_array("proofs"));
    item.proofs = FIELDSEAL_TRY(read_proofs(proofs, 1, budget));
    FIELDSEAL_TRY(in.finish());
    return item;
}

// The members decide the kind: {note}, {chain, header} or {token}, nothing in between.
Result<Floor> read_floor(json::Members in) {
    auto note = FIELDSEAL_TRY(in.optional_string("note"));
    auto token = FIELDSEAL_TRY(in.optional_base64("token"));
    auto chain = FIELDSEAL_TRY(in.optional_string("chain"));
    auto header = FIELDSEAL_TRY(in.optional_base64("header"));
    FIELDSEAL_TRY(in.finish());
    if (note && !token && !chain && !header) return Floor(NoteFloor{*std::move(note)});
    if (token && !note && !chain && !header) return Floor(TokenFloor{*std::move(token)});
    if (chain && header && !note && !token) {
        return Floor(ChainFloor{*std::move(chain), *std::move(header)});
    }
    return in.error("neither {note} nor {chain, header} nor {token}");
}

Result<DocumentHint> read_document(json::Members in) {
    DocumentHint hint;
    hint.name = FIELDSEAL_TRY(in.optional_string("name"));
    if (const auto size = FIELDSEAL_TRY(in.optional_integer("size", 0, json::kIntegerMax))) {
        hint.size = static_cast<std::uint64_t>(*size);
    }
    hint.media_type = FIELDSEAL_TRY(in.optional_string("media_type"));
    FIELDSEAL_TRY(in.finish());
    return hint;
}

Result<void> read_version(json::Members& in) {
    const std::string version = FIELDSEAL_TRY(in.required_string("fieldseal"));
    if (version == kEvidenceVersion) return {};
    if (!version.starts_with("evidence/")) {
        return in.error_at("fieldseal", quoted(version, 40) + " is not an evidence file");
    }
    return Error{Errc::unsupported, "evidence format " + quoted(version, 40) +
                                        ": this version reads " + std::string(kEvidenceVersion) +
                                        ", use a newer fieldseal"};
}

Result<Evidence> read_evidence(const json::Value& tree) {
    auto in = FIELDSEAL_TRY(json::Reader(tree).members());
    FIELDSEAL_TRY(read_version(in));
    Budget budget;
    Evidence evidence;
    evidence.statement = FIELDSEAL_TRY(in.required_base64("statement"));
    for (const auto& item :
         FIELDSEAL_TRY(in.required_array("certificates", kEvidenceCertificatesMax))) {
        evidence.certificates.push_back(FIELDSEAL_TRY(item.base64()));
    }
    for (const auto& item : FIELDSEAL_TRY(in.optional_array("crls", kEvidenceCrlsMax))) {
        evidence.crls.push_back(FIELDSEAL_TRY(item.base64()));
    }
    const auto proofs = FIELDSEAL_TRY(in.required_array("proofs"));
    evidence.proofs = FIELDSEAL_TRY(read_proofs(proofs, 1, budget));
    if (auto floor = FIELDSEAL_TRY(in.optional_object("floor"))) {
        evidence.floor = FIELDSEAL_TRY(read_floor(*std::move(floor)));
    }
    for (const auto& item : FIELDSEAL_TRY(in.optional_array("status", kEvidenceStatusMax))) {
        evidence.status.push_back(FIELDSEAL_TRY(read_status(item, budget)));
    }
    if (auto hint = FIELDSEAL_TRY(in.optional_object("document"))) {
        evidence.document = FIELDSEAL_TRY(read_document(*std::move(hint)));
    }
    FIELDSEAL_TRY(in.finish());
    return evidence;
}

json::Value base64_value(ByteView bytes) {
    return base64_encode(bytes);
}

json::Value to_value(const std::vector<Proof>& proofs);

json::Value to_value(const Proof& proof) {
    json::Value hashes = json::Value::array();
    for (const Digest& hash : proof.hashes) hashes.push_back(base64_value(hash));
    json::Value anchors = json::Value::array();
    for (const Anchor& anchor : proof.anchors) anchors.push_back(anchor.members);
    return json::Value::object({{"index", proof.index},
                                {"hashes", std::move(hashes)},
                                {"checkpoint", proof.checkpoint},
                                {"anchors", std::move(anchors)},
                                {"logged", to_value(proof.logged)}});
}

json::Value to_value(const std::vector<Proof>& proofs) {
    json::Value list = json::Value::array();
    for (const Proof& proof : proofs) list.push_back(to_value(proof));
    return list;
}

struct FloorWriter {
    json::Value operator()(const NoteFloor& floor) const {
        return json::Value::object({{"note", floor.note}});
    }
    json::Value operator()(const ChainFloor& floor) const {
        return json::Value::object(
            {{"chain", floor.chain}, {"header", base64_value(floor.header)}});
    }
    json::Value operator()(const TokenFloor& floor) const {
        return json::Value::object({{"token", base64_value(floor.token)}});
    }
};

json::Value to_value(const DocumentHint& hint) {
    json::Value value = json::Value::object();
    value.set_if("name", hint.name).set_if("size", hint.size);
    value.set_if("media_type", hint.media_type);
    return value;
}

}  // namespace

Result<Evidence> parse_evidence(std::string_view text) {
    const json::Limits limits{.bytes_max = kEvidenceBytesMax, .depth_max = kEvidenceDepthMax};
    const json::Value tree = FIELDSEAL_TRY(json::parse(text, limits));
    return read_evidence(tree);
}

std::string to_json(const Evidence& evidence) {
    json::Value certificates = json::Value::array();
    for (const Bytes& certificate : evidence.certificates) {
        certificates.push_back(base64_value(certificate));
    }
    json::Value tree = json::Value::object({{"fieldseal", kEvidenceVersion},
                                            {"statement", base64_value(evidence.statement)},
                                            {"certificates", std::move(certificates)},
                                            {"proofs", to_value(evidence.proofs)}});
    if (!evidence.crls.empty()) {
        json::Value crls = json::Value::array();
        for (const Bytes& crl : evidence.crls) crls.push_back(base64_value(crl));
        tree.set("crls", std::move(crls));
    }
    if (evidence.floor) tree.set("floor", std::visit(FloorWriter{}, *evidence.floor));
    if (!evidence.status.empty()) {
        json::Value status = json::Value::array();
        for (const StatusItem& item : evidence.status) status.push_back(to_value(item));
        tree.set("status", std::move(status));
    }
    if (evidence.document) tree.set("document", to_value(*evidence.document));
    return json::dump(tree) + '\n';
}

Result<Proof> parse_proof(std::string_view text) {
    const json::Limits limits{.bytes_max = kEvidenceBytesMax, .depth_max = kEvidenceDepthMax};
    const json::Value tree = FIELDSEAL_TRY(json::parse(text, limits));
    Budget budget;
    return read_proof(json::Reader(tree), 1, budget);
}

std::string to_json(const Proof& proof) {
    return json::dump(to_value(proof), json::Style::pretty);
}

Result<std::vector<Anchor>> parse_anchors(std::string_view text) {
    const json::Limits limits{.bytes_max = kEvidenceBytesMax, .depth_max = kEvidenceDepthMax};
    const json::Value tree = FIELDSEAL_TRY(json::parse(text, limits));
    std::vector<Anchor> anchors;
    for (const auto& item : FIELDSEAL_TRY(json::Reader(tree).items(kEvidenceAnchorsMax))) {
        anchors.push_back(FIELDSEAL_TRY(read_anchor(item)));
    }
    return anchors;
}

std::string to_json(const std::vector<Anchor>& anchors) {
    json::Value list = json::Value::array();
    for (const Anchor& anchor : anchors) list.push_back(anchor.members);
    return json::dump(list);
}

Result<StatusItem> read_status_item(const json::Reader& at) {
    Budget budget;
    return read_status(at, budget);
}

json::Value to_value(const StatusItem& item) {
    return json::Value::object(
        {{"statement", base64_value(item.statement)}, {"proofs", to_value(item.proofs)}});
}

}  // namespace fieldseal
