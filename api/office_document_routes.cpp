// SPDX-License-Identifier: Apache-2.0
// A document is sealed as it streams by: hashed piece by piece, never stored, never whole in
// memory. What describes it comes in the query, its media type in Content-Type.
#include "api/content_digest.h"
#include "api/fair_share.h"
#include "api/office_orders.h"
#include "api/office_routes.h"
#include "api/orders.h"
#include "api/problem.h"

#include <algorithm>
#include <chrono>

namespace fieldseal::api {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::chrono::seconds kAskAgainEvery{20};
constexpr std::string_view kDefaultMediaType = "application/octet-stream";

Result<std::string> bounded(const std::string& name, const std::string& value, std::size_t max) {
    if (value.size() <= max) return value;
    return Error{Errc::invalid_argument, name + " has at most " + std::to_string(max) + " bytes"};
}

Result<SealOrder> read_description(const Request& request) {
    SealOrder order;
    order.actor = request.caller.account;
    order.media_type = request.header("content-type").value_or(kDefaultMediaType);
    if (order.media_type.size() > kMediaTypeBytesMax)
        return Error{Errc::invalid_argument, "Content-Type has at most 127 bytes"};
    for (const auto& [name, value] : request.query) {
        if (name == "name") {
            order.document_name = FIELDSEAL_TRY(bounded(name, value, kDocumentNameBytesMax));
        } else if (name == "subject") {
            order.subject = FIELDSEAL_TRY(bounded(name, value, kSubjectBytesMax));
        } else if (name == "seal") {
            order.seal = FIELDSEAL_TRY(bounded(name, value, kNameBytesMax));
        } else {
            return unknown_query_name(name);
        }
    }
    return order;
}

// What a form sends is a wrapping around the document, and its digest would be nobody's.
bool is_form(std::string_view media_type) {
    return media_type.starts_with("multipart/") ||
           media_type.starts_with("application/x-www-form-urlencoded");
}

Result<void> check_still_allowed(const Request& request) {
    if (!request.still_allowed || request.still_allowed()) return {};
    return Error{Errc::denied,
                 "the caller was logged out, disabled or lost the permission to seal while the "
                 "document arrived: nothing was sealed"};
}

// Reads the body to its end. Errors: unavailable (the sender is gone), denied (he may not any
// more).
Result<DocumentHasher::Digests> hash_body(const Request& request) {
    DocumentHasher hasher;
    std::vector<std::uint8_t> piece(kPieceBytes);
    auto ask_again_at = std::chrono::steady_clock::now() + kAskAgainEvery;
    for (;;) {
        const std::size_t bytes = FIELDSEAL_TRY(request.stream->read(piece));
        const auto now = std::chrono::steady_clock::now();
        if (bytes == 0 || now >= ask_again_at) {
            FIELDSEAL_TRY(check_still_allowed(request));
            ask_again_at = now + kAskAgainEvery;
        }
        if (bytes == 0) return hasher.finish();
        hasher.update(ByteView(piece).first(bytes));
    }
}

// Everything that can be refused is refused before the first byte of the body is read.
Response seal_document(const OfficeParts& parts, FairShare& share, const Request& request) {
    auto order = read_description(request);
    if (!order.ok()) return problem(order.error());
    const auto held = share.take(request.caller.account);
    if (held == nullptr) {
        return problem(503, "too-many-uploads",
                       "the account sends already " + std::to_string(share.most()) +
                           " documents, half of all places: wait for one");
    }
    if (is_form(order->media_type)) {
        return problem(415, "unsupported-media-type",
                       "send the document itself as the body, with its own Content-Type; a form's "
                       "body is not the document");
    }
    if (auto refused = take_key(request, *order)) return std::move(*refused);
    ContentDigest promised;
    if (const auto field = request.header("content-digest")) {
        auto parsed = parse_content_digest(*field);
        if (!parsed.ok()) return problem(parsed.error());
        promised = *parsed;
    }
    if (request.stream == nullptr)
        return problem(411, "request-refused", "the length of the document has to be told");
    order->document_bytes = request.stream->declared_bytes();
    if (*order->document_bytes > parts.document_bytes_max) {
        return problem(413, "too-large",
                       "a document has at most " + std::to_string(parts.document_bytes_max) +
                           " bytes here: send its digest to /api/v1/statements instead");
    }
    const auto digests = hash_body(request);
    if (!digests.ok()) return problem(digests.error());
    if (!promised.matches(digests->sha256, digests->sha512)) {
        return problem(400, "digest-mismatch",
                       "the body that arrived is not the one Content-Digest speaks of: nothing "
                       "was sealed, send it again");
    }
    order->document = digests->sha256;
    order->document_sha512 = digests->sha512;
    return respond(parts.office.seal(*order));
}

}  // namespace

void add_office_documents(Router& router, const OfficeParts& parts) {
    router.add({"POST", "/api/v1/documents", Permission::statement_create, RouteKind::upload},
               [parts, share = std::make_shared<FairShare>(parts.uploads_max)](
                   const Request& request, const PathValues&) {
                   return seal_document(parts, *share, request);
               });
}

}  // namespace fieldseal::api
