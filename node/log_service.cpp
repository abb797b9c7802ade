// SPDX-License-Identifier: Apache-2.0
#include "node/log_service.h"

namespace fieldseal::node {
namespace {

store::LogId to_log_id(api::PublicLog log) {
    return log == api::PublicLog::statements ? store::LogId::statements : store::LogId::checkpoints;
}

Error not_covered() {
    return {Errc::not_found, "no published checkpoint covers this tile"};
}

}  // namespace

Result<store::CheckpointRecord> LogService::latest(store::LogId log) const {
    auto record = FIELDSEAL_TRY(store_.checkpoints(log).latest());
    if (!record) return Error{Errc::not_found, "this log has no checkpoint yet"};
    return std::move(*record);
}

Result<std::string> LogService::checkpoint(api::PublicLog log) {
    return FIELDSEAL_TRY(latest(to_log_id(log))).note;
}

Result<Bytes> LogService::tile(api::PublicLog log, std::string_view path) {
    const store::LogId id = to_log_id(log);
    const auto size = FIELDSEAL_TRY(latest(id)).head.size;
    const auto reader = store_.log(id);
    if (path.starts_with("tile/entries/")) {
        const auto bundle_id = FIELDSEAL_TRY(merkle::parse_bundle_path(path));
        if (bundle_id.width > merkle::tile_width(0, bundle_id.index, size)) return not_covered();
        return bundle(reader, bundle_id);
    }
    const auto tile_id = FIELDSEAL_TRY(merkle::parse_tile_path(path));
    if (tile_id.width > merkle::tile_width(tile_id.level, tile_id.index, size))
        return not_covered();
    return reader.read_tile(tile_id);
}

Result<Bytes> LogService::bundle(const store::LogReader& reader, const merkle::BundleId& id) const {
    const merkle::LeafIndex first{id.index * merkle::kTileWidth};
    Bytes bytes;
    for (const Digest& entry : FIELDSEAL_TRY(reader.entries(first, id.width))) {
        merkle::append_bundle_entry(bytes, entry);
    }
    return bytes;
}

}  // namespace fieldseal::node
