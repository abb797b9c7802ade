// SPDX-License-Identifier: Apache-2.0
// Tells systemd that the service is up (Type=notify): one datagram "READY=1" to the socket named by
// NOTIFY_SOCKET, as sd_notify(3) describes. Does nothing when nobody asked. THREADS: any.
#pragma once

namespace fieldseal::node::cli {

// True when somebody was told.
bool announce_ready();

}  // namespace fieldseal::node::cli
