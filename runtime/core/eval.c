/* SPDX-License-Identifier: Apache-2.0
 *
 * eval.c - one verdict: runs its block, its advice and the fields of its case, and gathers until
 * when all of that holds. Texts are run here for their times only, and only where they have any. */
#include "core/eval.h"

/* Runs a block that has not run in this epoch; when what it read changes. */
static int64_t run_once(struct mst_vm *vm, struct mst_block_run *block)
{
    if (block->done_epoch != vm->epoch)
        vm->run(vm, block);
    return block->until;
}

static void lower(int64_t *until, int64_t instant)
{
    if (instant < *until)
        *until = instant;
}

/* ---- what the blocks have left in their slots ---------------------------------------------- */

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
    const uint32_t advise = vm->judged ? vm->judged->advise : MST_NO_INDEX;
    if (advise == MST_NO_INDEX)
        return MST_NO_INDEX;
    const uint32_t note = find_note(vm, &vm->blocks[advise], i);
    return note == MST_NO_INDEX ? note : vm->blocks[advise].first_note + note;
}

uint32_t mst_unknown_check(const mst_vm *vm, uint32_t i)
{
    if (!vm->judged || !vm->judged->is_policy)
        return MST_INDEX_NONE;
    return find_note(vm, vm->judged->block, i);
}

uint32_t mst_failed_check(const mst_vm *vm, uint32_t i)
{
    return vm->judged && vm->has_all_checks && i < vm->failed_count ? vm->failed[i]
                                                                    : MST_INDEX_NONE;
}

/* Runs the policy once more, and puts back what its first run has left. */
mst_status mst_eval_all_checks(mst_vm *vm)
{
    if (!vm->judged || mst_eval_last(vm).kind != MST_KIND_FAIL)
        return MST_ERR_NOT_FOUND;
    struct mst_block_run *block = vm->judged->block;
    const struct mst_block_run before = *block;
    uint64_t *values = &vm->values[before.result];
    uint8_t *states = &vm->states[before.result];
    const uint64_t kept_values[2] = {values[0], values[1]};
    const uint8_t kept_states[2] = {states[0], states[1]};
    vm->all_checks = block;
    vm->failed_count = 0;
    vm->run(vm, block);
    vm->all_checks = NULL;
    vm->has_all_checks = true;
    *block = before;
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
    const uint64_t *result = &vm->values[block->result];
    const uint32_t outcome = (uint32_t)result[0]; /* 2 where it is unknown */
    MST_ASSERT(outcome <= 2 && (outcome == 2) == (vm->states[block->result] != 0));
    verdict.kind = (mst_kind)(outcome + outcome / 2);
    verdict.outcome = outcome;
    verdict.check = (uint32_t)result[1]; /* MST_NO_INDEX if all hold */
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

static void run_timed(struct mst_vm *vm, uint32_t index, int64_t *until)
{
    if (index == MST_NO_INDEX || !vm->blocks[index].timed)
        return;
    vm->run(vm, &vm->blocks[index]);
    lower(until, vm->blocks[index].until);
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

static mst_verdict begin_verdict(const struct mst_vm *vm, const struct mst_verdict_run *run)
{
    return (mst_verdict){
        .size = sizeof(mst_verdict),
        .outcome = MST_INDEX_NONE,
        .check = MST_INDEX_NONE,
        .index = run->index,
        .at = vm->now,
        .valid_until = run->block->until,
    };
}

/* Of a plain policy all is still there where its block has left it, so that nobody keeps it a
 * second time: with the epoch begun by facts that made mst_eval() 26 instructions of 82 shorter. */
mst_verdict mst_eval_last(const struct mst_vm *vm)
{
    const struct mst_verdict_run *run = vm->judged;
    return run->is_plain ? judge_policy(vm, run->block, begin_verdict(vm, run)) : vm->verdict;
}

/* A verdict with a case, advice, or texts that depend on time, once its block has run. */
static void finish_verdict(struct mst_vm *vm, const struct mst_verdict_run *run)
{
    const struct mst_block_run *block = run->block;
    int64_t until = block->until;
    mst_verdict found = begin_verdict(vm, run);
    found = run->is_policy ? judge_policy(vm, block, found) : judge_decision(vm, block, found);
    vm->verdict = found; /* what follows asks for it */
    vm->taken_case = find_taken(vm, block);
    for (uint32_t i = 0; i < found.field_count; i++)
        lower(&until, run_once(vm, &vm->blocks[mst_eval_field_block(vm, i)]));
    if (run->advise != MST_NO_INDEX) {
        lower(&until, run_once(vm, &vm->blocks[run->advise]));
        vm->verdict.advice_count = vm->blocks[run->advise].note_count;
    }
    if (run->timed_texts)
        run_texts(vm, &until);
    vm->verdict.valid_until = until;
}

/* Not in mst_eval() itself, which needs fewer registers without it. */
static MST_NOINLINE void fill_verdict(struct mst_vm *vm, mst_verdict *verdict)
{
    if (!vm->judged->is_plain)
        finish_verdict(vm, vm->judged);
    const mst_verdict found = mst_eval_last(vm);
    mst_image_fill(verdict, &found, sizeof found);
}

/* False where the instant is out of range. The one that the vm has is not: most verdicts are asked
 * for one instant after another subject's. */
static MST_NOINLINE bool move_now(struct mst_vm *vm, int64_t now)
{
    if (now < MST_TIME_MIN || now > MST_TIME_MAX)
        return false;
    vm->epoch++;
    vm->now = now;
    vm->values[vm->fact_slots] = (uint64_t)now;
    return true;
}

void mst_eval_block(struct mst_vm *vm, uint32_t block, int64_t now)
{
    if (now == vm->now || move_now(vm, now))
        run_once(vm, &vm->blocks[block]);
}

mst_status mst_eval(mst_vm *vm, uint32_t verdict_index, int64_t now, mst_verdict *verdict)
{
    if (verdict_index >= vm->verdict_count || (now != vm->now && !move_now(vm, now)))
        return MST_ERR_ARGUMENT;
    vm->judged = &vm->verdicts[verdict_index];
    vm->has_causes = false;
    vm->has_all_checks = false;
    run_once(vm, vm->judged->block);
    const struct mst_verdict_run *run = vm->judged;
    if (MST_LIKELY(run->is_plain && verdict->size == sizeof *verdict))
        *verdict = judge_policy(vm, run->block, begin_verdict(vm, run));
    else
        fill_verdict(vm, verdict);
    return MST_OK;
}
