// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/doctor.h"

#include "core/encoding.h"
#include "node/anchoring/chain_target.h"
#include "node/boot.h"
#include "node/clock.h"
#include "node/custody/private_file.h"
#include "node/maintenance/check_beside.h"
#include "node/maintenance/gates.h"
#include "store/space.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <system_error>
#include <unistd.h>

namespace fieldseal::node {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = 1024 * 1024;
// Before this program existed: the clock was never set.
constexpr std::int64_t kEarliestPlausible_s = 1'767'225'600;  // 2026-01-01
// What unlocked keys, passphrases and Argon2id's result need at once, with room to spare.
constexpr rlim_t kLockedMemoryMin = kMiB;

Diagnosis good(std::string subject, std::string finding) {
    return {std::move(subject), Health::good, std::move(finding), ""};
}

Diagnosis bad(std::string subject, std::string finding, std::string fix) {
    return {std::move(subject), Health::bad, std::move(finding), std::move(fix)};
}

Diagnosis notice(std::string subject, std::string finding, std::string fix) {
    return {std::move(subject), Health::notice, std::move(finding), std::move(fix)};
}

// A path as an argument somebody can paste.
std::string word(const std::string& path) {
    return "'" + path + "'";
}

Diagnosis examine_file_system(const Config& config) {
    const std::string subject = "file system";
    struct statfs facts{};
    if (::statfs(config.data_dir.c_str(), &facts) != 0) {
        return bad(subject, "cannot be examined: " + std::generic_category().message(errno),
                   "Look at the disk.");
    }
    constexpr std::array<std::uint32_t, 3> kNetworked = {NFS_SUPER_MAGIC, 0xFE534D42,
                                                         0xFF534D42};  // NFS, SMB2, CIFS
    for (const std::uint32_t magic : kNetworked) {
        if (static_cast<std::uint32_t>(facts.f_type) == magic) {
            return bad(subject,
                       "the data directory is on a network share; locks and syncs cannot be relied "
                       "on there",
                       "Move the data directory to a disk of this machine.");
        }
    }
    if (facts.f_type == TMPFS_MAGIC) {
        return notice(subject,
                      "the data directory is in memory (tmpfs): a power cut takes everything",
                      "Move it to a disk, unless this is a test.");
    }
    return good(subject, "local");
}

std::vector<Diagnosis> examine_gates(const store::Store& store) {
    std::vector<Diagnosis> found;
    const auto held = store.meta(kHeldMetaName);
    if (held.ok() && *held) {
        found.push_back(bad(
            "sealing", "held after a restore, until its history is confirmed",
            "Start the node and run `fieldseal sync`: a target that agrees lifts it. Without any "
            "target: `fieldseal doctor --accept-rollback`."));
    }
    const auto stopped = store.meta(kStoppedMetaName);
    if (stopped.ok() && *stopped) {
        found.push_back(bad("sealing", "stopped: " + to_text(**stopped), steps_when_stopped()));
    }
    if (held.ok() && stopped.ok() && found.empty())
        found.push_back(good("sealing", "neither held nor stopped"));
    return found;
}

Diagnosis compare_clock(const store::Store& store) {
    SystemClock clock;
    store::ListQuery newest;
    newest.limit = 1;
    const auto records = store.statements().list(newest);
    std::int64_t newest_s = 0;
    if (records.ok() && !records->empty()) newest_s = records->front().received_at_s;
    clock.observe_record(newest_s);
    const std::int64_t behind_s = clock.behind_s();
    if (behind_s == 0) return good("clock and log", "the clock is not behind the newest entry");
    return bad("clock and log",
               "the clock is " + std::to_string(behind_s) +
                   " s behind the newest entry of the log (" + rfc3339(newest_s) +
                   "): statements will say that it is not trusted",
               "Set the clock: timedatectl set-ntp true, or timedatectl set-time '…'.");
}

// Why a store did not open, and what a person does about it.
Diagnosis unopened(const Error& error, const Config& config) {
    switch (error.code) {
        case Errc::conflict:
            return good("log", "a daemon has it open");
        case Errc::storage_full:
            return bad("log", error.message,
                       "Make room on the disk of " + word(config.data_dir) + "; nothing is lost.");
        case Errc::not_found:
            return bad("log", error.message, "Restore a backup: `fieldseal restore --from DIR`.");
        case Errc::unsupported:
            return bad("log", error.message,
                       "Install the version of fieldseal that wrote it, or a newer one.");
        default:
            break;
    }
    const bool is_about_the_pin = error.problem == store::kPinDisagrees;
    return bad(
        "log", error.message,
        std::string("Copy the directory away before anything else. Look closer with "
                    "`fieldseal check`; restore the newest backup") +
            (is_about_the_pin ? ", or accept a rollback: `fieldseal doctor --accept-rollback`."
                              : "."));
}

}  // namespace

std::string steps_when_stopped() {
    return "1. Delete nothing, and copy the data directory away. "
           "2. If a newer backup exists: `fieldseal restore --from DIR` into another directory. "
           "3. If this disk was rolled back and nothing newer exists: stop the node; "
           "`fieldseal doctor --accept-rollback` says what is lost, and asks. "
           "4. Else the log key runs on a second machine or was stolen: docs/threat-model.md. "
           "More: docs/states.md, stopped-by-proof.";
}

std::vector<Diagnosis> examine_data_directory(const Config& config) {
    const std::string subject = "data directory";
    struct stat facts{};
    if (::stat(config.data_dir.c_str(), &facts) != 0) {
        const bool missing = errno == ENOENT;
        return {bad(subject, config.data_dir + ": " + std::generic_category().message(errno),
                    missing
                        ? "Make a node: fieldseal --data-dir " + word(config.data_dir) +
                              " init ORGANISATION NAME"
                        : "Run this as the user of the node, for example with sudo -u fieldseal.")};
    }
    if (!S_ISDIR(facts.st_mode))
        return {bad(subject, config.data_dir + " is not a directory", "Name another one.")};
    std::vector<Diagnosis> found;
    if (facts.st_uid != ::geteuid()) {
        found.push_back(
            bad(subject, "it belongs to another user (uid " + std::to_string(facts.st_uid) + ")",
                "Run this as that user, or: chown -R $(id -u) " + word(config.data_dir)));
    }
    if ((facts.st_mode & 0077) != 0) {
        found.push_back(bad(subject, "others on this machine may enter it",
                            "chmod 700 " + word(config.data_dir)));
    }
    if (found.empty()) found.push_back(good(subject, config.data_dir + ", private"));
    found.push_back(examine_file_system(config));
    return found;
}

std::vector<Diagnosis> examine_space(const Config& config) {
    const store::SpaceGuard guard(config.data_dir, {config.sealing.low_water_mark_mib * kMiB,
                                                    config.sealing.ballast_mib * kMiB});
    const auto space = guard.state();
    if (!space.ok()) return {bad("disk space", space.error().message, "Look at the disk.")};
    const std::string free = std::to_string(space->free_bytes / kMiB) + " MiB free";
    const std::string mark = std::to_string(config.sealing.low_water_mark_mib) + " MiB";
    std::vector<Diagnosis> found;
    if (space->level == store::SpaceLevel::low) {
        found.push_back(
            bad("disk space", free + ", and no new seals are taken below " + mark,
                "Make room, or lower sealing.low_water_mark_mib. Sealing goes on by itself then."));
    } else {
        found.push_back(good("disk space", free));
    }
    if (!space->ballast) {
        found.push_back(notice("ballast", "the ballast file is not in place",
                               "The daemon makes it at its next start when there is room."));
    }
    return found;
}

std::vector<Diagnosis> examine_keys(const Config& config) {
    std::vector<Diagnosis> found;
    const auto directory = check_private_directory(keys_directory(config.data_dir));
    if (!directory.ok()) {
        found.push_back(bad("keys", directory.error().message,
                            "chmod 700 " + word(keys_directory(config.data_dir)) +
                                " and chmod 600 the files in it; if "
                                "they are gone, restore a backup."));
        return found;
    }
    const auto identity = load_identity(config.data_dir);
    if (!identity.ok())
        return {bad("identity", identity.error().message, "Restore node.json from a backup.")};
    found.push_back(good("identity", identity->origin));
    const auto keys = open_keys(config, *identity);
    if (keys.ok()) {
        const auto all = keys->keystore->list();
        found.push_back(
            all.ok() ? good("keys", "the unattended keys open and are this node's")
                     : bad("keys", all.error().message,
                           "Restore that file from a backup of this node; a seal whose key is "
                           "lost is retired, and another one made."));
    } else {
        found.push_back(bad("keys", keys.error().message,
                            "Restore the keys directory from a backup of this node."));
    }
    struct rlimit limit{};
    if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < kLockedMemoryMin) {
        found.push_back(
            bad("locked memory",
                "this user may lock only " + std::to_string(limit.rlim_cur / 1024) + " KiB",
                "Set LimitMEMLOCK=64M in the service, or memlock in /etc/security/limits.conf."));
    }
    return found;
}

std::vector<Diagnosis> examine_chains(const Config& config) {
    std::vector<Diagnosis> found;
    for (const Config::Target& target : config.targets) {
        if (!has_sealed_twice(config.data_dir, target.name)) continue;
        const std::string path = sealed_twice_path(config.data_dir, target.name);
        found.push_back(
            notice("chain " + fieldseal::quoted(target.name),
                   "its validators sealed one block number twice: both headers are in " + path,
                   "Show that file to the chain's operator and to those who verify: "
                   "either validators lie, or their keys are used on two machines. "
                   "When it is settled, move the file away."));
    }
    return found;
}

std::vector<Diagnosis> examine_socket(const Config& config) {
    const std::string path = config.admin_socket_path();
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return {bad("admin socket", path + ": a Unix socket's path has at most 107 bytes",
                    "Set admin.socket in fieldseal.toml to a shorter path.")};
    }
    const fs::path directory = fs::path(path).parent_path();
    if (::access(directory.c_str(), W_OK | X_OK) != 0) {
        return {bad("admin socket",
                    directory.string() + ": " + std::generic_category().message(errno),
                    "Make that directory writable for the user of the node.")};
    }
    if (!config.admin.group.empty() && path.starts_with(config.data_dir + "/")) {
        return {
            notice("admin socket",
                   path + ": the group " + fieldseal::quoted(config.admin.group) +
                       " cannot reach it, because the data directory is private",
                   "Set admin.socket to a path outside, for example /run/fieldseal/admin.sock.")};
    }
    return {good("admin socket", path)};
}

std::vector<Diagnosis> examine_clock() {
    const SystemClock clock;
    const std::int64_t now_s = clock.now_s();
    if (now_s < kEarliestPlausible_s) {
        return {bad("clock", "it says " + rfc3339(now_s) + ": it was reset",
                    "Set it: timedatectl set-time '…', and replace the battery of the clock.")};
    }
    if (clock.state().trust == ClockTrust::synchronised)
        return {good("clock", rfc3339(now_s) + ", synchronised")};
    return {notice("clock", rfc3339(now_s) + ", not synchronised: statements will say so",
                   "When there is a network: timedatectl set-ntp true. Offline this is normal.")};
}

std::vector<Diagnosis> examine_beside(const Config& config, const NodeIdentity& identity,
                                      const NodeKeys& keys, const store::Store& store) {
    store::CheckReport report;
    const auto done = check_beside(config, identity, keys, store, report);
    if (!done.ok()) return {bad("files", done.error().message, "Look closer: `fieldseal check`.")};
    std::vector<Diagnosis> found;
    for (const store::Finding& each : report.findings) {
        found.push_back(bad(each.place, each.what,
                            "Restore that file from a backup of this node; a seal whose key is "
                            "lost is retired, and another one made."));
    }
    for (const std::string& each : report.notices)
        found.push_back(notice("configuration", each, "Compare it with a backup."));
    return found;
}

std::vector<Diagnosis> examine_store(const Config& config) {
    const auto identity = load_identity(config.data_dir);
    if (!identity.ok()) return {};  // the keys' examination says it
    const auto keys = open_keys(config, *identity);
    if (!keys.ok()) return {};
    const auto store = open_store(config, *keys);
    if (!store.ok()) return {unopened(store.error(), config)};
    const auto size = (*store)->log(store::LogId::statements).head().size.value;
    std::vector<Diagnosis> found = {good(
        "log", std::to_string(size) + " entries, and the tail pin agrees; only `fieldseal check` "
                                      "reads every block")};
    for (const std::string& each : (*store)->notices())
        found.push_back(notice("log", each, "Nothing: it was repaired."));
    for (Diagnosis& each : examine_gates(**store)) found.push_back(std::move(each));
    found.push_back(compare_clock(**store));
    for (Diagnosis& each : examine_beside(config, *identity, *keys, **store))
        found.push_back(std::move(each));
    for (Diagnosis& each : examine_certificates(**store, *identity, *keys->status, SystemClock()))
        found.push_back(std::move(each));
    const auto closed = (*store)->close();
    if (!closed.ok()) found.push_back(bad("log", closed.error().message, "Look at the disk."));
    return found;
}

}  // namespace fieldseal::node
