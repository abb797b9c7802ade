// SPDX-License-Identifier: Apache-2.0
// A gatekeeper who knows nobody: what an edge has before there are accounts. Default deny.
// THREADS: any.
#pragma once

#include "api/gatekeeper.h"

namespace fieldseal::node {

class ClosedGatekeeper final : public api::Gatekeeper {
public:
    Result<api::Caller> caller_of_cookie(std::string_view) override { return nobody(); }
    Result<api::Caller> caller_of_token(std::string_view) override { return nobody(); }
    Result<api::Session> log_in(const api::LogInOrder&) override { return nobody(); }
    Result<api::Session> pair(const api::PairingOrder&) override { return nobody(); }
    Result<void> log_out(std::string_view) override { return nobody(); }
    Result<void> confirm(std::string_view, const api::LogInOrder&) override { return nobody(); }

private:
    static Error nobody() { return {Errc::unauthenticated, "this node has no accounts yet"}; }
};

}  // namespace fieldseal::node
