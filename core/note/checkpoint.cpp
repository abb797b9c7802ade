// SPDX-License-Identifier: Apache-2.0
#include "core/note/checkpoint.h"

#include "core/encoding.h"
#include "core/hash.h"

#include <algorithm>

namespace fieldseal::note {
namespace {

Error bad_checkpoint(std::string_view why) {
    return {Errc::invalid_argument, "not a checkpoint: " + std::string(why)};
}

// The text before the next newline; moves `text` behind it.
Result<std::string_view> next_line(std::string_view& text, std::string_view what) {
    const auto newline = text.find('\n');
    if (newline == std::string_view::npos)
        return bad_checkpoint("no " + std::string(what) + " line");
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline + 1);
    return line;
}

// A signature line names its key by name and ID only: two trusted keys that share both would let
// one line count for either.
Result<void> check_keys(const VerifierKey& log_key, std::span<const VerifierKey> witness_keys) {
    if (log_key.type != KeyType::ed25519) {
        return Error{Errc::invalid_argument, "not a log key (type 0x01): " + format_vkey(log_key)};
    }
    for (std::size_t i = 0; i < witness_keys.size(); ++i) {
        const VerifierKey& key = witness_keys[i];
        if (key.type != KeyType::cosignature) {
            return Error{Errc::invalid_argument,
                         "not a witness key (type 0x04): " + format_vkey(key)};
        }
        const auto same = [&](const VerifierKey& other) {
            return other.name == key.name && other.id() == key.id();
        };
        const auto others = witness_keys.first(i);
        if (same(log_key) || std::any_of(others.begin(), others.end(), same)) {
            return Error{Errc::invalid_argument, "two keys share name and ID: " + format_vkey(key)};
        }
    }
    return {};
}

}  // namespace

std::string Checkpoint::text() const {
    return origin + "\n" + std::to_string(size.value) + "\n" + base64_encode(root) + "\n";
}

Digest Checkpoint::digest() const {
    return sha256(as_bytes(text()));
}

Result<void> check_origin(std::string_view origin) {
    const bool printable = std::all_of(origin.begin(), origin.end(),
                                       [](char c) { return c > ' ' && c <= '~' && c != '+'; });
    if (origin.empty() || origin.size() > kOriginBytesMax || !printable) {
        return bad_checkpoint(
            "an origin has 1 to 255 printable ASCII characters without space and "
            "\"+\", this is " +
            quoted(origin));
    }
    return {};
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
    Checkpoint checkpoint;
    checkpoint.origin = FIELDSEAL_TRY(next_line(text, "origin"));
    FIELDSEAL_TRY(check_origin(checkpoint.origin));
    const auto size = parse_decimal(FIELDSEAL_TRY(next_line(text, "size")));
    if (!size.ok()) return bad_checkpoint("size: " + size.error().message);
    checkpoint.size = {*size};
    if (checkpoint.size > merkle::kTreeSizeMax) return bad_checkpoint("size above 2^63 - 1");
    const auto root = base64_decode_digest(FIELDSEAL_TRY(next_line(text, "root")));
    if (!root.ok()) return bad_checkpoint("root: " + root.error().message);
    checkpoint.root = *root;
    if (!text.empty()) return bad_checkpoint("extension lines are not accepted: " + quoted(text));
    return checkpoint;
}

Result<CheckpointNote> parse_checkpoint_note(std::string_view note) {
    SignedNote parsed = FIELDSEAL_TRY(parse_note(note));
    return CheckpointNote{FIELDSEAL_TRY(parse_checkpoint(parsed.text)),
                          std::move(parsed.signatures)};
}

Result<SignedCheckpoint> open_checkpoint(std::string_view note, const VerifierKey& log_key,
                                         std::span<const VerifierKey> witness_keys) {
    FIELDSEAL_TRY(check_keys(log_key, witness_keys));
    const SignedNote parsed = FIELDSEAL_TRY(parse_note(note));
    SignedCheckpoint opened;
    opened.checkpoint = FIELDSEAL_TRY(parse_checkpoint(parsed.text));
    if (opened.checkpoint.origin != log_key.name) {
        return Error{Errc::conflict, "the checkpoint is of " + quoted(opened.checkpoint.origin) +
                                         ", the log key of " + quoted(log_key.name)};
    }
    opened.note = note;
    opened.log_signature = FIELDSEAL_TRY(verify_note(parsed, log_key));
    for (const VerifierKey& key : witness_keys) {
        auto cosignature = open_cosignature(parsed.signatures, parsed.text, key);
        if (cosignature.ok()) {
            opened.cosignatures.push_back(*std::move(cosignature));
        } else if (cosignature.error().code != Errc::not_found) {
            return std::move(cosignature).error();
        }
    }
    return opened;
}

Result<std::string> merge_signatures(std::string_view note, std::span<const SignatureLine> lines) {
    SignedNote merged = FIELDSEAL_TRY(parse_note(note));
    for (const SignatureLine& line : lines) {
        std::erase_if(merged.signatures, [&](const SignatureLine& old) {
            return old.name == line.name && old.key_id == line.key_id;
        });
        merged.signatures.push_back(line);
    }
    std::vector<std::string> texts;
    for (const SignatureLine& line : merged.signatures) texts.push_back(line.text());
    std::string result = format_note(merged.text, texts);
    FIELDSEAL_TRY(parse_note(result));
    return result;
}

}  // namespace fieldseal::note
