// SPDX-License-Identifier: Apache-2.0
#include "node/daemon.h"

#include "api/admin_routes.h"
#include "api/people_admin_routes.h"
#include "api/people_routes.h"
#include "api/problem.h"
#include "api/public_routes.h"
#include "api/seal_routes.h"
#include "api/server.h"
#include "core/encoding.h"
#include "fieldseal_version.h"
#include "node/admin_service.h"
#include "node/boot.h"
#include "node/edge/edge.h"
#include "node/edge/edge_service.h"
#include "node/edge/metrics.h"
#include "node/hub.h"
#include "node/log_service.h"
#include "node/people/audit_book.h"
#include "node/people/audited_routes.h"
#include "node/people/console_people.h"
#include "node/people/gatekeeper_service.h"
#include "node/people/people_rows.h"
#include "node/seals/seal_certificates.h"
#include "node/seals/seal_key_service.h"
#include "node/seals/seal_manager.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utility>

namespace fieldseal::node {
namespace {

constexpr long kHousekeepingNs = 250'000'000;
constexpr std::size_t kAdminThreads = 16;
constexpr std::size_t kPublicThreads = 16;
constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::string_view kAuditDaemon = "daemon";
constexpr std::string_view kPeopleKeyPurpose = "people";

store::SpaceGuard::Limits space_limits(const Config& config) {
    return {config.sealing.low_water_mark_mib * kMiB, config.sealing.ballast_mib * kMiB};
}

// Everything a running node is made of, in the order it is opened; destroyed in reverse.
class Daemon {
public:
    Daemon(const Config& config, std::string config_path)
        : config_(config),
          config_path_(std::move(config_path)),
          space_(config.data_dir, space_limits(config)),
          certificate_files_(config.data_dir) {}
    ~Daemon() { stop(); }

    Result<void> start();
    // One round of what must be looked at now and then. False when the process must end at once.
    bool housekeep();
    // A write failed: what is on the disk is decided by the next start.
    bool failed() const { return fatal_ || (store_ && store_->failure()); }
    void stop();

private:
    Result<void> open_data();
    Result<std::unique_ptr<store::Store>> open_store_or_make_room();
    Result<void> start_sequencer();
    Result<void> start_anchoring();
    Result<void> start_servers();
    Result<void> start_public_server();
    Result<void> start_people();
    Result<void> start_edge();
    Result<std::string> scrape() const;  // the text of /metrics
    Result<void> restore_gates();
    Result<void> observe_times();
    Result<std::uint64_t> statements_anchored() const;
    AnchorWorker::Parts anchor_parts(store::LogId log);
    anchor::LogView log_view(store::LogId log);
    AnchorHooks anchor_hooks();
    void on_anchored(const std::string& target, const anchor::AnchorPieces& pieces);
    void on_alarm(const std::string& target, const anchor::Alarm& alarm);
    void on_reconciled(const std::string& target);
    template <class AnyFloor>
    void on_newer_floor(const AnyFloor& floor, std::int64_t time_s);
    void put_meta(std::string_view name, const std::string& text);
    void note(std::string_view action, std::string subject = {});  // in the audit log
    void look_at_space();
    void look_at_clock();

    const Config config_;
    const std::string config_path_;
    store::SpaceGuard space_;
    SystemClock clock_;
    CertificateFiles certificate_files_;
    SealGate gate_;
    std::atomic<bool> fatal_{false};
    News news_;
    Metrics metrics_;
    bool started_ = false;        // and the audit log says so
    bool ballast_tried_ = false;  // since there was last too little room for one

    std::optional<NodeIdentity> identity_;
    NodeKeys keys_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<StatusBook> status_;
    std::unique_ptr<AuditBook> audit_;
    std::unique_ptr<SealBook> seals_;
    std::unique_ptr<SealKeys> seal_keys_;
    std::unique_ptr<Checkpointer> checkpointer_;
    std::unique_ptr<Sequencer> sequencer_;
    std::unique_ptr<FloorBook> floors_;
    std::unique_ptr<SealUse> seal_use_;
    std::unique_ptr<SealService> sealing_;
    std::unique_ptr<SealManager> seal_manager_;
    std::unique_ptr<Anchoring> anchoring_;
    std::unique_ptr<Enrolment> enrolment_;
    std::unique_ptr<Hub> hub_;
    std::unique_ptr<LogService> log_service_;
    std::unique_ptr<AdminService> admin_;
    std::unique_ptr<SealKeyService> key_service_;
    std::unique_ptr<SealCertificates> seal_certificates_;
    api::Router admin_router_;
    api::Router public_router_;
    std::unique_ptr<api::HttpServer> admin_server_;
    std::unique_ptr<api::HttpServer> public_server_;
    std::unique_ptr<PeopleRows> people_rows_;
    std::unique_ptr<people::People> people_;
    std::unique_ptr<GatekeeperService> gatekeeper_;
    std::unique_ptr<ConsolePeople> console_;
    std::unique_ptr<EdgeService> office_;
    std::unique_ptr<Edge> edge_;
};

Result<void> Daemon::start() {
    FIELDSEAL_TRY(open_data());
    FIELDSEAL_TRY(start_sequencer());
    FIELDSEAL_TRY(start_anchoring());
    look_at_space();  // before anybody can ask for a seal
    look_at_clock();
    return start_servers();
}

Result<void> Daemon::open_data() {
    identity_ = FIELDSEAL_TRY(load_identity(config_.data_dir));
    keys_ = FIELDSEAL_TRY(open_keys(config_, *identity_));
    store_ = FIELDSEAL_TRY(open_store_or_make_room());
    for (const auto& notice : store_->notices()) spdlog::warn("{}", notice);
    // The store holds the data directory's lock from here on.
    FIELDSEAL_TRY(keys_.keystore->wipe_unfinished());
    FIELDSEAL_TRY(observe_times());
    status_ = FIELDSEAL_TRY(StatusBook::load(*store_, *identity_, *keys_.status, clock_));
    audit_ = FIELDSEAL_TRY(AuditBook::load({*store_, *identity_, *keys_.status, clock_}));
    if (!audit_->damage().empty()) spdlog::error("{}", audit_->damage());
    seals_ = FIELDSEAL_TRY(SealBook::load(*store_, *identity_));
    seal_keys_ = FIELDSEAL_TRY(
        SealKeys::load(*seals_, *keys_.keystore, *status_, config_.sealing.default_seal));
    for (const auto& damage : seal_keys_->damages()) spdlog::error("{}", damage);
    return restore_gates();
}

// A disk that filled up while the node was down: this is what the ballast is kept for.
Result<std::unique_ptr<store::Store>> Daemon::open_store_or_make_room() {
    auto opened = open_store(config_, keys_);
    if (opened.ok() || opened.error().code != Errc::storage_full) return opened;
    spdlog::warn("{}; giving up the ballast file", opened.error().message);
    FIELDSEAL_TRY(space_.release_ballast());
    return open_store(config_, keys_);
}

// The clock cannot honestly be before the newest record.
Result<void> Daemon::observe_times() {
    store::ListQuery newest;
    newest.limit = 1;
    for (const auto& record : FIELDSEAL_TRY(store_->statements().list(newest))) {
        clock_.observe_record(record.received_at_s);
    }
    if (const auto set_back = clock_.set_back()) {
        spdlog::warn(
            "the clock is {} s behind {}: statements will say that it is not trusted; set the "
            "clock",
            set_back->behind_s, in_words(set_back->evidence));
    }
    return {};
}

Result<void> Daemon::restore_gates() {
    if (const auto row = FIELDSEAL_TRY(store_->meta(kHeldMetaName))) {
        gate_.close(
            GateReason::held,
            "this node was restored and is held until a target confirms its history (`fieldseal "
            "sync`), or a person decides with `fieldseal doctor --accept-rollback`");
    }
    if (const auto row = FIELDSEAL_TRY(store_->meta(kStoppedMetaName))) {
        gate_.close(GateReason::stopped, to_text(*row));
    }
    return {};
}

Result<void> Daemon::start_sequencer() {
    // Before the sequencer, whose thread may make a checkpoint at once and posts it here.
    anchoring_ = std::make_unique<Anchoring>(
        Anchoring::Parts{config_path_, config_.data_dir, config_.hub.enabled, *keys_.keystore,
                         [this](store::LogId log) { return anchor_parts(log); }});
    checkpointer_ = FIELDSEAL_TRY(Checkpointer::load(
        {*store_, *identity_, *keys_.log, *keys_.witnessed_log, *status_, clock_,
         [this](store::LogId log, std::uint64_t size) { anchoring_->checkpoint_made(log, size); },
         [this] { news_.tell(); }, audit_.get()},
        {config_.checkpoint.entries_max, std::chrono::seconds(config_.checkpoint.interval_s)}));
    SequencerOptions options;
    options.queue_max = config_.sealing.queue_max;
    sequencer_ =
        std::make_unique<Sequencer>(*store_, *checkpointer_, options, [this](const Error& error) {
            spdlog::critical("{}", error.message);
            fatal_ = true;
        });
    audit_->attach(*sequencer_);
    FIELDSEAL_TRY(audit_->append({std::string(kAuditDaemon), "daemon-start", kVersion, "ok", ""}));
    started_ = true;
    floors_ = FIELDSEAL_TRY(FloorBook::load(*store_, *sequencer_));
    clock_.observe_anchor(floors_->newest_time_s());
    seals_->attach(*sequencer_);
    FIELDSEAL_TRY(seals_->migrate(clock_.now_s()));
    seal_use_ = std::make_unique<SealUse>(
        SealUse::Parts{*store_, clock_, [this] { return statements_anchored(); }});
    sealing_ = std::make_unique<SealService>(SealService::Parts{*store_, *sequencer_, clock_, gate_,
                                                                *floors_, *seal_keys_, *status_,
                                                                *seal_use_, identity_->origin});
    seal_manager_ = std::make_unique<SealManager>(
        SealManager::Parts{*seals_, *seal_keys_, *keys_.keystore, *status_, *audit_, *checkpointer_,
                           *sequencer_, *seal_use_, clock_, identity_->origin});
    return {};
}

// What any configured target of our log has answered for.
Result<std::uint64_t> Daemon::statements_anchored() const {
    std::uint64_t size = 0;
    for (const auto& name : anchoring_->names(store::LogId::statements)) {
        const auto proof =
            FIELDSEAL_TRY(store_->outbox().latest_proof(store::LogId::statements, name));
        if (proof) size = std::max(size, proof->size.value);
    }
    return size;
}

Result<void> Daemon::start_anchoring() {
    FIELDSEAL_TRY(anchoring_->start(config_.targets));
    FIELDSEAL_TRY(seal_manager_->recover());  // counts what no target has anchored
    if (gate_.is_closed(GateReason::held)) anchoring_->post(anchor::Reconcile{});
    return {};
}

AnchorWorker::Parts Daemon::anchor_parts(store::LogId log) {
    return {*store_, *sequencer_, clock_, log, log_view(log), anchor_hooks(), {}};
}

anchor::LogView Daemon::log_view(store::LogId id) {
    const auto& key =
        id == store::LogId::statements ? identity_->log_key : identity_->witnessed_log_key;
    anchor::LogView log;
    log.origin = key.name;
    log.vkey = note::format_vkey(key);
    log.consistency_proof = [this, id](std::uint64_t older, std::uint64_t newer) {
        return store_->log(id).consistency_proof(merkle::TreeSize{older}, merkle::TreeSize{newer});
    };
    log.root_at = [this, id](std::uint64_t size) -> Result<std::optional<Digest>> {
        const auto reader = store_->log(id);
        if (size > reader.head().size.value) return std::optional<Digest>();
        return std::optional<Digest>(FIELDSEAL_TRY(reader.root_at(merkle::TreeSize{size})));
    };
    return log;
}

AnchorHooks Daemon::anchor_hooks() {
    return {
        [this](const std::string& target, const anchor::AnchorPieces& pieces) {
            on_anchored(target, pieces);
        },
        [this](const std::string& target, const anchor::Alarm& alarm) { on_alarm(target, alarm); },
        [this](const std::string& target) { on_reconciled(target); },
        [this](const ChainFloor& block, std::int64_t time_s) { on_newer_floor(block, time_s); },
        [this](const TokenFloor& token, std::int64_t time_s) { on_newer_floor(token, time_s); },
        [this] { news_.tell(); }};
}

// The pieces were verified by the adapter: their one cosignature is the next statements' floor.
void Daemon::on_anchored(const std::string& target, const anchor::AnchorPieces& pieces) {
    const auto parsed = note::parse_checkpoint_note(pieces.note);
    if (!parsed.ok()) return;
    spdlog::info("target {}: checkpoint {} is anchored", target, parsed->checkpoint.size.value);
    for (const auto& line : parsed->signatures) {
        if (line.is_by(identity_->log_key)) continue;
        const auto cosignature = note::parse_cosignature(line);
        if (!cosignature.ok()) continue;
        clock_.observe_anchor(static_cast<std::int64_t>(cosignature->time_s));
        const auto kept = floors_->offer(parsed->checkpoint, *cosignature);
        if (!kept.ok()) spdlog::error("keeping the newest floor: {}", kept.error().message);
    }
}

// A quorum of the pinned validators sealed it, or the authority stamped it: the next statements'
// floor where nobody has said anything since.
template <class AnyFloor>
void Daemon::on_newer_floor(const AnyFloor& floor, std::int64_t time_s) {
    clock_.observe_anchor(time_s);
    const auto kept = floors_->offer(floor, time_s);
    if (!kept.ok()) spdlog::error("keeping the newest floor: {}", kept.error().message);
}

void Daemon::on_alarm(const std::string& target, const anchor::Alarm& alarm) {
    spdlog::error("target {}: {}", target, alarm.text);
    if (alarm.kind != anchor::AlarmKind::stop_sealing) return;
    const std::string why = "target " + target +
                            " proved another history of this log: " + alarm.text +
                            "; nothing more is sealed here";
    gate_.close(GateReason::stopped, why);
    put_meta(kStoppedMetaName, why);
}

void Daemon::on_reconciled(const std::string& target) {
    if (!gate_.is_closed(GateReason::held)) return;
    // A target knows our statements log only. What this hub cosigned for others it cannot confirm.
    if (config_.hub.enabled) {
        spdlog::warn("target {} confirms our own log; a hub stays held until a person decides",
                     target);
        return;
    }
    spdlog::info("target {} confirms our history: the node is no longer held", target);
    const auto erased =
        sequencer_->run([](store::Batch& batch) { return batch.erase_meta(kHeldMetaName); });
    if (erased.ok()) gate_.open(GateReason::held);
}

void Daemon::put_meta(std::string_view name, const std::string& text) {
    const auto stored =
        sequencer_->run([&](store::Batch& batch) { return batch.put_meta(name, as_bytes(text)); });
    if (!stored.ok()) spdlog::error("{}", stored.error().message);
}

Result<void> Daemon::start_servers() {
    if (config_.hub.enabled) {
        enrolment_ = FIELDSEAL_TRY(Enrolment::load(config_.hub_logs_path()));
        hub_ = std::make_unique<Hub>(
            Hub::Parts{*store_, *sequencer_, clock_, gate_, *enrolment_, *keys_.witness,
                       identity_->witness_key.name,
                       [this] { return anchoring_->names(store::LogId::checkpoints); }});
    }
    FIELDSEAL_TRY(start_people());
    log_service_ = std::make_unique<LogService>(*store_);
    admin_ = std::make_unique<AdminService>(AdminService::Parts{
        *identity_, *store_, space_, *sequencer_, *checkpointer_, clock_, gate_, *seals_, *status_,
        *seal_keys_, *sealing_, *anchoring_, enrolment_.get(), &certificate_files_});
    api::add_admin_routes(admin_router_, *admin_);
    api::add_seal_life_routes(admin_router_, *seal_manager_, api::LocalFiles::taken);
    key_service_ = std::make_unique<SealKeyService>(*keys_.keystore, *seal_keys_, clock_);
    api::add_seal_key_routes(admin_router_, *key_service_);
    seal_certificates_ = std::make_unique<SealCertificates>(
        SealCertificates::Parts{*identity_, *seals_, *seal_keys_, *keys_.keystore, *seal_manager_,
                                *status_, certificate_files_, clock_});
    api::add_seal_certificate_routes(admin_router_, *seal_certificates_);
    api::add_audit_route(admin_router_,
                         [this](const api::AuditQuery& query) { return audit_->page(query); });
    api::add_people_admin_routes(admin_router_, *gatekeeper_, *console_);
    audit_routes(admin_router_, *audit_);
    api::ServerOptions options;
    options.address.unix_path = config_.admin_socket_path();
    options.unix_group = config_.admin.group;
    options.remote_is_user = true;
    options.threads = kAdminThreads;
    admin_server_ =
        FIELDSEAL_TRY(api::HttpServer::start(std::move(options), [this](api::Request& request) {
            request.caller = console_caller();
            request.caller.remote = request.remote;
            return admin_router_.dispatch(request);
        }));
    FIELDSEAL_TRY(start_public_server());
    return start_edge();
}

Result<void> Daemon::start_public_server() {
    if (config_.public_edge.listen.kind == ListenAddress::Kind::off) return {};
    api::add_log_routes(public_router_, *log_service_);
    if (hub_) api::add_witness_routes(public_router_, *hub_, *log_service_);
    api::ServerOptions options;
    options.address = to_address(config_.public_edge.listen);
    options.threads = kPublicThreads;
    public_server_ = FIELDSEAL_TRY(api::HttpServer::start(
        std::move(options),
        [this](const api::Request& request) { return public_router_.dispatch(request); }));
    spdlog::info("public routes on {}", public_server_->address().to_string());
    return {};
}

// What seals second factors is derived, so that a copied database alone gives none away.
Result<void> Daemon::start_people() {
    const SecretBytes key = FIELDSEAL_TRY(keys_.keystore->derived_key(kPeopleKeyPurpose));
    Digest digest = FIELDSEAL_TRY(to_digest(key.view()));
    people_rows_ = std::make_unique<PeopleRows>(*store_, *sequencer_);
    people_ = FIELDSEAL_TRY(people::People::open(*people_rows_, digest, people_clocks(clock_),
                                                 people_options(config_.people)));
    ::explicit_bzero(digest.data(), digest.size());
    gatekeeper_ = std::make_unique<GatekeeperService>(GatekeeperService::Parts{
        *people_, *audit_, clock_,
        [this](const api::AuditQuery& query) { return audit_->page(query); }});
    console_ = std::make_unique<ConsolePeople>(*people_, *audit_);
    return {};
}

Result<void> Daemon::start_edge() {
    if (config_.edge.listen.kind == ListenAddress::Kind::off) return {};
    office_ = std::make_unique<EdgeService>(
        EdgeService::Parts{*identity_, *store_, clock_, *seals_, *status_, *seal_keys_, *sealing_,
                           *anchoring_, *admin_, news_, metrics_});
    edge_ = FIELDSEAL_TRY(
        Edge::start({config_, *admin_, *office_, *log_service_, *seal_manager_, *gatekeeper_,
                     *audit_, *gatekeeper_, news_, metrics_, [this] { return scrape(); }}));
    spdlog::info("office routes on {}", edge_->address().to_string());
    return {};
}

Result<std::string> Daemon::scrape() const {
    NodeFacts facts = FIELDSEAL_TRY(office_->facts());
    if (const auto space = space_.state(); space.ok()) facts.disk_free_bytes = space->free_bytes;
    facts.sessions = people_->sessions();
    return metrics_.text(facts);
}

bool Daemon::housekeep() {
    if (failed()) return false;
    look_at_space();
    look_at_clock();
    seal_keys_->lock_idle(std::chrono::steady_clock::now(),
                          std::chrono::seconds(config_.custody.idle_lock_s));
    return true;
}

void Daemon::look_at_space() {
    const auto space = space_.state();
    if (!space.ok()) return;
    if (space->level == store::SpaceLevel::enough) {
        gate_.open(GateReason::storage);
        if (space->ballast || std::exchange(ballast_tried_, true)) return;
        const auto ballast = space_.ensure_ballast();
        if (!ballast.ok()) spdlog::warn("no ballast file: {}", ballast.error().message);
        return;
    }
    ballast_tried_ = false;
    gate_.close(GateReason::storage,
                "only " + std::to_string(space->free_bytes / kMiB) +
                    " MiB are free on the disk: make room, then sealing goes on by itself");
    // Checkpoints and proofs are still written, and a write that fails ends the process.
    if (space->ballast && space->free_bytes < store::kOpenReserveBytes) {
        spdlog::warn("the disk is full: giving up the ballast file");
        const auto released = space_.release_ballast();
        if (!released.ok()) spdlog::error("{}", released.error().message);
    }
}

// A clock that was set back is said once, in the log and the audit log; and `stop` stops.
void Daemon::look_at_clock() {
    if (const std::int64_t stepped_s = clock_.look(); stepped_s > 0) {
        spdlog::warn("the clock was set back by {} s while the node ran", stepped_s);
        note("clock-set-back", std::to_string(stepped_s) + " s");
    }
    const auto set_back = clock_.set_back();
    if (config_.clock.on_set_back == OnSetBack::keep_on || !set_back) {
        gate_.open(GateReason::clock);
        return;
    }
    gate_.close(GateReason::clock, "the clock is " + std::to_string(set_back->behind_s) +
                                       " s behind " + std::string(in_words(set_back->evidence)) +
                                       ": set it, then sealing goes on by itself");
}

void Daemon::note(std::string_view action, std::string subject) {
    const auto noted = audit_->append(
        {std::string(kAuditDaemon), std::string(action), std::move(subject), "ok", ""});
    if (!noted.ok()) spdlog::error("the audit log: {}", noted.error().message);
}

// Stop accepting, end the network, write the last checkpoint, close the store.
void Daemon::stop() {
    if (edge_) edge_->stop();
    if (public_server_) public_server_->stop();
    if (admin_server_) admin_server_->stop();
    if (anchoring_) anchoring_->stop();
    if (std::exchange(started_, false)) note("daemon-stop");
    if (sequencer_) sequencer_->stop();
    if (seal_keys_) seal_keys_->lock_all();
    if (!store_) return;
    const auto closed = store_->close();
    if (!closed.ok()) spdlog::error("closing the store: {}", closed.error().message);
}

// All threads inherit the mask: signals arrive only where they are waited for.
sigset_t block_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    return signals;
}

// Each connection is a descriptor: take what the system allows instead of the usual 1024.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        spdlog::warn("cannot raise the number of open files: {}", std::strerror(errno));
    }
}

}  // namespace

Result<void> run_daemon(const Config& config, const std::string& config_path,
                        const std::function<void()>& ready) {
    ::umask(0077);
    raise_descriptor_limit();
    const sigset_t signals = block_signals();
    Daemon daemon(config, config_path);
    FIELDSEAL_TRY(daemon.start());
    ready();
    const timespec pause{0, kHousekeepingNs};
    for (;;) {
        const int signal = ::sigtimedwait(&signals, nullptr, &pause);
        if (signal == SIGTERM || signal == SIGINT) break;
        // After a failed write nothing may touch the store again, not even to close it.
        if (!daemon.housekeep()) std::_Exit(kFatalExitCode);
    }
    spdlog::info("stopping");
    daemon.stop();
    if (daemon.failed()) std::_Exit(kFatalExitCode);
    return {};
}

}  // namespace fieldseal::node
