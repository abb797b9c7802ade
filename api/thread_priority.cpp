// SPDX-License-Identifier: Apache-2.0
#include "api/thread_priority.h"

#include <unistd.h>

namespace fieldseal::api {

void give_way() {
    [[maybe_unused]] const int now = ::nice(kServingNice);  // only raising can fail
}

}  // namespace fieldseal::api
