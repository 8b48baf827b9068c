# SPDX-License-Identifier: Apache-2.0
#
# cmake -DIN=zones.csv -DOUT=zones.inc -P zones.cmake: the rows of the CSV as C macros.
file(STRINGS "${IN}" rows)
list(POP_FRONT rows)
set(text "/* made from zones.csv */\n")
foreach(row IN LISTS rows)
    if(row MATCHES "^([a-z_]+),,(-?[0-9]+)$")
        string(APPEND text "MST_ZONE_ROW(\"${CMAKE_MATCH_1}\", INT64_MIN, ${CMAKE_MATCH_2})\n")
    elseif(row MATCHES "^([a-z_]+),(-?[0-9]+),(-?[0-9]+)$")
        string(APPEND text
            "MST_ZONE_ROW(\"${CMAKE_MATCH_1}\", INT64_C(${CMAKE_MATCH_2}), ${CMAKE_MATCH_3})\n")
    else()
        message(FATAL_ERROR "${IN}: cannot read the row '${row}'")
    endif()
endforeach()
file(WRITE "${OUT}" "${text}")
