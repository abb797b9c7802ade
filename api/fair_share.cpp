// SPDX-License-Identifier: Apache-2.0
#include "api/fair_share.h"

namespace fieldseal::api {

std::shared_ptr<const void> FairShare::take(const std::string& account) {
    const std::lock_guard lock(held_->mutex);
    std::size_t& count = held_->by_account[account];
    if (count >= most_) return nullptr;
    ++count;
    const auto give_back = [held = held_, account](const void*) {
        const std::lock_guard again(held->mutex);
        const auto at = held->by_account.find(account);
        if (--at->second == 0) held->by_account.erase(at);
    };
    return {held_.get(), give_back};
}

}  // namespace fieldseal::api
