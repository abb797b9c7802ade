// SPDX-License-Identifier: Apache-2.0
// Passwords and codes pass through ordinary strings on their way from a request to people/. These
// overwrite them once they were used, so that they do not lie about in freed memory.
// THREADS: free functions, any.
#pragma once

#include "core/json/json.h"

#include <string>

namespace fieldseal::api {

// Overwrites and empties.
void wipe(std::string& text);
// Every string in the tree.
void wipe(json::Value& tree);

// Wipes what it refers to when it goes.
template <class T>
class Wiped {
public:
    explicit Wiped(T& secret) : secret_(secret) {}
    ~Wiped() { wipe(secret_); }
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;

private:
    T& secret_;
};

}  // namespace fieldseal::api
