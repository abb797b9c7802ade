// SPDX-License-Identifier: Apache-2.0
#include "core/witness/add_checkpoint.h"

#include "core/check.h"
#include "core/encoding.h"

namespace fieldseal::witness {
namespace {

constexpr std::string_view kOldStart = "old ";

Error bad_request(std::string_view why) {
    return {Errc::invalid_argument, "not an add-checkpoint request: " + std::string(why)};
}

Result<std::string_view> next_line(std::string_view& body) {
    const auto newline = body.find('\n');
    if (newline == std::string_view::npos) return bad_request("it ends in the middle");
    const std::string_view line = body.substr(0, newline);
    body.remove_prefix(newline + 1);
    return line;
}

}  // namespace

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
    if (body.size() > kRequestBytesMax) return bad_request("larger than 64 KiB");
    const std::string_view old_line = FIELDSEAL_TRY(next_line(body));
    if (!old_line.starts_with(kOldStart)) return bad_request("no old size but " + quoted(old_line));
    const auto old_size = parse_decimal(old_line.substr(kOldStart.size()));
    if (!old_size.ok() || *old_size > merkle::kTreeSizeMax.value) {
        return bad_request("old size " + quoted(old_line));
    }
    AddCheckpoint request;
    request.old_size = {*old_size};
    for (auto line = FIELDSEAL_TRY(next_line(body)); !line.empty();
         line = FIELDSEAL_TRY(next_line(body))) {
        if (request.proof.size() == merkle::kProofHashesMax)
            return bad_request("more than 63 hashes");
        const auto hash = base64_decode_digest(line);
        if (!hash.ok()) return bad_request("proof line: " + hash.error().message);
        request.proof.push_back(*hash);
    }
    auto note = note::parse_checkpoint_note(body);
    if (!note.ok()) return bad_request(note.error().message);
    request.checkpoint = std::move(note->checkpoint);
    request.signatures = std::move(note->signatures);
    request.note = body;
    return request;
}

std::string format_add_checkpoint(merkle::TreeSize old_size, std::span<const Digest> proof,
                                  std::string_view note) {
    FIELDSEAL_CHECK(proof.size() <= merkle::kProofHashesMax);
    std::string body = std::string(kOldStart) + std::to_string(old_size.value) + "\n";
    for (const Digest& hash : proof) body += base64_encode(hash) + "\n";
    return body + "\n" + std::string(note);
}

Result<note::Cosignature> parse_reply(std::string_view body, const note::Checkpoint& checkpoint,
                                      const note::VerifierKey& witness_key) {
    if (body.size() > kReplyBytesMax) {
        return Error{Errc::invalid_argument, "the witness's reply is larger than 64 KiB"};
    }
    const auto lines = FIELDSEAL_TRY(note::parse_signature_lines(body));
    return note::open_cosignature(lines, checkpoint.text(), witness_key);
}

Result<merkle::TreeSize> parse_size_reply(std::string_view body) {
    if (!body.ends_with('\n')) {
        return Error{Errc::invalid_argument, "not a size line: " + quoted(body)};
    }
    const merkle::TreeSize size{FIELDSEAL_TRY(parse_decimal(body.substr(0, body.size() - 1)))};
    if (size > merkle::kTreeSizeMax) {
        return Error{Errc::invalid_argument, "tree size above 2^63 - 1: " + quoted(body)};
    }
    return size;
}

std::string format_size_reply(merkle::TreeSize size) {
    return std::to_string(size.value) + "\n";
}

}  // namespace fieldseal::witness
