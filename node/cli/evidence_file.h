// SPDX-License-Identifier: Apache-2.0
// Evidence files on this machine: written atomically, and never over something else. Replacing an
// older evidence file of the same statement is the normal case: anchors were added meanwhile.
// THREADS: any. DURABLE: on return the file is synced and has its name.
// ERRORS: conflict (the name belongs to something else), io, denied, storage_full, corrupt (what
// the daemon gave is no evidence).
#pragma once

#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::node::cli {

inline constexpr std::string_view kEvidenceSuffix = ".seal";

enum class EvidenceWritten : std::uint8_t { created, refreshed, unchanged };

// The id of the statement whose evidence is in that file; nothing when it is not such a file.
std::optional<std::string> evidence_id(const std::string& path);

// Beside the document: "contract.pdf.seal"; of one statement among several
// "contract.pdf.9f3c….seal"; of one whose document is not here "9f3c….seal".
std::string evidence_path(const std::string& document);
std::string evidence_path(const std::string& document, const std::string& id);

Result<EvidenceWritten> write_evidence_file(const std::string& path, std::string_view text);

// Any file: a new one beside it, synced, renamed over it, and the directory synced. Mode 0666 less
// the umask.
Result<void> replace_file(const std::string& path, std::string_view text);

}  // namespace fieldseal::node::cli
