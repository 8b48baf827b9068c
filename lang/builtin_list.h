/* SPDX-License-Identifier: Apache-2.0
 *
 * builtin_list.h - the lines of builtins.def as data for checker and lowering. */
#ifndef MST_LANG_BUILTIN_LIST_H
#define MST_LANG_BUILTIN_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "format/builtins.h"

struct mst_builtin {
    uint32_t number;
    const char *name;
    uint8_t result, args[MST_BUILTIN_MAX_ARGS]; /* enum mst_builtin_type */
    uint8_t arg_count;
    bool rises;
};

extern const struct mst_builtin mst_builtin_list[];
extern const size_t mst_builtin_list_count;

/* The line with this number. */
const struct mst_builtin *mst_builtin_list_at(uint32_t number);

#endif
