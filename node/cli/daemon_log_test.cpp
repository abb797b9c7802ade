// SPDX-License-Identifier: Apache-2.0
#include "node/cli/daemon_log.h"

#include "core/json/json.h"

#include <gtest/gtest.h>

namespace fieldseal::node::cli {
namespace {

TEST(DaemonLog, WritesLinesForPeople) {
    EXPECT_EQ(log_line(LogFormat::text, 1'795'448'975'123, "warning", "the clock was set back"),
              "2026-11-23T15:49:35Z warning the clock was set back");
}

TEST(DaemonLog, CannotBeMadeToForgeALine) {
    EXPECT_EQ(log_line(LogFormat::text, 0, "info", "a\n1970-01-01T00:00:01Z error b\x1b[2J"),
              "1970-01-01T00:00:00Z info a\\x0a1970-01-01T00:00:01Z error b\\x1b[2J");
}

TEST(DaemonLog, WritesJsonThatParses) {
    const auto parsed =
        json::parse(log_line(LogFormat::json, 0, "info", "a \"quoted\"\nline \xff"));
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    EXPECT_EQ(parsed->find("time")->as_string(), "1970-01-01T00:00:00Z");
    EXPECT_EQ(parsed->find("level")->as_string(), "info");
    EXPECT_EQ(parsed->find("message")->as_string(), "a \"quoted\"\nline \xef\xbf\xbd");
}

}  // namespace
}  // namespace fieldseal::node::cli
