// SPDX-License-Identifier: Apache-2.0
// The nginx site file: deploy/nginx/*.conf.in with the node's names, sizes and files filled in.
// Pure. THREADS: any. ERRORS: invalid_argument (a path or name that cannot stand in the file).
#pragma once

#include "core/result.h"
#include "node/config/listen_address.h"
#include "node/lan/host_name.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fieldseal::node::lan {

inline constexpr std::uint16_t kHttpsPort = 443;

struct Site {
    std::vector<HostName> names;
    // Addresses of this machine to listen on; empty for all, IPv4 and IPv6.
    std::vector<HostName> addresses;
    std::uint16_t port = kHttpsPort;
    ListenAddress upstream;      // the node's `[edge] listen`
    std::string certificate;     // path of the chain, PEM
    std::string private_key;     // path
    bool organisations = false;  // a certificate that browsers believe anyway: HSTS is safe
    // A second port where a client certificate under this CA is demanded; 0 for none.
    std::uint16_t machine_port = 0;
    std::string machine_ca;  // path
    std::uint32_t document_mib_max = 0;
};

Result<std::string> render_site(const Site& site);

}  // namespace fieldseal::node::lan
