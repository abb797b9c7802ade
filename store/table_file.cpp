// SPDX-License-Identifier: Apache-2.0
#include "store/table_file.h"

#include "core/encoding.h"
#include "store/database_options.h"

#include <rocksdb/sst_file_reader.h>

namespace fieldseal::store {
namespace {

Result<void> to_result(const rocksdb::Status& status) {
    if (status.ok()) return {};
    const Errc code = status.IsCorruption() ? Errc::corrupt : Errc::io;
    return Error{code, quoted(status.ToString(), 300)};
}

}  // namespace

Result<void> verify_table_file(const std::filesystem::path& file) {
    rocksdb::SstFileReader reader(database_options());
    FIELDSEAL_TRY(to_result(reader.Open(file.string())));
    return to_result(reader.VerifyChecksum());
}

}  // namespace fieldseal::store
