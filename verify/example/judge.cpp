// SPDX-License-Identifier: Apache-2.0
// How another program uses the installed library. Build it with
//     c++ -std=c++20 judge.cpp $(pkg-config --cflags --libs fieldseal-verify) -o judge
// and run it as: judge EVIDENCE TRUST. Without a document's digest the answer is
// "document-missing".
#include <cstdio>
#include <fieldseal/verify.h>
#include <fstream>
#include <iterator>
#include <string>

namespace {

std::string read(const char* path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 64;
    const std::string evidence = read(argv[1]);
    const std::string trust = read(argv[2]);
    const auto answer = fieldseal::verify_evidence({.document_sha256 = {},
                                                    .document_sha512 = {},
                                                    .evidence = evidence,
                                                    .trust = trust,
                                                    .now_s = {}});
    std::printf("%s %s\n", answer.verdict.c_str(), answer.reason.c_str());
    return answer.exit_code;
}
