// SPDX-License-Identifier: Apache-2.0
#include "anchor/history.h"

#include "core/note/checkpoint.h"
#include "core/note/vkey.h"

namespace fieldseal::anchor {

Result<SeenCheckpoint> judge_checkpoint(const LogView& log, std::string_view note) {
    const auto key = FIELDSEAL_TRY(note::parse_vkey(log.vkey));
    const auto opened = note::open_checkpoint(note, key, {});
    if (!opened.ok() || opened->checkpoint.origin != log.origin) return SeenCheckpoint{};
    const merkle::TreeHead seen = opened->checkpoint.head();
    const auto root = FIELDSEAL_TRY(log.root_at(seen.size.value));
    if (!root) return SeenCheckpoint{History::beyond, seen.size.value};
    return SeenCheckpoint{*root == seen.root ? History::ours : History::forked, seen.size.value};
}

}  // namespace fieldseal::anchor
