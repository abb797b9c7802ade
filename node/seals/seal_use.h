// SPDX-License-Identifier: Apache-2.0
// How much each seal was used, as far as a policy asks: its statements of this local day, and those
// that no target has anchored yet. Nothing of it is stored: it is read from the log, so no crash
// can make it wrong, and counted in the sequencer's turn, so no race can pass a limit.
//
// A day is counted anew from the log whenever the clock says another one, so that no jump of the
// clock leaves a wrong count behind. While the clock counts as set back, all that is dated later
// than the day counts as well: going back to a day without statements wins nothing. Ages run on
// with the boot clock.
//
// Counting begins with the first policy that asks (track()); before that nothing is kept.
// "Anchored" is what the node calls so everywhere (node/views.h life_state): a configured target
// of the statements log has answered for a checkpoint that covers it, and the answer was verified.
// OWNED BY: the daemon. THREADS: any; added() the sequencer's writer. Errors: corrupt, io.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "node/clock.h"
#include "node/local_time.h"
#include "store/store.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace fieldseal::node {

class Sequencer;

class SealUse {
public:
    struct Parts {
        const store::Store& store;
        const Clock& clock;
        // Size of the largest anchored checkpoint, 0 for none.
        std::function<Result<std::uint64_t>()> anchored_size;
    };
    explicit SealUse(Parts parts) : parts_(std::move(parts)) {}

    // From now on counts, what the log has included. The first call reads the log behind the
    // newest anchored checkpoint and of this day; further calls do nothing.
    Result<void> track(Sequencer& sequencer);

    // A statement was appended to the batch. Sequencer's turn.
    void added(const Digest& kid, std::uint64_t index, std::int64_t at_s);

    struct Counts {
        std::uint64_t today = 0;
        std::uint64_t unanchored = 0;
        std::int64_t oldest_unanchored_age_s = 0;
    };
    // As of now; zeros before track().
    Result<Counts> counts(const Digest& kid);

private:
    struct Waiting {
        std::uint64_t index = 0;
        std::int64_t at_s = 0;
        std::int64_t boot_s = 0;  // the boot clock when this process learned of it
    };
    // The statements of one local day, by the seal's kid.
    struct Day {
        std::int64_t day = INT64_MIN;
        bool and_later = false;  // whatever has a later date, too
        std::map<Digest, std::uint64_t> made = {};

        bool has(std::int64_t date) const { return and_later ? date >= day : date == day; }
    };
    Result<void> read_waiting(std::uint64_t from, std::uint64_t below);
    // Makes `day_` the day that the clock says. Lock held, as for those below.
    Result<void> count_day();
    Result<Day> read_day(const LocalMoment& date, bool and_later) const;
    bool went_back(std::int64_t day);

    const Parts parts_;
    std::mutex starting_;
    std::mutex mutex_;
    bool tracking_ = false;                          // guarded by mutex_, as all below
    bool complete_ = false;                          // the log was read
    std::optional<std::uint64_t> first_seen_;        // index of the first statement of added()
    std::map<Digest, std::deque<Waiting>> waiting_;  // ascending; some may be anchored meanwhile
    Day day_;
    std::optional<std::int64_t> back_boot_s_;  // the boot clock when the date last went back
};

}  // namespace fieldseal::node
