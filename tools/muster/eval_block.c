/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_block.c - the records of one block, evaluated by one worker into one batch. */
#include <stdlib.h>

#include "eval_run.h"
#include "tool.h"

/* Reads the record into the other modules' vms; all share it, so one that rejects it does. */
static bool read_again(const mst_tool_worker *worker, const mst_tool_run *run,
                       const mst_frame *frame, mst_record_error *error)
{
    bool is_first = true;
    for (size_t i = 0; i < run->module_count; i++) {
        const mst_tool_machine *machine = &worker->machines[i];
        if (!machine->vm)
            continue;
        if (!is_first && mst_read_record(machine->reader, machine->vm, frame->text, frame->len,
                                         run->at, error) != MST_OK)
            return false;
        is_first = false;
    }
    return true;
}

static void evaluate_facts(mst_tool_batch *batch, const mst_tool_worker *worker)
{
    const mst_tool_run *run = batch->run;
    for (size_t i = 0; i < run->wanted_count; i++) {
        const mst_tool_wanted *wanted = &run->wanted[i];
        mst_vm *vm = worker->machines[wanted->module].vm;
        mst_verdict verdict = MST_VERDICT_INIT;
        mst_status status = mst_eval(vm, wanted->index, run->at, &verdict);
        if (status != MST_OK) { /* verified rules at a time that is one: it cannot be */
            mst_tool_failed("cannot evaluate '%s': %s", wanted->name, mst_status_text(status));
            exit(MST_TOOL_FAILED);
        }
        batch->kinds |= 1u << verdict.kind;
        if (run->wants_all_checks)
            (void)mst_eval_all_checks(vm); /* nothing, unless a policy failed */
        run->sink->verdict(batch, worker, i, &verdict);
    }
}

static void reject(mst_tool_batch *batch, uint64_t line, const mst_record_error *error)
{
    batch->bad_count++;
    batch->run->sink->bad_record(batch, line, error);
}

static void take_record(mst_tool_batch *batch, const mst_tool_worker *worker,
                        const mst_frame *frame)
{
    mst_record_error error = MST_RECORD_ERROR_INIT;
    if (!read_again(worker, batch->run, frame, &error)) {
        reject(batch, frame->line, &error);
        return;
    }
    if (batch->needs_keys && batch->kept_count < MST_TOOL_KEYS_RECORDS)
        batch->records[batch->kept_count++] = (mst_text){frame->text, (uint32_t)frame->len};
    const mst_tool_sink *sink = batch->run->sink;
    if (!sink->record)
        evaluate_facts(batch, worker);
    else if (!sink->record(batch, worker, frame, &error))
        reject(batch, frame->line, &error);
}

bool mst_tool_evaluate(mst_tool_batch *batch, const mst_tool_worker *worker, mst_tool_block *block)
{
    const mst_tool_machine *first = worker->machines;
    while (!first->vm) /* some verdict is wanted */
        first++;
    while (!batch->is_full) {
        mst_frame frame = MST_FRAME_INIT;
        mst_status status =
            mst_tool_block_read(block, first->reader, first->vm, batch->run->at, &frame);
        if (status == MST_ERR_SPACE || status == MST_ERR_NOT_FOUND)
            return true;
        batch->record_count++;
        if (status == MST_OK)
            take_record(batch, worker, &frame);
        else
            reject(batch, frame.line, &frame.error);
    }
    return false;
}
