// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/target_words.h"

#include <cstdlib>

namespace fieldseal::node {
namespace {

constexpr std::string_view kNothing = "Nothing to do.";

}  // namespace

TargetWords words_for(anchor::Phase phase) {
    using anchor::Phase;
    switch (phase) {
        case Phase::idle:
            return {"There is no checkpoint to anchor yet.", kNothing};
        case Phase::waiting:
            return {"Something waits to be sent; offline is here. It is tried again by itself.",
                    "Nothing to do; the last error says why it waits."};
        case Phase::sending:
            return {"A request is under way.", kNothing};
        case Phase::confirming:
            return {"The target has it and has not confirmed it yet.",
                    "Nothing to do; a last error is something to know while all goes on."};
        case Phase::anchored:
            return {"The newest checkpoint is confirmed, verified and stored.", kNothing};
        case Phase::refused:
            return {
                "The target refuses this node, its key or what it asks, or the address is wrong.",
                "Read the last error. A witness's operator needs the line of `fieldseal node "
                "info --vkey`. Check the address, then sync."};
        case Phase::misbehaving:
            return {"An answer failed verification or broke a limit.",
                    "Read the last error: a captive portal, a proxy, a wrong key or clock. If it "
                    "lasts, talk to the target's operator."};
        case Phase::disagrees_without_proof:
            return {
                "The target claims another history of our log and shows nothing signed by "
                "our key. Sealing goes on.",
                "Ask its operator which checkpoint it holds, and compare it with other "
                "targets."};
        case Phase::stopped_by_proof:
            return {
                "Somebody holds a checkpoint signed by our log key that is not on our "
                "history. Sealing has stopped.",
                "Delete nothing, copy the data directory, then read docs/states.md."};
    }
    std::abort();
}

}  // namespace fieldseal::node
