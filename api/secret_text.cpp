// SPDX-License-Identifier: Apache-2.0
#include "api/secret_text.h"

#include <cstring>

namespace fieldseal::api {

void wipe(std::string& text) {
    ::explicit_bzero(text.data(), text.size());
    text.clear();
}

// A tree gives its parts as const only; the tree itself is ours, and is not const.
void wipe(json::Value& tree) {
    if (tree.is_string()) {
        wipe(const_cast<std::string&>(tree.as_string()));
    } else if (tree.is_array()) {
        for (const auto& item : tree.as_array()) wipe(const_cast<json::Value&>(item));
    } else if (tree.is_object()) {
        for (const auto& member : tree.as_object()) wipe(const_cast<json::Value&>(member.value));
    }
}

}  // namespace fieldseal::api
