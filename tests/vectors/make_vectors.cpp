// SPDX-License-Identifier: Apache-2.0
// make_vectors DIRECTORY: writes every vector as DIRECTORY/<name>.json.
// make_vectors --check DIRECTORY: says which files differ from what it would write, and exits 1.
#include "tests/vectors/cases.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>

namespace fieldseal::vectors {

Vectors all_cases() {
    Vectors all;
    for (Vectors (*cases)() :
         {valid_cases, swap_cases, inclusion_cases, signature_cases, time_cases, policy_cases,
          parsing_cases, status_cases, trust_cases}) {
        for (Vector& vector : cases()) all.push_back(std::move(vector));
    }
    return all;
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

int run(int argc, char** argv) {
    const bool checking = argc == 3 && std::string_view(argv[1]) == "--check";
    if (argc != 2 && !checking) {
        std::cerr << "usage: make_vectors [--check] DIRECTORY\n";
        return 64;
    }
    const Vectors all = all_cases();
    std::set<std::string> names;
    for (const Vector& vector : all) {
        if (names.insert(vector.name).second) continue;
        std::cerr << vector.name << " stands there twice\n";
        return 1;
    }
    return checking ? check(argv[2], all) : write(argv[1], all);
}

}  // namespace
}  // namespace fieldseal::vectors

int main(int argc, char** argv) {
    return fieldseal::vectors::run(argc, argv);
}
