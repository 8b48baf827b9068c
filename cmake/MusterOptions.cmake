# SPDX-License-Identifier: Apache-2.0
#
# What can be chosen when configuring, and the settings that hold for every target.
# Warnings are not set here: they belong to targets (MusterWarnings.cmake).
include(GNUInstallDirs)

set(MST_SANITIZE "" CACHE STRING
    "Sanitizer: address (with undefined behaviour), thread, memory, or empty")
set_property(CACHE MST_SANITIZE PROPERTY STRINGS "" address thread memory)
option(MST_FUZZ "Build the libFuzzer targets of tests/fuzz (needs clang)" OFF)
option(MST_COVERAGE "Count executed lines and branches" OFF)
option(MST_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(MST_UNIT_TESTS "Build the unit tests, which need Criterion" ON)
option(MST_INSTALL "Make install rules" ${PROJECT_IS_TOP_LEVEL})
if(CMAKE_CROSSCOMPILING)
    set(service_default OFF) # its libraries are not there for other machines
else()
    set(service_default ON)
endif()
option(MST_SERVICE "Build `muster serve`, which needs libuv and libmicrohttpd" ${service_default})
set(MST_BENCH "" CACHE STRING
    "Build the contestants of bench/peers.csv that match this regular expression; empty: none")
option(MST_RUNTIME_ONLY "Build libmuster alone: for microcontrollers, WebAssembly, Windows" OFF)

get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT multi_config AND NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, RelWithDebInfo, Release" FORCE)
endif()

# Libraries come in both kinds. Other machines are served statically; Windows would also want
# __declspec in the headers.
get_property(shared_default GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS)
if(CMAKE_CROSSCOMPILING OR WIN32)
    set(shared_default OFF)
endif()
option(MST_SHARED "Build the shared libraries beside the static ones" ${shared_default})

# Our assertions have their own switch, always defined to 0 or 1. RelWithDebInfo is the build that
# the tests use, so NDEBUG is taken out of it: assert() of the C library works there too.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "MinSizeRel")
    set(assert_default OFF)
else()
    set(assert_default ON)
endif()
option(MST_ASSERT_ENABLED "Compile MST_ASSERT in" ${assert_default})
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")

# Files of any size and folders with any inode numbers, on 32 bits too.
add_compile_definitions(_FILE_OFFSET_BITS=64)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

# No path of this machine in what is built: two checkouts give the same bytes.
if(NOT MST_COVERAGE)
    add_compile_options(
        "-ffile-prefix-map=${CMAKE_BINARY_DIR}/=build/" "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
endif()
