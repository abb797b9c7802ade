// SPDX-License-Identifier: Apache-2.0
// A file descriptor that closes itself. OWNED BY: its scope. THREADS: one.
#pragma once

#include <unistd.h>

namespace fieldseal::node {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }
    bool open() const { return fd_ >= 0; }

private:
    int fd_;
};

}  // namespace fieldseal::node
