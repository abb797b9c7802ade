// SPDX-License-Identifier: Apache-2.0
#include "node/cli/media_type.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace fieldseal::node::cli {
namespace {

constexpr std::string_view kUnknown = "application/octet-stream";
constexpr std::size_t kRestrictedNameBytesMax = 127;

// IANA names, sorted by extension.
constexpr std::array<std::pair<std::string_view, std::string_view>, 41> kTypes = {{
    {"asice", "application/vnd.etsi.asic-e+zip"},
    {"asics", "application/vnd.etsi.asic-s+zip"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"csv", "text/csv"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"eml", "message/rfc822"},
    {"epub", "application/epub+zip"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"json", "application/json"},
    {"md", "text/markdown"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"p7m", "application/pkcs7-mime"},
    {"p7s", "application/pkcs7-signature"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"rtf", "application/rtf"},
    {"svg", "image/svg+xml"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"wav", "audio/vnd.wave"},
    {"webp", "image/webp"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"zip", "application/zip"},
}};
static_assert(std::is_sorted(kTypes.begin(), kTypes.end()));

constexpr bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_restricted_name(std::string_view name) {
    return !name.empty() && name.size() <= kRestrictedNameBytesMax && is_letter_or_digit(name[0]) &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_letter_or_digit(c) ||
                      std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
           });
}

}  // namespace

std::string_view media_type_of(std::string_view file_name) {
    const auto slash = file_name.rfind('/');
    if (slash != std::string_view::npos) file_name.remove_prefix(slash + 1);
    const auto dot = file_name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return kUnknown;
    std::string extension(file_name.substr(dot + 1));
    for (char& c : extension) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto* found =
        std::lower_bound(kTypes.begin(), kTypes.end(), std::string_view(extension),
                         [](const auto& row, std::string_view name) { return row.first < name; });
    return found != kTypes.end() && found->first == extension ? found->second : kUnknown;
}

bool is_media_type(std::string_view text) {
    const auto slash = text.find('/');
    return slash != std::string_view::npos && text.size() <= kRestrictedNameBytesMax &&
           is_restricted_name(text.substr(0, slash)) && is_restricted_name(text.substr(slash + 1));
}

}  // namespace fieldseal::node::cli
