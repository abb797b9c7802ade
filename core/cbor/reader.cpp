// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/reader.h"

namespace fieldseal::cbor {
namespace {

std::string range(std::size_t min, std::size_t max, std::string_view what) {
    if (min == max) return std::to_string(min) + " " + std::string(what);
    return std::to_string(min) + " to " + std::to_string(max) + " " + std::string(what);
}

}  // namespace

Error Reader::error(std::string_view message) const {
    return {Errc::invalid_argument, path_ + ": " + std::string(message)};
}

Result<std::int64_t> Reader::integer(std::int64_t min, std::int64_t max) const {
    if (!value_->is_integer()) return error("not an integer but " + std::string(value_->kind()));
    const std::int64_t number = value_->as_integer();
    if (number < min || number > max) {
        return error(std::to_string(number) + " is not within " + std::to_string(min) + " to " +
                     std::to_string(max));
    }
    return number;
}

Result<Bytes> Reader::bytes(std::size_t min, std::size_t max) const {
    if (!value_->is_bytes()) return error("not a byte string but " + std::string(value_->kind()));
    const Bytes& content = value_->as_bytes();
    if (content.size() < min || content.size() > max) {
        return error(std::to_string(content.size()) + " bytes, not " + range(min, max, "bytes"));
    }
    return content;
}

Result<std::string> Reader::text(std::size_t bytes_max) const {
    if (!value_->is_text()) return error("not text but " + std::string(value_->kind()));
    const std::string& content = value_->as_text();
    if (content.empty() || content.size() > bytes_max) {
        return error(std::to_string(content.size()) + " bytes, not " +
                     range(1, bytes_max, "bytes"));
    }
    return content;
}

Result<std::vector<Reader>> Reader::items(std::size_t min, std::size_t max) const {
    if (!value_->is_array()) return error("not an array but " + std::string(value_->kind()));
    const Array& items = value_->as_array();
    if (items.size() < min || items.size() > max) {
        return error(std::to_string(items.size()) + " items, not " + range(min, max, "items"));
    }
    std::vector<Reader> readers;
    readers.reserve(items.size());
    for (const Value& item : items) {
        readers.emplace_back(item, path_ + "[" + std::to_string(readers.size()) + "]");
    }
    return readers;
}

Result<MapReader> Reader::map() const {
    if (!value_->is_map()) return error("not a map but " + std::string(value_->kind()));
    return MapReader(value_->as_map(), path_);
}

std::optional<Reader> MapReader::optional(const Key& key) {
    for (std::size_t i = 0; i < entries_->size(); ++i) {
        if ((*entries_)[i].first != key) continue;
        asked_[i] = true;
        return Reader((*entries_)[i].second, path_ + "[" + key.to_string() + "]");
    }
    return std::nullopt;
}

Result<Reader> MapReader::required(const Key& key) {
    auto found = optional(key);
    if (!found) {
        return Error{Errc::invalid_argument, path_ + "[" + key.to_string() + "]: missing"};
    }
    return *std::move(found);
}

Result<void> MapReader::finish() const {
    for (std::size_t i = 0; i < entries_->size(); ++i) {
        if (asked_[i]) continue;
        return Error{Errc::invalid_argument,
                     path_ + ": unknown label " + (*entries_)[i].first.to_string()};
    }
    return {};
}

}  // namespace fieldseal::cbor
