# SPDX-License-Identifier: Apache-2.0
# Installs the component `verify` into a directory of its own, compiles verify/example/judge.cpp against nothing but
# that, and asks it about a vector. cmake -DBUILD=… -DCXX=… -DSOURCE=… -DVECTOR=… -P this.
set(root "${BUILD}/verify/install_test")
file(REMOVE_RECURSE "${root}")
function(must)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${ARGN}: ${status}\n${out}")
    endif()
endfunction()

must("${CMAKE_COMMAND}" --install "${BUILD}" --component verify --prefix "${root}")
file(GLOB_RECURSE libraries "${root}/libfieldseal-verify.so")
list(GET libraries 0 library)
get_filename_component(library_dir "${library}" DIRECTORY)
if(NOT EXISTS "${library_dir}/pkgconfig/fieldseal-verify.pc")
    message(FATAL_ERROR "no pkg-config file beside ${library}")
endif()
must("${CXX}" -std=c++20 -Wall -Wextra -Werror "-I${root}/include" "${SOURCE}"
     "-L${library_dir}" -lfieldseal-verify "-Wl,-rpath,${library_dir}" -o "${root}/judge")

# The library shows one function and keeps its own dependencies' and templates' names to itself.
execute_process(COMMAND nm -DC --defined-only "${library}" OUTPUT_VARIABLE symbols)
string(REGEX MATCHALL "fieldseal::[^\n]*" ours "${symbols}")
if(NOT ours STREQUAL "fieldseal::verify_evidence(fieldseal::VerifyRequest const&)")
    message(FATAL_ERROR "exported: ${ours}")
endif()

file(READ "${VECTOR}" vector)
string(JSON evidence GET "${vector}" evidence)
string(JSON trust GET "${vector}" trust)
file(WRITE "${root}/evidence.json" "${evidence}")
file(WRITE "${root}/trust.json" "${trust}")
execute_process(COMMAND "${root}/judge" "${root}/evidence.json" "${root}/trust.json"
                RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
if(NOT status EQUAL 2 OR NOT out STREQUAL "indeterminate document-missing\n")
    message(FATAL_ERROR "judge: ${status}\n${out}")
endif()
file(REMOVE_RECURSE "${root}")
