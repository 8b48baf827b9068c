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

#define MST_MAX_DEF_DEPTH 64         /* defs that call defs */
#define MST_MAX_INSTRUCTIONS 4000000 /* of a program: what nested defs could blow up to */

/* How a value moves with time (spec/language.md, section 8.1). */
enum mst_slope { MST_STILL = 0, MST_RISING = 1, MST_FALLING = 2 };

struct mst_operand_value {
    mst_ref ref;
    enum mst_slope slope;
};

/* What a local name stands for: a loop's register, or the argument of a def as it was written. */
struct mst_binding {
    const struct mst_symbol *symbol;
    mst_ref ref;                        /* loop variable */
    struct mst_expr *argument;          /* def parameter; loop: its source */
    struct mst_binding *argument_scope; /* where the argument is read */
    bool is_loop;
    struct mst_binding *outer;
};

/* An expression together with what the parameters in it stand for. */
struct mst_placed {
    struct mst_expr *expr;
    struct mst_binding *scope;
};

/* A block being lowered. */
struct mst_lower {
    struct mst_lowered *all;
    struct mst_program *program;
    struct mst_block *block;
    struct mst_binding *bindings;
    uint32_t next_register;
    uint32_t blame; /* the place that reads (spec/language.md, section 7) */
    uint32_t def_depth, open_jumps, open_loops;
    size_t landing; /* where a jump was bound last: there is more than one way to that place */
    bool in_expect; /* `==` holds unknown equal to unknown */
    uint32_t site;  /* the one that is being lowered, counted from 1 */
    struct mst_span span; /* of what is being lowered */
};

static inline struct mst_operand_value mst_lower_fixed(mst_ref ref)
{
    return (struct mst_operand_value){ref, MST_STILL};
}

/* ---- lower.c ------------------------------------------------------------------------------- */

mst_ref mst_lower_register(struct mst_lower *lower);
/* `to`, or a register of its own where there is none. */
static inline mst_ref mst_lower_target(struct mst_lower *lower, mst_ref to)
{
    return to != MST_NOWHERE ? to : mst_lower_register(lower);
}
/* Appends an instruction; returns its place in the block. */
size_t mst_lower_emit(struct mst_lower *lower, enum mst_opcode op, uint32_t a, uint32_t b,
                      uint32_t c);
size_t mst_lower_emit_x(struct mst_lower *lower, enum mst_opcode op, uint8_t x, uint32_t a,
                        uint32_t b, uint32_t c);
/* Counts one more of what may be open at a time; reports the first that is too many. */
void mst_lower_open(struct mst_lower *lower, uint32_t *open, uint32_t most);
/* A jump to be bound later with mst_lower_bind() to the instruction that comes next then. */
size_t mst_lower_jump(struct mst_lower *lower, enum mst_opcode op, mst_ref a);
void mst_lower_bind(struct mst_lower *lower, size_t jump);

/* Jumps out of what is being decided, all bound to the same instruction: however many there are,
 * the verifier keeps one target. All zero: none yet. */
struct mst_exits {
    MST_VECTOR(size_t) jumps;
};
void mst_lower_exit(struct mst_lower *lower, struct mst_exits *exits, enum mst_opcode op,
                    mst_ref a);
void mst_lower_bind_exits(struct mst_lower *lower, struct mst_exits *exits);
/* to := a result of a block. */
mst_ref mst_lower_call(struct mst_lower *lower, uint32_t block, enum mst_result which, mst_ref to);

mst_ref mst_lower_constant(struct mst_lower *lower, uint32_t type, int64_t word);
/* A finished block gets its number; a value block its result slot. */
void mst_lower_begin(struct mst_lower *lower, struct mst_lowered *all, struct mst_block *block,
                     uint32_t kind, uint32_t type, uint32_t blame);
uint32_t mst_lower_finish(struct mst_lower *lower);
/* Where the value of a value block belongs, and the block's end once it is there. */
#define MST_RESULT_SLOT MST_AT(MST_PLACE_RESULT, 0)
uint32_t mst_lower_finish_value(struct mst_lower *lower);

/* The blocks of a let, of a fact with default, made when first needed. */
struct mst_operand_value mst_lower_let(struct mst_lower *lower, struct mst_symbol *symbol,
                                       mst_ref to);
mst_ref mst_lower_default(struct mst_lower *lower, uint32_t fact, mst_ref to);

/* ---- lower_expr.c -------------------------------------------------------------------------- */

/* Evaluates an expression into `to`, or anywhere where `to` is MST_NOWHERE. */
struct mst_operand_value mst_lower_expr(struct mst_lower *lower, struct mst_expr *expr, mst_ref to);
/* The same for a place that refuses what changes every second. */
mst_ref mst_lower_still(struct mst_lower *lower, struct mst_expr *expr, mst_ref to);

/* Neither reads the clock nor calls: evaluating it although it need not be read changes nothing
 * that can be seen. `depth`: 0. */
bool mst_lower_is_plain(const struct mst_lower *lower, const struct mst_expr *expr, unsigned depth);
/* A constant cell of a table, set or param. */
struct mst_operand_value mst_lower_cell(struct mst_lower *lower, uint32_t type,
                                        const struct mst_cell *cell, mst_ref to);
/* to := a == b, for the two sides of `pair`; a written `other` asks whether the other side is. */
void mst_lower_equal(struct mst_lower *lower, struct mst_expr *pair, mst_ref a, mst_ref b,
                     mst_ref to);

/* to := what FIND or HAS_KEY finds under a key of a table. */
void mst_lower_look_up(struct mst_lower *lower, enum mst_opcode op, mst_ref to, mst_ref key,
                       uint32_t table);

/* ---- lower_fuse.c -------------------------------------------------------------------------- */

/* An operation and what alone reads its result, as one instruction; false where they stay two. */
bool mst_lower_fuse_check(struct mst_lower *lower, mst_ref condition, uint32_t number);
/* to := a op b, where one side is a part of a version; op is one of EQ LT LE GT GE. */
bool mst_lower_fuse_part(struct mst_lower *lower, uint8_t op, mst_ref a, mst_ref b, mst_ref to);
/* to := a or b, where both ask whether the same part of a version is a number. */
bool mst_lower_fuse_either(struct mst_lower *lower, mst_ref a, mst_ref b, mst_ref to);
/* A value that is a part of a version, just computed, is taken back: which part of which. */
bool mst_lower_fuse_part_of(struct mst_lower *lower, mst_ref value, uint8_t *part,
                            mst_ref *version);
#define MST_PART_NUMBERS 4 /* that one instruction compares a part with */
/* to := the part is one of 1 to MST_PART_NUMBERS numbers. */
void mst_lower_emit_part_in(struct mst_lower *lower, uint8_t part, mst_ref to, mst_ref version,
                            const uint16_t *numbers, size_t count);

/* ---- lower_in.c ---------------------------------------------------------------------------- */

struct mst_operand_value mst_lower_in(struct mst_lower *lower, struct mst_expr *expr, mst_ref to);

/* ---- lower_time.c -------------------------------------------------------------------------- */

/* Defs and their arguments count as written in place: looks through both. */
struct mst_placed mst_lower_look_through(struct mst_lower *lower, struct mst_placed placed);

struct mst_operand_value mst_lower_arithmetic(struct mst_lower *lower, struct mst_expr *expr,
                                              mst_ref to);
/* Counts when `moving op still` changes; op is one of EQ NE LT LE GT GE. */
void mst_lower_flip(struct mst_lower *lower, struct mst_operand_value moving, mst_ref still,
                    uint8_t op);
/* date(r) < x and its like, solved to the flip; false where it is not of that form. */
bool mst_lower_direct(struct mst_lower *lower, struct mst_expr *expr, mst_ref *a, mst_ref *b);
/* The comparison with its sides changed: a < b is b > a. */
uint8_t mst_lower_mirrored(uint8_t op);

/* ---- lower_call.c -------------------------------------------------------------------------- */

struct mst_operand_value mst_lower_call_expr(struct mst_lower *lower, struct mst_expr *expr,
                                             mst_ref to);
struct mst_operand_value mst_lower_quantifier(struct mst_lower *lower, struct mst_expr *expr,
                                              mst_ref to);
/* The parameters of the def that `call` calls, bound to its arguments as they stand in `scope`. */
struct mst_binding *mst_lower_bind_arguments(struct mst_lower *lower, const struct mst_expr *call,
                                             struct mst_binding *scope);
/* One step of min, max, sum: `value` joins `to`; `seen`: there was one before. */
void mst_lower_fold_step(struct mst_lower *lower, const struct mst_expr *expr, mst_ref to,
                         mst_ref seen, mst_ref value);
uint32_t mst_lower_builtin_number(const char *name); /* of its first line */
mst_ref mst_lower_zone(struct mst_lower *lower, const char *name);
mst_ref mst_lower_builtin(struct mst_lower *lower, uint32_t number, const mst_ref *args,
                          size_t count, bool rises, mst_ref to);

/* ---- lower_test.c -------------------------------------------------------------------------- */

/* The expectations of all tests as value blocks, one for each HOLDS step, in their order. */
void mst_lower_tests(struct mst_lowered *all);
/* == and != as a test means them, always known. */
struct mst_operand_value mst_lower_expected(struct mst_lower *lower, struct mst_expr *expr,
                                            mst_ref to);

/* ---- lower_rules.c ------------------------------------------------------------------------- */

void mst_lower_verdict(struct mst_lowered *all, struct mst_rules *rules);
/* policy.check and decision.field as expressions. */
mst_ref mst_lower_check_name(struct mst_lower *lower, struct mst_expr *expr, mst_ref to);
mst_ref mst_lower_field(struct mst_lower *lower, struct mst_expr *expr, mst_ref to);
mst_ref mst_lower_outcome(struct mst_lower *lower, const struct mst_symbol *symbol,
                          enum mst_result which, mst_ref to);

#endif
