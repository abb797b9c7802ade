// SPDX-License-Identifier: Apache-2.0
// What a durable seal cannot do without, with nothing around it: a synced write of RocksDB, and an
// ECDSA signature over secp256k1 with its verification. Both end the process when they fail.
// OWNED BY: the benchmark. THREADS: one each, unless said.
#pragma once

#include "core/bytes.h"

#include <memory>
#include <string>

namespace fieldseal::bench {

class SyncWrites {
public:
    // A new database in `directory`; every write is one record of this size under a new key.
    SyncWrites(const std::string& directory, std::size_t record_bytes);
    ~SyncWrites();
    void write();
    std::size_t record_bytes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The same for many threads: whoever finds nobody writing writes every record that waits as one
// synced batch.
class GroupWrites {
public:
    GroupWrites(const std::string& directory, std::size_t record_bytes);
    ~GroupWrites();
    // Threads: any number. The record is durable on return.
    void write();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

class BareSigner {
public:
    BareSigner();
    BareSigner(BareSigner&&) noexcept;
    BareSigner& operator=(BareSigner&&) noexcept;
    ~BareSigner();
    void sign_and_verify();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::bench
