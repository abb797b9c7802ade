// SPDX-License-Identifier: Apache-2.0
// Every RocksDB setting of the store, each with its reason. Included by database*.cpp only.
#pragma once

#include <rocksdb/options.h>

namespace fieldseal::store {

rocksdb::Options database_options();
rocksdb::WriteOptions write_options();

}  // namespace fieldseal::store
