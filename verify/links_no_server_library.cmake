# SPDX-License-Identifier: Apache-2.0
# cmake -DPROGRAM=… -P: fails when the program would load a database, HTTP, TLS or logging library.
execute_process(COMMAND ldd "${PROGRAM}" OUTPUT_VARIABLE libraries RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT libraries MATCHES "libcrypto")
    message(FATAL_ERROR "ldd ${PROGRAM} does not list what it must: ${libraries}")
endif()
if(libraries MATCHES "[^\n]*(rocksdb|httplib|curl|libssl|spdlog|prometheus|nghttp|libfmt)[^\n]*")
    message(FATAL_ERROR "the verifier loads a library of the server: ${CMAKE_MATCH_0}")
endif()
