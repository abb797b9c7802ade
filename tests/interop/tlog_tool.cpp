// SPDX-License-Identifier: Apache-2.0
// The C++ half of interop.go_tlog: writes a log by core/'s rules for Go to verify, or verifies one
// that Go wrote. go/tlog_interop.go is the other half, over golang.org/x/mod/sumdb; both use one
// layout:
//
//   keys                     the log's vkey, the witness's vkey, one a line
//   log/tile/…               C2SP tlog-tiles of every published size
//   notes/<size>             checkpoint with the log's signature and one cosignature
//   proofs/<size>-<index>    .tlog-proof
//   requests/<old>-<new>     add-checkpoint request
//
// Entry i is the text "entry-<i>". Usage: tlog_tool write|check DIRECTORY
#include "core/encoding.h"
#include "core/merkle/frontier.h"
#include "core/merkle/proof.h"
#include "core/merkle/tile.h"
#include "core/note/checkpoint.h"
#include "core/note/tlog_proof.h"
#include "core/witness/accept.h"
#include "core/witness/add_checkpoint.h"
#include "tests/support/note_signer.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace fs = std::filesystem;
using namespace fieldseal;

namespace {

constexpr std::uint64_t kSizes[] = {1, 2, 3, 255, 256, 257, 1000, 70000};
constexpr std::uint64_t kLargest = 70000;
constexpr std::uint64_t kTime = 1700000000;
constexpr const char* kOrigin = "interop.example/cpp/1";

std::string entry(std::uint64_t index) {
    return "entry-" + std::to_string(index);
}

std::set<std::uint64_t> sample_indexes(std::uint64_t size) {
    std::set<std::uint64_t> indexes;
    for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{255},
                                      std::uint64_t{256}, size / 2, size - 1}) {
        if (index < size) indexes.insert(index);
    }
    return indexes;
}

Result<void> write_file(const fs::path& path, std::string_view body) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::ofstream file(path, std::ios::binary);
    file << body;
    file.close();
    if (!file) return Error{Errc::io, "cannot write " + path.string()};
    return {};
}

Result<std::string> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{Errc::io, "cannot read " + path.string()};
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

merkle::HashReader reader_over(const fs::path& directory, std::uint64_t size) {
    return merkle::tile_hash_reader(
        {size}, [directory](const merkle::TileId& tile) -> Result<Bytes> {
            const std::string bytes = FIELDSEAL_TRY(read_file(directory / "log" / path_of(tile)));
            return to_bytes(as_bytes(bytes));
        });
}

std::string pair_name(std::uint64_t first, std::uint64_t second) {
    return std::to_string(first) + "-" + std::to_string(second);
}

// Writes the log; every hash above the leaves comes from core/merkle.
class Writer {
public:
    explicit Writer(fs::path directory) : directory_(std::move(directory)) {}

    Result<void> run() {
        FIELDSEAL_TRY(write_file(
            directory_ / "keys",
            note::format_vkey(log_.key()) + "\n" + note::format_vkey(witness_.key()) + "\n"));
        for (std::uint64_t index = 0; index < kLargest; ++index) {
            levels_[0].push_back(merkle::leaf_hash(as_bytes(entry(index))));
            frontier_.append(levels_[0].back());
            complete_tiles(0);
            if (std::ranges::find(kSizes, index + 1) != std::end(kSizes)) FIELDSEAL_TRY(publish());
        }
        return {};
    }

private:
    // The hash of a full tile is one hash of the next level.
    void complete_tiles(unsigned level) {
        if (levels_[level].size() % merkle::kTileWidth != 0) return;
        const auto last = std::span(levels_[level]).last(merkle::kTileWidth);
        levels_[level + 1].push_back(merkle::root_of(last));
        complete_tiles(level + 1);
    }

    Result<void> publish() {
        const std::uint64_t size = frontier_.size().value;
        FIELDSEAL_TRY(write_tiles());
        const note::Checkpoint checkpoint{kOrigin, frontier_.size(), frontier_.root()};
        const std::string text = checkpoint.text();
        const std::string note = note::format_note(
            text, std::vector{log_.sign(text), witness_.cosign(kTime, text).line()});
        FIELDSEAL_TRY(write_file(directory_ / "notes" / std::to_string(size), note));
        const auto reader = reader_over(directory_, size);
        for (const std::uint64_t index : sample_indexes(size)) {
            const auto hashes = FIELDSEAL_TRY(merkle::inclusion_proof(reader, {index}, {size}));
            FIELDSEAL_TRY(
                write_file(directory_ / "proofs" / pair_name(size, index),
                           note::format_tlog_proof({std::nullopt, {index}, hashes, note})));
        }
        for (const std::uint64_t old_size : kSizes) {
            if (old_size >= size) break;
            const auto hashes =
                FIELDSEAL_TRY(merkle::consistency_proof(reader, {old_size}, {size}));
            FIELDSEAL_TRY(write_file(directory_ / "requests" / pair_name(old_size, size),
                                     witness::format_add_checkpoint({old_size}, hashes, note)));
        }
        return {};
    }

    // Every tile of this size that is not on disk yet, and the entry bundles beside level 0.
    Result<void> write_tiles() {
        for (const auto& [level, hashes] : levels_) {
            for (std::uint64_t index = 0; index * merkle::kTileWidth < hashes.size(); ++index) {
                const merkle::TileId tile{level, index,
                                          merkle::tile_width(level, index, frontier_.size())};
                const fs::path path = directory_ / "log" / path_of(tile);
                if (fs::exists(path)) continue;
                const std::uint64_t first = index * merkle::kTileWidth;
                Bytes bytes;
                Bytes bundle;
                for (std::uint64_t i = first; i < first + tile.width; ++i) {
                    append(bytes, hashes[i]);
                    if (level == 0) merkle::append_bundle_entry(bundle, as_bytes(entry(i)));
                }
                FIELDSEAL_TRY(write_file(path, as_text(bytes)));
                if (level > 0) continue;
                const merkle::BundleId id{index, tile.width};
                FIELDSEAL_TRY(write_file(directory_ / "log" / path_of(id), as_text(bundle)));
            }
        }
        return {};
    }

    fs::path directory_;
    testing::NoteSigner log_{kOrigin, note::KeyType::ed25519, 0x01};
    testing::NoteSigner witness_{"interop.example/cpp-witness", note::KeyType::cosignature, 0x02};
    merkle::Frontier frontier_;
    std::map<unsigned, std::vector<Digest>> levels_;
};

// Verifies a log of the same layout, and that a changed byte anywhere is noticed.
class Checker {
public:
    static Result<void> run(const fs::path& directory) {
        const std::string keys = FIELDSEAL_TRY(read_file(directory / "keys"));
        const auto newline = keys.find('\n');
        if (newline == std::string::npos || keys.back() != '\n') {
            return Error{Errc::corrupt, "keys: not two lines"};
        }
        Checker checker(directory);
        checker.log_key_ = FIELDSEAL_TRY(note::parse_vkey(keys.substr(0, newline)));
        checker.witness_keys_.push_back(
            FIELDSEAL_TRY(note::parse_vkey(keys.substr(newline + 1, keys.size() - newline - 2))));
        for (const std::uint64_t size : kSizes) {
            auto result = checker.check_size(size);
            if (!result.ok()) return result.error().with_context("size " + std::to_string(size));
        }
        std::printf(
            "%zu notes, %zu leaves, %zu proofs, %zu requests accepted; %zu mutations refused\n",
            std::size(kSizes), checker.leaves_, checker.proofs_, checker.requests_,
            checker.refused_);
        return {};
    }

private:
    explicit Checker(fs::path directory) : directory_(std::move(directory)) {}

    // REQUIRES of the caller: `refused` is the outcome of a mutation.
    Result<void> expect_refused(bool refused, std::string_view what) {
        ++refused_;
        if (refused) return {};
        return Error{Errc::corrupt, "a mutation was accepted: " + std::string(what)};
    }

    Result<void> check_size(std::uint64_t size) {
        const auto opened = FIELDSEAL_TRY(check_note(size));
        const auto reader = reader_over(directory_, size);
        if (FIELDSEAL_TRY(merkle::root(reader, {size})) != opened.checkpoint.root) {
            return Error{Errc::corrupt, "the tiles do not lead to the checkpoint's root"};
        }
        FIELDSEAL_TRY(check_entries(size, reader));
        for (const std::uint64_t index : sample_indexes(size)) {
            FIELDSEAL_TRY(check_proof(size, index, reader));
        }
        for (const std::uint64_t old_size : kSizes) {
            if (old_size < size) FIELDSEAL_TRY(check_request(old_size, size));
        }
        heads_[size] = opened.checkpoint.head();
        return {};
    }

    Result<note::SignedCheckpoint> check_note(std::uint64_t size) {
        std::string note = FIELDSEAL_TRY(read_file(directory_ / "notes" / std::to_string(size)));
        const auto opened = FIELDSEAL_TRY(note::open_checkpoint(note, log_key_, witness_keys_));
        if (opened.checkpoint.size.value != size || opened.cosignatures.size() != 1 ||
            opened.cosignatures[0].time_s != kTime) {
            return Error{Errc::corrupt, "the note does not say what it must"};
        }
        for (char& byte : note) {
            byte = static_cast<char>(byte ^ 1);
            const auto mutated = note::open_checkpoint(note, log_key_, witness_keys_);
            FIELDSEAL_TRY(expect_refused(!mutated.ok() || mutated->cosignatures.empty(), "note"));
            byte = static_cast<char>(byte ^ 1);
        }
        return opened;
    }

    // The entry bundles hold the entries, and their leaf hashes are the ones in the tiles.
    Result<void> check_entries(std::uint64_t size, const merkle::HashReader& reader) {
        for (std::uint64_t first = 0; first < size; first += merkle::kTileWidth) {
            const std::uint64_t tile = first / merkle::kTileWidth;
            const unsigned width = merkle::tile_width(0, tile, {size});
            const std::string path = path_of(merkle::BundleId{tile, width});
            const std::string bundle = FIELDSEAL_TRY(read_file(directory_ / "log" / path));
            const auto entries = FIELDSEAL_TRY(merkle::parse_bundle(as_bytes(bundle), width));
            for (std::uint64_t i = 0; i < width; ++i) {
                const Digest leaf = FIELDSEAL_TRY(reader({0, first + i}));
                if (as_text(entries[i]) != entry(first + i) ||
                    merkle::leaf_hash(entries[i]) != leaf) {
                    return Error{Errc::corrupt, path + ": wrong entry or leaf"};
                }
                ++leaves_;
            }
        }
        return {};
    }

    Result<void> check_proof(std::uint64_t size, std::uint64_t index,
                             const merkle::HashReader& reader) {
        const auto path = directory_ / "proofs" / pair_name(size, index);
        const std::string text = FIELDSEAL_TRY(read_file(path));
        auto proof = FIELDSEAL_TRY(note::parse_tlog_proof(text));
        const auto opened =
            FIELDSEAL_TRY(note::open_checkpoint(proof.note, log_key_, witness_keys_));
        const auto head = opened.checkpoint.head();
        const Digest leaf = merkle::leaf_hash(as_bytes(entry(index)));
        FIELDSEAL_TRY(merkle::verify_inclusion(proof.index, head, leaf, proof.hashes));
        if (proof.hashes != FIELDSEAL_TRY(merkle::inclusion_proof(reader, {index}, {size}))) {
            return Error{Errc::corrupt, "not the path we make from the same tiles"};
        }
        for (Digest& hash : proof.hashes) {
            hash[index % kDigestBytes] ^= 1;
            const auto mutated = merkle::verify_inclusion(proof.index, head, leaf, proof.hashes);
            FIELDSEAL_TRY(expect_refused(!mutated.ok(), "inclusion proof"));
            hash[index % kDigestBytes] ^= 1;
        }
        ++proofs_;
        return {};
    }

    // As a witness that saw the old size would: the older head is the one verified before.
    Result<void> check_request(std::uint64_t old_size, std::uint64_t size) {
        const auto path = directory_ / "requests" / pair_name(old_size, size);
        const std::string text = FIELDSEAL_TRY(read_file(path));
        auto request = FIELDSEAL_TRY(witness::parse_add_checkpoint(text));
        const witness::LogState state{heads_.at(old_size), 0};
        const std::vector log_keys{log_key_};
        const auto accepts = [&] {
            const auto decision = witness::accept(state, request, log_keys, kTime);
            return std::holds_alternative<witness::Accepted>(decision);
        };
        if (!accepts()) return Error{Errc::corrupt, path.string() + " is refused"};
        for (Digest& hash : request.proof) {
            hash[old_size % kDigestBytes] ^= 1;
            FIELDSEAL_TRY(expect_refused(!accepts(), "consistency proof"));
            hash[old_size % kDigestBytes] ^= 1;
        }
        ++requests_;
        return {};
    }

    fs::path directory_;
    note::VerifierKey log_key_;
    std::vector<note::VerifierKey> witness_keys_;
    std::map<std::uint64_t, merkle::TreeHead> heads_;
    std::size_t leaves_ = 0;
    std::size_t proofs_ = 0;
    std::size_t requests_ = 0;
    std::size_t refused_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    const std::string command = argc == 3 ? argv[1] : "";
    if (command != "write" && command != "check") {
        std::fprintf(stderr, "usage: tlog_tool write|check DIRECTORY\n");
        return 64;
    }
    const auto result = command == "write" ? Writer(argv[2]).run() : Checker::run(argv[2]);
    if (result.ok()) return 0;
    std::fprintf(stderr, "tlog_tool %s: %s\n", command.c_str(), result.error().message.c_str());
    return 1;
}
