// SPDX-License-Identifier: Apache-2.0
#include "tests/support/lying_hub.h"

#include "core/check.h"
#include "core/encoding.h"
#include "core/evidence.h"

namespace fieldseal::testing {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kWitnessSeed = 0x77;
constexpr std::uint8_t kStrangerSeed = 0x55;
constexpr std::uint8_t kHubLogSeed = 0x4C;
constexpr std::uint64_t kTenYearsSeconds = 10ULL * 365 * 86'400;
constexpr std::uint64_t kHugeHeaderBytes = 200'000'000;
constexpr std::uint64_t kEndless = UINT64_MAX;
constexpr std::string_view kSizeType = "Content-Type: text/x.tlog.size\r\n";

// The line with one bit of its signature turned.
std::string broken(std::string line) {
    char& c = line.at(line.size() - 20);
    c = c == 'A' ? 'B' : 'A';
    return line;
}

Digest other_root(Digest root) {
    root[0] ^= 1;
    return root;
}

// Lies that come after, or beside, an honest acceptance.
bool accepts_honestly(Lie lie) {
    switch (lie) {
        case Lie::none:
        case Lie::wrong_log_proof:
        case Lie::nested_log_proof:
        case Lie::stranger_log_proof:
        case Lie::renamed_log_proof:
        case Lie::stranger_lines:
            return true;
        default:
            return false;
    }
}

}  // namespace

LyingHub::LyingHub(note::VerifierKey key, std::int64_t now_s,
                   std::shared_ptr<const TlsIdentity> tls)
    : enrolled_(std::move(key)),
      now_s_(now_s),
      witness_("hub.example/witness", note::KeyType::cosignature, kWitnessSeed),
      stranger_("stranger.example/witness", note::KeyType::cosignature, kStrangerSeed),
      stranger_log_("hub.example/log", note::KeyType::ed25519, kStrangerSeed),
      log_("hub.example/log", kHubLogSeed, 3),
      server_([this](Connection& connection) { serve(connection); },
              ScriptedServer::Options{"", std::move(tls)}) {}

void LyingHub::behave(Lie lie) {
    const std::lock_guard lock(mutex_);
    lie_ = lie;
}

void LyingHub::show(std::string note) {
    const std::lock_guard lock(mutex_);
    shown_ = std::move(note);
}

void LyingHub::close_log(bool is_closed) {
    const std::lock_guard lock(mutex_);
    is_closed_ = is_closed;
}

witness::LogState LyingHub::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void LyingHub::forget() {
    const std::lock_guard lock(mutex_);
    state_ = witness::LogState{};
    accepted_note_.clear();
}

std::vector<std::string> LyingHub::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void LyingHub::serve(Connection& connection) {
    const auto request = connection.read_request();
    if (!request) return;
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request->method + " " + request->path);
    }
    constexpr std::string_view kProof = "/proof/";
    if (request->path == "/add-checkpoint") return add_checkpoint(connection, *request);
    if (request->path.ends_with("/checkpoint")) return monitor(connection);
    if (request->path.starts_with(kProof)) {
        return log_proof(connection, std::string_view(request->path).substr(kProof.size()));
    }
    connection.answer(404, "", "no such route\n");
}

std::string LyingHub::cosign(const note::Checkpoint& checkpoint, std::uint64_t time_s) const {
    return witness_.cosign(time_s, checkpoint.text()).line();
}

void LyingHub::add_checkpoint(Connection& connection, const SeenRequest& request) {
    const auto parsed = witness::parse_add_checkpoint(request.body);
    if (!parsed.ok()) {
        connection.answer(400, "", parsed.error().message + "\n");
        return;
    }
    Lie lie = Lie::none;
    {
        const std::lock_guard lock(mutex_);
        lie = lie_;
    }
    if (accepts_honestly(lie)) return answer_honestly(connection, *parsed);
    if (answer_with_cosignature(connection, parsed->checkpoint)) return;
    if (answer_with_refusal(connection, parsed->checkpoint)) return;
    answer_badly(connection);
}

void LyingHub::answer_honestly(Connection& connection, const witness::AddCheckpoint& request) {
    const std::lock_guard lock(mutex_);
    const auto decision = witness::accept(state_, request, std::span(&enrolled_, 1),
                                          static_cast<std::uint64_t>(now_s_));
    if (const auto* refused = std::get_if<witness::Refused>(&decision)) {
        const bool is_stale = refused->status == witness::Refusal::stale;
        connection.answer(
            static_cast<int>(refused->status), is_stale ? kSizeType : "",
            is_stale ? witness::format_size_reply(refused->stored_size) : refused->reason + "\n");
        return;
    }
    const auto& accepted = std::get<witness::Accepted>(decision);
    state_ = accepted.next;
    accepted_note_ = request.note;
    const std::string digest = hex_encode(accepted.checkpoint.digest());
    if (logged_.emplace(digest, log_.size()).second) log_.append(accepted.checkpoint.digest());
    connection.answer(200, "", reply_to(accepted.checkpoint, accepted.time_s));
}

std::string LyingHub::reply_to(const note::Checkpoint& checkpoint, std::uint64_t time_s) {
    const std::string line = cosign(checkpoint, time_s);
    if (first_line_.empty()) first_line_ = line;
    if (lie_ != Lie::stranger_lines) return line;
    const std::string text = checkpoint.text();
    return stranger_.cosign(time_s, text).line() + line + stranger_log_.sign(text);
}

bool LyingHub::answer_with_cosignature(Connection& connection, const note::Checkpoint& checkpoint) {
    const std::lock_guard lock(mutex_);
    const auto now = static_cast<std::uint64_t>(now_s_);
    const std::string good = cosign(checkpoint, now);
    const auto answer = [&](std::string_view body) {
        return connection.answer(200, "", body), true;
    };
    switch (lie_) {
        case Lie::wrong_root: {
            note::Checkpoint other = checkpoint;
            other.root = other_root(other.root);
            return answer(cosign(other, now));
        }
        case Lie::stale_cosignature:
            return answer(first_line_);
        case Lie::foreign_cosignature:
            return answer(stranger_.cosign(now, checkpoint.text()).line());
        case Lie::renamed_cosignature: {
            note::Cosignature renamed = stranger_.cosign(now, checkpoint.text());
            renamed.name = witness_.key().name;
            renamed.key_id = witness_.key().id();
            return answer(renamed.line());
        }
        case Lie::poisoned_line:
            return answer(good + broken(good));
        case Lie::injected_text:
            return answer(good + "\nother.example/log\n1\n" + good);
        case Lie::future_cosignature:
            return answer(cosign(checkpoint, now + kTenYearsSeconds));
        case Lie::zero_time:
            return answer(cosign(checkpoint, 0));
        case Lie::old_cosignature:
            return answer(cosign(checkpoint, now - kTenYearsSeconds));
        case Lie::empty_200:
            return answer("");
        case Lie::html_200:
            return answer("<html><body>Welcome to Hotel WiFi</body></html>\n");
        default:
            return false;
    }
}

bool LyingHub::answer_with_refusal(Connection& connection, const note::Checkpoint& checkpoint) {
    const std::lock_guard lock(mutex_);
    const auto answer = [&](int status, std::string_view headers, std::string_view body) {
        return connection.answer(status, headers, body), true;
    };
    const std::uint64_t size = checkpoint.size.value;
    switch (lie_) {
        case Lie::larger_checkpoint:
        case Lie::larger_409:
            return answer(409, kSizeType, std::to_string(size + 1000) + "\n");
        case Lie::smaller_409:
            return answer(409, kSizeType, "1\n");
        case Lie::drifting_409:
            return answer(409, kSizeType, std::to_string(1 + drift_++ % 3) + "\n");
        case Lie::forked_checkpoint:
        case Lie::untyped_409:
            return answer(409, "", "roots differ\n");
        case Lie::malformed_409:
            return answer(409, kSizeType, "0017\n");
        case Lie::foreign_checkpoint:
        case Lie::groundless_422:
            return answer(422, "", "the proof does not verify\n");
        case Lie::forbidden_403:
            return answer(403, "", "no trusted signature\n");
        case Lie::unknown_404:
            return answer(404, "", "unknown origin\n");
        case Lie::error_500:
            return answer(500, "", "oops\n");
        case Lie::busy_503:
            return answer(503, "Retry-After: 7\r\n", "later\n");
        case Lie::busy_429:
            return answer(429, "Retry-After: 7\r\n", "slow down\n");
        case Lie::late_408:
            return answer(408, "", "too late\n");
        case Lie::redirect:
            return answer(302, "Location: http://127.0.0.1:9/\r\n", "");
        default:
            return false;
    }
}

void LyingHub::answer_badly(Connection& connection) {
    Lie lie = Lie::none;
    {
        const std::lock_guard lock(mutex_);
        lie = lie_;
    }
    const std::string head = "HTTP/1.1 200 OK\r\n";
    switch (lie) {
        case Lie::cut_body:
            connection.write(head + "Content-Length: 500\r\n\r\n\xE2\x80\x94 hub.example/wit");
            return;
        case Lie::slow_body:
            connection.write(head + "Content-Length: 500\r\n\r\n");
            while (connection.pause(milliseconds(1000)) && connection.write("x")) continue;
            return;
        case Lie::huge_header:
            connection.write(head + "X-Padding: ");
            return pour(connection, std::string(64 * 1024, 'h'), kHugeHeaderBytes);
        case Lie::endless_body:
            connection.write(head + "\r\n");
            return pour(connection, std::string(64 * 1024, 'b'), kEndless);
        case Lie::no_answer:
            connection.pause(milliseconds(60'000));
            return;
        case Lie::not_http:
            connection.write("\x16\x03\x01\x02\x00\x01 220 smtp ready\r\n");
            return;
        default:
            FIELDSEAL_CHECK(false);
    }
}

void LyingHub::pour(Connection& connection, std::string_view unit, std::uint64_t bytes) {
    for (std::uint64_t sent = 0; sent < bytes; sent += unit.size()) {
        if (!connection.write(unit)) return;
        bytes_sent_ += unit.size();
    }
}

void LyingHub::monitor(Connection& connection) {
    const std::lock_guard lock(mutex_);
    const bool is_showing = lie_ == Lie::forked_checkpoint || lie_ == Lie::larger_checkpoint ||
                            lie_ == Lie::foreign_checkpoint;
    const std::string& note = is_showing ? shown_ : accepted_note_;
    if (note.empty()) {
        connection.answer(404, "", "nothing seen\n");
    } else {
        connection.answer(200, "Content-Type: text/plain; charset=utf-8\r\n", note);
    }
}

// The newest checkpoint of its log, signed by whom the lie wants.
std::string LyingHub::log_note() const {
    const std::string text = log_.checkpoint(log_.size()).text();
    std::string line = log_.signer().sign(text);
    if (lie_ == Lie::stranger_log_proof) line = stranger_log_.sign(text);
    if (lie_ == Lie::renamed_log_proof) {
        line =
            note::signature_line(log_.key().name, log_.key().id(), stranger_log_.sign_bytes(text));
    }
    return note::format_note(text, std::span(&line, 1));
}

void LyingHub::log_proof(Connection& connection, std::string_view digest_hex) {
    const std::lock_guard lock(mutex_);
    const auto found = logged_.find(std::string(digest_hex));
    if (!is_closed_ || found == logged_.end()) {
        connection.answer(404, "", "not logged\n");
        return;
    }
    // The wrong PROOF is a good one, of the entry before.
    const std::uint64_t index = found->second - (lie_ == Lie::wrong_log_proof ? 1 : 0);
    Proof proof;
    proof.index = index;
    proof.hashes = log_.inclusion(index, log_.size());
    proof.checkpoint = log_note();
    if (lie_ == Lie::nested_log_proof) {
        Proof inner = proof;
        inner.logged = {proof};
        proof.logged = {inner};
    }
    connection.answer(200, "Content-Type: application/json\r\n", to_json(proof));
}

}  // namespace fieldseal::testing
