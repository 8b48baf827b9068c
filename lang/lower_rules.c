/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_rules.c - policies and decisions as blocks: conditions first, then the texts, advice and
 * fields that are evaluated only for what decides. */
#include "lower.h"
#include "sites.h"

#include <string.h>

static uint32_t finish_block(struct mst_lower *lower)
{
    mst_lower_emit(lower, MST_OP_RET, 0, 0, 0);
    return mst_lower_finish(lower);
}

/* ---- texts --------------------------------------------------------------------------------- */

/* An empty text is one piece without bytes: it is written too, or it would count as no text. */
static void emit_piece(struct mst_lower *lower, const struct mst_expr *piece)
{
    mst_lower_emit(lower, MST_OP_EMIT_TEXT, 0,
                   mst_ir_string(lower->all, piece->bytes, piece->byte_count), 0);
}

static void emit_parts(struct mst_lower *lower, const struct mst_expr *text)
{
    for (struct mst_expr *part = text->args.first; part != NULL; part = part->next) {
        if (part->kind == MST_EXPR_PIECE) {
            emit_piece(lower, part);
            continue;
        }
        uint32_t mark = lower->next_register;
        mst_lower_emit(lower, MST_OP_EMIT, mst_lower_still(lower, part, MST_NOWHERE), 0,
                       mst_ir_type(lower->program, part->type));
        lower->next_register = mark;
    }
}

/* A message block, or UINT32_MAX where there is no text. */
static uint32_t lower_text_block(struct mst_lowered *all, const struct mst_expr *text)
{
    struct mst_block block;
    struct mst_lower lower;
    if (text == NULL)
        return UINT32_MAX;
    mst_lower_begin(&lower, all, &block, MST_BLOCK_MESSAGE, 0, UINT32_MAX);
    lower.span = text->span;
    emit_parts(&lower, text);
    return finish_block(&lower);
}

/* A label: plain text, in which {check} is the policy's check slot. */
static uint32_t lower_label(struct mst_lowered *all, const struct mst_expr *text, uint32_t policy,
                            uint32_t check_enum)
{
    struct mst_block block;
    struct mst_lower lower;
    if (text == NULL)
        return UINT32_MAX;
    mst_lower_begin(&lower, all, &block, MST_BLOCK_MESSAGE, 0, UINT32_MAX);
    lower.span = text->span;
    for (const struct mst_expr *part = text->args.first; part != NULL; part = part->next) {
        if (part->kind == MST_EXPR_PIECE) {
            emit_piece(&lower, part);
            continue;
        }
        lower.next_register = 0;
        mst_ref check = mst_lower_call(&lower, policy, MST_RESULT_NAMED, MST_NOWHERE);
        mst_lower_emit(&lower, MST_OP_EMIT, check, 0, MST_CODE_ENUM + check_enum);
    }
    return finish_block(&lower);
}

static const struct mst_expr *clause_text(const struct mst_entry *entry, enum mst_clause_kind kind)
{
    for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next)
        if (c->kind == kind)
            return c->text;
    return NULL;
}

/* The because of the first `undecided` that is true; one that is unknown ends it. */
static uint32_t lower_because(struct mst_lowered *all, const struct mst_rule *rule)
{
    struct mst_block block;
    struct mst_lower lower;
    struct mst_exits exits = {.jumps = {.count = 0}};
    mst_lower_begin(&lower, all, &block, MST_BLOCK_MESSAGE, 0, rule->cause);
    for (const struct mst_clause *c = rule->entry->clauses; c != NULL; c = c->next) {
        if (c->kind != MST_CLAUSE_UNDECIDED)
            continue;
        lower.span = c->span;
        mst_ref condition = mst_lower_register(&lower);
        mst_lower_still(&lower, c->expr, condition);
        mst_lower_exit(&lower, &exits, MST_OP_JUMP_UNKNOWN, condition);
        size_t next = mst_lower_jump(&lower, MST_OP_JUMP_FALSE, condition);
        if (c->text != NULL)
            emit_parts(&lower, c->text);
        mst_lower_bind(&lower, next);
        mst_lower_exit(&lower, &exits, MST_OP_JUMP_TRUE, condition);
    }
    if (exits.jumps.count == 0)
        return UINT32_MAX;
    mst_lower_bind_exits(&lower, &exits);
    return finish_block(&lower);
}

/* ---- checks -------------------------------------------------------------------------------- */

/* undecided when ...: true or unknown ends the check as unknown. */
static void lower_undecided(struct mst_lower *lower, struct mst_expr *condition, mst_ref to,
                            struct mst_exits *exits)
{
    uint32_t mark = lower->next_register;
    mst_ref open = mst_lower_register(lower);
    mst_lower_still(lower, condition, open);
    mst_lower_emit(lower, MST_OP_MOVE, to, open, 0);
    size_t decided = mst_lower_jump(lower, MST_OP_JUMP_FALSE, open);
    mst_lower_emit(lower, MST_OP_UNDECIDED, to, open, 0);
    mst_lower_bind(lower, decided);
    mst_lower_exit(lower, exits, MST_OP_JUMP_TRUE, open);
    mst_lower_exit(lower, exits, MST_OP_JUMP_UNKNOWN, open);
    lower->next_register = mark;
    if (lower->next_register <= MST_NUMBER_OF(open))
        lower->next_register = MST_NUMBER_OF(open) + 1; /* the jumps read it */
}

/* The requires, a conjunction; a single one needs no register of its own. */
static mst_ref lower_requires(struct mst_lower *lower, const struct mst_entry *entry, mst_ref to,
                              struct mst_exits *exits)
{
    mst_ref result = MST_NOWHERE;
    for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next) {
        if (c->kind != MST_CLAUSE_REQUIRE)
            continue;
        lower->span = c->span;
        if (result == MST_NOWHERE) {
            result = mst_lower_still(lower, c->expr, to);
            continue;
        }
        if (to == MST_NOWHERE) {
            to = mst_lower_register(lower);
            mst_lower_emit(lower, MST_OP_MOVE, to, result, 0);
            result = to;
        }
        mst_lower_exit(lower, exits, MST_OP_JUMP_FALSE, to);
        uint32_t mark = lower->next_register;
        mst_ref next = mst_lower_still(lower, c->expr, MST_NOWHERE);
        mst_lower_emit(lower, MST_OP_AND, to, to, next);
        lower->next_register = mark;
    }
    if (result == MST_NOWHERE) { /* only `undecided`: it passes where it is decided */
        result = to != MST_NOWHERE ? to : mst_lower_register(lower);
        mst_lower_emit(lower, MST_OP_MOVE, result, mst_lower_constant(lower, MST_TYPE_BOOL, 1), 0);
    }
    return result;
}

/* (if undecided then unknown else requires) */
static mst_ref lower_body(struct mst_lower *lower, const struct mst_entry *entry, mst_ref to)
{
    struct mst_exits exits = {.jumps = {.count = 0}};
    if (mst_ast_has_clause(entry, MST_CLAUSE_UNDECIDED) && to == MST_NOWHERE)
        to = mst_lower_register(lower);
    for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next)
        if (c->kind == MST_CLAUSE_UNDECIDED)
            lower_undecided(lower, c->expr, to, &exits);
    mst_ref result = lower_requires(lower, entry, to, &exits);
    mst_lower_bind_exits(lower, &exits);
    return result;
}

/* not when or body: a false `when` passes, and then nothing more is read. */
static mst_ref lower_condition(struct mst_lower *lower, const struct mst_entry *entry)
{
    if (entry->when == NULL)
        return lower_body(lower, entry, MST_NOWHERE);
    mst_ref to = mst_lower_register(lower);
    mst_ref when = mst_lower_still(lower, entry->when, MST_NOWHERE);
    mst_lower_emit(lower, MST_OP_NOT, to, when, 0);
    lower->next_register = MST_NUMBER_OF(to) + 1;
    size_t passes = mst_lower_jump(lower, MST_OP_JUMP_TRUE, to);
    mst_lower_emit(lower, MST_OP_OR, to, to, lower_body(lower, entry, MST_NOWHERE));
    mst_lower_bind(lower, passes);
    return to;
}

static void lower_rule(struct mst_lower *lower, const struct mst_rules *rules,
                       const struct mst_rule *rule, enum mst_opcode op, uint32_t number)
{
    lower->blame = rule->cause;
    lower->span = rule->entry->span;
    uint32_t site = mst_site_open_rule(lower, rules, rule->entry, number);
    mst_ref condition = lower_condition(lower, rule->entry);
    mst_site_close(lower, site, condition);
    if (op != MST_OP_CHECK || !mst_lower_fuse_check(lower, condition, number))
        mst_lower_emit(lower, op, condition, number, 0);
    lower->next_register = 0;
}

static void add_rule_texts(struct mst_lowered *all, const struct mst_rule *rule)
{
    struct mst_check_code code = {
        .reason = lower_text_block(all, clause_text(rule->entry, MST_CLAUSE_REASON)),
        .remedy = lower_text_block(all, clause_text(rule->entry, MST_CLAUSE_REMEDY)),
        .cite = lower_text_block(all, clause_text(rule->entry, MST_CLAUSE_CITE)),
        .because = lower_because(all, rule),
    };
    MST_PUSH(all->program->arena, &all->checks, code);
}

/* ---- policies ------------------------------------------------------------------------------ */

static uint32_t lower_checks(struct mst_lowered *all, const struct mst_rules *rules)
{
    struct mst_block block;
    struct mst_lower lower;
    mst_lower_begin(&lower, all, &block, MST_BLOCK_POLICY, 0, UINT32_MAX);
    for (size_t i = 0; i < rules->checks.count; i++)
        lower_rule(&lower, rules, &rules->checks.items[i], MST_OP_CHECK, (uint32_t)i);
    mst_lower_emit(&lower, MST_OP_PASS, 0, 0, 0);
    return mst_lower_finish(&lower);
}

static uint32_t lower_advice(struct mst_lowered *all, const struct mst_rules *rules)
{
    struct mst_block block;
    struct mst_lower lower;
    if (rules->advice.count == 0)
        return UINT32_MAX;
    mst_lower_begin(&lower, all, &block, MST_BLOCK_ADVICE, 0, UINT32_MAX);
    for (size_t i = 0; i < rules->advice.count; i++)
        lower_rule(&lower, rules, &rules->advice.items[i], MST_OP_ADVISE, (uint32_t)i);
    return finish_block(&lower);
}

/* ---- decisions ----------------------------------------------------------------------------- */

static uint32_t case_cause(const struct mst_rules *rules, const struct mst_case *c)
{
    for (size_t i = 0; i < rules->outcomes.count && !c->is_unknown; i++)
        if (rules->outcomes.items[i].name == c->outcome.text)
            return rules->outcomes.items[i].cause;
    return rules->unknown_cause;
}

static uint32_t lower_cases(struct mst_lowered *all, const struct mst_rules *rules)
{
    struct mst_block block;
    struct mst_lower lower;
    uint32_t number = 0;
    mst_lower_begin(&lower, all, &block, MST_BLOCK_DECISION, 0, UINT32_MAX);
    for (const struct mst_case *c = rules->symbol->item->cases; c != NULL; c = c->next, number++) {
        lower.blame = case_cause(rules, c);
        lower.span = c->span;
        uint32_t site = mst_site_open_case(&lower, rules, c, number);
        mst_ref when =
            c->when != NULL ? mst_lower_still(&lower, c->when, MST_NOWHERE) : MST_NOWHERE;
        mst_site_close(&lower, site, when);
        if (c->when == NULL) {
            mst_lower_emit(&lower, MST_OP_DECIDE, 0, number, 0);
            break;
        }
        mst_lower_emit(&lower, MST_OP_WHEN, when, number, 0);
        lower.next_register = 0;
    }
    return mst_lower_finish(&lower);
}

static uint32_t lower_field_block(struct mst_lowered *all, struct mst_expr *value, uint32_t cause)
{
    struct mst_block block;
    struct mst_lower lower;
    mst_lower_begin(&lower, all, &block, MST_BLOCK_VALUE, value->type, cause);
    lower.span = value->span;
    mst_lower_still(&lower, value, MST_RESULT_SLOT);
    return mst_lower_finish_value(&lower);
}

static uint32_t outcome_member(const struct mst_rules *rules, const struct mst_case *c)
{
    for (uint32_t i = 0; i < rules->outcomes.count && !c->is_unknown; i++)
        if (rules->outcomes.items[i].name == c->outcome.text)
            return i;
    return UINT32_MAX;
}

/* The cases and fields of one decision, until all are there: fields may read other decisions,
 * whose own cases must not come between. */
struct pending {
    MST_VECTOR(struct mst_case_code) cases;
    MST_VECTOR(struct mst_field_code) fields;
};

static void add_case(struct mst_lowered *all, const struct mst_rules *rules,
                     const struct mst_case *c, struct pending *pending)
{
    struct mst_arena *arena = all->program->arena;
    struct mst_case_code code = {.member = outcome_member(rules, c),
                                 .label = UINT32_MAX,
                                 .because = UINT32_MAX,
                                 .cause = case_cause(rules, c),
                                 .first_field = (uint32_t)pending->fields.count,
                                 .field_count = c->fields.count};
    for (struct mst_expr *f = c->fields.first; f != NULL; f = f->next) {
        struct mst_field_code field = {f->field_name.text, lower_field_block(all, f, code.cause)};
        MST_PUSH(arena, &pending->fields, field);
    }
    MST_PUSH(arena, &pending->cases, code);
}

/* ---- verdicts ------------------------------------------------------------------------------ */

/* What other items can read of a verdict: its conditions, and the fields of its cases. */
static struct mst_verdict_code *ensure_verdict(struct mst_lowered *all, struct mst_rules *rules)
{
    struct mst_program *program = all->program;
    while (all->verdicts.count < program->verdicts.count && !program->arena->failed) {
        struct mst_verdict_code none = {.block = UINT32_MAX, .advise = UINT32_MAX};
        MST_PUSH(program->arena, &all->verdicts, none);
    }
    if (program->arena->failed)
        return NULL;
    struct mst_verdict_code *code = &all->verdicts.items[rules->symbol->index];
    if (code->block != UINT32_MAX)
        return code;
    if (rules->symbol->kind == MST_SYMBOL_POLICY) {
        code->block = lower_checks(all, rules);
        return code;
    }
    uint32_t block = lower_cases(all, rules);
    code = &all->verdicts.items[rules->symbol->index];
    code->block = block;
    return code;
}

/* Cases with their fields, made when a field is first read or the verdict is finished. */
static void ensure_cases(struct mst_lowered *all, struct mst_rules *rules)
{
    struct pending pending = {{NULL, 0, 0}, {NULL, 0, 0}};
    if (ensure_verdict(all, rules) == NULL ||
        all->verdicts.items[rules->symbol->index].case_count != 0)
        return;
    for (const struct mst_case *c = rules->symbol->item->cases; c != NULL; c = c->next)
        add_case(all, rules, c, &pending);
    struct mst_verdict_code *code = &all->verdicts.items[rules->symbol->index];
    code->first_case = (uint32_t)all->cases.count;
    code->case_count = (uint32_t)pending.cases.count;
    for (size_t i = 0; i < pending.cases.count; i++) {
        pending.cases.items[i].first_field += (uint32_t)all->fields.count;
        MST_PUSH(all->program->arena, &all->cases, pending.cases.items[i]);
    }
    for (size_t i = 0; i < pending.fields.count; i++)
        MST_PUSH(all->program->arena, &all->fields, pending.fields.items[i]);
}

static void finish_decision(struct mst_lowered *all, struct mst_rules *rules)
{
    ensure_cases(all, rules);
    uint32_t place = all->verdicts.items[rules->symbol->index].first_case;
    for (const struct mst_case *c = rules->symbol->item->cases;
         c != NULL && !all->program->arena->failed; c = c->next, place++) {
        uint32_t member = all->cases.items[place].member;
        const struct mst_expr *label =
            member != UINT32_MAX ? rules->outcomes.items[member].label : NULL;
        uint32_t label_block = lower_label(all, label, 0, 0);
        uint32_t because = lower_text_block(all, c->because);
        all->cases.items[place].label = label_block;
        all->cases.items[place].because = because;
    }
}

static void finish_policy(struct mst_lowered *all, const struct mst_rules *rules)
{
    uint32_t advise = lower_advice(all, rules);
    uint32_t first = (uint32_t)all->checks.count;
    for (size_t i = 0; i < rules->checks.count; i++)
        add_rule_texts(all, &rules->checks.items[i]);
    for (size_t i = 0; i < rules->advice.count; i++)
        add_rule_texts(all, &rules->advice.items[i]);
    struct mst_verdict_code *code = &all->verdicts.items[rules->symbol->index];
    code->advise = advise;
    code->first_check = first;
    for (size_t i = 0; i < 3 && i < rules->outcomes.count; i++) {
        uint32_t label =
            lower_label(all, rules->outcomes.items[i].label, code->block, rules->check_enum);
        code = &all->verdicts.items[rules->symbol->index];
        code->labels[i] = label;
    }
}

void mst_lower_verdict(struct mst_lowered *all, struct mst_rules *rules)
{
    if (ensure_verdict(all, rules) == NULL)
        return;
    struct mst_verdict_code *code = &all->verdicts.items[rules->symbol->index];
    code->labels[0] = code->labels[1] = code->labels[2] = UINT32_MAX;
    if (rules->symbol->kind == MST_SYMBOL_POLICY)
        finish_policy(all, rules);
    else
        finish_decision(all, rules);
}

/* ---- verdicts in expressions --------------------------------------------------------------- */

mst_ref mst_lower_outcome(struct mst_lower *lower, const struct mst_symbol *symbol,
                          enum mst_result which, mst_ref to)
{
    struct mst_verdict_code *code =
        ensure_verdict(lower->all, lower->program->verdicts.items[symbol->index]);
    if (code == NULL)
        return mst_lower_target(lower, to);
    return mst_lower_call(lower, code->block, which, to);
}

/* The failing check; on pass a fault of the place that reads, else with the policy's causes. */
mst_ref mst_lower_check_name(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    to = mst_lower_outcome(lower, e->symbol, MST_RESULT_DECIDER, to);
    uint32_t mark = lower->next_register;
    size_t known = mst_lower_jump(lower, MST_OP_JUMP_KNOWN, to);
    mst_ref passed = mst_lower_outcome(lower, e->symbol, MST_RESULT_VALUE, MST_NOWHERE);
    mst_lower_emit(lower, MST_OP_EQ_ENUM, passed, passed,
                   mst_lower_constant(lower, e->symbol->type, 0));
    size_t open = mst_lower_jump(lower, MST_OP_JUMP_UNKNOWN, passed);
    size_t failed = mst_lower_jump(lower, MST_OP_JUMP_FALSE, passed);
    mst_lower_emit(lower, MST_OP_FAULT, to, 0, mst_ir_type(lower->program, e->type));
    mst_lower_bind(lower, failed);
    mst_lower_bind(lower, open);
    mst_lower_bind(lower, known);
    lower->next_register = mark;
    return to;
}

/* The field of the taken case; where the case has none a fault of the place that reads. */
mst_ref mst_lower_field(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct mst_rules *rules = lower->program->verdicts.items[e->symbol->index];
    const char *name = e->name.text;
    to = to != MST_NOWHERE ? to : mst_lower_register(lower);
    ensure_cases(lower->all, rules);
    uint32_t mark = lower->next_register;
    mst_ref outcome = mst_lower_outcome(lower, e->symbol, MST_RESULT_VALUE, MST_NOWHERE);
    mst_ref taken = mst_lower_register(lower), here = mst_lower_register(lower);
    mst_lower_emit(lower, MST_OP_UNKNOWN, to, outcome, mst_ir_type(lower->program, e->type));
    size_t open = mst_lower_jump(lower, MST_OP_JUMP_UNKNOWN, outcome);
    mst_lower_outcome(lower, e->symbol, MST_RESULT_DECIDER, taken);
    mst_lower_emit(lower, MST_OP_FAULT, to, 0, mst_ir_type(lower->program, e->type));
    const struct mst_verdict_code code = lower->all->verdicts.items[e->symbol->index];
    for (uint32_t i = 0; i < code.case_count; i++) {
        const struct mst_case_code *c = &lower->all->cases.items[code.first_case + i];
        for (uint32_t k = 0; k < c->field_count; k++) {
            const struct mst_field_code *field = &lower->all->fields.items[c->first_field + k];
            if (field->name != name)
                continue;
            mst_lower_emit(lower, MST_OP_EQ, here, taken,
                           mst_lower_constant(lower, MST_TYPE_INT, i));
            size_t next = mst_lower_jump(lower, MST_OP_JUMP_FALSE, here);
            mst_lower_call(lower, field->block, MST_RESULT_VALUE, to);
            mst_lower_bind(lower, next);
        }
    }
    mst_lower_bind(lower, open);
    lower->next_register = mark;
    return to;
}
