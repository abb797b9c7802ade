// SPDX-License-Identifier: Apache-2.0
// Every RocksDB setting of the store, each with its reason. Included by database*.cpp only.
#pragma once

namespace rocksdb {
struct Options;
struct WriteOptions;
}  // namespace rocksdb

namespace fieldseal::store {

rocksdb::Options database_options();
rocksdb::WriteOptions write_options();

}  // namespace fieldseal::store
