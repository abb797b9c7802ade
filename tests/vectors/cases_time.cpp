// SPDX-License-Identifier: Apache-2.0
// Floors, times that contradict each other, times from the future.
#include "core/hash.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {
namespace {

constexpr std::int64_t kLargest_s = 9007199254740991;  // 2^53 - 1

const Expected kNoFloor = valid(std::nullopt, kNotAfter_s);

void add_references(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = ordinary_day();
    Evidence missing = day.evidence();
    missing.floor.reset();
    out.push_back(make_vector("floor-left-out",
                              "The statement refers to a floor that the evidence "
                              "does not hold: not-before is unproven, nothing else.",
                              missing, trust, kNoFloor));
    const Day plain = day_of([](StatementClaims&) {});
    Evidence extra = plain.evidence();
    extra.floor = NoteFloor{floor_note()};
    out.push_back(make_vector("floor-that-nobody-referenced", "The statement refers to no floor.",
                              extra, trust, invalid("floor-unreferenced")));
    const auto with_floor = [&](std::string_view name, std::string_view why, Floor floor) {
        Evidence evidence = day.evidence();
        evidence.floor = std::move(floor);
        out.push_back(make_vector(name, why, evidence, trust, invalid("floor-unreferenced")));
    };
    with_floor("floor-exchanged", "A later genuine cosignature in place of the one referred to.",
               NoteFloor{floor_note(hub_witness(), kMidnight_s + 600)});
    const std::string note = floor_note();
    const std::string text = note.substr(0, note.find("\n\n") + 1);
    with_floor("floor-with-two-lines", "The right line and one more.",
               NoteFloor{note + court_witness().cosign(kMidnight_s, text).line()});
    with_floor("floor-note-without-a-line", "The checkpoint alone.", NoteFloor{text});
    with_floor("floor-of-another-kind", "A token where a cosignature is referred to.",
               TokenFloor{Bytes{0x30, 0x00}});
    Evidence reworded = day.evidence();
    std::string other = note;
    other.replace(other.find("\n1\n"), 3, "\n2\n");
    reworded.floor = NoteFloor{other};
    out.push_back(make_vector("floor-under-another-checkpoint",
                              "The cosignature referred to, under "
                              "a checkpoint it was not made for: the floor proves nothing.",
                              reworded, trust, kNoFloor));
}

void add_untrusted_floors(Vectors& out) {
    const Trust trust = ordinary_trust();
    const auto with_note = [&](std::string_view name, std::string_view why, const std::string& note,
                               const Trust& by) {
        out.push_back(make_vector(name, why, day_with_floor(note).evidence(), by, kNoFloor));
    };
    with_note("floor-by-an-unknown-witness", "A floor by nobody the trust file knows.",
              floor_note(stranger()), trust);
    Trust own = trust;
    own.witnesses.push_back({own_witness().key(), "Ministry of Works", {}});
    with_note("floor-by-the-logs-own-operator",
              "Whoever runs the log could have kept its floor in "
              "a drawer.",
              floor_note(own_witness()), own);
    const Day by_header = day_of([](StatementClaims& claims) {
        claims.floor = FloorReference{FloorKind::block_header, sha256(Bytes{0xC0})};
    });
    Evidence header = by_header.evidence();
    header.floor = ChainFloor{"land", Bytes{0xC0}};
    out.push_back(make_vector("floor-of-a-block-header",
                              "The right bytes of a kind that this "
                              "version does not judge.",
                              header, trust, kNoFloor));
    const Day by_token = day_of([](StatementClaims& claims) {
        claims.floor = FloorReference{FloorKind::time_stamp_token, sha256(Bytes{0x30, 0x00})};
    });
    Evidence token = by_token.evidence();
    token.floor = TokenFloor{Bytes{0x30, 0x00}};
    out.push_back(make_vector("floor-of-a-time-stamp-token", "The right bytes, and no token.",
                              token, trust, kNoFloor));
}

void add_contradictions(Vectors& out) {
    const Trust trust = ordinary_trust();
    const std::int64_t late = kAnchored_s + 2 * kSkew_s + 1;
    const Day newer = day_with_floor(floor_note(hub_witness(), late));
    out.push_back(make_vector("floor-newer-than-every-anchor",
                              "Signed after the floor, logged "
                              "before the anchor, and the floor is the newer one.",
                              newer.evidence(), trust,
                              cannot_tell("time-contradiction", late - kSkew_s, kNotAfter_s)));
    const Day touching = day_with_floor(floor_note(hub_witness(), late - 1));
    out.push_back(make_vector("floor-as-new-as-the-anchor", "Both bounds meet in one second.",
                              touching.evidence(), trust, valid(kNotAfter_s, kNotAfter_s)));
}

void add_futures(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = ordinary_day();
    const auto at = [&](std::string_view name, std::string_view why, std::int64_t now_s,
                        const Expected& expect) {
        Vector vector = make_vector(name, why, day.evidence(), trust, expect);
        vector.now_s = now_s;
        out.push_back(vector);
    };
    at("now-at-the-anchor", "Judged in the very second of the cosignature.", kAnchored_s,
       valid(kNotBefore_s, kNotAfter_s));
    at("now-at-the-edge-of-the-tolerance", "The verifier's clock trails by the tolerance.",
       kAnchored_s - kSkew_s, valid(kNotBefore_s, kNotAfter_s));
    at("cosignature-in-the-future",
       "The verifier's clock trails by one second more: the "
       "cosignature does not count.",
       kAnchored_s - kSkew_s - 1, cannot_tell("time-contradiction", kNotBefore_s, std::nullopt));
    at("floor-in-the-future", "Even the floor is dated after the verifier's clock.",
       kNotBefore_s - 1, cannot_tell("time-contradiction", kNotBefore_s, std::nullopt));
    Vector floor_alone =
        make_vector("floor-in-the-future-and-the-cosignature-not",
                    "The floor's lower bound is one second after the verifier's clock, the "
                    "cosignature's in it.",
                    day_with_floor(floor_note(hub_witness(), kAnchored_s + 1)).evidence(), trust,
                    cannot_tell("time-contradiction", kAnchored_s + 1 - kSkew_s, kNotAfter_s));
    floor_alone.now_s = kAnchored_s - kSkew_s;
    out.push_back(floor_alone);
    const Evidence both =
        day.evidence({{hub_witness(), kAnchored_s + 10000}, {court_witness(), kAnchored_s}});
    Vector one_left = make_vector("one-cosignature-in-the-future-of-two",
                                  "The other one still "
                                  "satisfies the policy.",
                                  both, trust, valid(kNotBefore_s, kNotAfter_s));
    one_left.now_s = kAnchored_s;
    out.push_back(one_left);
    const Evidence huge = day.evidence({{hub_witness(), INT64_MAX}});
    out.push_back(make_vector("cosignature-of-the-largest-time",
                              "Times beyond 2^53 - 1 count as "
                              "that.",
                              huge, trust, valid(kNotBefore_s, kLargest_s)));
    Evidence zero = day.evidence({{hub_witness(), 0}});
    out.push_back(make_vector("cosignature-of-time-zero", "A witness never signs the time 0.", zero,
                              trust, invalid("cosignature-invalid")));
}

}  // namespace

Vectors time_cases() {
    Vectors out;
    add_references(out);
    add_untrusted_floors(out);
    add_contradictions(out);
    add_futures(out);
    return out;
}

}  // namespace fieldseal::vectors
