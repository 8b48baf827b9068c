/* SPDX-License-Identifier: Apache-2.0
 *
 * check_expr.h - what the files that type expressions share: check_name.c (names and paths),
 * check_operator.c, check_expr.c (quantifiers and the whole). */
#ifndef MST_LANG_CHECK_EXPR_H
#define MST_LANG_CHECK_EXPR_H

#include "check.h"

/* Notes the type of an expression and returns it. */
static inline uint32_t mst_check_typed(struct mst_expr *e, uint32_t type)
{
    e->type = type;
    return type;
}

/* What is wrong with it has been reported. */
static inline uint32_t mst_check_failed(struct mst_expr *e)
{
    return mst_check_typed(e, MST_TYPE_ERROR);
}

/* The enum that a type is, or NULL. */
static inline struct mst_enum_type *mst_check_enum_of(const struct mst_program *program,
                                                      uint32_t type)
{
    return MST_TYPE_KIND(type) == MST_TYPE_ENUM ? program->enums.items[MST_TYPE_INDEX(type)] : NULL;
}

/* Reports where what stands here is no value: a set, a group, a zone. Records and lists are values
 * only where they need not be moved: not as a branch of `if` or a side of `??`. */
static inline bool mst_check_is_value(struct mst_context *context, const struct mst_expr *e,
                                      bool or_compound)
{
    uint32_t kind = MST_TYPE_KIND(e->type);
    if (mst_check_is_scalar(e->type) || kind == MST_TYPE_ROW || kind == MST_TYPE_ELEMENT ||
        (or_compound && (kind == MST_TYPE_RECORD || kind == MST_TYPE_LIST)))
        return true;
    mst_diag_report(context->program->diags, MST_DIAG_MISPLACED, e->span,
                    "Here a value is needed, not %s.",
                    mst_check_type_name(context->program, e->type));
    return false;
}

/* ---- check_name.c -------------------------------------------------------------------------- */

uint32_t mst_check_named(struct mst_context *context, struct mst_expr *expr, uint32_t expected);
uint32_t mst_check_path(struct mst_context *context, struct mst_expr *expr);
uint32_t mst_check_index(struct mst_context *context, struct mst_expr *expr);
/* A bare name that means nothing by itself: perhaps a member of what stands opposite. */
bool mst_check_is_open_name(struct mst_context *context, const struct mst_expr *expr);

/* ---- check_operator.c ---------------------------------------------------------------------- */

uint32_t mst_check_unary(struct mst_context *context, struct mst_expr *expr);
uint32_t mst_check_binary(struct mst_context *context, struct mst_expr *expr, uint32_t expected);
uint32_t mst_check_in(struct mst_context *context, struct mst_expr *expr);
uint32_t mst_check_if(struct mst_context *context, struct mst_expr *expr, uint32_t expected);
/* Says how `found`, written as `expr`, could become a `wanted`, where there is a usual way. */
void mst_check_help_mismatch(struct mst_context *context, struct mst_diag *diag, uint32_t wanted,
                             uint32_t found, const struct mst_expr *expr);
/* check_choice.c: where `or` and `and` join values, `e == A or B`: reports it with the set to be
 * written instead, and takes them for errors. */
bool mst_check_choice(struct mst_context *context, struct mst_expr *e);
/* The same of the right side of a comparison, `e == (A or B)`. */
bool mst_check_choice_in_parentheses(struct mst_context *context, struct mst_expr *e);
/* "<=", "is unknown": for messages. */
const char *mst_check_word(uint8_t op);

#endif
