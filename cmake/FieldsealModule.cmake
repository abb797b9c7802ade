# SPDX-License-Identifier: Apache-2.0
# fieldseal_module(<name> SOURCES … TESTS … DEPENDS … PRIVATE_DEPENDS … TEST_DEPENDS … TEST_LABELS …)
# Makes the library fieldseal_<name> (alias fieldseal::<name>) and, with tests on, <name>_test.
# Files are listed, not globbed: a file is a decision.
function(fieldseal_module name)
    cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;DEPENDS;PRIVATE_DEPENDS;TEST_DEPENDS;TEST_LABELS" ${ARGN})
    add_library(fieldseal_${name} STATIC ${ARG_SOURCES})
    add_library(fieldseal::${name} ALIAS fieldseal_${name})
    target_compile_features(fieldseal_${name} PUBLIC cxx_std_20)
    target_include_directories(fieldseal_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(fieldseal_${name} PUBLIC ${ARG_DEPENDS} PRIVATE fieldseal_options ${ARG_PRIVATE_DEPENDS})
    if(FIELDSEAL_BUILD_TESTS AND ARG_TESTS)
        fieldseal_test(${name}_test SOURCES ${ARG_TESTS}
                       DEPENDS fieldseal::${name} ${ARG_PRIVATE_DEPENDS} ${ARG_TEST_DEPENDS}
                       LABELS ${ARG_TEST_LABELS})
    endif()
endfunction()

# fieldseal_test(<name> SOURCES … DEPENDS … LABELS … TIMEOUT <seconds>): one GoogleTest binary, each case a ctest.
# Labels are the steps of scripts/test: unit (the default) vectors exhaustive threads integration interop
# crash slow. The target tests_<label> builds what one label needs.
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
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${ARG_TIMEOUT})
    # gtest_discover_tests flattens a list of labels, so they are set by a file ctest reads after its own.
    set(labels_file "${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake")
    file(WRITE "${labels_file}.new" "foreach(test IN LISTS ${name}_TESTS)\n"
         "    set_tests_properties(\"\${test}\" PROPERTIES LABELS \"${ARG_LABELS}\")\nendforeach()\n")
    file(COPY_FILE "${labels_file}.new" "${labels_file}" ONLY_IF_DIFFERENT)
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labels_file}")
    fieldseal_label(${name} ${ARG_LABELS})
endfunction()

# fieldseal_label(<target> <label>…): `tests_<label>` builds <target>.
function(fieldseal_label target)
    foreach(label IN LISTS ARGN)
        if(NOT TARGET tests_${label})
            add_custom_target(tests_${label})
        endif()
        add_dependencies(tests_${label} ${target})
    endforeach()
endfunction()
