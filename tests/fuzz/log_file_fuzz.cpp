// SPDX-License-Identifier: Apache-2.0
// RocksDB log files as `fieldseal check` reads them: damage is always found. A file that is whole
// is no longer whole when one bit of a record is flipped, unless the flip makes its tail look torn.
#include "core/check.h"
#include "store/log_file.h"

#include <cstdint>

using namespace fieldseal;
using namespace fieldseal::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t place = data[0];
    Bytes file(data + 1, data + size);
    const LogFileReport before = check_log_file(file);
    FIELDSEAL_CHECK(before.records <= file.size());
    if (before.damage || before.notice || before.records == 0) return 0;
    constexpr std::size_t kHeaderBytes = 7;
    file[place % std::min(file.size(), kHeaderBytes)] ^= 0x01;
    const LogFileReport after = check_log_file(file);
    FIELDSEAL_CHECK(after.damage || after.notice);
    return 0;
}
