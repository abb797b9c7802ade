// SPDX-License-Identifier: Apache-2.0
// Server-sent events (HTML standard, 9.2). The id of each event is the cursor after it; a first,
// empty event gives a new listener his place, so that he loses nothing even if nothing happens
// before he is cut off.
#include "api/fair_share.h"
#include "api/office_routes.h"
#include "api/orders.h"
#include "api/problem.h"

#include <chrono>
#include <functional>

namespace fieldseal::api {
namespace {

constexpr std::string_view kRetryLine = "retry: 3000\n";

std::string text_of(const Event& event) {
    return "id: " + event.cursor + "\nevent: " + event.name + "\ndata: " + json::dump(event.data) +
           "\n\n";
}

// At each look the caller is asked for again: his stream ends with his session or his permission.
void tell(EventStream& stream, std::chrono::milliseconds heartbeat, ResponseSink& sink,
          const std::function<bool()>& still_allowed) {
    if (!sink.write(std::string(kRetryLine) + "id: " + stream.cursor() + "\n\n")) return;
    while (stream.open() && sink.open()) {
        const auto events = stream.next(heartbeat);
        // The store cannot be read: the listener comes back with his cursor.
        if (!events.ok()) return;
        if (still_allowed && !still_allowed()) return;
        std::string text;
        for (const Event& event : *events) text += text_of(event);
        if (text.empty()) text = ": still here\n\n";
        if (!sink.write(text)) return;
    }
}

// Last-Event-ID is what a browser sends when it comes back; `after` is for everybody else.
Result<std::optional<std::string>> read_place(const Request& request) {
    std::optional<std::string> place;
    for (const auto& [name, value] : request.query) {
        if (name != "after") return unknown_query_name(name);
        place = value;
    }
    if (const auto last = request.header("last-event-id"); last && !last->empty()) place = *last;
    return place;
}

Response listen(const OfficeParts& parts, FairShare& share, const Request& request) {
    const auto place = read_place(request);
    if (!place.ok()) return problem(place.error());
    const auto held = share.take(request.caller.account);
    if (held == nullptr) {
        return problem(503, "too-many-listeners",
                       "the account listens already " + std::to_string(share.most()) +
                           " times, half of all places: close one");
    }
    auto opened = parts.office.listen(*place);
    if (!opened.ok()) return problem(opened.error());
    const std::shared_ptr<EventStream> stream = std::move(*opened);
    Response response{200, "text/event-stream", {}, {}};
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Accel-Buffering", "no");
    response.write = [stream, held, heartbeat = parts.heartbeat, allowed = request.still_allowed](
                         ResponseSink& sink) { tell(*stream, heartbeat, sink, allowed); };
    return response;
}

}  // namespace

void add_office_events(Router& router, const OfficeParts& parts) {
    router.add(
        {"GET", "/api/v1/events", Permission::outbox_read, RouteKind::events},
        [parts, share = std::make_shared<FairShare>(parts.event_streams_max)](
            const Request& request, const PathValues&) { return listen(parts, *share, request); });
}

}  // namespace fieldseal::api
