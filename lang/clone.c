/* SPDX-License-Identifier: Apache-2.0
 *
 * clone.c - copying expressions. What the checker has noted in them is not copied. */
#include "clone.h"

#include <stddef.h>

static const struct mst_expr *replacement(const struct mst_expr *e,
                                          const struct mst_expr_list *names,
                                          const struct mst_expr_list *cells)
{
    if (e->kind != MST_EXPR_NAME || names == NULL)
        return NULL;
    const struct mst_expr *cell = cells->first;
    for (const struct mst_expr *n = names->first; n != NULL && cell != NULL;
         n = n->next, cell = cell->next)
        if (n->name.text == e->name.text)
            return cell;
    return NULL;
}

static struct mst_expr_list clone_list(struct mst_arena *arena, const struct mst_expr_list *list,
                                       const struct mst_expr_list *names,
                                       const struct mst_expr_list *cells)
{
    struct mst_expr_list copy = {NULL, NULL, 0};
    for (const struct mst_expr *e = list->first; e != NULL; e = e->next)
        copy = mst_ast_append(copy, mst_clone_expr(arena, e, names, cells));
    return copy;
}

struct mst_expr *mst_clone_expr(struct mst_arena *arena, const struct mst_expr *e,
                                const struct mst_expr_list *names,
                                const struct mst_expr_list *cells)
{
    if (e == NULL)
        return NULL;
    const struct mst_expr *cell = replacement(e, names, cells);
    if (cell != NULL) { /* a cell stands for itself: names in it are not replaced again */
        struct mst_expr *put = mst_clone_expr(arena, cell, NULL, NULL);
        if (put != NULL)
            put->field_name = e->field_name;
        return put;
    }
    struct mst_expr *copy = MST_NEW(arena, struct mst_expr);
    if (copy == NULL)
        return NULL;
    *copy = *e;
    copy->next = NULL;
    copy->ref = 0;
    copy->type = 0;
    copy->symbol = NULL;
    copy->a = mst_clone_expr(arena, e->a, names, cells);
    copy->b = mst_clone_expr(arena, e->b, names, cells);
    copy->c = mst_clone_expr(arena, e->c, names, cells);
    copy->args = clone_list(arena, &e->args, names, cells);
    return copy;
}
