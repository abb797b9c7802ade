// SPDX-License-Identifier: Apache-2.0
// The directory data_dir/lan: what nginx shows the office's network, and the CA behind it.
//   ca-key.pem  ca.pem          the node-made CA; absent with an organisation's certificate
//   server-key.pem  server.pem  nginx's; links to the organisation's files if it has a certificate
// All files are 0600 in a 0700 directory: nginx reads its own as root before it gives that up.
// OWNED BY: `fieldseal lan`, one at a time; the daemon never looks here. THREADS: one.
// DURABLE: on return everything is synced. server.pem is written last and makes the set complete: a
// crash before leaves a set that `init` makes again, and one while renewing leaves a pair that the
// next `renew` replaces.
// ERRORS: conflict (papers are there already, or none are; a certificate that does not fit), those
// of authority.h and private_file.h.
#pragma once

#include "node/lan/authority.h"

#include <optional>

namespace fieldseal::node::lan {

struct Papers {
    std::optional<CertificateFacts> authority;
    std::string authority_pem;
    CertificateFacts server;
    // Where nginx finds them: paths in data_dir/lan, whoever made the certificate.
    std::string certificate_path;
    std::string private_key_path;

    bool organisations() const { return !authority; }
};

std::string papers_directory(const std::string& data_dir);

Result<void> make_papers(const std::string& data_dir, const std::vector<HostName>& names,
                         std::int64_t days, std::int64_t now_s);
// The organisation's own: checked (it fits the key, is good for each name and today), and linked to
// where it is, so that whoever renews it there renews it here. Paths are absolute.
struct OrganisationFiles {
    std::string certificate;
    std::string private_key;
};
Result<void> adopt_papers(const std::string& data_dir, const std::vector<HostName>& names,
                          const OrganisationFiles& files, std::int64_t now_s);
// A new server key and certificate for the same names under the same CA.
Result<void> renew_papers(const std::string& data_dir, std::int64_t days, std::int64_t now_s);
Result<Papers> read_papers(const std::string& data_dir);

}  // namespace fieldseal::node::lan
