// SPDX-License-Identifier: Apache-2.0
#include "core/note/tlog_proof.h"

#include "core/check.h"
#include "core/encoding.h"
#include "core/note/checkpoint.h"

namespace fieldseal::note {
namespace {

constexpr std::string_view kVersionLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtraStart = "extra ";
constexpr std::string_view kIndexStart = "index ";

Error bad_proof(std::string_view why) {
    return {Errc::invalid_argument, "not a tlog-proof: " + std::string(why)};
}

Result<std::string_view> next_line(std::string_view& text) {
    const auto newline = text.find('\n');
    if (newline == std::string_view::npos) return bad_proof("it ends in the middle");
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline + 1);
    return line;
}

Result<Bytes> parse_extra(std::string_view base64) {
    auto extra = base64_decode(base64);
    if (!extra.ok()) return bad_proof("extra: " + extra.error().message);
    if (extra->size() > kTlogProofExtraBytesMax) return bad_proof("extra is too large");
    return extra;
}

}  // namespace

Result<TlogProof> parse_tlog_proof(std::string_view text) {
    if (text.size() > kTlogProofBytesMax) return bad_proof("too large");
    if (FIELDSEAL_TRY(next_line(text)) != kVersionLine) {
        return bad_proof("the first line is not " + std::string(kVersionLine));
    }
    TlogProof proof;
    std::string_view line = FIELDSEAL_TRY(next_line(text));
    if (line.starts_with(kExtraStart)) {
        proof.extra = FIELDSEAL_TRY(parse_extra(line.substr(kExtraStart.size())));
        line = FIELDSEAL_TRY(next_line(text));
    }
    if (!line.starts_with(kIndexStart)) return bad_proof("no index line, but " + quoted(line));
    const auto index = parse_decimal(line.substr(kIndexStart.size()));
    if (!index.ok()) return bad_proof("index: " + index.error().message);
    proof.index = {*index};

    for (line = FIELDSEAL_TRY(next_line(text)); !line.empty();
         line = FIELDSEAL_TRY(next_line(text))) {
        if (proof.hashes.size() == merkle::kProofHashesMax) return bad_proof("more than 63 hashes");
        const auto hash = base64_decode_digest(line);
        if (!hash.ok()) return bad_proof("hash: " + hash.error().message);
        proof.hashes.push_back(*hash);
    }
    const auto note = parse_checkpoint_note(text);
    if (!note.ok()) return bad_proof(note.error().message);
    proof.note = text;
    return proof;
}

std::string format_tlog_proof(const TlogProof& proof) {
    FIELDSEAL_CHECK(proof.hashes.size() <= merkle::kProofHashesMax);
    FIELDSEAL_CHECK(!proof.extra || proof.extra->size() <= kTlogProofExtraBytesMax);
    std::string text = std::string(kVersionLine) + "\n";
    if (proof.extra) text += std::string(kExtraStart) + base64_encode(*proof.extra) + "\n";
    text += std::string(kIndexStart) + std::to_string(proof.index.value) + "\n";
    for (const Digest& hash : proof.hashes) text += base64_encode(hash) + "\n";
    return text + "\n" + proof.note;
}

}  // namespace fieldseal::note
