/* SPDX-License-Identifier: Apache-2.0
 *
 * told.h - which diagnostics were told already: a module is compiled again for each that imports
 * it, and a mistake in it is to be read once. */
#ifndef MST_TOOL_TOLD_H
#define MST_TOOL_TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "muster/lang.h"

/* Begin with all zero. */
struct mst_tool_told {
    void *keys; /* of tsearch(): a folder of faulty files has tens of thousands */
    size_t count;
};

/* Whether it is the first time that this is told. */
bool mst_tool_tell_once(struct mst_tool_told *told, const mst_compilation *compilation,
                        size_t index);
void mst_tool_told_free(struct mst_tool_told *told);

#endif
