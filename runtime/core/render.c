/* SPDX-License-Identifier: Apache-2.0
 *
 * render.c - the texts of the last verdict: messages, advice, fields. Message blocks append to the
 * caller's buffer; what does not fit is counted, not kept. */
#include "core/eval.h"
#include "format/builtins.h"
#include "format/operand.h"

/* ---- what the loop appends ----------------------------------------------------------------- */

void mst_render_append(struct mst_vm *vm, mst_text text)
{
    struct mst_output *output = &vm->output;
    if (output->len < output->capacity) {
        const size_t room = output->capacity - output->len;
        memcpy(output->buffer + output->len, text.ptr, text.len < room ? text.len : room);
    }
    output->len += text.len;
    output->is_written = true;
}

static void append_word(struct mst_vm *vm, const char *word)
{
    mst_text text = {word, 0};
    while (word[text.len])
        text.len++;
    mst_render_append(vm, text);
}

void mst_render_slot(struct mst_vm *vm, uint32_t slot, uint32_t type)
{
    const uint64_t word = vm->values[slot];
    if (vm->states[slot] != 0) {
        append_word(vm, "unknown");
    } else if (type == MST_TYPE_TEXT) {
        mst_render_append(vm, mst_vm_text(vm, word));
    } else if (mst_code_is_enum(type)) {
        mst_render_append(vm, mst_vm_text(vm, mst_slow_enum_text(vm, type, word)));
    } else {
        char buffer[MST_PRINT_MAX];
        const size_t len = mst_print_value((mst_type)type, (int64_t)word, buffer);
        mst_render_append(vm, (mst_text){buffer, (uint32_t)len});
    }
}

/* ---- messages ------------------------------------------------------------------------------ */

static uint32_t policy_block(const struct mst_vm *vm, mst_part part)
{
    const struct mst_verdict_run *run = vm->judged;
    const uint64_t *result = &vm->values[run->block->result]; /* outcome and check */
    const unsigned char *record = MST_AT(vm->image, VERDICTS, run->index);
    if (part == MST_PART_LABEL)
        return mst_load_u32(record + MST_VERDICT_LABELS + result[0] * 4);
    if (result[0] == MST_KIND_PASS)
        return MST_NO_INDEX;
    const unsigned char *check = MST_AT(vm->image, CHECKS, run->block->first_note + result[1]);
    if (result[0] == MST_KIND_FAIL)
        return mst_load_u32(check + MST_CHECK_TEXTS + ((uint32_t)part - MST_PART_REASON) * 4);
    if (part == MST_PART_REASON && (run->block->named_state & MST_STATE_UNDECIDED) != 0)
        return mst_load_u32(check + MST_CHECK_BECAUSE);
    return MST_NO_INDEX;
}

static uint32_t decision_block(const struct mst_vm *vm, mst_part part)
{
    const uint32_t taken = vm->taken_case;
    if (taken == MST_NO_INDEX)
        return MST_NO_INDEX;
    if (part == MST_PART_REASON)
        return MST_U32(vm->image, CASES, taken, MST_CASE_BECAUSE);
    if (part == MST_PART_LABEL && vm->verdict.kind == MST_KIND_CASE)
        return MST_U32(vm->image, CASES, taken, MST_CASE_LABEL);
    return MST_NO_INDEX;
}

static bool is_unknown(const struct mst_vm *vm)
{
    return vm->states[vm->judged->block->result] != 0;
}

uint32_t mst_render_block(const struct mst_vm *vm, mst_part part)
{
    return vm->judged->is_policy ? policy_block(vm, part) : decision_block(vm, part);
}

static mst_status finish(const struct mst_vm *vm, size_t *len)
{
    *len = vm->output.len;
    return vm->output.len > vm->output.capacity ? MST_ERR_SPACE : MST_OK;
}

mst_status mst_render(mst_vm *vm, mst_part part, char *buffer, size_t capacity, size_t *len)
{
    *len = 0;
    if (!vm->judged || (uint32_t)part > MST_PART_CITE)
        return MST_ERR_NOT_FOUND;
    const bool has_name = !is_unknown(vm) || vm->judged->is_policy;
    const uint32_t block = mst_render_block(vm, part);
    vm->output = (struct mst_output){buffer, capacity, 0, false};
    if (block != MST_NO_INDEX) {
        vm->run(vm, &vm->blocks[block]);
    } else if (part == MST_PART_LABEL && has_name) {
        const mst_verdict verdict = mst_eval_last(vm);
        mst_render_append(vm, mst_outcome_name(vm->image, &verdict));
    } else {
        return MST_ERR_NOT_FOUND;
    }
    /* none of the check's `undecided` clauses was true: it is unknown for another reason */
    if (part == MST_PART_REASON && is_unknown(vm) && !vm->output.is_written)
        return MST_ERR_NOT_FOUND;
    return finish(vm, len);
}

/* Whether a message appends the same whenever its verdict has the same outcome and check: texts of
 * the image, and the check that a label names. Registers are written before they are read, here by
 * that one call. */
static bool is_constant(const struct mst_vm *vm, uint32_t block)
{
    for (const unsigned char *pc = vm->blocks[block].code;; pc += 8) {
        switch (pc[0]) {
        case MST_OP_RET: return true;
        case MST_OP_EMIT_TEXT: break;
        case MST_OP_CALL:
            if (pc[1] != MST_RESULT_NAMED || &vm->blocks[mst_load_u32(pc + 4)] != vm->judged->block)
                return false;
            break;
        case MST_OP_EMIT:
            if (mst_load_u16(pc + 2) < vm->first_register)
                return false;
            break;
        default: return false;
        }
    }
}

bool mst_render_is_constant(const mst_vm *vm, mst_part part)
{
    if (!vm->judged || (uint32_t)part > MST_PART_CITE)
        return false;
    /* which reason that is depends on what is unknown, and on the case taken */
    if (part == MST_PART_REASON && is_unknown(vm))
        return false;
    const uint32_t block = mst_render_block(vm, part);
    return block == MST_NO_INDEX || is_constant(vm, block);
}

/* ---- advice -------------------------------------------------------------------------------- */

mst_text mst_advice_name(const mst_vm *vm, uint32_t i)
{
    const uint32_t check = mst_eval_advice(vm, i);
    if (check == MST_NO_INDEX)
        return (mst_text){NULL, 0};
    return mst_image_string(vm->image, MST_U32(vm->image, CHECKS, check, MST_CHECK_NAME));
}

mst_status mst_advice_render(mst_vm *vm, uint32_t i, mst_part part, char *buffer, size_t capacity,
                             size_t *len)
{
    const uint32_t check = mst_eval_advice(vm, i);
    *len = 0;
    if (check == MST_NO_INDEX || part < MST_PART_REASON || part > MST_PART_CITE)
        return MST_ERR_NOT_FOUND;
    const uint32_t block =
        MST_U32(vm->image, CHECKS, check, MST_CHECK_TEXTS + ((uint32_t)part - MST_PART_REASON) * 4);
    if (block == MST_NO_INDEX)
        return MST_ERR_NOT_FOUND;
    vm->output = (struct mst_output){buffer, capacity, 0, false};
    vm->run(vm, &vm->blocks[block]);
    return finish(vm, len);
}

/* ---- fields -------------------------------------------------------------------------------- */

mst_status mst_field_at(mst_vm *vm, uint32_t i, mst_field *field)
{
    if (i >= mst_eval_field_count(vm))
        return MST_ERR_NOT_FOUND;
    const uint32_t first = MST_U32(vm->image, CASES, vm->taken_case, MST_CASE_FIRST_FIELD);
    const uint32_t block = mst_eval_field_block(vm, i);
    const uint32_t slot = vm->blocks[block].result;
    const mst_field found = {
        .size = sizeof found,
        .type = mst_code_type(MST_U32(vm->image, BLOCKS, block, MST_BLOCK_TYPE)),
        .known = vm->states[slot] == 0,
        .name = mst_image_string(vm->image, MST_U32(vm->image, FIELDS, first + i, MST_FIELD_NAME)),
        .value = vm->states[slot] == 0 ? (int64_t)vm->values[slot] : 0,
    };
    mst_image_fill(field, &found, sizeof found);
    return MST_OK;
}

mst_status mst_field_render(mst_vm *vm, uint32_t i, char *buffer, size_t capacity, size_t *len)
{
    *len = 0;
    if (i >= mst_eval_field_count(vm))
        return MST_ERR_NOT_FOUND;
    const uint32_t block = mst_eval_field_block(vm, i);
    vm->output = (struct mst_output){buffer, capacity, 0, false};
    mst_render_slot(vm, vm->blocks[block].result,
                    MST_U32(vm->image, BLOCKS, block, MST_BLOCK_TYPE));
    return finish(vm, len);
}
