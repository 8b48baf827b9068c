# SPDX-License-Identifier: Apache-2.0
#
# What `cmake --install` puts into a prefix: libraries, headers, the command, the rules it knows
# by name, its manual pages and completion, the licence, and the files by which CMake and
# pkg-config find them. Nothing installed holds an absolute path: the whole prefix can be moved.
include(CMakePackageConfigHelpers)

set(MST_INSTALL_CMAKE "${CMAKE_INSTALL_LIBDIR}/cmake/Muster")
set(package "${CMAKE_CURRENT_BINARY_DIR}/package")

# The static libmuster-lang is exported apart: only it asks its users for libsodium.
set(libraries muster)
set(headers "${PROJECT_SOURCE_DIR}/runtime/include/")
set(descriptions muster)
if(MST_SHARED)
    list(APPEND libraries muster-shared)
endif()
if(NOT MST_RUNTIME_ONLY)
    list(APPEND headers "${PROJECT_SOURCE_DIR}/lang/include/")
    list(APPEND descriptions muster-lang)
    if(MST_SHARED)
        list(APPEND libraries muster-lang-shared)
    endif()
    install(TARGETS muster-lang EXPORT MusterLangStaticTargets)
    install(EXPORT MusterLangStaticTargets
        NAMESPACE Muster:: DESTINATION "${MST_INSTALL_CMAKE}")

    install(TARGETS muster-command EXPORT MusterTargets)
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/stdlib-rules/windows"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/muster/rules"
        FILES_MATCHING PATTERN "*.muster" PATTERN "*.csv")
    install(FILES "${PROJECT_SOURCE_DIR}/tools/muster/help/muster.bash"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME muster)
    get_property(sources GLOBAL PROPERTY MUSTER_SOURCES)
    list(REMOVE_ITEM sources source-example)
    if(sources)
        list(APPEND headers "${PROJECT_SOURCE_DIR}/plugins/include/")
        install(TARGETS ${sources} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/muster")
        install(FILES "${PROJECT_SOURCE_DIR}/plugins/agent/collect.ps1"
            DESTINATION "${CMAKE_INSTALL_DATADIR}/muster")
    endif()
    if(MST_MAN_PAGES)
        install(DIRECTORY "${MST_MAN_PAGES}/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1"
            FILES_MATCHING PATTERN "*.1")
    endif()
endif()
install(TARGETS ${libraries} EXPORT MusterTargets)
install(EXPORT MusterTargets NAMESPACE Muster:: DESTINATION "${MST_INSTALL_CMAKE}")
install(DIRECTORY ${headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/MusterConfig.cmake.in" "${package}/MusterConfig.cmake"
    INSTALL_DESTINATION "${MST_INSTALL_CMAKE}"
    PATH_VARS CMAKE_INSTALL_DATADIR
    NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(
    "${package}/MusterConfigVersion.cmake" COMPATIBILITY ${MST_COMPATIBILITY})
install(FILES "${package}/MusterConfig.cmake" "${package}/MusterConfigVersion.cmake"
    DESTINATION "${MST_INSTALL_CMAKE}")

# pkg-config files say where things are as seen from themselves.
set(pc_folder "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
foreach(folder PREFIX FULL_LIBDIR FULL_INCLUDEDIR)
    file(RELATIVE_PATH pc_${folder} "${pc_folder}" "${CMAKE_INSTALL_${folder}}")
    string(REGEX REPLACE "/$" "" pc_${folder} "${pc_${folder}}")
endforeach()
foreach(name IN LISTS descriptions)
    configure_file("${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in" "${package}/${name}.pc" @ONLY)
    install(FILES "${package}/${name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
