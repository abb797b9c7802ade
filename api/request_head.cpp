// SPDX-License-Identifier: Apache-2.0
#include "api/request_head.h"

#include "core/encoding.h"

#include <algorithm>
#include <array>
#include <optional>

namespace fieldseal::api {
namespace {

constexpr std::string_view kTokenPunctuation = "!#$%&'*+-.^_`|~";

bool is_token_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kTokenPunctuation.find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// What cpp-httplib would take apart itself, into query values and files.
bool is_form(std::string_view content_type) {
    return content_type.starts_with("multipart/") ||
           content_type.starts_with("application/x-www-form-urlencoded");
}

// Walks the head line by line and remembers the first refusal.
class Judge {
public:
    explicit Judge(const HeadLimits& limits) : limits_(limits) {}

    HeadVerdict run(std::string_view head) {
        const std::size_t line_end = head.find("\r\n");
        if (head.size() > limits_.head_bytes_max)
            refuse(431, "the request head is too long");
        else if (line_end > limits_.request_line_bytes_max)
            refuse(414, "the request line is too long");
        else if (request_line(head.substr(0, line_end)))
            header_lines(head.substr(line_end + 2));
        if (ok_) finish();
        verdict_.accepted = ok_;
        return verdict_;
    }

private:
    bool refuse(int status, std::string why) {
        if (ok_) verdict_.refusal = {status, std::move(why)};
        ok_ = false;
        return false;
    }

    bool request_line(std::string_view line) {
        if (std::any_of(line.begin(), line.end(), [](char c) { return c < 0x20 || c > 0x7E; })) {
            return refuse(400, "control byte in the request line");
        }
        const std::size_t first = line.find(' ');
        const std::size_t last = line.rfind(' ');
        if (first == std::string_view::npos || first == last) {
            return refuse(400, "malformed request line");
        }
        method_ = line.substr(0, first);
        const auto target = line.substr(first + 1, last - first - 1);
        const auto version = line.substr(last + 1);
        if (!std::all_of(method_.begin(), method_.end(),
                         [](char c) { return c >= 'A' && c <= 'Z'; })) {
            return refuse(400, "malformed method");
        }
        constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD",   "POST",
                                                              "PUT", "DELETE", "PATCH"};
        if (std::find(kMethods.begin(), kMethods.end(), method_) == kMethods.end()) {
            return refuse(501, "method not implemented");
        }
        if (version != "HTTP/1.1" && version != "HTTP/1.0") {
            return refuse(505, "only HTTP/1.1 and HTTP/1.0");
        }
        http10_ = version == "HTTP/1.0";
        return request_target(target);
    }

    bool request_target(std::string_view target) {
        if (target.empty() || target[0] != '/')
            return refuse(400, "only origin-form request targets");
        for (std::size_t i = 0; i < target.size(); ++i) {
            const auto byte = static_cast<unsigned char>(target[i]);
            if (byte <= 0x20 || byte >= 0x7F || byte == '#') {
                return refuse(400, "forbidden byte in the request target");
            }
            if (byte != '%') continue;
            const auto code = hex_decode(lower(target.substr(i + 1, 2)));
            if (!code.ok() || code->size() != 1 || (*code)[0] < 0x20 || (*code)[0] == 0x7F) {
                return refuse(400, "forbidden percent-encoding in the request target");
            }
        }
        return true;
    }

    bool header_lines(std::string_view rest) {
        while (ok_) {
            const std::size_t end = rest.find("\r\n");
            if (end == std::string_view::npos)
                return refuse(400, "the head does not end in an empty line");
            const auto line = rest.substr(0, end);
            rest.remove_prefix(end + 2);
            if (line.empty()) {
                return rest.empty() || refuse(400, "bytes after the head");
            }
            if (verdict_.head.headers.size() >= limits_.header_count_max) {
                return refuse(431, "too many headers");
            }
            header_line(line);
        }
        return false;
    }

    bool header_line(std::string_view line) {
        for (const char c : line) {
            const auto byte = static_cast<unsigned char>(c);
            if ((byte < 0x20 && c != '\t') || byte == 0x7F)
                return refuse(400, "control byte in a header");
        }
        const std::size_t colon = line.find(':');
        if (colon == 0 || colon == std::string_view::npos ||
            !std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                         is_token_char)) {
            return refuse(400, "malformed header name");
        }
        const std::string name = lower(line.substr(0, colon));
        const auto value = trimmed(line.substr(colon + 1));
        if (!verdict_.head.headers.emplace(name, value).second) {
            return refuse(400, "header sent twice: " + quoted(name));
        }
        return known_header(name, value);
    }

    bool known_header(std::string_view name, std::string_view value) {
        if (name == "transfer-encoding") coding_ = value;
        if (name == "content-encoding") {
            return refuse(415, "send the body without Content-Encoding");
        }
        if (name == "expect") return expect(value);
        if (name == "range") return refuse(416, "no ranges are served: ask for the whole of it");
        if (name == "content-type" && is_form(lower(value))) {
            return refuse(415, "send the body as it is, not as a form: name its own Content-Type");
        }
        // Gateways take "_" and "-" for the same, and so read REMOTE_ADDR from a client.
        if (name.find('_') != std::string_view::npos) {
            return refuse(400, "a header's name has an underscore");
        }
        // cpp-httplib percent-decodes header values. Ours are as sent, and nothing of ours needs
        // one; what browsers send without being asked may have it.
        if (value.find('%') != std::string_view::npos && name != "referer" &&
            name != "user-agent" && name != "cookie") {
            return refuse(400, "percent sign in a header value");
        }
        if (name == "content-length") return content_length(value);
        if (name == "connection") connection_ = lower(value);
        if (name == "host") has_host_ = !value.empty();
        return true;
    }

    bool expect(std::string_view value) {
        if (lower(value) != "100-continue") {
            return refuse(417, "the only expectation that is met is 100-continue");
        }
        verdict_.head.expects_continue = true;
        return true;
    }

    bool content_length(std::string_view value) {
        const auto length = parse_decimal(value);
        if (!length.ok()) return refuse(400, "malformed Content-Length");
        if (*length > limits_.body_bytes_max) {
            return refuse(413, "the body is larger than " + std::to_string(limits_.body_bytes_max) +
                                   " bytes");
        }
        has_length_ = true;
        verdict_.head.content_length = *length;
        return true;
    }

    void finish() {
        const bool wants_body = method_ == "POST" || method_ == "PUT" || method_ == "PATCH";
        if (!has_host_ && !http10_)
            refuse(400, "no Host header");
        else if (coding_)
            transfer_encoding(*coding_);
        else if (wants_body && !has_length_)
            refuse(411, "send a Content-Length");
        else if (!wants_body && verdict_.head.content_length != 0)
            refuse(400, "a body is not expected here");
        auto& head = verdict_.head;
        head.keep_alive = !http10_ && connection_ != "close";
        head.expects_continue = head.expects_continue && !http10_ && head.content_length > 0;
    }

    // A body's end has one form here: nothing that two parsers could read in two ways.
    void transfer_encoding(std::string_view value) {
        if (has_length_ || http10_)
            refuse(400, "a Transfer-Encoding where a Content-Length is, or in HTTP/1.0");
        else if (lower(value) == "chunked")
            refuse(411, "send the body with a Content-Length: chunked bodies are not taken");
        else
            refuse(501, "no transfer coding is known here: send a Content-Length");
    }

    const HeadLimits& limits_;
    HeadVerdict verdict_;
    bool ok_ = true;
    bool http10_ = false;
    bool has_length_ = false;
    bool has_host_ = false;
    std::string_view method_;
    std::string connection_;
    std::optional<std::string> coding_;
};

}  // namespace

HeadVerdict judge_request_head(std::string_view head, const HeadLimits& limits) {
    return Judge(limits).run(head);
}

}  // namespace fieldseal::api
