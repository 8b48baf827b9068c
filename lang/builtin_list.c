/* SPDX-License-Identifier: Apache-2.0
 *
 * builtin_list.c - builtins.def as a table. */
#include "builtin_list.h"

#include <stddef.h>

#define COUNT(a, b, c) ((MST_ARG_##a != 0) + (MST_ARG_##b != 0) + (MST_ARG_##c != 0))

const struct mst_builtin mst_builtin_list[] = {
#define MST_BUILTIN_FN(number, name, function, result, a, b, c, rises, steps, doc)                 \
    {number,         name, MST_ARG_##result, {MST_ARG_##a, MST_ARG_##b, MST_ARG_##c},              \
     COUNT(a, b, c), rises},
#include "format/builtins.def"
#undef MST_BUILTIN_FN
};

const size_t mst_builtin_list_count = sizeof mst_builtin_list / sizeof mst_builtin_list[0];

const struct mst_builtin *mst_builtin_list_at(uint32_t number)
{
    for (size_t i = 0; i < mst_builtin_list_count; i++)
        if (mst_builtin_list[i].number == number)
            return &mst_builtin_list[i];
    return NULL;
}
