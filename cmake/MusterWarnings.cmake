# SPDX-License-Identifier: Apache-2.0
#
# What sources may not do.
#
# muster_warnings(TARGET): the warnings that every line of ours, generated ones too, compiles
# without.
set(MST_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -Wundef -Wformat=2 -Werror)

# GCC documents false alarms of the first when a sanitizer has rewritten the code; where it then
# loses what it knew of a length, it warns of texts that are cut on purpose.
if(MST_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND MST_WARNINGS -Wno-maybe-uninitialized -Wno-format-truncation)
endif()

function(muster_warnings target)
    target_compile_options(${target} PRIVATE ${MST_WARNINGS})
endfunction()

# muster_small_frames(TARGET): what runs on a microcontroller takes at most 2 KiB of stack in any
# function, or does not compile. GCC counts saved registers and alloca() too.
# Instrumented and unoptimised builds have larger frames by their nature and are not measured.
function(muster_small_frames target)
    if(MST_INSTRUMENT OR CMAKE_BUILD_TYPE STREQUAL "Debug")
        return()
    endif()
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -Wstack-usage=2048)
    else()
        target_compile_options(${target} PRIVATE -Wframe-larger-than=2048)
    endif()
endfunction()

# muster_four_functions(TARGET): needs memcpy, memmove, memset and memcmp of its host and nothing
# else: compilers also know a loop that strlen() or memchr() would do.
function(muster_four_functions target)
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -fno-tree-loop-distribute-patterns)
    else()
        target_compile_options(${target} PRIVATE -fno-builtin-strlen -fno-builtin-memchr)
    endif()
endfunction()
