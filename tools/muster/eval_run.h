/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_run.h - the parts of `muster eval`: what is asked for, what runs it, and where the verdicts
 * go. cmd_eval.c reads the command line, eval_crew.c drives, eval_block.c evaluates, a sink shows.
 *
 * Several workers evaluate, each a block of records into a batch of its own; the batches are put
 * one at a time, in the order of the blocks. A worker changes nothing but itself and its batch;
 * the run is changed by who puts. */
#ifndef MST_TOOL_EVAL_RUN_H
#define MST_TOOL_EVAL_RUN_H

#include "fact_stream.h"
#include "muster/facts.h"
#include "muster/muster.h"
#include "record_keys.h"
#include "rules.h"
#include "table.h"

typedef struct mst_tool_sink mst_tool_sink;
typedef struct mst_tool_summary mst_tool_summary;

/* What it takes to run one module. */
typedef struct mst_tool_machine {
    const mst_image *image;
    void *vm_block, *reader_block;
    mst_vm *vm; /* NULL: no verdict of it is wanted */
    mst_reader *reader;
} mst_tool_machine;

/* Who evaluates: one thread. */
typedef struct mst_tool_worker {
    mst_tool_machine *machines; /* one per module */
    mst_tool_summary *summary;  /* of what it has evaluated; NULL where none is shown */
} mst_tool_worker;

typedef struct mst_tool_used_module {
    const mst_image *image;
    bool is_used; /* a verdict of it is wanted */
} mst_tool_used_module;

typedef struct mst_tool_wanted {
    size_t module;
    uint32_t index; /* of the verdict in its image */
    char *name;     /* as shown: with the module where there are several */
    mst_verdict_info info;
} mst_tool_wanted;

typedef struct mst_tool_run {
    mst_tool_used_module *modules;
    size_t module_count;
    mst_tool_wanted *wanted;
    size_t wanted_count;
    const mst_tool_sink *sink;
    void *context;     /* of the sink */
    bool is_qualified; /* several modules */
    const char *facts; /* where the records come from, for messages */
    bool is_brief, wants_all_checks;
    int64_t at;
    uint64_t row_limit; /* of the table */
    size_t jobs;        /* most workers */
    mst_tool_worker *workers;
    size_t worker_count;
    uint64_t record_count, bad_count; /* of what has been put */
    unsigned kinds;                   /* a bit for each mst_kind that a verdict had */
    uint64_t row_count;               /* that were shown */
    mst_tool_keys keys;               /* of the records, for the summary */
} mst_tool_run;

/* A rejected record among the rows of a table. */
typedef struct mst_tool_bad_record {
    size_t row; /* it came before this one */
    uint64_t line;
    uint32_t byte;
    char *message;
} mst_tool_bad_record;

#define MST_TOOL_MOST_NOTES 11 /* ten are shown, and that there are more */

/* What came of a block, or of a part of it, until it is put. */
typedef struct mst_tool_batch {
    const mst_tool_run *run;
    uint64_t record_count, bad_count;
    unsigned kinds;
    bool is_full;         /* there is enough in it: put it before the next record */
    size_t full_bytes;    /* how much that is */
    char *text;           /* verdicts as lines */
    size_t len, capacity; /* of it */
    mst_tool_table rows;  /* verdicts as cells of a table */
    uint64_t hidden_count;
    mst_tool_bad_record notes[MST_TOOL_MOST_NOTES];
    size_t note_count;
    mst_text records[MST_TOOL_KEYS_RECORDS]; /* good ones, for the keys; inside the block */
    size_t kept_count;
    bool needs_rows, needs_keys; /* not, where there are enough */
    void *found;                 /* what else the sink keeps until it is put */
} mst_tool_batch;

/* Where verdicts go. The worker's vm of the module holds the facts and the verdict. */
struct mst_tool_sink {
    bool has_summary;
    void (*begin)(mst_tool_run *run);
    void (*verdict)(mst_tool_batch *batch, const mst_tool_worker *worker, size_t wanted,
                    const mst_verdict *verdict);
    /* In the place of evaluating what is wanted: a record whose facts the worker holds. False, with
     * *error: it is rejected after all. NULL: verdict() is called for each that is wanted. */
    bool (*record)(mst_tool_batch *batch, const mst_tool_worker *worker, const mst_frame *frame,
                   mst_record_error *error);
    /* The record that began in this line was rejected. */
    void (*bad_record)(mst_tool_batch *batch, uint64_t line, const mst_record_error *error);
    void (*put)(mst_tool_run *run, mst_tool_batch *batch); /* shows and empties it */
    void (*idle)(const mst_tool_run *run);                 /* more records may be long in coming */
    void (*end)(mst_tool_run *run);
};

extern const mst_tool_sink mst_tool_ndjson_sink, mst_tool_json_sink, mst_tool_table_sink;

/* Makes the list of wanted verdicts: those named, or where none is, the policies and decisions of
 * the root modules; and the first worker. MST_TOOL_GOOD or reported. */
int mst_tool_run_prepare(mst_tool_run *run, const mst_tool_rules *rules, const char *const *names,
                         size_t name_count);
void mst_tool_run_release(mst_tool_run *run);

/* Makes a vm and a reader for each module that is used. MST_TOOL_GOOD or reported. */
int mst_tool_worker_init(mst_tool_worker *worker, const mst_tool_run *run);

/* The first worker's machine for a verdict that is wanted. */
const mst_tool_machine *mst_tool_machine_of(const mst_tool_run *run, const mst_tool_wanted *wanted);

/* Evaluates the records of a block. True: all of them; false: the batch is full, and the rest is
 * evaluated by calling again when it has been put. */
bool mst_tool_evaluate(mst_tool_batch *batch, const mst_tool_worker *worker, mst_tool_block *block);

/* How many blocks are in work at most. */
size_t mst_tool_crew_blocks(size_t jobs);
/* All blocks of the stream, by up to run->jobs workers. MST_TOOL_GOOD or reported. */
int mst_tool_crew_run(mst_tool_run *run, mst_tool_stream *stream);

/* ---- the summary under a table (eval_summary.c) ------------------------------------------ */

mst_tool_summary *mst_tool_summary_new(const mst_tool_run *run);
void mst_tool_summary_free(mst_tool_summary *summary, const mst_tool_run *run);
void mst_tool_summary_count(mst_tool_summary *summary, const mst_tool_run *run, size_t wanted,
                            const mst_verdict *verdict, mst_vm *vm);
/* Of all workers together. */
void mst_tool_summary_show(const mst_tool_run *run);

#endif
