// SPDX-License-Identifier: Apache-2.0
#include "node/lan/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace fieldseal::node::lan {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Site example() {
    Site site;
    site.names = {*parse_host_name("seal.office.example"), *parse_host_name("192.0.2.7"),
                  *parse_host_name("2001:db8::7")};
    site.upstream = *parse_listen_address("unix:/run/fieldseal/edge.sock");
    site.certificate = "/var/lib/fieldseal/lan/server.pem";
    site.private_key = "/var/lib/fieldseal/lan/server-key.pem";
    site.document_mib_max = 65536;
    return site;
}

std::string rendered(const Site& site) {
    const auto text = render_site(site);
    EXPECT_TRUE(text.ok()) << (text.ok() ? "" : text.error().message);
    return text.ok() ? *text : "";
}

// deploy/nginx/fieldseal.conf is what `fieldseal lan site` writes for this example. To bring it up
// to date: FIELDSEAL_WRITE_EXAMPLE=1 ctest --preset dev -R SiteFile
TEST(SiteFile, OfTheExampleIsTheOneInTheTree) {
    const std::string path = std::string(FIELDSEAL_SOURCE_DIR) + "/deploy/nginx/fieldseal.conf";
    if (std::getenv("FIELDSEAL_WRITE_EXAMPLE") != nullptr)
        std::ofstream(path) << rendered(example());
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_EQ(rendered(example()), text.str());
}

TEST(SiteFile, LeavesNoFieldUnfilled) {
    Site site = example();
    site.machine_port = 8444;
    site.machine_ca = "/etc/ssl/machines.pem";
    const std::string text = rendered(site);
    for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
        EXPECT_EQ(text.substr(at, 11), "@fieldseal_");
    }
}

TEST(SiteFile, HasHstsOnlyWithACertificateBrowsersBelieveAnyway) {
    Site site = example();
    EXPECT_THAT(rendered(site), Not(HasSubstr("Strict-Transport-Security")));
    site.organisations = true;
    EXPECT_THAT(rendered(site), HasSubstr("Strict-Transport-Security"));
}

// nginx drops what the server adds wherever a location adds something itself.
TEST(SiteFile, LosesNoHeaderWhereAPlaceAddsItsOwn) {
    Site site = example();
    site.organisations = true;
    const std::string text = rendered(site);
    int places = 0;
    for (std::size_t at = text.find("    location "); at != std::string::npos;
         at = text.find("    location ", at + 1)) {
        const std::string place = text.substr(at, text.find("\n    }\n", at) - at);
        if (place.find("add_header") == std::string::npos) continue;
        EXPECT_THAT(place, HasSubstr("add_header Strict-Transport-Security"));
        EXPECT_THAT(place, HasSubstr("add_header X-Content-Type-Options nosniff"));
        EXPECT_THAT(place, HasSubstr("add_header X-Request-Id"));
        ++places;
    }
    EXPECT_GE(places, 2);
}

// What is not judged again must be a place of nginx's own, or it would reach the node unjudged.
TEST(SiteFile, LetsOnlyItsOwnRefusalsPassUnjudged) {
    const std::string text = rendered(example());
    const std::size_t map = text.find("map $uri $fieldseal_refused {");
    ASSERT_NE(map, std::string::npos);
    std::istringstream lines(text.substr(map, text.find("\n}\n", map) - map));
    std::string line;
    int places = 0;
    while (std::getline(lines, line)) {
        if (!line.ends_with(" 1;")) continue;
        const std::string path = line.substr(4, line.size() - 7);
        EXPECT_THAT(text, HasSubstr("location = " + path + " {\n        internal;\n"));
        EXPECT_THAT(text, HasSubstr(" " + path + ";\n"));  // an error_page
        ++places;
    }
    EXPECT_EQ(places, 4);
}

TEST(SiteFile, DemandsACertificateOnTheMachinesPortOnly) {
    Site site = example();
    EXPECT_THAT(rendered(site), Not(HasSubstr("ssl_verify_client")));
    site.machine_port = 8444;
    site.machine_ca = "/etc/ssl/machines.pem";
    const std::string text = rendered(site);
    EXPECT_GT(text.find("ssl_verify_client"), text.find("listen 8444 ssl"));
    EXPECT_THAT(text, HasSubstr("if ($ssl_client_verify != SUCCESS)"));
    EXPECT_THAT(text, HasSubstr("proxy_set_header Host $host:8444;"));
}

TEST(SiteFile, ListensWhereItIsTold) {
    Site site = example();
    EXPECT_THAT(rendered(site),
                HasSubstr("    listen 443 ssl default_server;\n    listen [::]:443"));
    site.addresses = {*parse_host_name("127.0.0.1"), *parse_host_name("::1")};
    site.port = 8443;
    site.upstream = *parse_listen_address("127.0.0.1:8420");
    const std::string text = rendered(site);
    EXPECT_THAT(text, HasSubstr("    listen 127.0.0.1:8443 ssl default_server;\n"
                                "    listen [::1]:8443 ssl default_server;\n    server_name"));
    EXPECT_THAT(text, HasSubstr("server 127.0.0.1:8420 max_fails=0;"));
}

TEST(SiteFile, RefusesWhatCannotStandInIt) {
    Site nowhere = example();
    nowhere.upstream = {};
    EXPECT_THAT(render_site(nowhere).error().message, HasSubstr("[edge]"));
    Site nameless = example();
    nameless.names.clear();
    EXPECT_FALSE(render_site(nameless).ok());
    Site same = example();
    same.machine_port = same.port;
    same.machine_ca = "/etc/ssl/machines.pem";
    EXPECT_FALSE(render_site(same).ok());
    for (const std::string path :
         {"", "server.pem", "/a b", "/a;b", "/a$b", "/a\"b", "/a{b", "/a\nb"}) {
        Site site = example();
        site.certificate = path;
        EXPECT_FALSE(render_site(site).ok()) << path;
        site = example();
        site.upstream.path = path;
        EXPECT_FALSE(render_site(site).ok()) << path;
    }
}

}  // namespace
}  // namespace fieldseal::node::lan
