/* SPDX-License-Identifier: Apache-2.0
 *
 * lower.c - blocks, registers and jumps; lets and defaults as blocks of their own, evaluated once
 * and only if read; and the order in which a program is lowered. */
#include "lower.h"

mst_ref mst_lower_register(struct mst_lower *lower)
{
    uint32_t number = lower->next_register++;
    if (lower->next_register > MST_MAX_BLOCK_REGISTERS) {
        struct mst_diag *d = mst_diag_report(lower->program->diags, MST_DIAG_EXPR_TOO_LARGE,
                                             lower->span, "This expression is too large.");
        mst_diag_help(lower->program->diags, d, "name its parts with `let`");
        number = lower->next_register = 0;
    }
    if (lower->next_register > lower->block->register_count)
        lower->block->register_count = lower->next_register;
    return MST_AT(MST_PLACE_REGISTER, number);
}

size_t mst_lower_emit_x(struct mst_lower *lower, enum mst_opcode op, uint8_t x, uint32_t a,
                        uint32_t b, uint32_t c)
{
    struct mst_ir ir = {(uint8_t)op, x, a, b, c, lower->blame, lower->span};
    size_t place = lower->block->code.count;
    if (++lower->all->instruction_count > MST_MAX_INSTRUCTIONS) {
        if (lower->all->instruction_count == MST_MAX_INSTRUCTIONS + 1) {
            struct mst_diag *d =
                mst_diag_report(lower->program->diags, MST_DIAG_PROGRAM_TOO_LARGE, lower->span,
                                "The rules are too large: defs that call defs multiply here.");
            mst_diag_help(lower->program->diags, d,
                          "call each def once and give its result a name with `let`");
        }
        return place > 0 ? place - 1 : 0;
    }
    MST_PUSH(lower->program->arena, &lower->block->code, ir);
    return place;
}

size_t mst_lower_emit(struct mst_lower *lower, enum mst_opcode op, uint32_t a, uint32_t b,
                      uint32_t c)
{
    return mst_lower_emit_x(lower, op, 0, a, b, c);
}

void mst_lower_open(struct mst_lower *lower, uint32_t *open, uint32_t most)
{
    if (++*open != most + 1)
        return;
    struct mst_diag *d = mst_diag_report(lower->program->diags, MST_DIAG_EXPR_TOO_LARGE,
                                         lower->span, "This is nested too deeply.");
    mst_diag_help(lower->program->diags, d, "name its parts with `let`");
}

size_t mst_lower_jump(struct mst_lower *lower, enum mst_opcode op, mst_ref a)
{
    mst_lower_open(lower, &lower->open_jumps, MST_MAX_JUMP_DEPTH - MST_MAX_LOOP_DEPTH);
    return mst_lower_emit(lower, op, a, 0, 0);
}

static void report_loop(struct mst_program *program, struct mst_span span)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_EXPR_TOO_LARGE, span,
                                         "The condition of this loop is too large.");
    mst_diag_help(program->diags, d, "name parts that do not change in it with `let`");
}

/* Lets a jump go to the next instruction. */
static void patch_jump(struct mst_lower *lower, size_t jump)
{
    if (jump >= lower->block->code.count)
        return; /* out of memory, or over the limit: reported */
    struct mst_ir *ir = &lower->block->code.items[jump];
    uint32_t skip = (uint32_t)(lower->block->code.count - jump - 1);
    bool is_loop = ir->op == MST_OP_LOOP_UP || ir->op == MST_OP_LOOP_DOWN ||
                   ir->op == MST_OP_EACH_UP || ir->op == MST_OP_EACH_DOWN;
    if (is_loop)
        ir->c = skip;
    else
        ir->b = skip;
    lower->landing = lower->block->code.count;
    if (is_loop && skip > UINT16_MAX)
        report_loop(lower->program, ir->span);
}

void mst_lower_bind(struct mst_lower *lower, size_t jump)
{
    lower->open_jumps--;
    patch_jump(lower, jump);
}

void mst_lower_exit(struct mst_lower *lower, struct mst_exits *exits, enum mst_opcode op, mst_ref a)
{
    size_t jump =
        exits->jumps.count == 0 ? mst_lower_jump(lower, op, a) : mst_lower_emit(lower, op, a, 0, 0);
    MST_PUSH(lower->program->arena, &exits->jumps, jump);
}

void mst_lower_bind_exits(struct mst_lower *lower, struct mst_exits *exits)
{
    if (exits->jumps.count > 0)
        lower->open_jumps--;
    for (size_t i = 0; i < exits->jumps.count; i++)
        patch_jump(lower, exits->jumps.items[i]);
}

mst_ref mst_lower_call(struct mst_lower *lower, uint32_t block, enum mst_result which, mst_ref to)
{
    to = mst_lower_target(lower, to);
    mst_lower_emit_x(lower, MST_OP_CALL, (uint8_t)which, to, block, 0);
    return to;
}

mst_ref mst_lower_constant(struct mst_lower *lower, uint32_t type, int64_t word)
{
    if (MST_TYPE_KIND(type) == MST_TYPE_ENUM) {
        const struct mst_enum_type *e = lower->program->enums.items[MST_TYPE_INDEX(type)];
        if (e->has_other && (size_t)word == e->members.count)
            word = (int64_t)((uint64_t)word | MST_ENUM_OTHER_WRITTEN);
    }
    return MST_AT(MST_PLACE_CONST, mst_ir_constant(lower->all, type, (uint64_t)word));
}

void mst_lower_begin(struct mst_lower *lower, struct mst_lowered *all, struct mst_block *block,
                     uint32_t kind, uint32_t type, uint32_t blame)
{
    *block = (struct mst_block){.kind = kind, .type = type, .result = UINT32_MAX};
    *lower =
        (struct mst_lower){.all = all, .program = all->program, .block = block, .blame = blame};
}

uint32_t mst_lower_finish(struct mst_lower *lower)
{
    struct mst_lowered *all = lower->all;
    struct mst_block *block = lower->block;
    if (block->kind == MST_BLOCK_VALUE)
        block->result = all->result_count++;
    else if (block->kind == MST_BLOCK_POLICY || block->kind == MST_BLOCK_DECISION)
        block->result = (all->result_count += 2) - 2;
    uint32_t number = (uint32_t)all->blocks.count;
    MST_PUSH(lower->program->arena, &all->blocks, *block);
    return number;
}

uint32_t mst_lower_finish_value(struct mst_lower *lower)
{
    mst_lower_emit(lower, MST_OP_RET, 0, 0, 0);
    return mst_lower_finish(lower);
}

struct mst_operand_value mst_lower_let(struct mst_lower *lower, struct mst_symbol *symbol,
                                       mst_ref to)
{
    struct mst_lowered *all = lower->all;
    struct mst_item *item = symbol->item;
    if (all->let_blocks[item->let_cause] == UINT32_MAX) {
        struct mst_block block;
        struct mst_lower inner;
        mst_lower_begin(&inner, all, &block, MST_BLOCK_VALUE, symbol->type, item->let_cause);
        inner.span = item->value->span;
        struct mst_operand_value value = mst_lower_expr(&inner, item->value, MST_RESULT_SLOT);
        all->let_slopes[item->let_cause] = (uint8_t)value.slope;
        all->let_blocks[item->let_cause] = mst_lower_finish_value(&inner);
    }
    return (struct mst_operand_value){
        mst_lower_call(lower, all->let_blocks[item->let_cause], MST_RESULT_VALUE, to),
        (enum mst_slope)all->let_slopes[item->let_cause],
    };
}

/* The fact, fresh, or its default where it is absent. */
static uint32_t lower_default_block(struct mst_lowered *all, uint32_t index)
{
    const struct mst_fact *fact = &all->program->facts.items[index];
    struct mst_block block;
    struct mst_lower inner;
    mst_lower_begin(&inner, all, &block, MST_BLOCK_VALUE, fact->type, fact->cause);
    inner.span = fact->decl->value->span;
    mst_ref slot = MST_AT(MST_PLACE_FACT, fact->slot);
    mst_lower_emit(&inner, fact->expires ? MST_OP_FRESH : MST_OP_MOVE, MST_RESULT_SLOT, slot, 0);
    size_t present = mst_lower_jump(&inner, MST_OP_JUMP_PRESENT, slot);
    mst_ref other = mst_lower_still(&inner, fact->decl->value, MST_NOWHERE);
    mst_lower_emit(&inner, MST_OP_DEFAULT, MST_RESULT_SLOT, slot, other);
    mst_lower_bind(&inner, present);
    return mst_lower_finish_value(&inner);
}

mst_ref mst_lower_default(struct mst_lower *lower, uint32_t fact, mst_ref to)
{
    uint32_t *blocks = lower->all->default_blocks;
    if (blocks[fact] == UINT32_MAX)
        blocks[fact] = lower_default_block(lower->all, fact);
    return mst_lower_call(lower, blocks[fact], MST_RESULT_VALUE, to);
}

static uint32_t *no_blocks(struct mst_program *program, size_t count)
{
    uint32_t *blocks = MST_NEW_ARRAY(program->arena, count + 1, uint32_t);
    for (size_t i = 0; blocks != NULL && i <= count; i++)
        blocks[i] = UINT32_MAX;
    return blocks;
}

static uint32_t longest_text(const struct mst_program *program)
{
    uint32_t longest = MST_DEFAULT_TEXT_BYTES;
    for (size_t i = 0; i < program->facts.count; i++)
        if (program->facts.items[i].max_bytes > longest)
            longest = program->facts.items[i].max_bytes;
    for (size_t t = 0; t < program->tables.count; t++) {
        const struct mst_table *table = program->tables.items[t];
        for (size_t i = 0; i < table->row_count * table->columns.count; i++)
            if (table->cells[i].known && table->cells[i].text.len > longest)
                longest = table->cells[i].text.len;
    }
    return longest;
}

static struct mst_lowered *begin_lowering(struct mst_program *program)
{
    struct mst_lowered *all = MST_NEW(program->arena, struct mst_lowered);
    if (all == NULL)
        return NULL;
    all->program = program;
    all->max_text = longest_text(program);
    all->let_blocks = no_blocks(program, program->causes.count);
    all->let_slopes = MST_NEW_ARRAY(program->arena, program->causes.count + 1, uint8_t);
    all->default_blocks = no_blocks(program, program->facts.count);
    mst_ir_string(all, "", 0); /* string 0 is the empty text */
    return program->arena->failed ? NULL : all;
}

/* What no verdict reads is lowered aside, so that what is wrong in it is said, and thrown away. */
static void lower_unused(struct mst_lowered *all)
{
    struct mst_program *program = all->program;
    struct mst_block block;
    struct mst_lower scratch;
    struct mst_lowered *aside = begin_lowering(program);
    all->aside = aside;
    if (aside == NULL)
        return;
    if (!program->options->with_tests)
        mst_lower_tests(aside);
    mst_lower_begin(&scratch, aside, &block, MST_BLOCK_MESSAGE, 0, UINT32_MAX);
    mst_ref nothing = mst_lower_register(&scratch);
    for (size_t i = 0; i < program->lets.count; i++)
        if (all->let_blocks[program->lets.items[i]->item->let_cause] == UINT32_MAX)
            mst_lower_let(&scratch, program->lets.items[i], nothing);
    for (uint32_t i = 0; i < program->facts.count; i++)
        if (all->default_blocks[i] == UINT32_MAX && program->facts.items[i].symbol != NULL &&
            program->facts.items[i].decl->value != NULL)
            mst_lower_default(&scratch, i, nothing);
}

struct mst_lowered *mst_lower_program(struct mst_program *program)
{
    struct mst_lowered *all = begin_lowering(program);
    for (size_t i = 0; all != NULL && i < program->verdicts.count && !program->arena->failed; i++)
        mst_lower_verdict(all, program->verdicts.items[i]);
    if (all == NULL || program->arena->failed)
        return NULL;
    if (program->options->with_tests)
        mst_lower_tests(all);
    lower_unused(all);
    return program->arena->failed ? NULL : all;
}
