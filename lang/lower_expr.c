/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_expr.c - expressions to instructions: operators, names, conditions. Evaluation is exactly
 * that of the specification, left to right and stopping where it is decided, because what is read
 * counts for valid_until; only what can neither move nor fail to end is computed eagerly. */
#include "lower.h"
#include "sites.h"

#include <string.h>

/* What has been computed elsewhere, into `to` if there is one. */
static struct mst_operand_value deliver(struct mst_lower *lower, struct mst_operand_value value,
                                        mst_ref to)
{
    if (to == MST_NOWHERE || to == value.ref)
        return value;
    mst_lower_emit(lower, MST_OP_MOVE, to, value.ref, 0);
    value.ref = to;
    return value;
}

static void refuse_moving(struct mst_lower *lower, const struct mst_expr *e)
{
    struct mst_diag *d = mst_diag_report(lower->program->diags, MST_DIAG_MOVING, e->span,
                                         "This would change every second.");
    mst_diag_help(lower->program->diags, d,
                  "say until when, as in `now < t`, or use whole days: `days(…)`, `date(…)`");
}

mst_ref mst_lower_still(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct mst_operand_value value = mst_lower_expr(lower, e, to);
    if (value.slope != MST_STILL)
        refuse_moving(lower, e);
    return value.ref;
}

/* ---- names --------------------------------------------------------------------------------- */

static struct mst_operand_value lower_fact(struct mst_lower *lower, const struct mst_expr *e,
                                           mst_ref to)
{
    const struct mst_fact *fact = &lower->program->facts.items[e->symbol->index];
    if (fact->decl->value != NULL)
        return mst_lower_fixed(mst_lower_default(lower, e->symbol->index, to));
    if (!fact->expires)
        return deliver(lower, mst_lower_fixed(MST_AT(MST_PLACE_FACT, fact->slot)), to);
    to = mst_lower_target(lower, to);
    mst_lower_emit(lower, MST_OP_FRESH, to, MST_AT(MST_PLACE_FACT, fact->slot), 0);
    return mst_lower_fixed(to);
}

/* The value of an element of a list: what its one part describes. */
static struct mst_operand_value lower_element(struct mst_lower *lower, const struct mst_binding *b,
                                              mst_ref to)
{
    to = mst_lower_target(lower, to);
    mst_lower_emit(lower, MST_OP_ELEMENT, to, b->ref, b->argument->symbol->index + 1);
    return mst_lower_fixed(to);
}

static struct mst_operand_value lower_local(struct mst_lower *lower, const struct mst_expr *e,
                                            mst_ref to)
{
    for (struct mst_binding *b = lower->bindings; b != NULL; b = b->outer) {
        if (b->symbol != e->symbol)
            continue;
        if (b->is_loop && MST_TYPE_KIND(b->argument->type) == MST_TYPE_LIST &&
            MST_TYPE_KIND(e->type) != MST_TYPE_ELEMENT)
            return lower_element(lower, b, to);
        if (b->is_loop)
            return deliver(lower, mst_lower_fixed(b->ref), to);
        struct mst_binding *here = lower->bindings;
        lower->bindings = b->argument_scope;
        struct mst_operand_value value = mst_lower_expr(lower, b->argument, to);
        lower->bindings = here;
        return value;
    }
    return mst_lower_fixed(mst_lower_target(lower, to));
}

struct mst_operand_value mst_lower_cell(struct mst_lower *lower, uint32_t type,
                                        const struct mst_cell *cell, mst_ref to)
{
    if (!cell->known) {
        to = mst_lower_target(lower, to);
        mst_lower_emit(lower, MST_OP_FAULT, to, 0, mst_ir_type(lower->program, type));
        return mst_lower_fixed(to);
    }
    mst_ref ref = type == MST_TYPE_TEXT
                      ? MST_AT(MST_PLACE_CONST,
                               mst_ir_text_constant(lower->all, cell->text.ptr, cell->text.len))
                      : mst_lower_constant(lower, type, cell->word);
    return deliver(lower, mst_lower_fixed(ref), to);
}

static struct mst_operand_value lower_column(struct mst_lower *lower, struct mst_expr *e,
                                             mst_ref to)
{
    const struct mst_table *table = lower->program->tables.items[MST_TYPE_INDEX(e->a->type)];
    uint32_t first = 0, mark = lower->next_register;
    for (uint32_t i = 0; i < MST_TYPE_INDEX(e->a->type); i++)
        first += (uint32_t)lower->program->tables.items[i]->columns.count;
    struct mst_operand_value row = mst_lower_expr(lower, e->a, MST_NOWHERE);
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    uint32_t blame = lower->blame;
    lower->blame = table->cause;
    mst_lower_emit(lower, MST_OP_COLUMN, to, row.ref, first + e->number);
    lower->blame = blame;
    return mst_lower_fixed(to);
}

/* The fact that describes a field of the record that a list's element or a record fact is. */
static uint32_t part_fact(const struct mst_program *program, uint32_t of, uint32_t number)
{
    uint32_t first = of + 1;
    if (MST_TYPE_KIND(program->facts.items[of].type) == MST_TYPE_LIST)
        first++; /* the element itself stands between */
    return first + number;
}

/* A field of a record that goes stale: the record's age counts, whether or not it has the field. */
static struct mst_operand_value lower_fresh_part(struct mst_lower *lower,
                                                 const struct mst_expr *record, mst_ref slot,
                                                 uint32_t type, mst_ref to)
{
    to = mst_lower_target(lower, to);
    uint32_t mark = lower->next_register;
    mst_ref whole = lower_fact(lower, record, MST_NOWHERE).ref;
    mst_lower_emit(lower, MST_OP_UNKNOWN, to, whole, mst_ir_type(lower->program, type));
    size_t stale = mst_lower_jump(lower, MST_OP_JUMP_UNKNOWN, whole);
    mst_lower_emit(lower, MST_OP_MOVE, to, slot, 0);
    mst_lower_bind(lower, stale);
    lower->next_register = mark;
    return mst_lower_fixed(to);
}

static struct mst_operand_value lower_part(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct mst_program *program = lower->program;
    const struct mst_expr *record = e->a;
    if (record->ref == MST_REF_FACT) {
        const struct mst_fact *part =
            &program->facts.items[part_fact(program, record->symbol->index, e->number)];
        mst_ref slot = MST_AT(MST_PLACE_FACT, part->slot);
        return part->expires ? lower_fresh_part(lower, record, slot, e->type, to)
                             : deliver(lower, mst_lower_fixed(slot), to);
    }
    uint32_t mark = lower->next_register;
    struct mst_operand_value element = mst_lower_expr(lower, e->a, MST_NOWHERE);
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    mst_lower_emit(lower, MST_OP_ELEMENT, to, element.ref,
                   part_fact(program, MST_TYPE_INDEX(e->a->type), e->number));
    return mst_lower_fixed(to);
}

static struct mst_operand_value lower_reference(struct mst_lower *lower, struct mst_expr *e,
                                                mst_ref to)
{
    struct mst_program *program = lower->program;
    switch ((enum mst_meaning)e->ref) {
    case MST_REF_NOW:
        return deliver(lower, (struct mst_operand_value){MST_AT(MST_PLACE_NOW, 0), MST_RISING}, to);
    case MST_REF_FACT: return lower_fact(lower, e, to);
    case MST_REF_LOCAL: return lower_local(lower, e, to);
    case MST_REF_PART: return lower_part(lower, e, to);
    case MST_REF_COLUMN: return lower_column(lower, e, to);
    case MST_REF_MEMBER:
        return deliver(lower, mst_lower_fixed(mst_lower_constant(lower, e->type, e->number)), to);
    case MST_REF_LET: return mst_lower_let(lower, e->symbol, to);
    case MST_REF_PARAM:
        return mst_lower_cell(lower, e->type, &program->params.items[e->symbol->index].value, to);
    case MST_REF_VERDICT:
        return mst_lower_fixed(mst_lower_outcome(lower, e->symbol, MST_RESULT_VALUE, to));
    case MST_REF_CHECK: return mst_lower_fixed(mst_lower_check_name(lower, e, to));
    case MST_REF_FIELD: return mst_lower_fixed(mst_lower_field(lower, e, to));
    default: break;
    }
    return mst_lower_fixed(mst_lower_target(lower, to));
}

/* ---- comparisons --------------------------------------------------------------------------- */

static enum mst_opcode equal_op(uint32_t type)
{
    if (MST_TYPE_KIND(type) == MST_TYPE_ENUM)
        return MST_OP_EQ_ENUM;
    return type == MST_TYPE_TEXT ? MST_OP_EQ_TEXT : MST_OP_EQ;
}

static size_t member_count(const struct mst_lower *lower, uint32_t type)
{
    return lower->program->enums.items[MST_TYPE_INDEX(type)]->members.count;
}

/* `e == other`, where the member is written: asks whether e is other, and is known. */
static bool is_written_other(struct mst_lower *lower, struct mst_expr *e)
{
    if (MST_TYPE_KIND(e->type) != MST_TYPE_ENUM)
        return false;
    const struct mst_placed placed = {e, lower->bindings};
    const struct mst_expr *written = mst_lower_look_through(lower, placed).expr;
    return written->ref == MST_REF_MEMBER && written->number == member_count(lower, e->type);
}

static void lower_is_other(struct mst_lower *lower, uint32_t type, mst_ref value, mst_ref to)
{
    mst_ref ordinal = mst_lower_register(lower);
    mst_lower_emit(lower, MST_OP_ORDINAL, ordinal, value, 0);
    mst_lower_emit(lower, MST_OP_EQ, to, ordinal,
                   mst_lower_constant(lower, MST_TYPE_INT, (int64_t)member_count(lower, type) + 1));
}

void mst_lower_equal(struct mst_lower *lower, struct mst_expr *pair, mst_ref a, mst_ref b,
                     mst_ref to)
{
    if (is_written_other(lower, pair->b))
        lower_is_other(lower, pair->a->type, a, to);
    else if (is_written_other(lower, pair->a))
        lower_is_other(lower, pair->a->type, b, to);
    else
        mst_lower_emit(lower, equal_op(pair->a->type), to, a, b);
}

static void emit_order(struct mst_lower *lower, const struct mst_expr *e, mst_ref a, mst_ref b,
                       mst_ref to)
{
    bool is_version = e->a->type == MST_TYPE_VERSION;
    bool is_less = e->op == MST_WORD_LT || e->op == MST_WORD_GT;
    bool swapped = e->op == MST_WORD_GT || e->op == MST_WORD_GE;
    enum mst_opcode op = is_version ? (is_less ? MST_OP_LT_VERSION : MST_OP_LE_VERSION)
                                    : (is_less ? MST_OP_LT : MST_OP_LE);
    mst_lower_emit(lower, op, to, swapped ? b : a, swapped ? a : b);
}

/* Of != it is ==, which the caller denies. */
static void emit_comparison(struct mst_lower *lower, struct mst_expr *e, mst_ref a, mst_ref b,
                            mst_ref to)
{
    bool is_equal = e->op == MST_WORD_EQ || e->op == MST_WORD_NE;
    if (mst_lower_fuse_part(lower, is_equal ? MST_WORD_EQ : e->op, a, b, to))
        return;
    if (is_equal)
        mst_lower_equal(lower, e, a, b, to);
    else
        emit_order(lower, e, a, b, to);
}

static struct mst_operand_value lower_comparison(struct mst_lower *lower, struct mst_expr *e,
                                                 mst_ref to)
{
    uint32_t mark = lower->next_register;
    mst_ref refs[2];
    if (!mst_lower_direct(lower, e, &refs[0], &refs[1])) {
        struct mst_operand_value a = mst_lower_expr(lower, e->a, MST_NOWHERE);
        struct mst_operand_value b = mst_lower_expr(lower, e->b, MST_NOWHERE);
        if (a.slope != MST_STILL && b.slope != MST_STILL) {
            struct mst_diag *d = mst_diag_report(lower->program->diags, MST_DIAG_TWO_RAMPS, e->span,
                                                 "Both sides of this comparison move with time.");
            mst_diag_help(lower->program->diags, d, "compare their difference with a duration");
        } else if (a.slope != MST_STILL) {
            mst_lower_flip(lower, a, b.ref, e->op);
        } else if (b.slope != MST_STILL) {
            mst_lower_flip(lower, b, a.ref, mst_lower_mirrored(e->op));
        }
        refs[0] = a.ref;
        refs[1] = b.ref;
    }
    uint32_t used = lower->next_register;
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    if (lower->next_register < used)
        lower->next_register = used; /* lower_is_other needs one more */
    emit_comparison(lower, e, refs[0], refs[1], to);
    if (e->op == MST_WORD_NE)
        mst_lower_emit(lower, MST_OP_NOT, to, to, 0);
    lower->next_register = mark + (to == MST_AT(MST_PLACE_REGISTER, mark) ? 1 : 0);
    return mst_lower_fixed(to);
}

static struct mst_operand_value lower_like(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    uint32_t mark = lower->next_register;
    mst_ref text = mst_lower_still(lower, e->a, MST_NOWHERE);
    mst_ref pattern = mst_lower_still(lower, e->b, MST_NOWHERE);
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    mst_lower_emit(lower, MST_OP_LIKE, to, text, pattern);
    return mst_lower_fixed(to);
}

static struct mst_operand_value lower_within(struct mst_lower *lower, struct mst_expr *e,
                                             mst_ref to)
{
    uint32_t mark = lower->next_register;
    bool is_int = e->b->literal == MST_LITERAL_INT;
    uint64_t version = is_int ? (uint64_t)e->b->word << 48 : (uint64_t)e->b->word;
    mst_ref a = mst_lower_still(lower, e->a, MST_NOWHERE);
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    mst_lower_emit_x(lower, MST_OP_WITHIN, is_int ? 1 : e->b->parts, to, a,
                     mst_lower_constant(lower, MST_TYPE_VERSION, (int64_t)version));
    return mst_lower_fixed(to);
}

/* ---- logic --------------------------------------------------------------------------------- */

/* Neither reads the clock nor calls: evaluating it although it need not be read changes nothing
 * that can be seen. */
bool mst_lower_is_plain(const struct mst_lower *lower, const struct mst_expr *e, unsigned depth)
{
    const struct mst_program *program = lower->program;
    if (depth > 3)
        return false;
    switch ((enum mst_expr_kind)e->kind) {
    case MST_EXPR_LITERAL:
    case MST_EXPR_TEXT: return true;
    case MST_EXPR_NAME:
    case MST_EXPR_MEMBER:
        if (e->ref == MST_REF_FACT)
            return !program->facts.items[e->symbol->index].expires &&
                   program->facts.items[e->symbol->index].decl->value == NULL;
        return e->ref == MST_REF_MEMBER || e->ref == MST_REF_PARAM;
    case MST_EXPR_BINARY:
        return e->type == MST_TYPE_BOOL && mst_lower_is_plain(lower, e->a, depth + 1) &&
               mst_lower_is_plain(lower, e->b, depth + 1);
    case MST_EXPR_UNARY: return e->op == MST_WORD_NOT && mst_lower_is_plain(lower, e->a, depth + 1);
    case MST_EXPR_IN: return e->b->ref == MST_REF_SET && mst_lower_is_plain(lower, e->a, depth + 1);
    case MST_EXPR_CALL:
        return e->ref == MST_REF_BUILTIN && strcmp(e->name.text, "part") == 0 &&
               mst_lower_is_plain(lower, e->args.first, depth + 1) &&
               e->args.last->kind == MST_EXPR_LITERAL;
    default: return false;
    }
}

static struct mst_operand_value lower_logic(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    bool is_and = e->op == MST_WORD_AND;
    enum mst_opcode op = is_and ? MST_OP_AND : MST_OP_OR;
    uint32_t mark = lower->next_register;
    if (mst_lower_is_plain(lower, e->b, 0)) {
        mst_ref a = mst_lower_still(lower, e->a, MST_NOWHERE);
        mst_ref b = mst_lower_still(lower, e->b, MST_NOWHERE);
        lower->next_register = mark;
        to = mst_lower_target(lower, to);
        if (is_and || !mst_lower_fuse_either(lower, a, b, to))
            mst_lower_emit(lower, op, to, a, b);
        return mst_lower_fixed(to);
    }
    to = mst_lower_target(lower, to);
    mark = lower->next_register;
    mst_lower_still(lower, e->a, to);
    lower->next_register = mark;
    size_t end = mst_lower_jump(lower, is_and ? MST_OP_JUMP_FALSE : MST_OP_JUMP_TRUE, to);
    mst_ref b = mst_lower_still(lower, e->b, MST_NOWHERE);
    mst_lower_emit(lower, op, to, to, b);
    lower->next_register = mark;
    mst_lower_bind(lower, end);
    return mst_lower_fixed(to);
}

static struct mst_operand_value lower_else(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    to = mst_lower_target(lower, to);
    uint32_t mark = lower->next_register;
    mst_lower_still(lower, e->a, to);
    lower->next_register = mark;
    size_t end = mst_lower_jump(lower, MST_OP_JUMP_KNOWN, to);
    mst_ref b = mst_lower_still(lower, e->b, MST_NOWHERE);
    mst_lower_emit(lower, MST_OP_DEFAULT, to, to, b);
    lower->next_register = mark;
    mst_lower_bind(lower, end);
    return mst_lower_fixed(to);
}

/* Unknown ends it, false skips `then`, true ends it behind `then`. An `else if` is one more round,
 * not one more level. */
static struct mst_operand_value lower_if(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct mst_exits exits = {.jumps = {.count = 0}};
    struct mst_expr *otherwise = e;
    to = mst_lower_target(lower, to);
    uint32_t mark = lower->next_register;
    do {
        e = otherwise;
        lower->span = e->span;
        mst_ref condition = mst_lower_register(lower);
        mst_lower_still(lower, e->a, condition);
        mst_lower_emit(lower, MST_OP_UNKNOWN, to, condition, mst_ir_type(lower->program, e->type));
        mst_lower_exit(lower, &exits, MST_OP_JUMP_UNKNOWN, condition);
        size_t skip = mst_lower_jump(lower, MST_OP_JUMP_FALSE, condition);
        mst_lower_still(lower, e->b, to);
        mst_lower_bind(lower, skip);
        mst_lower_exit(lower, &exits, MST_OP_JUMP_TRUE, condition);
        lower->next_register = mark;
        otherwise = e->c;
    } while (otherwise->kind == MST_EXPR_IF);
    mst_lower_still(lower, otherwise, to);
    mst_lower_bind_exits(lower, &exits);
    lower->next_register = mark;
    return mst_lower_fixed(to);
}

static struct mst_operand_value lower_not(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    uint32_t mark = lower->next_register;
    mst_ref a = mst_lower_still(lower, e->a, MST_NOWHERE);
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    mst_lower_emit(lower, MST_OP_NOT, to, a, 0);
    return mst_lower_fixed(to);
}

static struct mst_operand_value lower_is(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    uint32_t mark = lower->next_register;
    struct mst_operand_value a = mst_lower_expr(lower, e->a, MST_NOWHERE);
    if (MST_TYPE_KIND(e->a->type) == MST_TYPE_ELEMENT) { /* is there a record in the list? */
        mst_ref record = mst_lower_register(lower);
        mst_lower_emit(lower, MST_OP_ELEMENT, record, a.ref, MST_TYPE_INDEX(e->a->type) + 1);
        a.ref = record;
    }
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    mst_lower_emit(lower, MST_OP_IS_UNKNOWN, to, a.ref, 0);
    if (e->op == MST_WORD_IS_NOT)
        mst_lower_emit(lower, MST_OP_NOT, to, to, 0);
    return mst_lower_fixed(to);
}

void mst_lower_look_up(struct mst_lower *lower, enum mst_opcode op, mst_ref to, mst_ref key,
                       uint32_t table)
{
    const struct mst_table *t = lower->program->tables.items[table];
    mst_lower_emit_x(lower, op, t->columns.items[t->key].type == MST_TYPE_TEXT, to, key, table);
}

static struct mst_operand_value lower_index(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    uint32_t mark = lower->next_register, blame = lower->blame;
    uint32_t table = MST_TYPE_INDEX(e->a->type);
    mst_ref key = mst_lower_still(lower, e->b, MST_NOWHERE);
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    lower->blame = lower->program->tables.items[table]->cause;
    mst_lower_look_up(lower, MST_OP_FIND, to, key, table);
    lower->blame = blame;
    return mst_lower_fixed(to);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static struct mst_operand_value lower_binary(struct mst_lower *lower, struct mst_expr *e,
                                             mst_ref to)
{
    switch (e->op) {
    case MST_WORD_OR:
    case MST_WORD_AND: return lower_logic(lower, e, to);
    case MST_WORD_EQ:
    case MST_WORD_NE:
        if (lower->in_expect)
            return mst_lower_expected(lower, e, to);
        return lower_comparison(lower, e, to);
    case MST_WORD_LT:
    case MST_WORD_LE:
    case MST_WORD_GT:
    case MST_WORD_GE: return lower_comparison(lower, e, to);
    case MST_WORD_LIKE: return lower_like(lower, e, to);
    case MST_WORD_WITHIN: return lower_within(lower, e, to);
    case MST_WORD_ELSE: return lower_else(lower, e, to);
    default: return mst_lower_arithmetic(lower, e, to);
    }
}

static struct mst_operand_value lower_text(struct mst_lower *lower, const struct mst_expr *e,
                                           mst_ref to)
{
    const struct mst_expr *piece = e->kind == MST_EXPR_TEXT ? e->args.first : e;
    struct mst_cell cell = {true, 0, {"", 0}};
    if (piece != NULL)
        cell.text = (mst_text){piece->bytes, piece->byte_count};
    return mst_lower_cell(lower, MST_TYPE_TEXT, &cell, to);
}

static struct mst_operand_value lower_kind(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    switch ((enum mst_expr_kind)e->kind) {
    case MST_EXPR_LITERAL:
        return deliver(lower, mst_lower_fixed(mst_lower_constant(lower, e->type, e->word)), to);
    case MST_EXPR_TEXT:
    case MST_EXPR_PIECE: return lower_text(lower, e, to);
    case MST_EXPR_INDEX: return lower_index(lower, e, to);
    case MST_EXPR_CALL: return mst_lower_call_expr(lower, e, to);
    case MST_EXPR_UNARY:
        return e->op == MST_WORD_NOT ? lower_not(lower, e, to) : mst_lower_arithmetic(lower, e, to);
    case MST_EXPR_BINARY: return lower_binary(lower, e, to);
    case MST_EXPR_IS: return lower_is(lower, e, to);
    case MST_EXPR_IN: return mst_lower_in(lower, e, to);
    case MST_EXPR_IF: return lower_if(lower, e, to);
    case MST_EXPR_QUANTIFIER: return mst_lower_quantifier(lower, e, to);
    default: return lower_reference(lower, e, to);
    }
}

struct mst_operand_value mst_lower_expr(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct mst_span outer = lower->span;
    if (lower->all->instruction_count > MST_MAX_INSTRUCTIONS || /* reported */
        !mst_program_enter(lower->program, e->span))
        return mst_lower_fixed(to != MST_NOWHERE ? to : MST_AT(MST_PLACE_REGISTER, 0));
    lower->span = e->span;
    uint32_t site = mst_site_open_expr(lower, e);
    struct mst_operand_value value = lower_kind(lower, e, to);
    mst_site_close(lower, site, value.ref);
    lower->span = outer;
    mst_program_leave(lower->program);
    return value;
}
