/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_run.h - the parts of `muster eval`: what is asked for, what runs it, and where the verdicts
 * go. cmd_eval.c reads the command line and drives; a sink shows. */
#ifndef MST_TOOL_EVAL_RUN_H
#define MST_TOOL_EVAL_RUN_H

#include "muster/facts.h"
#include "muster/muster.h"
#include "record_keys.h"
#include "rules.h"

/* One image with what it takes to run it. */
typedef struct mst_tool_machine {
    const mst_image *image;
    void *vm_block, *reader_block;
    mst_vm *vm;
    mst_reader *reader;
    bool is_used; /* a verdict of it is wanted */
} mst_tool_machine;

typedef struct mst_tool_wanted {
    mst_tool_machine *machine;
    uint32_t index; /* of the verdict in its image */
    char *name;     /* as shown: with the module where there are several */
    mst_verdict_info info;
} mst_tool_wanted;

typedef struct mst_tool_run {
    mst_tool_machine *machines;
    size_t machine_count;
    mst_tool_wanted *wanted;
    size_t wanted_count;
    bool is_qualified; /* several modules */
    const char *facts; /* where the records come from, for messages */
    bool is_brief, wants_all_checks;
    int64_t at;
    uint64_t row_limit; /* of the table */
    uint64_t record_count, bad_count;
    mst_tool_keys keys; /* of the records, for the summary */
} mst_tool_run;

/* Where verdicts go. The vm of `wanted->machine` holds the facts and the verdict. */
typedef struct mst_tool_sink {
    void (*begin)(const mst_tool_run *run);
    void (*verdict)(const mst_tool_run *run, size_t wanted, const mst_verdict *verdict);
    /* The record that began in this line was rejected. */
    void (*bad_record)(const mst_tool_run *run, uint64_t line, const mst_record_error *error);
    void (*idle)(const mst_tool_run *run); /* more records may be long in coming */
    void (*end)(const mst_tool_run *run);
} mst_tool_sink;

extern const mst_tool_sink mst_tool_ndjson_sink, mst_tool_json_sink, mst_tool_table_sink;

/* Makes a vm and a reader for each module, and the list of wanted verdicts: those named, or where
 * none is, the policies and decisions of the root modules. MST_TOOL_GOOD or reported. */
int mst_tool_run_prepare(mst_tool_run *run, const mst_tool_rules *rules, const char *const *names,
                         size_t name_count);
void mst_tool_run_release(mst_tool_run *run);

/* ---- the summary under a table (eval_summary.c) ------------------------------------------ */

void mst_tool_summary_begin(const mst_tool_run *run);
void mst_tool_summary_count(const mst_tool_run *run, size_t wanted, const mst_verdict *verdict);
void mst_tool_summary_show(const mst_tool_run *run);

#endif
