// SPDX-License-Identifier: Apache-2.0
#include "api/answers.h"
#include "api/office_orders.h"
#include "api/office_routes.h"
#include "api/orders.h"
#include "api/paging.h"
#include "api/problem.h"
#include "api/seal_routes.h"

namespace fieldseal::api {
namespace {

constexpr std::string_view kCheckpointList = "checkpoints";
constexpr std::size_t kVerifyBytesMax = 1024 * 1024;  // evidence and trust file together
constexpr std::size_t kVerifyDepthMax = 20;           // of what stands inside the order

Response unlock(AdminBackend& admin, const Request& request, const std::string& seal) {
    const auto unlocked = unlock_seal(admin, request, seal);
    if (!unlocked.ok() && unlocked.error().code == Errc::denied)
        return problem(403, "wrong-passphrase", unlocked.error().message);
    return respond(unlocked);
}

Response list_checkpoints(OfficeBackend& office, const Request& request) {
    for (const auto& [name, value] : request.query) {
        if (name != "cursor" && name != "limit") return problem(unknown_query_name(name));
    }
    const auto query = read_page_query(request, kCheckpointList);
    if (!query.ok()) return problem(query.error());
    return respond(request, office.checkpoints(query->position, query->limit), kCheckpointList);
}

Response latest_checkpoint(LogBackend& log) {
    auto note = log.checkpoint(PublicLog::statements);
    if (!note.ok()) return problem(note.error());
    return {200, "text/plain; charset=utf-8", std::move(*note), {}};
}

// A file as text, or as the JSON it is.
Result<std::string> file_text(const json::Reader& at) {
    if (at.value().is_object()) return json::dump(at.value());
    return at.string(kVerifyBytesMax);
}

// {"document": {"sha256", "sha512"?}, "evidence", "trust"?}
Result<VerifyOrder> read_verify_order(const Request& request) {
    const json::Limits limits{.bytes_max = kVerifyBytesMax, .depth_max = kVerifyDepthMax};
    const auto body = FIELDSEAL_TRY(json::parse(request.body, limits));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    VerifyOrder order;
    auto document = FIELDSEAL_TRY(in.required_object("document"));
    order.sha256 = FIELDSEAL_TRY(document.required_hex_digest("sha256"));
    order.sha512 = FIELDSEAL_TRY(optional_sha512(document, "sha512"));
    FIELDSEAL_TRY(document.finish());
    const auto evidence = FIELDSEAL_TRY(in.required("evidence"));
    order.evidence = FIELDSEAL_TRY(file_text(evidence));
    if (const auto trust = in.optional("trust")) order.trust = FIELDSEAL_TRY(file_text(*trust));
    FIELDSEAL_TRY(in.finish());
    return order;
}

Response judge(OfficeBackend& office, const Request& request) {
    const auto order = read_verify_order(request);
    if (!order.ok()) return problem(order.error());
    auto report = office.verify(*order);
    if (!report.ok()) return problem(report.error());
    return {200, "application/json", std::move(*report), {}};
}

}  // namespace

void add_office_seals(Router& router, const OfficeParts& parts) {
    AdminBackend& admin = parts.admin;
    add_seal_life_routes(router, parts.seals);
    router.add({"POST", "/api/v1/seals/{name}/unlock", Permission::seal_unlock},
               [&admin](const Request& request, const PathValues& at) {
                   return unlock(admin, request, at.at("name"));
               });
    router.add({"POST", "/api/v1/seals/{name}/lock", Permission::seal_unlock},
               [&admin](const Request&, const PathValues& at) {
                   return respond(admin.lock(at.at("name")));
               });
}

void add_office_targets(Router& router, const OfficeParts& parts) {
    AdminBackend& admin = parts.admin;
    OfficeBackend& office = parts.office;
    router.add({"GET", "/api/v1/targets", Permission::outbox_read},
               [&office](const Request&, const PathValues&) { return respond(office.targets()); });
    router.add({"GET", "/api/v1/outbox", Permission::outbox_read},
               [&office](const Request&, const PathValues&) { return respond(office.outbox()); });
    router.add({"POST", "/api/v1/targets", Permission::target_manage},
               [&admin](const Request& request, const PathValues&) {
                   return respond(add_target(admin, request, LocalFiles::refused), 201);
               });
    router.add({"POST", "/api/v1/targets/{name}/test", Permission::target_manage},
               [&admin](const Request&, const PathValues& at) {
                   return respond(admin.test_target(at.at("name")));
               });
    router.add({"POST", "/api/v1/sync", Permission::anchor_sync},
               [&admin](const Request&, const PathValues&) { return respond(admin.sync()); });
    router.add({"POST", "/api/v1/hub/logs", Permission::target_manage},
               [&admin](const Request& request, const PathValues&) {
                   const auto vkey = read_single(request, "vkey", kVkeyBytesMax);
                   return vkey.ok() ? respond(admin.enroll_log(*vkey), 201) : problem(vkey.error());
               });
}

void add_office_node(Router& router, const OfficeParts& parts) {
    AdminBackend& admin = parts.admin;
    OfficeBackend& office = parts.office;
    LogBackend& log = parts.log;
    router.add({"GET", "/api/v1/status", Permission::outbox_read},
               [&admin](const Request&, const PathValues&) { return respond(admin.status()); });
    router.add({"GET", "/api/v1/node", Permission::node_read},
               [&admin](const Request&, const PathValues&) { return respond(admin.node_info()); });
    router.add(
        {"GET", "/api/v1/trust", Permission::node_read},
        [&admin](const Request&, const PathValues&) { return respond(admin.trust_export()); });
    router.add({"GET", "/api/v1/checkpoints", Permission::node_read},
               [&office](const Request& request, const PathValues&) {
                   return list_checkpoints(office, request);
               });
    router.add({"GET", "/api/v1/checkpoints/latest", Permission::node_read},
               [&log](const Request&, const PathValues&) { return latest_checkpoint(log); });
    router.add(
        {"POST", "/api/v1/verify", Permission::verify},
        [&office](const Request& request, const PathValues&) { return judge(office, request); });
}

}  // namespace fieldseal::api
