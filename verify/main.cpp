// SPDX-License-Identifier: Apache-2.0
// fieldseal-verify: is this document the one that was sealed, by whom, and when? Offline; reads
// three files and prints a report. Exit codes in docs/formats/verdicts.md.
#include "core/encoding.h"
#include "core/hash.h"
#include "fieldseal_version.h"
#include "verify/files.h"
#include "verify/refusal.h"
#include "verify/verify.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <unistd.h>

namespace fieldseal::verify {
namespace {

constexpr std::uint64_t kProgressBytesMin = 64 * 1024 * 1024;  // smaller documents are done at once
constexpr std::size_t kBarWidth = 40;
constexpr std::string_view kEvidenceSuffix = ".seal";

struct Options {
    std::string document;
    std::string evidence;
    std::string trust;
    std::string digest;  // instead of a document
    std::optional<std::int64_t> now_s;
    bool json = false;
    bool quiet = false;
    bool explain = false;
};

// No verdict: what stopped us, in the form that was asked for.
int refuse(const Options& options, const Refusal& refusal) {
    if (options.json) std::cout << to_json(refusal);
    if (!options.quiet) {
        std::cerr << "fieldseal-verify: " << refusal.message << "\n"
                  << "Nothing was judged. " << info(refusal.reason).advice << "\n";
    }
    return kExitUnreadable;
}

// A bar on a terminal, for documents that take a while.
class ProgressBar {
public:
    explicit ProgressBar(bool quiet) : on_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

    void show(std::uint64_t done, std::optional<std::uint64_t> total) {
        if (!on_ || !total || *total < kProgressBytesMin) return;
        const std::uint64_t percent = done >= *total ? 100 : done / (*total / 100);
        if (percent == shown_) return;
        shown_ = percent;
        const std::size_t filled = percent * kBarWidth / 100;
        std::cerr << "\rReading the document [" << std::string(filled, '#')
                  << std::string(kBarWidth - filled, '.') << "] " << percent << " %" << std::flush;
    }
    void clear() {
        if (shown_ <= 100) std::cerr << "\r\033[K" << std::flush;
    }

private:
    bool on_;
    std::uint64_t shown_ = 101;  // nothing yet
};

Result<DocumentDigests> document_digests(const Options& options) {
    if (!options.digest.empty()) {
        return DocumentDigests{FIELDSEAL_TRY(hex_decode_digest(options.digest)), std::nullopt};
    }
    ProgressBar bar(options.quiet);
    const auto digests = hash_document(
        options.document,
        [&](std::uint64_t done, std::optional<std::uint64_t> total) { bar.show(done, total); });
    bar.clear();
    if (!digests) return digests.error();
    return DocumentDigests{digests->sha256, digests->sha512};
}

void print(const Options& options, const Report& report) {
    if (options.quiet) return;
    if (options.json) {
        std::cout << to_json(report);
    } else {
        std::cout << to_text(report, options.explain ? Explain::yes : Explain::no);
    }
}

// A file that was named by mistake is no evidence to be judged: neither by its name nor JSON.
bool is_something_else(const std::string& path, std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool is_json = first != std::string_view::npos && text[first] == '{';
    return !is_json && !path.ends_with(kEvidenceSuffix) && !path.ends_with(".json");
}

std::string not_evidence(const Options& options) {
    return fieldseal::quoted(options.evidence) + " is not an evidence file" +
           (options.digest.empty()
                ? ": name the document first, then its evidence (default: DOCUMENT.seal)"
                : ": --digest stands for the document, so name only the evidence file");
}

int run(const Options& options) {
    const auto trust_text = read_small_file(options.trust, kTrustBytesMax);
    if (!trust_text) return refuse(options, {Reason::unreadable, trust_text.error().message});
    const auto trust = parse_trust(*trust_text);
    if (!trust) {
        return refuse(options,
                      refuse_trust(trust.error().with_context("trust file " + options.trust)));
    }
    const auto evidence = read_small_file(options.evidence, kEvidenceBytesMax);
    if (!evidence) return refuse(options, {Reason::unreadable, evidence.error().message});
    if (is_something_else(options.evidence, *evidence))
        return refuse(options, {Reason::unreadable, not_evidence(options)});
    const auto document = document_digests(options);
    if (!document) return refuse(options, {Reason::unreadable, document.error().message});
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const Report report =
        verify({.document = *document,
                .evidence = *evidence,
                .trust = *trust,
                .trust_sha256 = sha256(as_bytes(*trust_text)),
                .now_s = options.now_s.value_or(
                    std::chrono::duration_cast<std::chrono::seconds>(now).count())});
    print(options, report);
    return report.exit_code();
}

constexpr const char* kDescription =
    "Checks a document against its evidence file, offline, believing only your trust file.\n"
    "The verdict is valid, invalid or indeterminate (\"cannot tell\"): an outage, a missing key "
    "or\n"
    "an old file is never shown as tampering.";

constexpr const char* kFooter =
    "Exit codes:\n"
    "   0  valid\n"
    "   1  invalid: a check failed\n"
    "   2  indeterminate: something required is missing\n"
    "   3  indeterminate: genuine, and not yet anchored as the trust file demands\n"
    "  64  wrong usage\n"
    "  66  a file could not be read, or the trust file is refused\n"
    "\n"
    "Examples:\n"
    "  fieldseal-verify contract.pdf --trust trust.json\n"
    "  fieldseal-verify contract.pdf received.seal --trust trust.json --json\n"
    "  fieldseal-verify --digest \"$(sha256sum contract.pdf | cut -c1-64)\" contract.pdf.seal "
    "--trust trust.json";

// The first positional is the document, unless a digest stands in for it.
bool settle_positionals(const std::vector<std::string>& positionals, Options& options) {
    if (!options.digest.empty()) {
        if (positionals.size() != 1) return false;
        options.evidence = positionals[0];
        return true;
    }
    if (positionals.empty() || positionals.size() > 2) return false;
    options.document = positionals[0];
    options.evidence =
        positionals.size() == 2 ? positionals[1] : positionals[0] + std::string(kEvidenceSuffix);
    return true;
}

bool is_hex_digest(const std::string& text) {
    return hex_decode_digest(text).ok();
}

int parse_and_run(int argc, char** argv) {
    CLI::App app(kDescription, "fieldseal-verify");
    app.footer(kFooter);
    app.set_version_flag("--version", std::string("fieldseal-verify ") + kVersion);
    Options options;
    std::vector<std::string> positionals;
    app.add_option("DOCUMENT [EVIDENCE]", positionals,
                   "The document, and its evidence file (default: DOCUMENT.seal). With --digest "
                   "only the evidence file.");
    app.add_option("--trust", options.trust, "Your trust file: whom you believe")
        ->required()
        ->type_name("FILE");
    app.add_option("--digest", options.digest, "The document's SHA-256 instead of the document")
        ->type_name("HEX");
    app.add_option("--now", options.now_s,
                   "Judge as of this time, in POSIX seconds (default: this computer's clock)")
        ->type_name("SECONDS");
    auto* json = app.add_flag("--json", options.json, "Print the machine report");
    auto* quiet = app.add_flag("--quiet", options.quiet, "Print nothing; the exit code says it");
    auto* explain =
        app.add_flag("--explain", options.explain, "Say what each reason means and what to do");
    quiet->excludes(json)->excludes(explain);
    explain->excludes(json);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kExitUsage;
    }
    if (!options.digest.empty() && !is_hex_digest(options.digest)) {
        std::cerr << "fieldseal-verify: --digest takes 64 lower-case hexadecimal digits\n";
        return kExitUsage;
    }
    if (!settle_positionals(positionals, options)) {
        std::cerr << "fieldseal-verify: give DOCUMENT and at most one evidence file, or --digest "
                     "HEX and the evidence file\nRun with --help for more information.\n";
        return kExitUsage;
    }
    return run(options);
}

}  // namespace
}  // namespace fieldseal::verify

int main(int argc, char** argv) {
    try {
        return fieldseal::verify::parse_and_run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "fieldseal-verify: " << error.what() << "\n";
        return fieldseal::verify::kExitUnreadable;
    }
}
