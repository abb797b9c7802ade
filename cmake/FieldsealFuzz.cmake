# SPDX-License-Identifier: Apache-2.0
# fieldseal_fuzz(<name> SOURCES … DEPENDS …): one LLVMFuzzerTestOneInput, corpus tests/fuzz/corpus/<name>/.
# With FIELDSEAL_BUILD_FUZZ: a libFuzzer binary <name>_fuzz (scripts/test runs it for 20 s, scripts/soak
# longer). In every other build the same function replays the corpus as the test fuzz.<name>.replay, so
# a crasher that was found once stays found under g++ and each sanitizer.
function(fieldseal_fuzz name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
    set(target ${name}_fuzz)
    set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    if(NOT IS_DIRECTORY "${corpus}")
        message(FATAL_ERROR "fieldseal_fuzz(${name}): put at least one input into ${corpus}/")
    endif()
    add_executable(${target} ${ARG_SOURCES})
    target_link_libraries(${target} PRIVATE fieldseal_options ${ARG_DEPENDS})
    if(NOT TARGET fuzz_targets)
        add_custom_target(fuzz_targets)
    endif()
    add_dependencies(fuzz_targets ${target})
    if(FIELDSEAL_BUILD_FUZZ)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    else()
        target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp")
        add_test(NAME fuzz.${name}.replay COMMAND ${target} "${corpus}")
        set_tests_properties(fuzz.${name}.replay PROPERTIES LABELS vectors TIMEOUT 120)
        fieldseal_label(${target} vectors)
    endif()
endfunction()
