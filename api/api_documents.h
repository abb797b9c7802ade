// SPDX-License-Identifier: Apache-2.0
// What api/openapi says, embedded in the program: the OpenAPI document, the pages made of it, and
// every problem code the program may send. Generated at build time by api/openapi/bundle.py.
// THREADS: any.
#pragma once

#include <span>
#include <string_view>

namespace fieldseal::api {

struct ProblemCode {
    std::string_view code;
    int status = 0;  // the usual one
    std::string_view title;
    bool retryable = false;  // the same request may succeed later
    std::string_view page;   // HTML, at /docs/errors/<code>
};

std::span<const ProblemCode> problem_codes();
std::string_view openapi_document();
std::string_view reference_page();
std::string_view errors_page();
// Of the pages' inline style, as a CSP source without quotes: "sha256-…".
std::string_view page_style_hash();

}  // namespace fieldseal::api
