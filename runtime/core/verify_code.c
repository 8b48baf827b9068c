/* SPDX-License-Identifier: Apache-2.0
 *
 * verify_code.c - blocks: the flow of their code in one pass from the first instruction to the
 * last, and the bounds that they claim, by the formula of format/cost.h. */
#include "core/verify_code.h"

#include "format/cost.h"

static bool refuse_record(struct mst_code *c, enum mst_fault_id fault, uint32_t field)
{
    return mst_verify_refuse(c->v, fault, mst_verify_offset(c->v, c->record + field));
}

/* ---- jumps and loops ----------------------------------------------------------------------- */

/* Opens a jump to `target`; open targets are kept in order, the nearest last. */
static bool open_jump(struct mst_code *c, uint32_t target)
{
    uint32_t low = 0; /* how many are not nearer than this one */
    uint32_t high = c->pending_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (c->pending[middle] >= target)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && c->pending[low - 1] == target)
        return true;
    if (c->pending_count == MST_MAX_JUMP_DEPTH)
        return mst_operand_refuse(c, MST_FAULT_JUMP_DEPTH);
    uint16_t *place = &c->pending[low];
    memmove(place + 1, place, (c->pending_count - low) * sizeof *place);
    *place = (uint16_t)target;
    c->pending_count++;
    return true;
}

static bool check_jump(struct mst_code *c)
{
    const uint64_t target = (uint64_t)c->pc + 1 + mst_instruction_wide(c->in);
    if (target >= c->count)
        return mst_operand_refuse(c, MST_FAULT_JUMP);
    return open_jump(c, (uint32_t)target);
}

static bool is_table_loop(uint32_t op)
{
    return op == MST_OP_LOOP_UP || op == MST_OP_LOOP_DOWN;
}

static uint64_t loop_rounds(const mst_image *image, const struct mst_loop *loop)
{
    if (is_table_loop(loop->op))
        return mst_cost_table_rounds(MST_U32(image, TABLES, loop->object, MST_TABLE_MAX_ROWS));
    return mst_cost_list_rounds(MST_U32(image, FACTS, loop->object, MST_FACT_CAPACITY));
}

static void count_rounds(struct mst_code *c)
{
    c->rounds = 1;
    for (uint32_t i = 0; i < c->loop_count; i++)
        c->rounds = mst_cost_mul(c->rounds, loop_rounds(c->image, &c->loops[i]));
}

static uint32_t loop_type(const struct mst_code *c)
{
    return (uint32_t)(is_table_loop(c->in.op) ? MST_CODE_ROW : MST_CODE_ELEMENT) + c->in.b;
}

/* What a loop before this one at the same depth has read no longer matters: the count of loops
 * tells them apart, and before it begins again all that they have read is forgotten. */
static void count_loop(struct mst_code *c)
{
    uint8_t *opened = &c->opened[c->loop_count];
    if (++*opened <= MST_MAX_LOOPS_OPENED)
        return;
    *opened = 1;
    for (uint32_t r = 0; r <= MST_MAX_BLOCK_REGISTERS; r++)
        if ((c->depth_of[r] & MST_DEPTH_MASK) == c->loop_count)
            c->depth_of[r] = (uint8_t)c->loop_count;
}

/* The registers above the loop's own begin its body unwritten, whatever they held before. */
static void forget_before_loop(struct mst_code *c)
{
    const uint32_t first = c->in.a - c->first_register + 1;
    memset(&c->forgotten[first], 0, (MST_MAX_BLOCK_REGISTERS - first) * sizeof *c->forgotten);
}

static bool open_loop(struct mst_code *c)
{
    const uint32_t end = c->pc + 1 + c->in.c;
    const uint32_t outer_end =
        c->loop_count > 0 ? c->loops[c->loop_count - 1].end - 1u : c->count - 1;
    /* no jump from before lands in it: what is written before it holds in all of its rounds */
    if (end < c->pc + 2 || end > outer_end || mst_operand_horizon(c) < end)
        return mst_operand_refuse(c, MST_FAULT_JUMP);
    if (c->loop_count == MST_MAX_LOOP_DEPTH)
        return mst_operand_refuse(c, MST_FAULT_LOOP_DEPTH);
    if (c->in.a < c->first_register) /* its own result: registers above would not be its own */
        return mst_operand_refuse(c, MST_FAULT_OPERAND_TARGET);
    if (!open_jump(c, end) || !mst_operand_write(c, c->in.a, loop_type(c)))
        return false;
    forget_before_loop(c);
    count_loop(c);
    struct mst_loop *loop = &c->loops[c->loop_count++];
    loop->start = (uint16_t)c->pc;
    loop->end = (uint16_t)end;
    loop->reg = c->in.a;
    loop->object = c->in.b;
    loop->op = c->in.op;
    count_rounds(c);
    return true;
}

static bool is_loop_end(uint32_t op)
{
    return op == MST_OP_NEXT_UP || op == MST_OP_NEXT_DOWN || op == MST_OP_MORE_UP ||
           op == MST_OP_MORE_DOWN;
}

/* NEXT_* and MORE_* are two numbers behind the instruction that opens their loop. That they are of
 * the same table or list the type of their register says. */
static bool close_loop(struct mst_code *c)
{
    if (c->loop_count == 0)
        return mst_operand_refuse(c, MST_FAULT_LOOP);
    const struct mst_loop *loop = &c->loops[c->loop_count - 1];
    if (loop->end != c->pc + 1 || loop->reg != c->in.a || loop->op + 2 != c->in.op ||
        c->pc - c->in.c != loop->start + 1u)
        return mst_operand_refuse(c, MST_FAULT_LOOP);
    c->loop_count--;
    count_rounds(c);
    return true;
}

/* ---- calls --------------------------------------------------------------------------------- */

static bool check_call(struct mst_code *c)
{
    const unsigned char *record = MST_AT(c->image, BLOCKS, mst_instruction_wide(c->in));
    const uint32_t depth = mst_load_u32(record + MST_BLOCK_DEPTH);
    const uint64_t end = (uint64_t)mst_load_u32(record + MST_BLOCK_FIRST_REGISTER) +
                         mst_load_u32(record + MST_BLOCK_REGISTER_COUNT);
    if (end > c->first_register)
        return mst_operand_refuse(c, MST_FAULT_CALL);
    c->call_steps = mst_cost_add(c->call_steps, mst_load_u64(record + MST_BLOCK_STEPS));
    c->timed |= (mst_load_u32(record + MST_BLOCK_FLAGS) & MST_BLOCK_TIMED) != 0;
    if (c->depth < depth + 1)
        c->depth = depth + 1;
    return true;
}

/* ---- one instruction ----------------------------------------------------------------------- */

/* Where instructions that belong to one kind of block may stand, and those that end one. */
static bool check_place(struct mst_code *c)
{
    const bool last = c->pc + 1 == c->count;
    uint32_t kind = c->kind;
    bool ends = false;
    switch (c->in.op) {
    case MST_OP_RET:
        ends = true;
        if (kind == MST_BLOCK_POLICY || kind == MST_BLOCK_DECISION)
            return mst_operand_refuse(c, MST_FAULT_BLOCK_END);
        break;
    case MST_OP_PASS:
        ends = true;
        kind = MST_BLOCK_POLICY;
        break;
    case MST_OP_DECIDE:
        ends = true;
        kind = MST_BLOCK_DECISION;
        break;
    case MST_OP_CHECK:
    case MST_OP_CHECK_AND:
    case MST_OP_CHECK_OR:
    case MST_OP_CHECK_MASK: kind = MST_BLOCK_POLICY; break;
    case MST_OP_WHEN: kind = MST_BLOCK_DECISION; break;
    case MST_OP_ADVISE: kind = MST_BLOCK_ADVICE; break;
    case MST_OP_EMIT_TEXT:
    case MST_OP_EMIT: kind = MST_BLOCK_MESSAGE; break;
    default: break;
    }
    if (kind != c->kind)
        return mst_operand_refuse(c, MST_FAULT_BLOCK_KIND);
    return ends == last || mst_operand_refuse(c, MST_FAULT_BLOCK_END);
}

static bool check_flow(struct mst_code *c)
{
    switch (c->in.op) {
    case MST_OP_JUMP:
    case MST_OP_JUMP_FALSE:
    case MST_OP_JUMP_TRUE:
    case MST_OP_JUMP_KNOWN:
    case MST_OP_JUMP_UNKNOWN:
    case MST_OP_JUMP_PRESENT: return check_jump(c);
    case MST_OP_LOOP_UP:
    case MST_OP_LOOP_DOWN:
    case MST_OP_EACH_UP:
    case MST_OP_EACH_DOWN: return open_loop(c);
    case MST_OP_NEXT_UP:
    case MST_OP_NEXT_DOWN:
    case MST_OP_MORE_UP:
    case MST_OP_MORE_DOWN: return close_loop(c);
    case MST_OP_CALL: return check_call(c);
    default: return true;
    }
}

static void count_cost(struct mst_code *c)
{
    const uint64_t steps = mst_cost_instruction(c->in.op, c->in.x, c->v->max_text);
    c->own_steps = mst_cost_add(c->own_steps, mst_cost_mul(steps, c->rounds));
    uint64_t bytes = 0;
    if (c->in.op == MST_OP_EMIT_TEXT)
        bytes = mst_image_string(c->image, mst_instruction_wide(c->in)).len;
    else if (c->in.op == MST_OP_EMIT)
        bytes = mst_cost_emit_bytes(c->in.c, c->v->max_text);
    c->output_bytes = mst_cost_add(c->output_bytes, mst_cost_mul(bytes, c->rounds));
    c->timed |=
        c->in.op == MST_OP_FRESH || c->in.op == MST_OP_FLIP || c->in.op == MST_OP_BUILTIN_RISE;
}

static bool check_instruction(struct mst_code *c)
{
    while (c->pending_count > 0 && c->pending[c->pending_count - 1] <= c->pc)
        c->pending_count--;
    c->in = mst_instruction_unpack(mst_load_u64(MST_AT(c->image, CODE, c->first_pc + c->pc)));
    if (c->loop_count > 0 && c->loops[c->loop_count - 1].end == c->pc + 1 && !is_loop_end(c->in.op))
        return mst_operand_refuse(c, MST_FAULT_LOOP);
    if (!check_place(c) || !mst_operand_check(c))
        return false;
    count_cost(c); /* before a loop opens: its first instruction stands outside of it */
    return check_flow(c);
}

/* ---- one block ----------------------------------------------------------------------------- */

/* Where the next block's code and result lie, and what blocks so far cost by themselves. */
struct progress {
    uint32_t pc, result;
    uint64_t own_steps;
};

static uint32_t slot_type(const struct mst_code *c, uint32_t slot)
{
    return MST_U32(c->image, SLOTS, slot, MST_SLOT_TYPE);
}

static bool check_result_types(struct mst_code *c)
{
    bool good = false;
    if (c->kind == MST_BLOCK_VALUE) {
        good = slot_type(c, c->result) == mst_load_u32(c->record + MST_BLOCK_TYPE);
    } else {
        const unsigned char *verdict = MST_AT(c->image, VERDICTS, c->owner);
        const uint32_t checks = mst_load_u32(verdict + MST_VERDICT_CHECK_ENUM);
        const uint32_t second = c->kind == MST_BLOCK_DECISION || checks == MST_NO_INDEX
                                    ? (uint32_t)MST_TYPE_INT
                                    : MST_CODE_ENUM + checks;
        good =
            slot_type(c, c->result) == MST_CODE_ENUM + mst_load_u32(verdict + MST_VERDICT_ENUM) &&
            slot_type(c, c->result + 1) == second;
    }
    return good || refuse_record(c, MST_FAULT_BLOCK_SHAPE, MST_BLOCK_RESULT);
}

static bool check_result(struct mst_code *c, struct progress *next)
{
    const uint32_t width = mst_verify_result_width(c->kind);
    if (width == 0)
        return c->result == MST_NO_INDEX ||
               refuse_record(c, MST_FAULT_BLOCK_SHAPE, MST_BLOCK_RESULT);
    if (c->result < next->result ||
        (uint64_t)c->result + width > mst_image_first_register(c->image))
        return refuse_record(c, MST_FAULT_BLOCK_SHAPE, MST_BLOCK_RESULT);
    next->result = c->result + width;
    return check_result_types(c);
}

static bool check_block_shape(struct mst_code *c, struct progress *next)
{
    const uint64_t register_end = (uint64_t)c->first_register + c->register_count;
    if (c->first_pc != next->pc || c->count == 0 || c->count > MST_MAX_BLOCK_INSTRUCTIONS ||
        (uint64_t)c->first_pc + c->count > MST_COUNT(c->image, CODE))
        return refuse_record(c, MST_FAULT_BLOCK_SHAPE, MST_BLOCK_FIRST);
    if (c->kind > MST_BLOCK_ADVICE)
        return refuse_record(c, MST_FAULT_BLOCK_SHAPE, MST_BLOCK_KIND);
    if (c->register_count > MST_MAX_BLOCK_REGISTERS ||
        c->first_register < mst_image_first_register(c->image) ||
        register_end > mst_image_slot_count(c->image))
        return refuse_record(c, MST_FAULT_BLOCK_SHAPE, MST_BLOCK_FIRST_REGISTER);
    if (mst_load_u32(c->record + MST_BLOCK_FLAGS) > MST_BLOCK_TIMED)
        return refuse_record(c, MST_FAULT_FLAGS, MST_BLOCK_FLAGS);
    next->pc += c->count;
    c->owner = mst_verify_owner(c->image, c->block);
    if (c->kind != MST_BLOCK_VALUE && c->kind != MST_BLOCK_MESSAGE && c->owner == MST_NO_INDEX)
        return refuse_record(c, MST_FAULT_BLOCK_SHAPE, MST_BLOCK_KIND);
    return check_result(c, next);
}

static bool check_claims(struct mst_code *c, struct progress *next)
{
    const unsigned char *record = c->record;
    const uint64_t steps = mst_cost_block_steps(c->own_steps, c->call_steps, next->own_steps);
    if (mst_load_u64(record + MST_BLOCK_STEPS) != steps)
        return refuse_record(c, MST_FAULT_CLAIM_STEPS, MST_BLOCK_STEPS);
    if (c->depth > MST_MAX_CALL_DEPTH || mst_load_u32(record + MST_BLOCK_DEPTH) != c->depth)
        return refuse_record(c, MST_FAULT_CLAIM_DEPTH, MST_BLOCK_DEPTH);
    if (mst_load_u32(record + MST_BLOCK_OUTPUT) != c->output_bytes)
        return refuse_record(c, MST_FAULT_CLAIM_OUTPUT, MST_BLOCK_OUTPUT);
    if (mst_load_u32(record + MST_BLOCK_FLAGS) != (c->timed ? MST_BLOCK_TIMED : 0))
        return refuse_record(c, MST_FAULT_CLAIM_TIMED, MST_BLOCK_FLAGS);
    if (mst_cost_is_memoised(c->kind))
        next->own_steps = mst_cost_add(next->own_steps, c->own_steps);
    return true;
}

static bool check_block(struct mst_verify *v, uint32_t block, struct progress *next)
{
    const unsigned char *record = MST_AT(v->image, BLOCKS, block);
    struct mst_code c;
    memset(&c, 0, sizeof c);
    c.v = v;
    c.image = v->image;
    c.record = record;
    c.block = block;
    c.first_pc = mst_load_u32(record + MST_BLOCK_FIRST);
    c.count = mst_load_u32(record + MST_BLOCK_COUNT);
    c.kind = mst_load_u32(record + MST_BLOCK_KIND);
    c.result = mst_load_u32(record + MST_BLOCK_RESULT);
    c.first_register = mst_load_u32(record + MST_BLOCK_FIRST_REGISTER);
    c.register_count = mst_load_u32(record + MST_BLOCK_REGISTER_COUNT);
    c.rounds = 1;
    c.depth = 1;
    if (!check_block_shape(&c, next))
        return false;
    for (c.pc = 0; c.pc < c.count; c.pc++)
        if (!check_instruction(&c))
            return false;
    c.pc = c.count - 1;
    if (c.kind == MST_BLOCK_VALUE && c.forgotten[MST_OWN_RESULT] <= c.pc)
        return mst_operand_refuse(&c, MST_FAULT_OPERAND_UNDEFINED);
    return check_claims(&c, next);
}

/* ---- all blocks ---------------------------------------------------------------------------- */

uint32_t mst_verify_owner(const mst_image *image, uint32_t block)
{
    const uint32_t kind = MST_U32(image, BLOCKS, block, MST_BLOCK_KIND);
    if (kind == MST_BLOCK_VALUE || kind == MST_BLOCK_MESSAGE)
        return MST_NO_INDEX;
    const uint32_t field = kind == MST_BLOCK_ADVICE ? MST_VERDICT_ADVISE : MST_VERDICT_BLOCK;
    for (uint32_t i = 0; i < MST_COUNT(image, VERDICTS); i++)
        if (MST_U32(image, VERDICTS, i, field) == block)
            return i;
    return MST_NO_INDEX;
}

/* As many policies and decisions as verdicts, as many advice blocks as verdicts name: together with
 * an owner for each this gives each verdict blocks of its own. */
static bool check_block_kinds(struct mst_verify *v)
{
    const mst_image *image = v->image;
    uint32_t verdicts = 0;
    uint32_t advices = 0;
    for (uint32_t i = 0; i < MST_COUNT(image, BLOCKS); i++) {
        const uint32_t kind = MST_U32(image, BLOCKS, i, MST_BLOCK_KIND);
        verdicts += kind == MST_BLOCK_POLICY || kind == MST_BLOCK_DECISION;
        advices += kind == MST_BLOCK_ADVICE;
    }
    for (uint32_t i = 0; i < MST_COUNT(image, VERDICTS); i++)
        advices -= MST_U32(image, VERDICTS, i, MST_VERDICT_ADVISE) != MST_NO_INDEX;
    if (verdicts != MST_COUNT(image, VERDICTS) || advices != 0)
        return mst_verify_refuse(v, MST_FAULT_VERDICT_SHAPE,
                                 mst_verify_offset(v, MST_AT(image, VERDICTS, 0)));
    return true;
}

bool mst_verify_code(struct mst_verify *v)
{
    const mst_image *image = v->image;
    struct progress next = {0, mst_image_first_result(image), 0};
    if (!check_block_kinds(v))
        return false;
    for (uint32_t i = 0; i < MST_COUNT(image, BLOCKS); i++)
        if (!check_block(v, i, &next))
            return false;
    if (v->site_count != MST_U32(image, META, 0, MST_META_SITE_COUNT))
        return mst_verify_refuse(
            v, MST_FAULT_SITE, mst_verify_offset(v, MST_AT(image, META, 0) + MST_META_SITE_COUNT));
    if (next.pc != MST_COUNT(image, CODE))
        return mst_verify_refuse(v, MST_FAULT_BLOCK_SHAPE,
                                 mst_verify_offset(v, MST_AT(image, CODE, 0)));
    return true;
}
