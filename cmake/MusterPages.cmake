# SPDX-License-Identifier: Apache-2.0
#
# Manual pages, made of what the command's --help says, and completion for bash. Without scdoc, or
# where the command does not run (cross compiling), there are no manual pages.
find_program(SCDOC_EXECUTABLE scdoc)
set(MST_MAN_PAGES "")
if(SCDOC_EXECUTABLE AND NOT CMAKE_CROSSCOMPILING)
    set(make_man "${PROJECT_SOURCE_DIR}/tools/muster/help/make_man")
    set(MST_MAN_PAGES "${CMAKE_BINARY_DIR}/man")
    add_custom_command(
        OUTPUT "${MST_MAN_PAGES}/muster.1"
        COMMAND "${make_man}" "$<TARGET_FILE:muster-command>" "${SCDOC_EXECUTABLE}"
                "${MST_MAN_PAGES}"
        DEPENDS muster-command "${make_man}" "${PROJECT_SOURCE_DIR}/tools/muster/help/man.awk"
        COMMENT "manual pages"
        VERBATIM)
    add_custom_target(muster-man ALL DEPENDS "${MST_MAN_PAGES}/muster.1")
endif()
