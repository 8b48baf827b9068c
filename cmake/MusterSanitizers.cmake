# SPDX-License-Identifier: Apache-2.0
#
# Instrumented builds: MST_SANITIZE, MST_FUZZ and MST_COVERAGE turned into flags for all targets.
# A finding always ends the program: nothing is "recovered", or a test would pass beside its report.
set(MST_INSTRUMENT "")

if(MST_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "MST_FUZZ needs -DCMAKE_C_COMPILER=clang")
    endif()
    if(NOT MST_SANITIZE)
        set(MST_SANITIZE address)
    endif()
    list(APPEND MST_INSTRUMENT -fsanitize=fuzzer-no-link)
endif()

if(MST_SANITIZE STREQUAL "address")
    list(APPEND MST_INSTRUMENT -fsanitize=address,undefined)
elseif(MST_SANITIZE STREQUAL "thread")
    list(APPEND MST_INSTRUMENT -fsanitize=thread)
elseif(MST_SANITIZE STREQUAL "memory")
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "MST_SANITIZE=memory needs -DCMAKE_C_COMPILER=clang")
    endif()
    list(APPEND MST_INSTRUMENT -fsanitize=memory -fsanitize-memory-track-origins)
elseif(MST_SANITIZE)
    message(FATAL_ERROR "MST_SANITIZE=${MST_SANITIZE}: write address, thread, memory or nothing")
endif()

if(MST_INSTRUMENT)
    # As far optimised as the compiler is quick with what is instrumented (gcc takes twice as long
    # for -O2 -g), and with the lines that a report shows.
    list(APPEND MST_INSTRUMENT -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
endif()
if(MST_COVERAGE)
    list(APPEND MST_INSTRUMENT --coverage -fprofile-update=atomic)
endif()

add_compile_options(${MST_INSTRUMENT})
# Where speed is no matter, what the loop executes is counted and held against what was proven, and
# each piece of the compiler's arena is an allocation with an end that the sanitizer guards.
if(MST_SANITIZE STREQUAL "address")
    add_compile_definitions(MST_COUNT_STEPS=1 MST_ARENA_IN_PIECES=1)
else()
    add_compile_definitions(MST_COUNT_STEPS=0 MST_ARENA_IN_PIECES=0)
endif()
add_link_options(${MST_INSTRUMENT})
