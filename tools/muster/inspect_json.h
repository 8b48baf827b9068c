/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect_json.h - what `muster inspect` says of a module, for programs. */
#ifndef MST_TOOL_INSPECT_JSON_H
#define MST_TOOL_INSPECT_JSON_H

#include "rules.h"

/* One object in one line: identity, sizes, params, and verdicts with their worst case. Its facts
 * are told by the JSON Schema of a record (fact_list.h). */
void mst_tool_put_module_json(const mst_tool_module *module);

/* Whether code of the image has lines of the rules beside it. */
bool mst_tool_has_source(const mst_image *image);

#endif
