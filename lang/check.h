/* SPDX-License-Identifier: Apache-2.0
 *
 * check.h - what the parts of the checker share. Checking resolves names, gives every expression
 * its type, evaluates what is constant (sets, params, tables) and reports what is wrong. Whether a
 * value moves with time (spec/language.md, section 8.1) is found when lowering, because it depends
 * on where a def is written in. */
#ifndef MST_LANG_CHECK_H
#define MST_LANG_CHECK_H

#include "names.h"
#include "program.h"

/* Checks all units of the program, in their order, and numbers what the image will hold. */
void mst_check_program(struct mst_program *program);

/* A name that is bound in an expression: a quantifier's variable, a def's parameter, a column. */
struct mst_local {
    struct mst_symbol symbol;
    struct mst_local *outer;
};

/* Where an expression stands. */
struct mst_context {
    struct mst_program *program;
    struct mst_unit *unit;
    struct mst_local *locals;
    uint32_t depth;    /* items that are being checked because the one before reads them */
    bool in_expect;    /* `== unknown` may be written */
    uint32_t *deepest; /* where the depth of what is read here is noted, or NULL */
};

/* ---- check_type.c: types ------------------------------------------------------------------ */

uint32_t mst_check_type(struct mst_program *program, struct mst_unit *unit,
                        struct mst_type_syntax *syntax, uint32_t *max_bytes);
/* "int", "Edition", "a row of releases": for messages. */
const char *mst_check_type_name(struct mst_program *program, uint32_t type);
/* A value of a simple type as it is written, "26100.4929"; NULL for others. */
const char *mst_check_example(uint32_t type);
/* As data are compared with the spellings of an enum: ASCII letters in either case. */
bool mst_check_same_spelling(const char *a, uint32_t a_len, const char *b, uint32_t b_len);
bool mst_check_is_scalar(uint32_t type); /* what a column, param, field or case field may be */
bool mst_check_is_ordered(uint32_t type);
bool mst_check_agree(uint32_t a, uint32_t b); /* the same, or one is reported already */
void mst_check_enum(struct mst_program *program, struct mst_symbol *symbol);
void mst_check_record(struct mst_program *program, struct mst_symbol *symbol);
uint32_t mst_check_weekday_enum(struct mst_program *program);
/* The member's number; the member count for `other`; UINT32_MAX if there is none. */
uint32_t mst_check_member(const struct mst_enum_type *type, const char *name);

/* ---- check_fact.c: groups of facts, subject ------------------------------------------------ */

void mst_check_group(struct mst_program *program, struct mst_symbol *symbol);
void mst_check_group_defaults(struct mst_program *program, struct mst_symbol *symbol);
void mst_check_subject(struct mst_program *program, struct mst_unit *unit, struct mst_item *item);

/* ---- check_table.c: tables; check_set.c: sets, params --------------------------------------- */

void mst_check_table(struct mst_program *program, struct mst_symbol *symbol);
void mst_check_set(struct mst_program *program, struct mst_symbol *symbol);
void mst_check_param(struct mst_program *program, struct mst_symbol *symbol);

/* ---- check_rules.c: policies and decisions ------------------------------------------------- */

/* Names, outcomes and field types of a policy or decision, on demand. */
void mst_check_shape(struct mst_context *context, struct mst_symbol *symbol);
void mst_check_rules(struct mst_context *context, struct mst_symbol *symbol);
/* Messages may read what reads the policy, so they are checked when all conditions are. */
void mst_check_messages(struct mst_program *program, struct mst_symbol *symbol);
struct mst_rules *mst_check_rules_of(struct mst_program *program, const struct mst_symbol *symbol);

/* ---- check_expr.c: expressions ------------------------------------------------------------- */

/* Types an expression; `expected` (or 0) resolves bare enum members, it is not demanded. */
uint32_t mst_check_expr(struct mst_context *context, struct mst_expr *expr, uint32_t expected);
/* The same, and reports where it has another type. `what` says what it is: "the default". */
bool mst_check_expect(struct mst_context *context, struct mst_expr *expr, uint32_t type,
                      const char *what);
/* An expression as it is written, for messages; "…" where that is long. */
const char *mst_check_quote(struct mst_program *program, const struct mst_expr *expr);
void mst_check_text(struct mst_context *context, struct mst_expr *text);
/* Text without holes: a title, doc, path. NULL where it has holes (reported) or is absent. */
const char *mst_check_plain(struct mst_program *program, struct mst_expr *text);
/* The type of what a symbol stands for; checks it on demand and reports cycles. */
uint32_t mst_check_symbol(struct mst_context *context, struct mst_symbol *symbol,
                          struct mst_span span);
uint32_t mst_check_call(struct mst_context *context, struct mst_expr *expr, uint32_t expected);
/* Reports where a checked expression reads `now`, facts, tables or verdicts, also through lets and
 * defs; `what` is what it should be: "a set". */
bool mst_check_constant(struct mst_program *program, const struct mst_expr *expr, const char *what);

/* ---- check_test.c: fixtures and tests ------------------------------------------------------ */

/* Checks all tests of a unit and adds their steps to the program; when everything else is done. */
void mst_check_tests(struct mst_program *program, struct mst_unit *unit);

/* ---- check_warn.c, check_warn_rules.c: what is legal but looks wrong ------------------------ */

/* Warns about the root module; when everything else is done, and only if there is no error. */
void mst_check_warn(struct mst_program *program);
void mst_check_warn_rules(struct mst_program *program, const struct mst_unit *unit);

/* ---- fold.c: constants --------------------------------------------------------------------- */

/* Cells of the row in which a computed column stands; NULL elsewhere. */
struct mst_fold_row {
    const struct mst_column *columns;
    const struct mst_cell *cells;
    size_t count;
};

/* Evaluates a constant expression that has been checked; an unknown result is no error. */
struct mst_cell mst_fold(struct mst_program *program, const struct mst_expr *expr,
                         const struct mst_fold_row *row);
/* Reads a text as a value of a type, as a JSON string or CSV cell is read. */
enum mst_reading { MST_READ_OK, MST_READ_ABSENT, MST_READ_INVALID };
enum mst_reading mst_fold_read(struct mst_program *program, uint32_t type, uint32_t max_bytes,
                               mst_text text, struct mst_cell *cell);

#endif
