// SPDX-License-Identifier: Apache-2.0
// The public face of our logs (C2SP tlog-tiles) on top of the store.
//
// Only what a published checkpoint covers is served: a reader never learns of an entry before the
// checkpoint that commits to it. OWNED BY: the daemon. THREADS: any.
// Errors: not_found for what no checkpoint covers, invalid_argument for a path that is not
// canonical.
#pragma once

#include "api/backend.h"
#include "store/store.h"

namespace fieldseal::node {

class LogService final : public api::LogBackend {
public:
    explicit LogService(const store::Store& store) : store_(store) {}

    Result<std::string> checkpoint(api::PublicLog log) override;
    Result<Bytes> tile(api::PublicLog log, std::string_view path) override;

private:
    Result<store::CheckpointRecord> latest(store::LogId log) const;
    Result<Bytes> bundle(const store::LogReader& reader, const merkle::BundleId& id) const;

    const store::Store& store_;
};

}  // namespace fieldseal::node
