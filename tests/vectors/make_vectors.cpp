// SPDX-License-Identifier: Apache-2.0
// make_vectors evidence|chain|certificate|tsa DIRECTORY: writes every vector of that kind as
// DIRECTORY/<name>.json. make_vectors --check evidence|chain|certificate|tsa DIRECTORY: says which
// files differ from what it would write, and exits 1.
#include "tests/vectors/cases.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::vectors {

namespace {

Vectors joined(std::initializer_list<Vectors (*)()> themes) {
    Vectors all;
    for (Vectors (*cases)() : themes) {
        for (Vector& vector : cases()) all.push_back(std::move(vector));
    }
    return all;
}

}  // namespace

Vectors evidence_cases() {
    return joined({valid_cases, swap_cases, inclusion_cases, signature_cases, time_cases,
                   policy_cases, parsing_cases, status_cases, rotation_cases, trust_cases});
}

Vectors chain_cases() {
    return joined({chain_digest_cases, chain_form_cases, chain_seal_cases, chain_set_cases,
                   chain_time_cases});
}

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

int check(const fs::path& directory, const Vectors& all) {
    int differences = 0;
    std::set<fs::path> expected;
    for (const Vector& vector : all) {
        const fs::path path = directory / (vector.name + ".json");
        expected.insert(path);
        if (read(path) == to_json(vector)) continue;
        std::cerr << path.string() << ": not what make_vectors writes\n";
        ++differences;
    }
    for (const auto& entry : fs::directory_iterator(directory)) {
        if (expected.contains(entry.path())) continue;
        std::cerr << entry.path().string() << ": make_vectors does not write it\n";
        ++differences;
    }
    return differences == 0 ? 0 : 1;
}

int write(const fs::path& directory, const Vectors& all) {
    fs::create_directories(directory);
    for (const Vector& vector : all) {
        std::ofstream out(directory / (vector.name + ".json"), std::ios::binary);
        out << to_json(vector);
        if (!out.flush()) {
            std::cerr << "cannot write " << vector.name << "\n";
            return 1;
        }
    }
    std::cout << all.size() << " vectors\n";
    return 0;
}

using Cases = Vectors (*)();
Cases cases_of(std::string_view kind) {
    if (kind == "evidence") return evidence_cases;
    if (kind == "chain") return chain_cases;
    if (kind == "certificate") return certificate_cases;
    return kind == "tsa" ? tsa_cases : nullptr;
}

int run(std::span<const std::string_view> arguments) {
    const bool checking = !arguments.empty() && arguments[0] == "--check";
    if (checking) arguments = arguments.subspan(1);
    const auto cases = arguments.size() == 2 ? cases_of(arguments[0]) : nullptr;
    if (cases == nullptr) {
        std::cerr << "usage: make_vectors [--check] evidence|chain|certificate|tsa DIRECTORY\n";
        return 64;
    }
    const Vectors all = cases();
    std::set<std::string> names;
    for (const Vector& vector : all) {
        if (names.insert(vector.name).second) continue;
        std::cerr << vector.name << " stands there twice\n";
        return 1;
    }
    return checking ? check(arguments[1], all) : write(arguments[1], all);
}

}  // namespace
}  // namespace fieldseal::vectors

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    return fieldseal::vectors::run(arguments);
}
