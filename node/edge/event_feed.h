// SPDX-License-Identifier: Apache-2.0
// One listener's way through what happened: statements by their index, checkpoints and anchors by
// their size, read from the store; targets' states from the workers.
//
// Nothing is kept for a listener. The cursor says how far he got in each of them, and all are
// durable, so the same cursor works after a reconnect, after a restart, on any thread. A statement
// is never skipped; of checkpoints and of a target's anchors the newest stands for those before it.
//
// Cursor: "1-<log index>-<checkpoint size>[-<8 hex of SHA-256(target)>_<anchored size>]…".
// OWNED BY: the request of one listener. THREADS: one.
#pragma once

#include "api/office_backend.h"
#include "node/anchoring/anchoring.h"
#include "node/edge/news.h"
#include "store/store.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

class EventFeed final : public api::EventStream {
public:
    struct Parts {
        const store::Store& store;
        const Anchoring& anchoring;
        const News& news;
    };
    // Without a cursor: from now on. Errors: invalid_argument for a cursor that is malformed or
    // ahead of the log.
    static Result<std::unique_ptr<api::EventStream>> open(Parts parts,
                                                          const std::optional<std::string>& cursor);

    std::string cursor() const override;
    Result<std::vector<api::Event>> next(std::chrono::milliseconds patience) override;
    bool open() const override { return !parts_.news.closed(); }

private:
    struct Place {
        std::uint64_t index = 0;                        // of the next statement
        std::uint64_t checkpoint = 0;                   // size of the newest checkpoint told
        std::map<std::string, std::uint64_t> anchored;  // by the short hash of the target's name
    };
    explicit EventFeed(Parts parts) : parts_(parts) {}

    static Result<Place> parse(std::string_view text);
    Result<void> go_to_now();
    Result<std::vector<api::Event>> look();
    Result<bool> statements(std::vector<api::Event>& events);
    void tell_states(std::vector<api::Event>& events, const store::StatementRecord& record) const;
    void tell(std::vector<api::Event>& events, std::string name, json::Value data) const;

    Parts parts_;
    Place place_;
    std::map<std::string, anchor::Phase> phases_;  // as told, by the target's name
};

}  // namespace fieldseal::node
