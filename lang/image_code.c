/* SPDX-License-Identifier: Apache-2.0
 *
 * image_code.c - blocks and their code with final slots, who is to blame where, and the bounds
 * that each block claims, computed by the functions of format/cost.h with which the verifier
 * computes them again. */
#include "image_buffer.h"

#include "format/cost.h"

/* What is known of a block that is written. */
struct claim {
    uint32_t first_register, end_register, depth;
    bool timed;
    uint64_t own_steps, steps;
};

struct coder {
    struct mst_image_buffer *image;
    struct claim *claims;
    uint64_t own_so_far; /* of all blocks that can be called */
    uint32_t last_blame;
    struct mst_image_place place; /* of the instruction before, in the same block */
    uint32_t site_count; /* places for computed texts: one for each that code computes, in order */
};

/* ---- instructions -------------------------------------------------------------------------- */

/* The slots of the block that is being written. */
struct slots {
    const struct mst_image_buffer *image;
    uint32_t result, first_register;
};

static uint32_t slot_of(const struct slots *slots, mst_ref ref)
{
    uint32_t number = MST_NUMBER_OF(ref);
    switch (MST_PLACE_OF(ref)) {
    case MST_PLACE_FACT: return number;
    case MST_PLACE_NOW: return slots->image->first_const - 1;
    case MST_PLACE_CONST: return slots->image->first_const + number;
    case MST_PLACE_RESULT: return slots->image->first_result + slots->result;
    case MST_PLACE_REGISTER: return slots->first_register + number;
    case MST_PLACE_NONE: break;
    }
    return 0;
}

static uint16_t field(const struct slots *slots, uint8_t operand, uint32_t value)
{
    bool is_slot = mst_ir_is_slot((enum mst_operand)operand) || operand == MST_ARGUMENTS;
    return (uint16_t)(is_slot ? slot_of(slots, value) : value);
}

static bool is_wide(uint8_t operand)
{
    return operand == MST_JUMP32 || operand == MST_BLOCK32 || operand == MST_TEXT32;
}

/* Sites of a block: from its own counting to that of the image. */
static void place_sites(struct mst_block *block, const struct slots *slots, uint32_t first)
{
    for (size_t i = 0; i < block->sites.count; i++) {
        struct mst_site_code *site = &block->sites.items[i];
        site->first += first;
        site->end += first;
        site->slot = slot_of(slots, site->slot);
        site->row_slot =
            site->row_slot != MST_NOWHERE ? slot_of(slots, site->row_slot) : UINT32_MAX;
    }
}

static void write_instruction(struct coder *coder, const struct mst_ir *ir,
                              const struct slots *slots)
{
    const struct mst_opcode_form *form = mst_opcode_form(ir->op);
    struct mst_instruction in = {.op = ir->op, .x = ir->x};
    in.a = field(slots, form->a, ir->a);
    in.b = field(slots, form->b, ir->b);
    in.c = is_wide(form->b) ? (uint16_t)(ir->b >> 16) : field(slots, form->c, ir->c);
    if (form->c == MST_SITE && ir->c != 0)
        in.c = (uint16_t)++coder->site_count;
    mst_store_u64(mst_image_record(coder->image, MST_SECTION_CODE), mst_instruction_pack(in));
    if (coder->image->minor < mst_opcode_minor(ir->op))
        coder->image->minor = mst_opcode_minor(ir->op);
}

/* Can this instruction put something at fault, or leave it undecided? */
static bool may_fail(uint8_t op)
{
    switch (op) {
    case MST_OP_FAULT:
    case MST_OP_UNDECIDED:
    case MST_OP_EQ_ENUM:
    case MST_OP_MEMBER:
    case MST_OP_SET_PART:
    case MST_OP_BUILTIN:
    case MST_OP_BUILTIN_RISE:
    case MST_OP_COLUMN:
    case MST_OP_FIND: return true;
    default: return op >= MST_OP_ADD && op <= MST_OP_ADD_BOOL;
    }
}

/* At the end of a value too, which tells whose block it is. */
static void write_origin(struct coder *coder, const struct mst_ir *ir, bool is_value)
{
    bool is_end = is_value && ir->op == MST_OP_RET;
    if ((!may_fail(ir->op) && !is_end) || ir->blame == coder->last_blame || ir->blame == UINT32_MAX)
        return;
    uint32_t facts = (uint32_t)coder->image->program->facts.count;
    uint32_t cause =
        (ir->blame & MST_BLAME_FACT) != 0 ? ir->blame & ~MST_BLAME_FACT : facts + ir->blame;
    unsigned char *record = mst_image_record(coder->image, MST_SECTION_ORIGINS);
    mst_store_u32(record + MST_ORIGIN_PC, coder->image->section[MST_SECTION_CODE].records);
    mst_store_u32(record + MST_ORIGIN_CAUSE, cause);
    coder->last_blame = ir->blame;
}

/* ---- claims -------------------------------------------------------------------------------- */

static uint64_t rounds_of(const struct mst_program *program, const struct mst_ir *ir)
{
    if (ir->op == MST_OP_LOOP_UP || ir->op == MST_OP_LOOP_DOWN)
        return mst_cost_table_rounds(program->tables.items[ir->b]->max_rows);
    uint32_t list = program->facts.items[ir->b].type;
    return mst_cost_list_rounds(program->lists.items[MST_TYPE_INDEX(list)].capacity);
}

static uint64_t output_of(const struct coder *coder, const struct mst_ir *ir)
{
    if (ir->op == MST_OP_EMIT_TEXT)
        return coder->image->lowered->strings.items[ir->b].len;
    return ir->op == MST_OP_EMIT ? mst_cost_emit_bytes(ir->c, coder->image->lowered->max_text) : 0;
}

struct totals {
    uint64_t own, calls, output;
};

static bool is_loop_start(uint8_t op)
{
    return op == MST_OP_LOOP_UP || op == MST_OP_LOOP_DOWN || op == MST_OP_EACH_UP ||
           op == MST_OP_EACH_DOWN;
}

static bool is_loop_end(uint8_t op)
{
    return op == MST_OP_NEXT_UP || op == MST_OP_NEXT_DOWN || op == MST_OP_MORE_UP ||
           op == MST_OP_MORE_DOWN;
}

static void join_callee(const struct coder *coder, struct claim *claim, uint32_t callee,
                        struct totals *totals)
{
    const struct claim *called = &coder->claims[callee];
    totals->calls = mst_cost_add(totals->calls, called->steps);
    claim->timed = claim->timed || called->timed;
    if (claim->depth < called->depth + 1)
        claim->depth = called->depth + 1;
    if (claim->first_register < called->end_register)
        claim->first_register = called->end_register;
}

static struct totals add_up(struct coder *coder, const struct mst_block *block, struct claim *claim)
{
    struct totals totals = {0, 0, 0};
    uint64_t outer[MST_MAX_LOOP_DEPTH], rounds = 1;
    uint32_t depth = 0;
    for (size_t i = 0; i < block->code.count; i++) {
        const struct mst_ir *ir = &block->code.items[i];
        uint64_t steps = mst_cost_instruction(ir->op, ir->x, coder->image->lowered->max_text);
        totals.own = mst_cost_add(totals.own, mst_cost_mul(steps, rounds));
        totals.output = mst_cost_add(totals.output, mst_cost_mul(output_of(coder, ir), rounds));
        claim->timed = claim->timed || ir->op == MST_OP_FRESH || ir->op == MST_OP_FLIP ||
                       ir->op == MST_OP_BUILTIN_RISE;
        if (ir->op == MST_OP_CALL)
            join_callee(coder, claim, ir->b, &totals);
        if (is_loop_start(ir->op) && depth < MST_MAX_LOOP_DEPTH) {
            outer[depth++] = rounds;
            rounds = mst_cost_mul(rounds, rounds_of(coder->image->program, ir));
        } else if (is_loop_end(ir->op) && depth > 0) {
            rounds = outer[--depth];
        }
    }
    return totals;
}

static void write_claim(struct coder *coder, const struct mst_block *block, struct claim *claim,
                        const struct totals *totals)
{
    struct mst_image_buffer *image = coder->image;
    unsigned char *record = mst_image_record(image, MST_SECTION_BLOCKS);
    bool has_result = block->result != UINT32_MAX;
    mst_store_u32(record + MST_BLOCK_FIRST, image->section[MST_SECTION_CODE].records);
    mst_store_u32(record + MST_BLOCK_COUNT, (uint32_t)block->code.count);
    mst_store_u32(record + MST_BLOCK_KIND, block->kind);
    mst_store_u32(record + MST_BLOCK_TYPE,
                  block->kind == MST_BLOCK_VALUE ? mst_ir_type(image->program, block->type) : 0);
    mst_store_u32(record + MST_BLOCK_RESULT,
                  has_result ? image->first_result + block->result : MST_NO_INDEX);
    mst_store_u32(record + MST_BLOCK_FIRST_REGISTER, claim->first_register);
    mst_store_u32(record + MST_BLOCK_REGISTER_COUNT, block->register_count);
    mst_store_u32(record + MST_BLOCK_DEPTH, claim->depth);
    mst_store_u32(record + MST_BLOCK_FLAGS, claim->timed ? MST_BLOCK_TIMED : 0);
    mst_store_u32(record + MST_BLOCK_OUTPUT, (uint32_t)totals->output);
    mst_store_u64(record + MST_BLOCK_STEPS, claim->steps);
}

static bool within_bounds(struct coder *coder, const struct mst_block *block,
                          const struct claim *claim)
{
    struct mst_diags *diags = coder->image->program->diags;
    struct mst_span span =
        block->code.count > 0 ? block->code.items[0].span : (struct mst_span){0, 0, 0};
    if (block->code.count > MST_MAX_BLOCK_INSTRUCTIONS) {
        struct mst_diag *d = mst_diag_report(diags, MST_DIAG_EXPR_TOO_LARGE, span,
                                             "This item takes more than %d instructions.",
                                             MST_MAX_BLOCK_INSTRUCTIONS);
        mst_diag_help(diags, d,
                      "name its parts with `let`, or make two of it; for many values ask a table: "
                      "`x in TABLE`");
        return false;
    }
    if (claim->depth <= MST_MAX_CALL_DEPTH)
        return true;
    struct mst_diag *d =
        mst_diag_report(diags, MST_DIAG_EXPR_TOO_LARGE, span,
                        "More than %d items read each other in a row here.", MST_MAX_CALL_DEPTH);
    mst_diag_help(diags, d, "join some of them into one");
    return false;
}

static bool write_block(struct coder *coder, uint32_t number)
{
    const struct mst_block *block = &coder->image->lowered->blocks.items[number];
    struct claim *claim = &coder->claims[number];
    claim->depth = 1;
    claim->first_register = coder->image->first_register;
    struct totals totals = add_up(coder, block, claim);
    claim->end_register = claim->first_register + block->register_count;
    claim->own_steps = totals.own;
    claim->steps = mst_cost_block_steps(totals.own, totals.calls, coder->own_so_far);
    if (mst_cost_is_memoised(block->kind))
        coder->own_so_far = mst_cost_add(coder->own_so_far, totals.own);
    if (!within_bounds(coder, block, claim))
        return false;
    write_claim(coder, block, claim, &totals);
    const struct slots slots = {coder->image, block->result, claim->first_register};
    coder->place.line = 0;
    place_sites(&coder->image->lowered->blocks.items[number], &slots,
                coder->image->section[MST_SECTION_CODE].records);
    for (size_t i = 0; i < block->code.count; i++) {
        mst_image_write_place(coder->image, block->code.items[i].span, &coder->place);
        write_origin(coder, &block->code.items[i], block->kind == MST_BLOCK_VALUE);
        write_instruction(coder, &block->code.items[i], &slots);
    }
    return true;
}

static bool refuse_program(struct mst_program *program, const char *what, unsigned most)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_PROGRAM_TOO_LARGE,
                                         mst_program_root(program)->module->span,
                                         "The rules need more than %u %s.", most, what);
    mst_diag_help(program->diags, d, "make two modules of it, with an image each");
    return false;
}

bool mst_image_write_code(struct mst_image_buffer *image)
{
    struct mst_lowered *lowered = image->lowered;
    struct coder coder = {.image = image, .last_blame = UINT32_MAX};
    uint32_t end = image->first_register;
    coder.claims = MST_NEW_ARRAY(image->program->arena, lowered->blocks.count + 1, struct claim);
    if (coder.claims == NULL)
        return false;
    if (lowered->blocks.count > MST_MAX_BLOCKS)
        return refuse_program(image->program, "lets, fields and texts", MST_MAX_BLOCKS);
    for (uint32_t i = 0; i < lowered->blocks.count; i++) {
        if (!write_block(&coder, i))
            return false;
        if (end < coder.claims[i].end_register)
            end = coder.claims[i].end_register;
    }
    if (end > MST_MAX_SLOTS)
        return refuse_program(image->program, "places for values", MST_MAX_SLOTS);
    if (coder.site_count > UINT16_MAX)
        return refuse_program(image->program, "computed texts", UINT16_MAX);
    unsigned char *meta = image->section[MST_SECTION_META].bytes;
    mst_store_u32(meta + MST_META_REGISTER_SLOTS, end - image->first_register);
    mst_store_u32(meta + MST_META_SITE_COUNT, coder.site_count);
    return true;
}
