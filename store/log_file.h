// SPDX-License-Identifier: Apache-2.0
// RocksDB's log format (write-ahead logs and manifests): is every record of one file whole? RocksDB
// itself only says that some file is not.
//
// Blocks of 32 KiB; records of crc32c (masked) u32 ‖ length u16 ‖ type u8 [‖ log number u32] ‖
// payload, little-endian (RocksDB wiki, "Write Ahead Log File Format"). THREADS: pure function,
// any.
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <optional>
#include <string>

namespace fieldseal::store {

struct LogFileReport {
    std::uint64_t records = 0;
    std::optional<std::string> damage;  // where, and what
    std::optional<std::string> notice;  // a torn record at the very end: normal after a power cut
};

LogFileReport check_log_file(ByteView file);

// CRC-32C (Castagnoli), as RocksDB and iSCSI (RFC 3720 §B.4) use it.
std::uint32_t crc32c(std::uint32_t crc, ByteView bytes);

}  // namespace fieldseal::store
