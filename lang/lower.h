/* SPDX-License-Identifier: Apache-2.0
 *
 * lower.h - what the parts of lowering share. Registers follow a stack: an expression takes what
 * it needs above those in use and gives them back; jumps only go forward and nest, as the
 * verifier demands. */
#ifndef MST_LANG_LOWER_H
#define MST_LANG_LOWER_H

#include "format/layout.h"
#include "format/limits.h"
#include "ir.h"

/* How a value moves with time (spec/language.md, section 8.1). */
enum mst_slope { MST_STILL = 0, MST_RISING = 1, MST_FALLING = 2 };

struct mst_operand_value {
    mst_ref ref;
    enum mst_slope slope;
};

/* What a local name stands for: a loop's register, or the argument of a def as it was written. */
struct mst_binding {
    const struct mst_symbol *symbol;
    mst_ref ref;                  /* loop variable */
    struct mst_expr *argument;    /* def parameter; loop: its source */
    struct mst_binding *argument_scope; /* where the argument is read */
    bool is_loop;
    struct mst_binding *outer;
};

/* A block being lowered. */
struct mst_lower {
    struct mst_lowered *all;
    struct mst_program *program;
    struct mst_block *block;
    struct mst_binding *bindings;
    uint32_t next_register;
    uint32_t blame; /* the place that reads (spec/language.md, section 7) */
    uint32_t def_depth;
    struct mst_span span; /* of what is being lowered */
};

/* ---- lower.c ------------------------------------------------------------------------------- */

mst_ref mst_lower_register(struct mst_lower *lower);
/* Appends an instruction; returns its place in the block. */
size_t mst_lower_emit(struct mst_lower *lower, enum mst_opcode op, uint32_t a, uint32_t b,
                      uint32_t c);
size_t mst_lower_emit_x(struct mst_lower *lower, enum mst_opcode op, uint8_t x, uint32_t a,
                        uint32_t b, uint32_t c);
/* A jump to be bound later with mst_lower_bind() to the instruction that comes next then. */
size_t mst_lower_jump(struct mst_lower *lower, enum mst_opcode op, mst_ref a);
void mst_lower_bind(struct mst_lower *lower, size_t jump);
void mst_lower_call(struct mst_lower *lower, uint32_t block);

mst_ref mst_lower_constant(struct mst_lower *lower, uint32_t type, int64_t word);
/* A finished block gets its number; a value block its result slot. */
void mst_lower_begin(struct mst_lower *lower, struct mst_lowered *all, struct mst_block *block,
                     uint32_t kind, uint32_t type, uint32_t blame);
uint32_t mst_lower_finish(struct mst_lower *lower);
mst_ref mst_lower_result(const struct mst_lower *lower, uint32_t block);

/* The blocks of a let, of a fact with default, made when first needed. */
struct mst_operand_value mst_lower_let(struct mst_lower *lower, struct mst_symbol *symbol);
mst_ref mst_lower_default(struct mst_lower *lower, uint32_t fact);

/* ---- lower_expr.c -------------------------------------------------------------------------- */

/* Evaluates an expression into `to`, or anywhere where `to` is MST_NOWHERE. */
struct mst_operand_value mst_lower_expr(struct mst_lower *lower, struct mst_expr *expr,
                                        mst_ref to);
/* The same for a place that refuses what changes every second. */
mst_ref mst_lower_still(struct mst_lower *lower, struct mst_expr *expr, mst_ref to);

/* ---- lower_time.c -------------------------------------------------------------------------- */

struct mst_operand_value mst_lower_arithmetic(struct mst_lower *lower, struct mst_expr *expr,
                                              mst_ref to);
/* Counts when `moving op still` changes; op is one of EQ NE LT LE GT GE. */
void mst_lower_flip(struct mst_lower *lower, struct mst_operand_value moving, mst_ref still,
                    uint8_t op);
/* date(r) < x and its like, solved to the flip; false where it is not of that form. */
bool mst_lower_direct(struct mst_lower *lower, struct mst_expr *expr, mst_ref *a, mst_ref *b);
/* Neither reads facts, tables, verdicts nor `now`, seen through lets, defs and arguments. */
bool mst_lower_is_constant(struct mst_lower *lower, struct mst_expr *expr);
/* How an expression moves; emits nothing. */
enum mst_slope mst_lower_slope(struct mst_lower *lower, struct mst_expr *expr);

/* ---- lower_call.c -------------------------------------------------------------------------- */

struct mst_operand_value mst_lower_call_expr(struct mst_lower *lower, struct mst_expr *expr,
                                             mst_ref to);
struct mst_operand_value mst_lower_quantifier(struct mst_lower *lower, struct mst_expr *expr,
                                              mst_ref to);
/* One step of min, max, sum: `value` joins `to`; `seen`: there was one before. */
void mst_lower_fold_step(struct mst_lower *lower, const struct mst_expr *expr, mst_ref to,
                         mst_ref seen, mst_ref value);
uint32_t mst_lower_builtin_number(const char *name); /* of its first line */
mst_ref mst_lower_zone(struct mst_lower *lower, const char *name);
mst_ref mst_lower_builtin(struct mst_lower *lower, uint32_t number, const mst_ref *args,
                          size_t count, bool rises, mst_ref to);

/* ---- lower_rules.c ------------------------------------------------------------------------- */

void mst_lower_verdict(struct mst_lowered *all, struct mst_rules *rules);
/* policy.check and decision.field as expressions. */
mst_ref mst_lower_check_name(struct mst_lower *lower, struct mst_expr *expr, mst_ref to);
mst_ref mst_lower_field(struct mst_lower *lower, struct mst_expr *expr, mst_ref to);
mst_ref mst_lower_outcome(struct mst_lower *lower, const struct mst_symbol *symbol);

#endif
