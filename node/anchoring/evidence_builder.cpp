// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/evidence_builder.h"

#include "anchor/target.h"
#include "core/anchors/reach.h"
#include "core/encoding.h"
#include "core/note/checkpoint.h"
#include "core/statement.h"
#include "core/status.h"
#include "node/anchoring/floor_book.h"

#include <algorithm>
#include <iterator>

namespace fieldseal::node {
namespace {

constexpr store::LogId kLog = store::LogId::statements;
// Each checkpoint costs three PROOFs (the statement's, the status's and one in a hub's log), and a
// file holds 16. A hub may bring more; drop_heaviest() sees to that.
constexpr std::size_t kCheckpointsPerFileMax = 4;
// How many of a target's later checkpoints are looked at for one that reached farther; after that
// only its newest.
constexpr int kLaterLookedAtMax = 64;

using anchors::Reach;

Reach reach_of(const std::vector<Anchor>& direct, const std::vector<Proof>& logged) {
    Reach reach = anchors::reach_of(direct);
    for (const Proof& proof : logged) reach = std::max(reach, anchors::reach_of(proof.anchors));
    return reach;
}

// What a regulator's parser would refuse must not leave the node: it would be called invalid.
bool within_limits(const Evidence& evidence) {
    return parse_evidence(to_json(evidence)).ok();
}

template <class Holder, class Item, class BytesOf>
bool drop_heaviest_of(std::vector<Holder>& holders, std::vector<Item> Holder::* list,
                      BytesOf bytes_of) {
    std::vector<Item>* heaviest_list = nullptr;
    std::size_t heaviest_at = 0;
    std::size_t heaviest_bytes = 0;
    for (Holder& holder : holders) {
        std::vector<Item>& items = holder.*list;
        for (std::size_t i = 0; i < items.size(); ++i) {
            const std::size_t bytes = bytes_of(items[i]);
            if (bytes < heaviest_bytes) continue;
            heaviest_list = &items;
            heaviest_at = i;
            heaviest_bytes = bytes;
        }
    }
    if (heaviest_list == nullptr) return false;
    heaviest_list->erase(heaviest_list->begin() + static_cast<std::ptrdiff_t>(heaviest_at));
    return true;
}

}  // namespace

Result<Evidence> EvidenceBuilder::build(const Digest& entry,
                                        const std::vector<std::string>& targets) const {
    const auto record = FIELDSEAL_TRY(store_.statements().by_entry(entry));
    if (!record)
        return Error{Errc::not_found, "no statement " + hex_encode(entry) + " in this log"};
    if (record->kind != store::StatementKind::statement) {
        return Error{Errc::invalid_argument, hex_encode(entry) +
                                                 " is an entry of the log's own (status snapshot "
                                                 "or audit head), not a statement about a "
                                                 "document"};
    }
    auto found = FIELDSEAL_TRY(coverings(record->index, targets));
    if (found.empty()) return Error{Errc::conflict, "no checkpoint covers this statement yet"};
    Evidence evidence = FIELDSEAL_TRY(assemble(*record, found));
    while (!within_limits(evidence) && drop_heaviest(found)) {
        evidence = FIELDSEAL_TRY(assemble(*record, found));
    }
    return evidence;
}

Result<Evidence> EvidenceBuilder::assemble(const store::StatementRecord& record,
                                           const std::vector<Covering>& found) const {
    Evidence evidence;
    evidence.statement = record.cose;
    evidence.proofs = FIELDSEAL_TRY(paths(record.index, found));
    evidence.status.push_back(FIELDSEAL_TRY(status_item(found)));
    const auto statement = FIELDSEAL_TRY(parse_statement(record.cose));
    if (auto news = FIELDSEAL_TRY(later_status(statement.claims.kid, evidence.status.front()))) {
        evidence.status.push_back(std::move(*news));
    }
    if (statement.claims.floor) {
        evidence.floor = FIELDSEAL_TRY(FloorBook::find(store_, *statement.claims.floor));
    }
    return evidence;
}

// Hubs' PROOFs add time only and are theirs to fill: the largest goes first, so that one hub that
// fills its own cannot crowd out the others'. Then our own anchors. False when none is left.
bool EvidenceBuilder::drop_heaviest(std::vector<Covering>& found) {
    const auto bytes_of_proof = [](const Proof& proof) { return to_json(proof).size(); };
    const auto bytes_of_anchor = [](const Anchor& anchor) {
        return json::dump(anchor.members).size();
    };
    return drop_heaviest_of(found, &Covering::logged, bytes_of_proof) ||
           drop_heaviest_of(found, &Covering::anchors, bytes_of_anchor);
}

// Smallest first. Without any anchored one, the checkpoint alone: genuine, registration pending.
Result<std::vector<EvidenceBuilder::Covering>> EvidenceBuilder::coverings(
    merkle::LeafIndex index, const std::vector<std::string>& targets) const {
    std::vector<Covering> found;
    auto anchored = FIELDSEAL_TRY(answers(index, targets));
    for (Covering& answer : anchored) {
        FIELDSEAL_TRY(add_covering(std::move(answer), found));
    }
    if (found.empty()) {
        if (auto record = FIELDSEAL_TRY(store_.checkpoints(kLog).covering(index))) {
            found.push_back({record->head.size, std::move(record->note), {}, {}});
        }
    }
    std::sort(found.begin(), found.end(),
              [](const Covering& a, const Covering& b) { return a.size < b.size; });
    return found;
}

// In the order of their worth, because not all may find room: one of each target, those that
// reached farthest first; then the earliest of those that are there with a later one.
Result<std::vector<EvidenceBuilder::Covering>> EvidenceBuilder::answers(
    merkle::LeafIndex index, const std::vector<std::string>& targets) const {
    std::vector<Covering> farthest;
    std::vector<Covering> earlier;
    const auto add = [&](Covering covering) {  // behind those that reached as far
        const Reach reach = reach_of(covering.anchors, covering.logged);
        const auto place = std::find_if(
            farthest.begin(), farthest.end(),
            [&](const Covering& other) { return reach_of(other.anchors, other.logged) < reach; });
        farthest.insert(place, std::move(covering));
    };
    for (const auto& target : targets) {
        const auto record = FIELDSEAL_TRY(store_.outbox().proof_covering(kLog, target, index));
        if (!record) continue;
        Covering earliest = FIELDSEAL_TRY(read_covering(*record));
        if (auto later = FIELDSEAL_TRY(first_beyond(target, earliest))) {
            // Its entry in the hub's log says nothing that the later one does not say better.
            earliest.logged.clear();
            add(std::move(*later));
            earlier.push_back(std::move(earliest));
        } else {
            add(std::move(earliest));
        }
    }
    farthest.insert(farthest.end(), std::make_move_iterator(earlier.begin()),
                    std::make_move_iterator(earlier.end()));
    return farthest;
}

// The first later answer with a certain place on a chain; without one, the first on a chain at all,
// where `earliest` is on none.
Result<std::optional<EvidenceBuilder::Covering>> EvidenceBuilder::first_beyond(
    const std::string& target, const Covering& earliest) const {
    const auto outbox = store_.outbox();
    std::optional<Covering> farthest;
    Reach reach = reach_of(earliest.anchors, earliest.logged);
    merkle::TreeSize after = earliest.size;
    for (int looked_at = 0; looked_at <= kLaterLookedAtMax && reach != Reach::certain;
         ++looked_at) {
        const auto record =
            FIELDSEAL_TRY(looked_at < kLaterLookedAtMax
                              ? outbox.proof_covering(kLog, target, merkle::LeafIndex{after.value})
                              : outbox.latest_proof(kLog, target));
        if (!record) break;
        Covering covering = FIELDSEAL_TRY(read_covering(*record));
        const Reach its_reach = reach_of(covering.anchors, covering.logged);
        after = record->size;
        if (its_reach <= reach) continue;
        reach = its_reach;
        farthest = std::move(covering);
    }
    return farthest;
}

Result<EvidenceBuilder::Covering> EvidenceBuilder::read_covering(const store::ProofRecord& record) {
    auto pieces = FIELDSEAL_TRY(anchor::decode_anchor_pieces(record.proof));
    Covering covering{record.size, std::move(pieces.note), {}, {}};
    if (!pieces.logged_json.empty())
        covering.logged.push_back(FIELDSEAL_TRY(parse_proof(pieces.logged_json)));
    if (!pieces.anchors_json.empty())
        covering.anchors = FIELDSEAL_TRY(parse_anchors(pieces.anchors_json));
    return covering;
}

// Two targets that answered for one checkpoint share its PROOF; a further checkpoint needs room.
Result<void> EvidenceBuilder::add_covering(Covering covering, std::vector<Covering>& found) {
    for (Covering& known : found) {
        if (known.size != covering.size) continue;
        const auto more = FIELDSEAL_TRY(note::parse_checkpoint_note(covering.note));
        known.note = FIELDSEAL_TRY(note::merge_signatures(known.note, more.signatures));
        known.logged.insert(known.logged.end(), covering.logged.begin(), covering.logged.end());
        known.anchors.insert(known.anchors.end(), covering.anchors.begin(), covering.anchors.end());
        return {};
    }
    if (found.size() < kCheckpointsPerFileMax) found.push_back(std::move(covering));
    return {};
}

Result<std::vector<Proof>> EvidenceBuilder::paths(merkle::LeafIndex index,
                                                  const std::vector<Covering>& found) const {
    const auto reader = store_.log(kLog);
    std::vector<Proof> proofs;
    for (const Covering& covering : found) {
        Proof proof;
        proof.index = index.value;
        proof.hashes = FIELDSEAL_TRY(reader.inclusion_proof(index, covering.size));
        proof.checkpoint = covering.note;
        proof.anchors = covering.anchors;
        proof.logged = covering.logged;
        proofs.push_back(std::move(proof));
    }
    return proofs;
}

// The last entry of every checkpoint is a snapshot. The smallest checkpoint's is covered by all the
// others too, so one snapshot takes a path to each. What vouches for a checkpoint stands in the
// statement's PROOF and counts for this one (docs/adr/0008-one-anchor-for-one-checkpoint.md).
// What became of the seal since: the newest snapshot, where it says something else about the seal
// than the one beside the statement. It need not be anchored to be heard.
Result<std::optional<StatusItem>> EvidenceBuilder::later_status(const Digest& kid,
                                                                const StatusItem& beside) const {
    const auto latest = FIELDSEAL_TRY(store_.checkpoints(kLog).latest());
    if (!latest) return std::optional<StatusItem>();
    const merkle::LeafIndex last{latest->head.size.value - 1};
    const auto record = FIELDSEAL_TRY(store_.statements().by_index(last));
    if (!record || record->kind != store::StatementKind::status) {
        return Error{Errc::corrupt,
                     "the newest checkpoint does not end in a status snapshot: run "
                     "`fieldseal check`"};
    }
    const auto was = FIELDSEAL_TRY(parse_status(beside.statement));
    const auto is = FIELDSEAL_TRY(parse_status(record->cose));
    const SealStatus* before = was.snapshot.find(kid);
    const SealStatus* now = is.snapshot.find(kid);
    if (now == nullptr || (before != nullptr && *before == *now)) {
        return std::optional<StatusItem>();
    }
    const std::vector<Covering> bare{{latest->head.size, latest->note, {}, {}}};
    return std::optional(StatusItem{record->cose, FIELDSEAL_TRY(paths(last, bare))});
}

Result<StatusItem> EvidenceBuilder::status_item(const std::vector<Covering>& found) const {
    const merkle::LeafIndex last{found.front().size.value - 1};
    const auto record = FIELDSEAL_TRY(store_.statements().by_index(last));
    if (!record || record->kind != store::StatementKind::status) {
        return Error{Errc::corrupt,
                     "the checkpoint of size " + std::to_string(found.front().size.value) +
                         " does not end in a status snapshot: run `fieldseal check`"};
    }
    std::vector<Covering> bare;
    for (const Covering& covering : found) {
        const auto own = FIELDSEAL_TRY(store_.checkpoints(kLog).at(covering.size));
        if (!own) {
            return Error{Errc::corrupt, "the checkpoint of size " +
                                            std::to_string(covering.size.value) +
                                            " is missing: run `fieldseal check`"};
        }
        bare.push_back({covering.size, own->note, {}, {}});
    }
    return StatusItem{record->cose, FIELDSEAL_TRY(paths(last, bare))};
}

}  // namespace fieldseal::node
