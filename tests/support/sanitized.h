// SPDX-License-Identifier: Apache-2.0
// Whether AddressSanitizer or ThreadSanitizer is in this build, by g++ or clang: a test that
// measures memory or its limits skips itself then and says why.
#pragma once

namespace fieldseal::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace fieldseal::testing
