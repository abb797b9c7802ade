// SPDX-License-Identifier: Apache-2.0
// Kind "witness": anchors our checkpoints with C2SP tlog-witness `add-checkpoint`, against a
// fieldseal hub or any other witness, and fetches the entry in the hub's own log where one is
// offered.
//
// TRUST: nothing the target says is believed but a cosignature by the configured key over the exact
// bytes we sent, with a sane time; a PROOF that verifies; and a checkpoint signed by our own log
// key. THREADS: one thread per object. Source: C2SP tlog-witness v1.0.0, tlog-cosignature v1.0.1;
// docs/states.md for the outcomes.
#pragma once

#include "anchor/http_client.h"
#include "anchor/target.h"
#include "core/result.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fieldseal::anchor {

struct WitnessSettings {
    std::string name;         // the name in our configuration, for messages
    std::string url;          // submission prefix: <url>/add-checkpoint
    std::string monitor_url;  // monitoring prefix; empty = url
    std::string vkey;         // the witness's cosignature key (type 0x04)
    std::string log_vkey;     // the key of the hub's own log; empty = a plain witness, no `logged`
    std::int64_t skew_s = 300;  // how far a cosignature's time may lie ahead of our clock
    TlsSettings tls;
    HttpLimits limits;  // per request; body_bytes_max is set by the adapter
};

// Errc::invalid_argument names the setting that is wrong and what it must look like.
Result<std::unique_ptr<Target>> open_witness_target(WitnessSettings settings);

}  // namespace fieldseal::anchor
