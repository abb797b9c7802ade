// SPDX-License-Identifier: Apache-2.0
// Owners for the objects of C libraries (OpenSSL's X509, BIO, …), which each have their own free
// function: `Owned<X509, X509_free>`. The library's header is the .cpp's business. THREADS: as the
// object.
#pragma once

#include <memory>

namespace fieldseal::pki {

template <auto kFree>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};

template <class T, auto kFree>
using Owned = std::unique_ptr<T, Freed<kFree>>;

}  // namespace fieldseal::pki
