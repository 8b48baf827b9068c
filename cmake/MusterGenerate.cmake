# SPDX-License-Identifier: Apache-2.0
#
# re2c, bison, time zones: generated C lands in the build tree and is compiled in exactly one target.
# The tools' output is byte-stable: no dates, no versions, no path of this machine.

# muster_re2c(OUT_VAR FILE.re): makes FILE.c in the binary folder and appends it to OUT_VAR.
function(muster_re2c out_var input)
    find_program(RE2C_EXECUTABLE re2c REQUIRED)
    get_filename_component(name "${input}" NAME_WE)
    get_filename_component(source "${input}" ABSOLUTE)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}.c")
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${RE2C_EXECUTABLE}" -W -Werror -i --no-generation-date --no-version
                -o "${output}" "${source}"
        DEPENDS "${source}"
        COMMENT "re2c ${name}.re"
        VERBATIM)
    set(${out_var} ${${out_var}} "${output}" PARENT_SCOPE)
endfunction()

# muster_bison(OUT_VAR FILE.y): makes FILE.c and FILE.h in the binary folder; FILE.c goes to
# OUT_VAR. Bison runs there with relative names, so that the header's guard carries no path.
function(muster_bison out_var input)
    find_program(BISON_EXECUTABLE bison REQUIRED)
    get_filename_component(name "${input}" NAME_WE)
    get_filename_component(source "${input}" ABSOLUTE)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}.c")
    set(header "${CMAKE_CURRENT_BINARY_DIR}/${name}.h")
    add_custom_command(
        OUTPUT "${output}" "${header}"
        COMMAND "${BISON_EXECUTABLE}" -Wall -Wcounterexamples -Werror
                "--file-prefix-map=${CMAKE_SOURCE_DIR}/=" "--header=${name}.h"
                -o "${name}.c" "${source}"
        WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
        DEPENDS "${source}"
        COMMENT "bison ${name}.y"
        VERBATIM)
    set_source_files_properties("${output}" PROPERTIES OBJECT_DEPENDS "${header}")
    set(${out_var} ${${out_var}} "${output}" PARENT_SCOPE)
endfunction()

# muster_zones(OUT_VAR FILE.csv): makes FILE.inc, its rows as C macros, and appends it to OUT_VAR.
function(muster_zones out_var input)
    get_filename_component(name "${input}" NAME_WE)
    get_filename_component(source "${input}" ABSOLUTE)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}.inc")
    set(script "${CMAKE_SOURCE_DIR}/cmake/zones.cmake")
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${CMAKE_COMMAND}" "-DIN=${source}" "-DOUT=${output}" -P "${script}"
        DEPENDS "${source}" "${script}"
        COMMENT "zones of ${name}.csv"
        VERBATIM)
    set(${out_var} ${${out_var}} "${output}" PARENT_SCOPE)
endfunction()
