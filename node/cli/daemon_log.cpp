// SPDX-License-Identifier: Apache-2.0
#include "node/cli/daemon_log.h"

#include "core/encoding.h"
#include "core/json/json.h"
#include "node/cli/readable.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

namespace fieldseal::node::cli {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::trace:
            return spdlog::level::trace;
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

class LineFormatter final : public spdlog::formatter {
public:
    explicit LineFormatter(LogFormat format) : format_(format) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto time =
            std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch());
        const auto level = spdlog::level::to_string_view(message.level);
        std::string line = log_line(format_, time.count(), {level.data(), level.size()},
                                    {message.payload.data(), message.payload.size()});
        line += '\n';
        out.append(line.data(), line.data() + line.size());
    }

    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<LineFormatter>(format_);
    }

private:
    LogFormat format_;
};

}  // namespace

void set_up_daemon_log(const Config::Log& log) {
    auto logger = std::make_shared<spdlog::logger>(
        "fieldseal", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_formatter(std::make_unique<LineFormatter>(log.format));
    logger->set_level(to_spdlog(log.level));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
}

std::string log_line(LogFormat format, std::int64_t time_ms, std::string_view level,
                     std::string_view message) {
    const std::string time = rfc3339(time_ms / 1000);
    if (format == LogFormat::json) {
        return json::dump(
            json::Value::object({{"time", time}, {"level", level}, {"message", message}}));
    }
    return time + " " + std::string(level) + " " + printable(message);
}

}  // namespace fieldseal::node::cli
