// SPDX-License-Identifier: Apache-2.0
#include "core/json/reader.h"

#include "core/encoding.h"

namespace fieldseal::json {
namespace {

// Reads an optional member with the Reader call `read`.
template <class T, class Read>
Result<std::optional<T>> optional_as(Members& in, std::string_view name, Read read) {
    const auto found = in.optional(name);
    if (!found) return std::optional<T>();
    return std::optional<T>(FIELDSEAL_TRY(read(*found)));
}

}  // namespace

Error Reader::error(std::string_view message) const {
    const std::string where = path_.empty() ? std::string() : path_ + ": ";
    return {Errc::invalid_argument, where + std::string(message)};
}

Result<bool> Reader::boolean() const {
    if (!value_->is_bool()) return error("not true or false but " + std::string(value_->kind()));
    return value_->as_bool();
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

Result<std::string> Reader::string(std::size_t bytes_max) const {
    if (!value_->is_string()) return error("not a string but " + std::string(value_->kind()));
    const std::string& text = value_->as_string();
    if (text.size() > bytes_max) {
        return error("longer than " + std::to_string(bytes_max) + " bytes");
    }
    return text;
}

Result<Bytes> Reader::base64(std::size_t bytes_max) const {
    if (!value_->is_string()) return error("not a string but " + std::string(value_->kind()));
    auto bytes = base64_decode(value_->as_string());
    if (!bytes) return error(bytes.error().message);
    if (bytes->size() > bytes_max) {
        return error("longer than " + std::to_string(bytes_max) + " bytes");
    }
    return bytes;
}

Result<Digest> Reader::base64_digest() const {
    auto digest = base64_decode_digest(FIELDSEAL_TRY(string()));
    if (!digest) return error(digest.error().message);
    return digest;
}

Result<Digest> Reader::hex_digest() const {
    auto digest = hex_decode_digest(FIELDSEAL_TRY(string()));
    if (!digest) return error(digest.error().message);
    return digest;
}

Result<std::vector<Reader>> Reader::items(std::size_t count_max) const {
    if (!value_->is_array()) return error("not an array but " + std::string(value_->kind()));
    const Array& items = value_->as_array();
    if (items.size() > count_max) {
        return error("more than " + std::to_string(count_max) + " items");
    }
    std::vector<Reader> readers;
    readers.reserve(items.size());
    for (const Value& item : items) {
        readers.emplace_back(item, path_ + "[" + std::to_string(readers.size()) + "]");
    }
    return readers;
}

Result<Members> Reader::members() const {
    if (!value_->is_object()) return error("not an object but " + std::string(value_->kind()));
    return Members(value_->as_object(), path_);
}

std::string Members::path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

Error Members::error(std::string_view message) const {
    const std::string where = path_.empty() ? std::string() : path_ + ": ";
    return {Errc::invalid_argument, where + std::string(message)};
}

Error Members::error_at(std::string_view name, std::string_view message) const {
    return {Errc::invalid_argument, path_of(name) + ": " + std::string(message)};
}

std::optional<Reader> Members::optional(std::string_view name) {
    for (std::size_t i = 0; i < members_->size(); ++i) {
        if ((*members_)[i].name != name) continue;
        asked_[i] = true;
        return Reader((*members_)[i].value, path_of(name));
    }
    return std::nullopt;
}

Result<Reader> Members::required(std::string_view name) {
    auto found = optional(name);
    if (!found) return error_at(name, "missing");
    return *std::move(found);
}

Result<bool> Members::required_bool(std::string_view name) {
    return FIELDSEAL_TRY(required(name)).boolean();
}

Result<std::int64_t> Members::required_integer(std::string_view name, std::int64_t min,
                                               std::int64_t max) {
    return FIELDSEAL_TRY(required(name)).integer(min, max);
}

Result<std::string> Members::required_string(std::string_view name, std::size_t bytes_max) {
    return FIELDSEAL_TRY(required(name)).string(bytes_max);
}

Result<Bytes> Members::required_base64(std::string_view name, std::size_t bytes_max) {
    return FIELDSEAL_TRY(required(name)).base64(bytes_max);
}

Result<Digest> Members::required_base64_digest(std::string_view name) {
    return FIELDSEAL_TRY(required(name)).base64_digest();
}

Result<Digest> Members::required_hex_digest(std::string_view name) {
    return FIELDSEAL_TRY(required(name)).hex_digest();
}

Result<std::vector<Reader>> Members::required_array(std::string_view name, std::size_t count_max) {
    return FIELDSEAL_TRY(required(name)).items(count_max);
}

Result<Members> Members::required_object(std::string_view name) {
    return FIELDSEAL_TRY(required(name)).members();
}

Result<std::optional<bool>> Members::optional_bool(std::string_view name) {
    return optional_as<bool>(*this, name, [](const Reader& at) { return at.boolean(); });
}

Result<std::optional<std::int64_t>> Members::optional_integer(std::string_view name,
                                                              std::int64_t min, std::int64_t max) {
    return optional_as<std::int64_t>(*this, name,
                                     [&](const Reader& at) { return at.integer(min, max); });
}

Result<std::optional<std::string>> Members::optional_string(std::string_view name,
                                                            std::size_t bytes_max) {
    return optional_as<std::string>(*this, name,
                                    [&](const Reader& at) { return at.string(bytes_max); });
}

Result<std::optional<Bytes>> Members::optional_base64(std::string_view name,
                                                      std::size_t bytes_max) {
    return optional_as<Bytes>(*this, name, [&](const Reader& at) { return at.base64(bytes_max); });
}

Result<std::optional<Digest>> Members::optional_base64_digest(std::string_view name) {
    return optional_as<Digest>(*this, name, [](const Reader& at) { return at.base64_digest(); });
}

Result<std::optional<Digest>> Members::optional_hex_digest(std::string_view name) {
    return optional_as<Digest>(*this, name, [](const Reader& at) { return at.hex_digest(); });
}

Result<std::vector<Reader>> Members::optional_array(std::string_view name, std::size_t count_max) {
    const auto found = optional(name);
    if (!found) return std::vector<Reader>();
    return found->items(count_max);
}

Result<std::optional<Members>> Members::optional_object(std::string_view name) {
    return optional_as<Members>(*this, name, [](const Reader& at) { return at.members(); });
}

Result<void> Members::finish() const {
    for (std::size_t i = 0; i < members_->size(); ++i) {
        if (!asked_[i]) return error("unknown member " + fieldseal::quoted((*members_)[i].name));
    }
    return {};
}

}  // namespace fieldseal::json
