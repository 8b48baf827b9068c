# SPDX-License-Identifier: Apache-2.0
#
# cmake -DPROGRAM=... -P expect_leak.cmake: succeeds only if the program fails *and* reports a leak.
execute_process(COMMAND "${PROGRAM}" RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(code EQUAL 0)
    message(FATAL_ERROR "the leaking test passed: leak detection is not working")
endif()
if(NOT "${out}${err}" MATCHES "detected memory leaks")
    message(FATAL_ERROR "the leaking test failed (${code}) without a leak report:\n${out}${err}")
endif()
message(STATUS "the leak was found")
