// SPDX-License-Identifier: Apache-2.0
#include "core/note/cosignature.h"

#include "core/hash.h"

#include <algorithm>

namespace fieldseal::note {

std::array<std::uint8_t, kCosignatureBlobBytes> Cosignature::blob() const {
    Bytes bytes;
    append_u32_be(bytes, key_id);
    append_u64_be(bytes, time_s);
    append(bytes, signature);
    std::array<std::uint8_t, kCosignatureBlobBytes> blob;
    std::copy(bytes.begin(), bytes.end(), blob.begin());
    return blob;
}

Digest Cosignature::floor_digest() const {
    return sha256(blob());
}

std::string Cosignature::line() const {
    const auto bytes = blob();
    return signature_line(name, key_id, ByteView(bytes).subspan(kKeyIdBytes));
}

std::string cosignature_message(std::uint64_t time_s, std::string_view checkpoint_text) {
    return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(checkpoint_text);
}

Result<Cosignature> parse_cosignature(const SignatureLine& line) {
    if (line.signature.size() != kCosignatureBlobBytes - kKeyIdBytes) {
        return Error{Errc::invalid_argument,
                     "the line by " + line.name + " is not a cosignature: " +
                         std::to_string(line.signature.size()) + " bytes after the key ID, not 72"};
    }
    Cosignature cosignature{line.name, line.key_id, read_u64_be(line.signature), {}};
    std::copy(line.signature.begin() + 8, line.signature.end(), cosignature.signature.begin());
    if (cosignature.time_s == 0 || cosignature.time_s > kCosignatureTimeMax) {
        return Error{Errc::invalid_argument, "the cosignature by " + line.name +
                                                 " has the impossible time " +
                                                 std::to_string(cosignature.time_s)};
    }
    return cosignature;
}

Result<void> verify_cosignature(const Cosignature& cosignature, std::string_view checkpoint_text,
                                const VerifierKey& key) {
    if (key.type != KeyType::cosignature || !cosignature.is_by(key)) {
        return Error{Errc::invalid_argument,
                     "not the key of this cosignature: " + format_vkey(key)};
    }
    const std::string message = cosignature_message(cosignature.time_s, checkpoint_text);
    if (!verify_ed25519(key.key, as_bytes(message), cosignature.signature)) {
        return Error{Errc::corrupt, "the cosignature by " + format_vkey(key) + " does not verify"};
    }
    return {};
}

Result<Cosignature> open_cosignature(std::span<const SignatureLine> lines,
                                     std::string_view checkpoint_text, const VerifierKey& key) {
    const SignatureLine line = FIELDSEAL_TRY(find_signature(lines, key));
    auto cosignature = parse_cosignature(line);
    if (!cosignature.ok()) return Error{Errc::corrupt, cosignature.error().message};
    FIELDSEAL_TRY(verify_cosignature(*cosignature, checkpoint_text, key));
    return cosignature;
}

}  // namespace fieldseal::note
