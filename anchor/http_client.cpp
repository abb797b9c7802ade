// SPDX-License-Identifier: Apache-2.0
// One easy handle per client; each request sets every option anew, so nothing leaks from the last.
#include "anchor/http_client.h"

#include "anchor/http_transfer.h"
#include "core/encoding.h"
#include "fieldseal_version.h"

#include <curl/curl.h>

#include <algorithm>
#include <csignal>
#include <limits>
#include <mutex>

namespace fieldseal::anchor {
namespace {

constexpr std::size_t kMaxHeaderLines = 32;
constexpr std::size_t kSpkiPinBase64Bytes = 44;

struct SlistDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Slist = std::unique_ptr<curl_slist, SlistDeleter>;

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

bool is_header_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    });
}

Result<void> check_request(const HttpRequest& request) {
    FIELDSEAL_TRY(check_url(request.url));
    if (!is_token(request.method)) {
        return Error{Errc::invalid_argument, "HTTP method " + quoted(request.method)};
    }
    if (request.headers.size() > kMaxHeaderLines) {
        return Error{Errc::invalid_argument, "too many request headers"};
    }
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name) || !is_header_value(value)) {
            return Error{Errc::invalid_argument, "request header " + quoted(name)};
        }
    }
    return {};
}

// With CURLOPT_NOSIGNAL libcurl leaves signals alone, and OpenSSL writes to a closed socket raise
// SIGPIPE: by default that would end the daemon. A handler somebody installed is respected.
void ignore_broken_pipes() {
    struct sigaction action{};
    if (::sigaction(SIGPIPE, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
}

// curl_global_init is not thread-safe in every build; it runs once, before the first handle.
bool init_curl() {
    static std::once_flag once;
    static bool is_ready = false;
    std::call_once(once, [] {
        ignore_broken_pipes();
        is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    });
    return is_ready;
}

long to_long(std::int64_t value) {
    return static_cast<long>(std::clamp<std::int64_t>(value, 0, std::numeric_limits<long>::max()));
}

bool append_line(Slist& list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return false;
    list.release();
    list.reset(longer);
    return true;
}

// Sets options and remembers the first that the installed libcurl refuses.
class Options {
public:
    explicit Options(CURL* handle) : handle_(handle) {}

    template <class T>
    void set(CURLoption option, T value) {
        const CURLcode code = curl_easy_setopt(handle_, option, value);
        if (code != CURLE_OK && code_ == CURLE_OK) {
            code_ = code;
            option_ = option;
        }
    }
    void flag(CURLoption option, bool is_on) { set(option, is_on ? 1L : 0L); }

    Result<void> finish() const {
        if (code_ == CURLE_OK) return {};
        return Error{Errc::internal, "libcurl refuses option " + std::to_string(option_) + ": " +
                                         curl_easy_strerror(code_)};
    }

private:
    CURL* handle_;
    CURLcode code_ = CURLE_OK;
    CURLoption option_{};
};

void set_surroundings(Options& options, const TlsSettings& tls) {
    options.flag(CURLOPT_NOSIGNAL, true);
    options.set(CURLOPT_PROTOCOLS_STR, "http,https");
    options.flag(CURLOPT_FOLLOWLOCATION, false);
    options.flag(CURLOPT_DISALLOW_USERNAME_IN_URL, true);
    options.set(CURLOPT_PROXY, "");
    options.set(CURLOPT_NOPROXY, "*");
    options.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    options.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    options.flag(CURLOPT_HTTP09_ALLOWED, false);
    options.flag(CURLOPT_HTTP_CONTENT_DECODING, false);
    const std::string agent = std::string("fieldseal/") + kVersion;
    options.set(CURLOPT_USERAGENT, agent.c_str());
    options.flag(CURLOPT_SSL_VERIFYPEER, true);
    options.set(CURLOPT_SSL_VERIFYHOST, 2L);
    options.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!tls.ca_file.empty()) {
        options.set(CURLOPT_CAINFO, tls.ca_file.c_str());
        options.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    if (!tls.spki_pin.empty()) options.set(CURLOPT_PINNEDPUBLICKEY, tls.spki_pin.c_str());
}

void set_limits(Options& options, const HttpLimits& limits) {
    options.set(CURLOPT_CONNECTTIMEOUT_MS,
                to_long(std::max<std::int64_t>(limits.connect_timeout.count(), 1)));
    options.set(CURLOPT_TIMEOUT_MS, to_long(limits.total_timeout.count()));
    options.set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.low_speed_bytes_per_s));
    options.set(CURLOPT_LOW_SPEED_TIME, to_long(limits.low_speed_window.count()));
    // Refuses a large Content-Length at once; the body callback holds for bodies without one.
    const auto body_max = static_cast<std::uint64_t>(limits.body_bytes_max);
    options.set(CURLOPT_MAXFILESIZE_LARGE,
                static_cast<curl_off_t>(
                    std::min<std::uint64_t>(body_max, std::numeric_limits<std::int64_t>::max())));
}

void set_body(Options& options, const HttpRequest& request) {
    const bool has_body = request.body_source || !request.body.empty() || request.method == "POST";
    if (!has_body) {
        options.flag(CURLOPT_HTTPGET, true);
    } else if (request.body_source) {
        options.flag(CURLOPT_POST, true);
        // A stream cannot be sent twice, so it never starts on a connection that may be dead.
        options.flag(CURLOPT_FRESH_CONNECT, true);
        const curl_off_t size =
            request.body_source_bytes ? static_cast<curl_off_t>(*request.body_source_bytes) : -1;
        options.set(CURLOPT_POSTFIELDSIZE_LARGE, size);
    } else {
        options.flag(CURLOPT_POST, true);
        options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        options.set(CURLOPT_POSTFIELDS, request.body.data());
    }
    options.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Result<Slist> header_list(const HttpRequest& request) {
    Slist list;
    bool is_complete = append_line(list, "Expect:");
    bool has_type = false;
    for (const auto& [name, value] : request.headers) {
        has_type = has_type || name == "Content-Type";
        // "Name;" is how libcurl spells a header with an empty value.
        is_complete =
            is_complete && append_line(list, value.empty() ? name + ";" : name + ": " + value);
    }
    if (!has_type) is_complete = is_complete && append_line(list, "Content-Type:");
    if (request.body_source && !request.body_source_bytes) {
        is_complete = is_complete && append_line(list, "Transfer-Encoding: chunked");
    }
    if (!is_complete) return Error{Errc::internal, "no memory for request headers"};
    return list;
}

}  // namespace

struct HttpClient::Impl {
    struct HandleDeleter {
        void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    };
    std::unique_ptr<CURL, HandleDeleter> handle;
    TlsSettings tls;
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpClient> HttpClient::open(const TlsSettings& tls) {
    if (!tls.spki_pin.empty() && !is_spki_pin(tls.spki_pin)) {
        return Error{Errc::invalid_argument,
                     "TLS pin " + quoted(tls.spki_pin) + " must read sha256//<base64 of 32 bytes>"};
    }
    auto impl = std::make_unique<Impl>();
    impl->tls = tls;
    if (init_curl()) impl->handle.reset(curl_easy_init());
    if (!impl->handle) return Error{Errc::internal, "libcurl cannot be initialised"};
    return HttpClient(std::move(impl));
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request, std::stop_token stop) {
    FIELDSEAL_TRY(check_request(request));
    CURL* handle = impl_->handle.get();
    const Slist headers = FIELDSEAL_TRY(header_list(request));
    Transfer transfer(request, std::move(stop));

    curl_easy_reset(handle);
    Options options(handle);
    set_surroundings(options, impl_->tls);
    set_limits(options, request.limits);
    options.set(CURLOPT_URL, request.url.c_str());
    if (!request.unix_socket.empty()) {
        options.set(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
    }
    options.set(CURLOPT_HTTPHEADER, headers.get());
    set_body(options, request);
    FIELDSEAL_TRY(options.finish());
    if (!transfer.attach(handle)) return Error{Errc::internal, "libcurl refuses callbacks"};

    const CURLcode code = curl_easy_perform(handle);
    auto response = transfer.finish(handle, code);
    // The handle must not keep pointers into this frame.
    curl_easy_reset(handle);
    return response;
}

Result<void> check_url(std::string_view url) {
    const auto refuse = [&](std::string_view why) {
        return Error{Errc::invalid_argument,
                     "address " + quoted(shown_address(url)) + ": " + std::string(why)};
    };
    if (url.size() > kMaxUrlBytes) return refuse("longer than 2048 bytes");
    std::string_view rest = url;
    if (rest.starts_with("https://")) {
        rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
        rest.remove_prefix(7);
    } else {
        return refuse("must start with https:// or http://");
    }
    const bool is_printable =
        std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!is_printable) return refuse("spaces, control bytes and non-ASCII must be percent-encoded");
    if (url.find('#') != std::string_view::npos) return refuse("has a fragment");
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    if (authority.empty()) return refuse("has no host");
    if (authority.find('@') != std::string_view::npos) return refuse("has a user name or password");
    return {};
}

std::string shown_address(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
    std::string_view authority = url.substr(host, end - host);
    authority.remove_prefix(std::min(authority.rfind('@') + 1, authority.size()));
    std::string shown(url.substr(0, host));
    return shown.append(authority);
}

bool is_spki_pin(std::string_view text) {
    constexpr std::string_view kPrefix = "sha256//";
    while (true) {
        const std::string_view pin = text.substr(0, text.find(';'));
        if (!pin.starts_with(kPrefix)) return false;
        const std::string_view digest = pin.substr(kPrefix.size());
        if (digest.size() != kSpkiPinBase64Bytes || !base64_decode_digest(digest).ok())
            return false;
        if (pin.size() == text.size()) return true;
        text.remove_prefix(pin.size() + 1);
    }
}

}  // namespace fieldseal::anchor
