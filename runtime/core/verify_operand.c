/* SPDX-License-Identifier: Apache-2.0
 *
 * verify_operand.c - the fields of one instruction against the kinds that opcodes.def gives them:
 * indices, types, and whether a register has been written on every way to here. */
#include "core/verify_code.h"

#include "format/builtins.h"
#include "format/cost.h"

bool mst_operand_refuse(struct mst_code *c, enum mst_fault_id fault)
{
    return mst_verify_refuse(c->v, fault,
                             mst_verify_offset(c->v, MST_AT(c->image, CODE, c->first_pc + c->pc)));
}

/* ---- registers ----------------------------------------------------------------------------- */

uint32_t mst_operand_horizon(const struct mst_code *c)
{
    return c->pending_count > 0 ? c->pending[c->pending_count - 1] : c->count;
}

/* The index of a slot among those that the block tracks. */
static bool find_register(const struct mst_code *c, uint32_t slot, uint32_t *index)
{
    if (slot == c->result && c->kind == MST_BLOCK_VALUE)
        *index = MST_OWN_RESULT;
    else if (slot >= c->first_register && slot - c->first_register < c->register_count)
        *index = slot - c->first_register;
    else
        return false;
    return true;
}

bool mst_operand_read(struct mst_code *c, uint32_t slot, uint32_t *type)
{
    uint32_t r = 0;
    if (!find_register(c, slot, &r)) {
        if (slot >= mst_image_first_result(c->image))
            return mst_operand_refuse(c, MST_FAULT_OPERAND_SLOT);
        *type = MST_U32(c->image, SLOTS, slot, MST_SLOT_TYPE);
        return true;
    }
    if (c->forgotten[r] <= c->pc)
        return mst_operand_refuse(c, MST_FAULT_OPERAND_UNDEFINED);
    const uint32_t outside = c->depth_of[r] & MST_DEPTH_MASK;
    if (outside < c->loop_count)
        c->depth_of[r] = (uint8_t)(outside | (uint32_t)c->opened[outside] << MST_DEPTH_BITS);
    *type = c->type[r];
    return true;
}

/* A loop's own register moves only by its end: else the loop might never end. */
static bool is_loop_register(const struct mst_code *c, uint32_t slot)
{
    for (uint32_t i = 0; i < c->loop_count; i++)
        if (c->loops[i].reg == slot)
            return true;
    return false;
}

bool mst_operand_write(struct mst_code *c, uint32_t slot, uint32_t type)
{
    uint32_t r = 0;
    if (!find_register(c, slot, &r) || is_loop_register(c, slot))
        return mst_operand_refuse(c, MST_FAULT_OPERAND_TARGET);
    if (r == MST_OWN_RESULT && type != MST_U32(c->image, SLOTS, slot, MST_SLOT_TYPE))
        return mst_operand_refuse(c, MST_FAULT_OPERAND_TYPE);
    if (c->forgotten[r] > c->pc) {
        if (c->type[r] == type)
            return true; /* the older value of that type would do as well */
        /* the loop's next round would read what this one writes */
        const uint32_t outside = c->depth_of[r] & MST_DEPTH_MASK;
        if (outside < c->loop_count && c->depth_of[r] >> MST_DEPTH_BITS == c->opened[outside])
            return mst_operand_refuse(c, MST_FAULT_LOOP_TYPE);
    }
    c->type[r] = (uint16_t)type;
    c->forgotten[r] = (uint16_t)mst_operand_horizon(c);
    c->depth_of[r] = (uint8_t)c->loop_count;
    return true;
}

/* ---- slots that are read ------------------------------------------------------------------- */

static bool is_one_of(uint32_t type, uint32_t first, uint32_t last)
{
    return type >= first && type <= last;
}

static bool is_word(uint32_t type)
{
    return is_one_of(type, MST_TYPE_BOOL, MST_TYPE_TIME) && type != MST_TYPE_TEXT;
}

/* The table whose key the instruction looks up. */
static uint32_t key_type(const struct mst_code *c)
{
    const unsigned char *table = MST_AT(c->image, TABLES, c->in.c);
    const uint32_t key = mst_load_u32(table + MST_TABLE_KEY);
    if (key == MST_NO_INDEX)
        return MST_TYPE_NONE;
    return MST_U32(c->image, COLUMNS, mst_load_u32(table + MST_TABLE_FIRST_COLUMN) + key,
                   MST_COLUMN_TYPE);
}

/* The list that a fact is a part of: the nearest one before it among its parents. */
static uint32_t list_of_part(const mst_image *image, uint32_t fact)
{
    MST_ASSERT(MST_U32(image, FACTS, fact, MST_FACT_STRIDE) != 0);
    while (MST_U32(image, FACTS, fact, MST_FACT_TYPE) != MST_TYPE_LIST)
        fact = MST_U32(image, FACTS, fact, MST_FACT_PARENT);
    return fact;
}

static bool is_element_of(const struct mst_code *c, uint32_t type, bool in_a)
{
    const uint32_t list = in_a ? c->in.b : list_of_part(c->image, c->in.c);
    return type == MST_CODE_ELEMENT + list;
}

/* Does a slot of this type satisfy the kind? `in_a`: it is read by field a. */
static bool is_readable_as(const struct mst_code *c, uint32_t kind, uint32_t type, bool in_a)
{
    switch (kind) {
    case MST_S_BOOL: return type == MST_TYPE_BOOL;
    case MST_S_INT: return type == MST_TYPE_INT;
    case MST_S_TEXT: return type == MST_TYPE_TEXT;
    case MST_S_VERSION: return type == MST_TYPE_VERSION;
    case MST_S_DATE: return type == MST_TYPE_DATE;
    case MST_S_MONTH: return type == MST_TYPE_MONTH;
    case MST_S_DURATION: return type == MST_TYPE_DURATION;
    case MST_S_TIME: return type == MST_TYPE_TIME;
    case MST_S_ENUM: return mst_code_is_enum(type);
    case MST_S_ANY: return true;
    case MST_S_WORD: return is_word(type);
    case MST_S_ORDERED: return is_word(type) && type != MST_TYPE_BOOL && type != MST_TYPE_VERSION;
    case MST_S_AMOUNT: return type == MST_TYPE_INT || type == MST_TYPE_DURATION;
    case MST_S_SAME_B: return type == c->type_b;
    case MST_S_ROW: return in_a ? type == (uint32_t)MST_CODE_ROW + c->in.b : mst_code_is_row(type);
    case MST_S_KEY: return type == key_type(c);
    case MST_S_ELEMENT: return is_element_of(c, type, in_a);
    default: return false;
    }
}

static bool is_read(uint32_t kind)
{
    return kind >= MST_S_BOOL && kind <= MST_S_ELEMENT;
}

static bool check_read(struct mst_code *c, uint32_t kind, uint32_t slot, bool in_a, uint32_t *type)
{
    if (!is_read(kind))
        return true;
    if (!mst_operand_read(c, slot, type))
        return false;
    if (kind == MST_S_FACT ? slot >= mst_image_fact_slots(c->image)
                           : !is_readable_as(c, kind, *type, in_a))
        return mst_operand_refuse(c, MST_FAULT_OPERAND_TYPE);
    return true;
}

/* ---- built-ins ----------------------------------------------------------------------------- */

struct signature {
    uint8_t result, args[MST_BUILTIN_MAX_ARGS];
    bool rises;
};

static bool find_signature(uint32_t number, struct signature *signature)
{
    switch (number) {
#define MST_BUILTIN_FN(number, name, function, result, arg1, arg2, arg3, rises, steps, doc)        \
    case number:                                                                                   \
        *signature = (struct signature){                                                           \
            MST_ARG_##result, {MST_ARG_##arg1, MST_ARG_##arg2, MST_ARG_##arg3}, rises};            \
        return true;
#include "format/builtins.def"
#undef MST_BUILTIN_FN
    default: return false;
    }
}

/* CLOCK and WEEKDAY are ints in code. */
static uint32_t code_of_arg(uint32_t arg)
{
    return arg == MST_ARG_CLOCK || arg == MST_ARG_WEEKDAY ? MST_TYPE_INT : arg;
}

static bool check_builtin(struct mst_code *c, const struct signature *signature)
{
    if (c->in.op == MST_OP_BUILTIN_RISE && !signature->rises)
        return mst_operand_refuse(c, MST_FAULT_OPERAND_RANGE);
    for (uint32_t i = 0; i < MST_BUILTIN_MAX_ARGS && signature->args[i] != MST_ARG_NONE; i++) {
        uint32_t type = 0;
        if (!mst_operand_read(c, c->in.b + i, &type))
            return false;
        if (type != code_of_arg(signature->args[i]))
            return mst_operand_refuse(c, MST_FAULT_OPERAND_TYPE);
    }
    if (signature->result == MST_ARG_TEXT ? c->in.c != ++c->v->site_count : c->in.c != 0)
        return mst_operand_refuse(c, MST_FAULT_SITE);
    return true;
}

/* ---- immediates ---------------------------------------------------------------------------- */

/* A type that a register can be given without a value of that type. */
static bool is_register_type(const struct mst_code *c, uint32_t code)
{
    if (mst_code_is_row(code))
        return code - MST_CODE_ROW < MST_COUNT(c->image, TABLES);
    if (mst_code_is_element(code))
        return code - MST_CODE_ELEMENT < MST_COUNT(c->image, FACTS) &&
               MST_U32(c->image, FACTS, code - MST_CODE_ELEMENT, MST_FACT_TYPE) == MST_TYPE_LIST;
    return mst_verify_is_scalar(c->v, code);
}

static bool is_list(const struct mst_code *c, uint32_t fact)
{
    return fact < MST_COUNT(c->image, FACTS) &&
           MST_U32(c->image, FACTS, fact, MST_FACT_TYPE) == MST_TYPE_LIST;
}

static bool is_part_of_list(const struct mst_code *c, uint32_t fact)
{
    return fact < MST_COUNT(c->image, FACTS) &&
           MST_U32(c->image, FACTS, fact, MST_FACT_TYPE) != MST_TYPE_LIST &&
           MST_U32(c->image, FACTS, fact, MST_FACT_STRIDE) != 0;
}

/* How many checks (or advices) and cases the block's verdict has. */
static uint32_t check_count(const struct mst_code *c)
{
    return MST_U32(c->image, VERDICTS, c->owner,
                   c->in.op == MST_OP_ADVISE ? MST_VERDICT_ADVICE_COUNT : MST_VERDICT_CHECK_COUNT);
}

static bool is_immediate_good(const struct mst_code *c, uint32_t kind, uint32_t value)
{
    struct signature signature;
    switch (kind) {
    case MST_TYPE: return is_register_type(c, value);
    case MST_TABLE: return value < MST_COUNT(c->image, TABLES);
    case MST_COLUMN: return value < MST_COUNT(c->image, COLUMNS);
    case MST_LIST: return is_list(c, value);
    case MST_FACT: return is_part_of_list(c, value);
    case MST_CHECK: return value < check_count(c);
    case MST_CASE: return value < MST_U32(c->image, VERDICTS, c->owner, MST_VERDICT_CASE_COUNT);
    case MST_TEXT32: return mst_instruction_wide(c->in) < MST_COUNT(c->image, STRINGS);
    case MST_PARTS: return value >= 1 && value <= 4;
    case MST_TEXT_KEY: return value <= 1;
    case MST_FLIP: return value <= MST_FLIP_BOTH;
    case MST_BUILTIN: return find_signature(value, &signature);
    default: return true; /* registers; jumps and calls, which the flow of the block judges */
    }
}

static bool check_immediate(struct mst_code *c, uint32_t kind, uint32_t value)
{
    if (kind == MST_NONE)
        return value == 0 || mst_operand_refuse(c, MST_FAULT_OPERAND_UNUSED);
    return is_immediate_good(c, kind, value) || mst_operand_refuse(c, MST_FAULT_OPERAND_RANGE);
}

static bool check_immediates(struct mst_code *c, const struct mst_opcode_form *form)
{
    return check_immediate(c, form->x, c->in.x) && check_immediate(c, form->a, c->in.a) &&
           check_immediate(c, form->b, c->in.b) && check_immediate(c, form->c, c->in.c);
}

/* ---- what is written ----------------------------------------------------------------------- */

static uint32_t result_type(const struct mst_code *c)
{
    const uint32_t callee = mst_instruction_wide(c->in);
    const uint32_t result = MST_U32(c->image, BLOCKS, callee, MST_BLOCK_RESULT);
    return MST_U32(c->image, SLOTS, result + (c->in.x != 0), MST_SLOT_TYPE);
}

static uint32_t written_type(const struct mst_code *c, uint32_t kind, uint32_t builtin_result)
{
    switch (kind) {
    case MST_D_BOOL: return MST_TYPE_BOOL;
    case MST_D_INT: return MST_TYPE_INT;
    case MST_D_DATE: return MST_TYPE_DATE;
    case MST_D_MONTH: return MST_TYPE_MONTH;
    case MST_D_DURATION: return MST_TYPE_DURATION;
    case MST_D_TIME: return MST_TYPE_TIME;
    case MST_D_TEXT: return MST_TYPE_TEXT;
    case MST_D_VERSION: return MST_TYPE_VERSION;
    case MST_D_SAME_B: return c->type_b;
    case MST_D_TYPE_C: return c->in.c;
    case MST_D_ROW: return MST_CODE_ROW + c->in.b;
    case MST_D_ROW_C: return MST_CODE_ROW + c->in.c;
    case MST_D_COLUMN: return MST_U32(c->image, COLUMNS, c->in.c, MST_COLUMN_TYPE);
    case MST_D_BUILTIN: return code_of_arg(builtin_result);
    case MST_D_ELEMENT: return MST_CODE_ELEMENT + c->in.b;
    case MST_D_FACT_C: return MST_U32(c->image, FACTS, c->in.c, MST_FACT_TYPE);
    case MST_D_RESULT: return result_type(c);
    default: return MST_TYPE_NONE;
    }
}

/* A block before this one, whose results are slots, and one of them. */
static bool check_callee(struct mst_code *c)
{
    const uint32_t callee = mst_instruction_wide(c->in);
    if (callee >= c->block)
        return mst_operand_refuse(c, MST_FAULT_CALL);
    const uint32_t kind = MST_U32(c->image, BLOCKS, callee, MST_BLOCK_KIND);
    const bool named = c->in.x == MST_RESULT_NAMED;
    if (!mst_cost_is_memoised(kind) ||
        (named ? kind != MST_BLOCK_POLICY || c->kind != MST_BLOCK_MESSAGE
               : c->in.x >= mst_verify_result_width(kind)))
        return mst_operand_refuse(c, MST_FAULT_CALL);
    return true;
}

/* What single instructions demand beyond the kinds of their fields. */
static bool check_special(struct mst_code *c, uint32_t type_a)
{
    switch (c->in.op) {
    case MST_OP_EMIT:
        if (c->in.c != type_a || !mst_verify_is_scalar(c->v, type_a))
            return mst_operand_refuse(c, MST_FAULT_OPERAND_TYPE);
        return true;
    case MST_OP_CALL: return check_callee(c);
    case MST_OP_CHECK:
    case MST_OP_CHECK_AND:
    case MST_OP_CHECK_OR:
    case MST_OP_CHECK_MASK:
    case MST_OP_ADVISE: /* each runs once: there is room for one note of it */
        if (c->loop_count > 0)
            return mst_operand_refuse(c, MST_FAULT_BLOCK_KIND);
        if (c->in.b < c->next_check)
            return mst_operand_refuse(c, MST_FAULT_OPERAND_RANGE);
        c->next_check = c->in.b + 1u;
        return true;
    case MST_OP_FIND:
    case MST_OP_HAS_KEY: /* what it costs is told by x */
        return c->in.x == (key_type(c) == MST_TYPE_TEXT) ||
               mst_operand_refuse(c, MST_FAULT_OPERAND_RANGE);
    case MST_OP_TEXT_ENUM:
        return c->in.c == c->type_b || mst_operand_refuse(c, MST_FAULT_OPERAND_TYPE);
    case MST_OP_MEMBER:
        return mst_code_is_enum(c->in.c) || mst_operand_refuse(c, MST_FAULT_OPERAND_TYPE);
    case MST_OP_COLUMN: {
        const unsigned char *table = MST_AT(c->image, TABLES, c->type_b - MST_CODE_ROW);
        const uint32_t first = mst_load_u32(table + MST_TABLE_FIRST_COLUMN);
        const uint32_t count = mst_load_u32(table + MST_TABLE_COLUMN_COUNT);
        return (c->in.c >= first && c->in.c - first < count) ||
               mst_operand_refuse(c, MST_FAULT_OPERAND_RANGE);
    }
    case MST_OP_PICK: {
        uint32_t type = 0; /* where c is false the register keeps what it has */
        if (!mst_operand_read(c, c->in.a, &type))
            return false;
        return type == c->type_b || mst_operand_refuse(c, MST_FAULT_OPERAND_TYPE);
    }
    default: return true;
    }
}

static bool is_loop(uint32_t op)
{
    return op == MST_OP_LOOP_UP || op == MST_OP_LOOP_DOWN || op == MST_OP_EACH_UP ||
           op == MST_OP_EACH_DOWN;
}

bool mst_operand_check(struct mst_code *c)
{
    const struct mst_opcode_form *form = mst_opcode_form(c->in.op);
    struct signature signature = {0};
    uint32_t type_a = 0;
    uint32_t type_c = 0;
    if (form == NULL ||
        mst_opcode_minor(c->in.op) > mst_load_u16(c->image->bytes + MST_HEADER_MINOR))
        return mst_operand_refuse(c, MST_FAULT_OPCODE);
    if (!check_immediates(c, form) || !check_read(c, form->b, c->in.b, false, &c->type_b) ||
        !check_read(c, form->c, c->in.c, false, &type_c) ||
        !check_read(c, form->a, c->in.a, true, &type_a))
        return false;
    if (form->x == MST_BUILTIN &&
        !(find_signature(c->in.x, &signature) && check_builtin(c, &signature)))
        return false;
    if (!check_special(c, type_a))
        return false;
    if (form->a < MST_D_BOOL || form->a > MST_D_RESULT || is_loop(c->in.op))
        return true; /* a loop writes its register once it is open */
    return mst_operand_write(c, c->in.a, written_type(c, form->a, signature.result));
}
