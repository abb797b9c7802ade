// SPDX-License-Identifier: Apache-2.0
#include "node/cli/output.h"

#include "node/cli/readable.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

constexpr std::size_t kColumnsWhenUnknown = 79;

}  // namespace

json::Value to_value(const Failure& failure) {
    auto value = json::Value::object(
        {{"code", to_string(failure.error.code)}, {"detail", failure.error.message}});
    if (!failure.next.empty()) value.set("next", failure.next);
    return value;
}

json::Value new_document(std::string_view kind) {
    return json::Value::object({{"fieldseal", std::string(kind) + "/v1"}});
}

void Output::data(std::string_view line) {
    if (!json_wanted) *out_ << line << '\n';
}

void Output::table(const std::vector<std::vector<std::string>>& rows) {
    for (const std::string& line : aligned(rows)) data(line);
}

void Output::say(std::string_view line) {
    if (!quiet) data(line);
}

void Output::hint(std::string_view line) {
    if (!quiet && !json_wanted) *err_ << line << '\n';
}

void Output::warn(std::string_view line) {
    *err_ << "fieldseal: " << line << '\n';
}

void Output::document(const json::Value& value) {
    if (json_wanted) *out_ << json::dump(value, json::Style::pretty) << std::flush;
}

void Output::raw(std::string_view text) {
    *out_ << text << std::flush;
}

void Output::complain(const Failure& failure) {
    out_->flush();
    *err_ << "fieldseal: " << failure.error.message << '\n';
    if (!failure.next.empty()) *err_ << "  " << failure.next << '\n';
}

ExitCode Output::fail(const Failure& failure) {
    complain(failure);
    auto value = new_document("error");
    value.set("error", to_value(failure));
    document(value);
    return failure.exit;
}

std::size_t Output::terminal_columns() const {
    struct winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col - 1U : kColumnsWhenUnknown;
}

}  // namespace fieldseal::node::cli
