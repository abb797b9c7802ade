# SPDX-License-Identifier: Apache-2.0
# Flags every target of ours shares, by one INTERFACE target that is linked PRIVATE and never exported.
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_program(FIELDSEAL_CCACHE ccache)
if(FIELDSEAL_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${FIELDSEAL_CCACHE}")
endif()

add_library(fieldseal_options INTERFACE)
target_compile_features(fieldseal_options INTERFACE cxx_std_20)
target_include_directories(fieldseal_options INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
target_compile_definitions(fieldseal_options INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(fieldseal_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
    -fstack-protector-strong -fstack-clash-protection
    $<$<BOOL:${FIELDSEAL_WERROR}>:-Werror>
    $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
target_link_options(fieldseal_options INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
if(FIELDSEAL_SANITIZE)
    target_compile_options(fieldseal_options INTERFACE
        -fsanitize=${FIELDSEAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
        # g++ 12 takes the destructor of a std::variant for a read once a sanitizer is on (GCC manual,
        # -fsanitize: more false positives); the plain build keeps the warning. Its -Wtsan is about fences
        # in Crypto++'s headers, which order the making of a constant.
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-tsan>)
    target_link_options(fieldseal_options INTERFACE -fsanitize=${FIELDSEAL_SANITIZE})
endif()
if(FIELDSEAL_BUILD_FUZZ)
    # Coverage instrumentation for libFuzzer in every library; only fuzz targets link its main.
    target_compile_options(fieldseal_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
include(CheckPIESupported)
check_pie_supported()

configure_file("${PROJECT_SOURCE_DIR}/cmake/version.h.in" "${PROJECT_BINARY_DIR}/generated/fieldseal_version.h" @ONLY)
