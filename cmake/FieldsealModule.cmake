# SPDX-License-Identifier: Apache-2.0
# fieldseal_module(<name> SOURCES … TESTS … DEPENDS … PRIVATE_DEPENDS … TEST_DEPENDS …)
# Makes the library fieldseal_<name> (alias fieldseal::<name>) and, with tests on, <name>_test.
# Files are listed, not globbed: a file is a decision.
function(fieldseal_module name)
    cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;DEPENDS;PRIVATE_DEPENDS;TEST_DEPENDS" ${ARGN})
    add_library(fieldseal_${name} STATIC ${ARG_SOURCES})
    add_library(fieldseal::${name} ALIAS fieldseal_${name})
    target_compile_features(fieldseal_${name} PUBLIC cxx_std_20)
    target_include_directories(fieldseal_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(fieldseal_${name} PUBLIC ${ARG_DEPENDS} PRIVATE fieldseal_options ${ARG_PRIVATE_DEPENDS})
    if(FIELDSEAL_BUILD_TESTS AND ARG_TESTS)
        fieldseal_test(${name}_test SOURCES ${ARG_TESTS}
                       DEPENDS fieldseal::${name} ${ARG_PRIVATE_DEPENDS} ${ARG_TEST_DEPENDS})
    endif()
endfunction()

# fieldseal_test(<name> SOURCES … DEPENDS … LABELS … TIMEOUT <seconds>): one GoogleTest binary, each case a ctest.
function(fieldseal_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
    if(NOT ARG_LABELS)
        set(ARG_LABELS unit)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE fieldseal_options ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
        PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
        SKIP_REGULAR_EXPRESSION "SKIPPED")
endfunction()
