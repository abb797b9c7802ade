// SPDX-License-Identifier: Apache-2.0
#include "node/lan/papers.h"

#include "core/encoding.h"
#include "node/custody/descriptor.h"
#include "node/custody/private_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fieldseal::node::lan {
namespace {

struct Paths {
    explicit Paths(const std::string& data_dir) : directory(papers_directory(data_dir)) {}
    std::string directory;
    std::string authority_key = directory + "/ca-key.pem";
    std::string authority = directory + "/ca.pem";
    std::string server_key = directory + "/server-key.pem";
    std::string server = directory + "/server.pem";
};

Error os_error(std::string_view doing, const std::string& path) {
    const int reason = errno;
    const Errc code = reason == ENOENT   ? Errc::not_found
                      : reason == EACCES ? Errc::denied
                                         : Errc::io;
    return Error{code, std::string(doing) + " " + quoted(path) + ": " + std::strerror(reason)};
}

bool present(const std::string& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0;
}

// A PEM file that may be somebody else's and behind links; a key stays in locked memory.
Result<SecretBytes> read_pem(const std::string& path, std::size_t bytes_max) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.open()) return os_error("open", path);
    SecretBytes content = FIELDSEAL_TRY(SecretBytes::allocate(bytes_max + 1));
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t got = ::read(fd.get(), content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return os_error("read", path);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size == 0 || size > bytes_max) {
        return Error{Errc::corrupt, quoted(path) + " is no PEM file of at most " +
                                        std::to_string(bytes_max) + " bytes"};
    }
    content.shrink(size);
    return content;
}

Result<std::string> read_certificate_file(const std::string& path) {
    const SecretBytes pem = FIELDSEAL_TRY(read_pem(path, kCertificateBytesMax));
    return to_text(pem.view());
}

Result<void> begin(const Paths& paths) {
    FIELDSEAL_TRY(make_private_directory(paths.directory));
    if (present(paths.server)) {
        return Error{Errc::conflict,
                     "there is a certificate in " + quoted(paths.directory) +
                         " already. `fieldseal lan renew` renews it. For other names or another CA "
                         "move that directory away first; everybody then needs the new CA"};
    }
    for (const std::string* path : {&paths.authority_key, &paths.authority, &paths.server_key})
        FIELDSEAL_TRY(remove_private_file(*path));
    return {};
}

// The key first: a certificate without its key would be a set that looks complete.
Result<void> write_server(const Paths& paths, const Identity& server) {
    PendingFile key =
        FIELDSEAL_TRY(PendingFile::write(paths.server_key, server.private_key.view()));
    PendingFile certificate =
        FIELDSEAL_TRY(PendingFile::write(paths.server, as_bytes(server.certificate)));
    FIELDSEAL_TRY(key.commit());
    return certificate.commit();
}

Result<void> link_to(const std::string& target, const std::string& path) {
    if (::symlink(target.c_str(), path.c_str()) != 0) return os_error("link", path);
    const Descriptor directory(
        ::open(path.substr(0, path.rfind('/')).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.open() || ::fsync(directory.get()) != 0) return os_error("sync", path);
    return {};
}

Error nothing_there(const std::string& data_dir) {
    return Error{Errc::not_found, "this node has no certificate in " +
                                      quoted(papers_directory(data_dir)) +
                                      ": make one with `fieldseal lan init --name HOST`"};
}

}  // namespace

std::string papers_directory(const std::string& data_dir) {
    return data_dir + "/lan";
}

Result<void> make_papers(const std::string& data_dir, const std::vector<HostName>& names,
                         std::int64_t days, std::int64_t now_s) {
    const Paths paths(data_dir);
    const Identity authority = FIELDSEAL_TRY(make_authority(names, now_s));
    const Identity server = FIELDSEAL_TRY(make_server(authority, names, days, now_s));
    FIELDSEAL_TRY(begin(paths));
    FIELDSEAL_TRY(write_private_file(paths.authority_key, authority.private_key.view()));
    FIELDSEAL_TRY(write_private_file(paths.authority, as_bytes(authority.certificate)));
    return write_server(paths, server);
}

Result<void> adopt_papers(const std::string& data_dir, const std::vector<HostName>& names,
                          const OrganisationFiles& files, std::int64_t now_s) {
    const Paths paths(data_dir);
    const std::string certificate = FIELDSEAL_TRY(read_certificate_file(files.certificate));
    const SecretBytes key = FIELDSEAL_TRY(read_pem(files.private_key, kPrivateKeyBytesMax));
    const auto fits = check_pair(certificate, key.view());
    if (!fits.ok()) return fits.error().with_context(quoted(files.certificate));
    for (const HostName& name : names) {
        const auto covered = check_covers(certificate, name);
        if (!covered.ok()) return covered.error().with_context(quoted(files.certificate));
    }
    const CertificateFacts facts = FIELDSEAL_TRY(read_certificate(certificate));
    if (now_s < facts.not_before_s || now_s >= facts.not_after_s) {
        return Error{Errc::conflict,
                     quoted(files.certificate) + " is good from " + rfc3339(facts.not_before_s) +
                         " to " + rfc3339(facts.not_after_s) + ", and it is " + rfc3339(now_s)};
    }
    FIELDSEAL_TRY(begin(paths));
    FIELDSEAL_TRY(link_to(files.private_key, paths.server_key));
    return link_to(files.certificate, paths.server);
}

Result<void> renew_papers(const std::string& data_dir, std::int64_t days, std::int64_t now_s) {
    const Paths paths(data_dir);
    const Papers papers = FIELDSEAL_TRY(read_papers(data_dir));
    if (papers.organisations()) {
        return Error{Errc::conflict,
                     "the certificate is the organisation's: renew it where it comes from. nginx "
                     "takes the new file with `systemctl reload nginx`"};
    }
    Identity authority;
    authority.certificate = papers.authority_pem;
    authority.private_key =
        FIELDSEAL_TRY(read_secret_file(paths.authority_key, kPrivateKeyBytesMax));
    const Identity server = FIELDSEAL_TRY(make_server(authority, papers.server.names, days, now_s));
    return write_server(paths, server);
}

Result<Papers> read_papers(const std::string& data_dir) {
    const Paths paths(data_dir);
    if (!present(paths.server)) return nothing_there(data_dir);
    Papers papers;
    const std::string server = FIELDSEAL_TRY(read_certificate_file(paths.server));
    papers.server = FIELDSEAL_TRY(read_certificate(server));
    papers.certificate_path = paths.server;
    papers.private_key_path = paths.server_key;
    if (present(paths.authority)) {
        papers.authority_pem = FIELDSEAL_TRY(read_certificate_file(paths.authority));
        papers.authority = FIELDSEAL_TRY(read_certificate(papers.authority_pem));
    }
    return papers;
}

}  // namespace fieldseal::node::lan
