// SPDX-License-Identifier: Apache-2.0
#include "node/cli/media_type.h"

#include <gtest/gtest.h>

namespace fieldseal::node::cli {
namespace {

TEST(MediaType, FollowsTheExtensionInAnyCase) {
    EXPECT_EQ(media_type_of("contract.pdf"), "application/pdf");
    EXPECT_EQ(media_type_of("/tmp/dir.txt/SCAN.TIFF"), "image/tiff");
    EXPECT_EQ(media_type_of("minutes.2026.docx"),
              "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
}

TEST(MediaType, GuessesNothingElse) {
    EXPECT_EQ(media_type_of("contract"), "application/octet-stream");
    EXPECT_EQ(media_type_of("contract.pdfx"), "application/octet-stream");
    EXPECT_EQ(media_type_of(".pdf"), "application/octet-stream");
    EXPECT_EQ(media_type_of("dir.pdf/contract"), "application/octet-stream");
    EXPECT_EQ(media_type_of("contract."), "application/octet-stream");
    EXPECT_EQ(media_type_of(""), "application/octet-stream");
}

TEST(MediaType, TakesRestrictedNamesOnly) {
    EXPECT_TRUE(is_media_type("application/pdf"));
    EXPECT_TRUE(is_media_type("application/vnd.etsi.asic-e+zip"));
    EXPECT_FALSE(is_media_type("application"));
    EXPECT_FALSE(is_media_type("application/"));
    EXPECT_FALSE(is_media_type("/pdf"));
    EXPECT_FALSE(is_media_type("text/plain; charset=utf-8"));
    EXPECT_FALSE(is_media_type("a/b/c"));
    EXPECT_FALSE(is_media_type("text/\x1b"));
}

}  // namespace
}  // namespace fieldseal::node::cli
