// SPDX-License-Identifier: Apache-2.0
// A witness never goes back, whatever it is asked; a log reads any answer without harm. The first
// byte chooses the side: 's' the server's request, 'c' the client's replies.
#include "core/check.h"
#include "core/witness/accept.h"
#include "core/witness/add_checkpoint.h"
#include "tests/support/note_signer.h"

#include <cstdint>
#include <variant>
#include <vector>

using namespace fieldseal;

namespace {

constexpr std::uint64_t kNow = 1700000000;

void serve(std::string_view body) {
    // Signed the seeds of corpus/witness.
    static const std::vector log_keys{
        testing::NoteSigner("log.example", note::KeyType::ed25519, 0x01).key()};
    const auto request = witness::parse_add_checkpoint(body);
    if (!request.ok()) return;
    FIELDSEAL_CHECK(
        witness::format_add_checkpoint(request->old_size, request->proof, request->note) == body);
    // A state that lets the request through to the tree checks, and one that is ahead of it.
    for (const std::uint64_t size : {request->old_size.value, request->old_size.value + 1}) {
        witness::LogState state;
        state.last_time_s = kNow + 5;
        if (size != 0) state.head = {merkle::TreeSize{size}, request->checkpoint.root};
        const auto decision = witness::decide(state, *request, kNow);
        const auto* accepted = std::get_if<witness::Accepted>(&decision);
        if (accepted == nullptr) continue;
        FIELDSEAL_CHECK(accepted->next.head == request->checkpoint.head());
        FIELDSEAL_CHECK(accepted->next.head.size >= state.head.size);
        FIELDSEAL_CHECK(accepted->time_s == state.last_time_s);
    }
    const auto decision = witness::accept({}, *request, log_keys, kNow);
    if (std::holds_alternative<witness::Accepted>(decision)) {
        FIELDSEAL_CHECK(!witness::check_log_signature(*request, log_keys));
    }
}

void ask(std::string_view body) {
    static const testing::NoteSigner witness("w1.example", note::KeyType::cosignature, 0x11);
    static const note::Checkpoint checkpoint{"log.example", {10}, Digest{}};
    if (const auto cosignature = witness::parse_reply(body, checkpoint, witness.key())) {
        FIELDSEAL_CHECK(
            note::verify_cosignature(*cosignature, checkpoint.text(), witness.key()).ok());
    }
    if (const auto stored = witness::parse_size_reply(body)) {
        FIELDSEAL_CHECK(witness::format_size_reply(*stored) == body);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view body = as_text({data + 1, size - 1});
    if (data[0] == 's') serve(body);
    if (data[0] == 'c') ask(body);
    return 0;
}
