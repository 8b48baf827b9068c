/* SPDX-License-Identifier: Apache-2.0
 *
 * eval.c - one verdict: runs its block, its advice and the fields of its case, and gathers until
 * when all of that holds. Texts are run here for their times only, and only where they have any. */
#include "core/eval.h"

/* Runs a block that has not run in this epoch; when what it read changes. */
static int64_t run_once(struct mst_vm *vm, uint32_t block)
{
    MST_ASSERT(block < MST_COUNT(vm->image, BLOCKS));
    if (vm->blocks[block].done_epoch != vm->epoch)
        vm->run(vm, block);
    return vm->blocks[block].until;
}

static void lower(int64_t *until, int64_t instant)
{
    if (instant < *until)
        *until = instant;
}

/* ---- what the blocks have left in their slots ---------------------------------------------- */

static const struct mst_block_run *block_of(const struct mst_vm *vm)
{
    return &vm->blocks[vm->verdicts[vm->verdict.index].block];
}

/* The case of a decision that has just run. It is kept beside the verdict: its fields were counted
 * by this case, and the block's slots are written again when causes are traced. */
static uint32_t find_taken(const struct mst_vm *vm, const struct mst_block_run *block)
{
    const uint64_t taken = vm->values[block->result + 1];
    if (block->kind != MST_BLOCK_DECISION || taken == MST_NO_INDEX)
        return MST_NO_INDEX;
    return block->first_note + (uint32_t)taken;
}

uint32_t mst_eval_field_block(const struct mst_vm *vm, uint32_t i)
{
    const uint32_t first = MST_U32(vm->image, CASES, vm->taken_case, MST_CASE_FIRST_FIELD);
    return MST_U32(vm->image, FIELDS, first + i, MST_FIELD_BLOCK);
}

/* The i-th note of a block, counted from its first; MST_NO_INDEX past the end. */
static uint32_t find_note(const struct mst_vm *vm, const struct mst_block_run *block, uint32_t i)
{
    return i < block->note_count ? vm->notes[block->first_note + i] : MST_NO_INDEX;
}

uint32_t mst_eval_advice(const struct mst_vm *vm, uint32_t i)
{
    const uint32_t advise = vm->has_verdict ? vm->verdicts[vm->verdict.index].advise : MST_NO_INDEX;
    if (advise == MST_NO_INDEX)
        return MST_NO_INDEX;
    const uint32_t note = find_note(vm, &vm->blocks[advise], i);
    return note == MST_NO_INDEX ? note : vm->blocks[advise].first_note + note;
}

uint32_t mst_unknown_check(const mst_vm *vm, uint32_t i)
{
    if (!vm->has_verdict || block_of(vm)->kind != MST_BLOCK_POLICY)
        return MST_INDEX_NONE;
    return find_note(vm, block_of(vm), i);
}

uint32_t mst_failed_check(const mst_vm *vm, uint32_t i)
{
    return vm->has_verdict && vm->has_all_checks && i < vm->failed_count ? vm->failed[i]
                                                                         : MST_INDEX_NONE;
}

/* Runs the policy once more, and puts back what its first run has left. */
mst_status mst_eval_all_checks(mst_vm *vm)
{
    if (!vm->has_verdict || vm->verdict.kind != MST_KIND_FAIL || vm->is_stale)
        return MST_ERR_NOT_FOUND;
    const uint32_t index = vm->verdicts[vm->verdict.index].block;
    const struct mst_block_run before = vm->blocks[index];
    uint64_t *values = &vm->values[before.result];
    uint8_t *states = &vm->states[before.result];
    const uint64_t kept_values[2] = {values[0], values[1]};
    const uint8_t kept_states[2] = {states[0], states[1]};
    vm->all_checks = &vm->blocks[index];
    vm->failed_count = 0;
    vm->run(vm, index);
    vm->all_checks = NULL;
    vm->has_all_checks = true;
    vm->blocks[index] = before;
    for (uint32_t i = 0; i < 2; i++) {
        values[i] = kept_values[i];
        states[i] = kept_states[i];
    }
    return MST_OK;
}

/* ---- the verdict --------------------------------------------------------------------------- */

/* Verdicts are handed on by value: what has just been stored piece by piece is not read back as a
 * whole, which would stall. */
static mst_verdict judge_policy(const struct mst_vm *vm, const struct mst_block_run *block,
                                mst_verdict verdict)
{
    const bool unknown = vm->states[block->result] != 0;
    const bool failed = !unknown && vm->values[block->result] == 1;
    verdict.kind = unknown ? MST_KIND_UNKNOWN : failed ? MST_KIND_FAIL : MST_KIND_PASS;
    verdict.outcome = unknown ? 2 : failed;
    verdict.check = unknown || failed ? (uint32_t)vm->values[block->result + 1] : MST_INDEX_NONE;
    verdict.unknown_count = block->note_count;
    return verdict;
}

static mst_verdict judge_decision(const struct mst_vm *vm, const struct mst_block_run *block,
                                  mst_verdict verdict)
{
    const bool unknown = vm->states[block->result] != 0;
    verdict.kind = unknown ? MST_KIND_UNKNOWN : MST_KIND_CASE;
    verdict.unknown_count = unknown;
    if (unknown)
        return verdict;
    verdict.outcome = (uint32_t)vm->values[block->result + 1];
    verdict.field_count =
        MST_U32(vm->image, CASES, block->first_note + verdict.outcome, MST_CASE_FIELD_COUNT);
    return verdict;
}

static void run_timed(struct mst_vm *vm, uint32_t block, int64_t *until)
{
    if (block == MST_NO_INDEX || !vm->blocks[block].timed)
        return;
    vm->run(vm, block);
    lower(until, vm->blocks[block].until);
}

/* Texts are read too: where they depend on time, so does how long the verdict holds. */
static void run_texts(struct mst_vm *vm, int64_t *until)
{
    vm->output = (struct mst_output){NULL, 0, 0, false};
    for (int part = MST_PART_LABEL; part <= MST_PART_CITE; part++)
        run_timed(vm, mst_render_block(vm, (mst_part)part), until);
    for (uint32_t i = 0; i < vm->verdict.advice_count; i++)
        for (uint32_t part = 0; part < 3; part++)
            run_timed(
                vm, MST_U32(vm->image, CHECKS, mst_eval_advice(vm, i), MST_CHECK_TEXTS + part * 4),
                until);
}

/* A verdict with a case, advice, or texts that depend on time, once its block has run. */
static mst_verdict finish_verdict(struct mst_vm *vm, const struct mst_verdict_run *run,
                                  mst_verdict verdict)
{
    const struct mst_block_run *block = &vm->blocks[run->block];
    int64_t until = block->until;
    verdict =
        run->is_policy ? judge_policy(vm, block, verdict) : judge_decision(vm, block, verdict);
    vm->verdict = verdict; /* what follows asks for it */
    vm->taken_case = find_taken(vm, block);
    for (uint32_t i = 0; i < verdict.field_count; i++)
        lower(&until, run_once(vm, mst_eval_field_block(vm, i)));
    if (run->advise != MST_NO_INDEX) {
        lower(&until, run_once(vm, run->advise));
        verdict.advice_count = vm->blocks[run->advise].note_count;
        vm->verdict.advice_count = verdict.advice_count;
    }
    if (run->timed_texts)
        run_texts(vm, &until);
    verdict.valid_until = until;
    vm->verdict.valid_until = until;
    return verdict;
}

void mst_eval_block(struct mst_vm *vm, uint32_t block, int64_t now)
{
    if (vm->is_stale || now != vm->now)
        mst_vm_begin_epoch(vm, now);
    run_once(vm, block);
}

/* Functions of their own, so that mst_eval() itself needs few registers. */
static void fill_verdict(mst_verdict *verdict, mst_verdict found)
{
    mst_image_fill(verdict, &found, sizeof found);
}

static void run_verdict(struct mst_vm *vm, const struct mst_verdict_run *run, mst_verdict *verdict,
                        mst_verdict found)
{
    fill_verdict(verdict, finish_verdict(vm, run, found));
}

mst_status mst_eval(mst_vm *vm, uint32_t verdict_index, int64_t now, mst_verdict *verdict)
{
    if (verdict_index >= MST_COUNT(vm->image, VERDICTS) || now < MST_TIME_MIN || now > MST_TIME_MAX)
        return MST_ERR_ARGUMENT;
    if (vm->is_stale || now != vm->now)
        mst_vm_begin_epoch(vm, now);
    const struct mst_verdict_run *run = &vm->verdicts[verdict_index];
    mst_verdict found = {
        .size = sizeof found,
        .outcome = MST_INDEX_NONE,
        .check = MST_INDEX_NONE,
        .index = verdict_index,
        .at = now,
        .valid_until = run_once(vm, run->block),
    };
    vm->has_verdict = true;
    vm->has_causes = false;
    vm->has_all_checks = false;
    if (!run->is_plain) {
        run_verdict(vm, run, verdict, found);
        return MST_OK;
    }
    found = judge_policy(vm, &vm->blocks[run->block], found);
    vm->verdict = found;
    vm->taken_case = MST_NO_INDEX;
    if (MST_LIKELY(verdict->size == sizeof found))
        *verdict = found;
    else
        fill_verdict(verdict, found);
    return MST_OK;
}
