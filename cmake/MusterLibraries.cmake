# SPDX-License-Identifier: Apache-2.0
#
# A library of ours in both kinds, made of the same objects. They are compiled with hidden
# visibility: a shared library exports what its public headers mark as MST_API and nothing else.

# While the major version is 0, any minor version may change the ABI.
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(MST_SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
    set(MST_COMPATIBILITY SameMinorVersion)
else()
    set(MST_SOVERSION "${PROJECT_VERSION_MAJOR}")
    set(MST_COMPATIBILITY SameMajorVersion)
endif()

# muster_objects(TARGET SOURCE...): sources compiled once for every library that they go into.
function(muster_objects target)
    add_library(${target} OBJECT ${ARGN})
    muster_warnings(${target})
endfunction()

# The static or the shared library NAME of OBJECTS...
function(muster_add_library target kind name)
    add_library(${target} ${kind})
    foreach(objects IN LISTS ARGN)
        target_sources(${target} PRIVATE "$<TARGET_OBJECTS:${objects}>")
    endforeach()
    target_include_directories(${target} PUBLIC
        "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>"
        "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    string(TOLOWER "${name}_${kind}" export_name)
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME "${name}" EXPORT_NAME "${export_name}" LINKER_LANGUAGE C)
endfunction()

# muster_libraries(NAME OBJECTS TARGET... [SHARED_OBJECTS TARGET...] [LINKS NAME...]
#     [NEEDS TARGET...]): the target NAME is the static library, NAME-shared the shared one, which
# also gets SHARED_OBJECTS. LINKS are libraries of ours, in the same kind; NEEDS are others.
function(muster_libraries name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OBJECTS;SHARED_OBJECTS;LINKS;NEEDS")
    muster_add_library(${name} STATIC ${name} ${arg_OBJECTS})
    target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ${arg_NEEDS})
    if(NOT MST_SHARED)
        return()
    endif()
    list(TRANSFORM arg_LINKS APPEND -shared)
    muster_add_library(${name}-shared SHARED ${name} ${arg_OBJECTS} ${arg_SHARED_OBJECTS})
    target_link_libraries(${name}-shared PUBLIC ${arg_LINKS} PRIVATE ${arg_NEEDS})
    set_target_properties(${name}-shared PROPERTIES
        VERSION "${PROJECT_VERSION}" SOVERSION "${MST_SOVERSION}"
        INSTALL_RPATH "$ORIGIN") # libmuster-lang finds the libmuster beside it
    # A sanitizer's functions are found when the program is linked.
    if(NOT MST_INSTRUMENT)
        target_link_options(${name}-shared PRIVATE LINKER:--no-undefined)
    endif()
endfunction()
