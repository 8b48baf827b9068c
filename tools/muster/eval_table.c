/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_table.c - verdicts as a table for people: a row per subject and verdict, the summary under
 * it. Rejected records go to standard error, the first few of them in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval_run.h"
#include "instant.h"
#include "output.h"
#include "table.h"
#include "terminal.h"
#include "tool.h"

#define BLOCK_ROWS 256
#define BATCH_ROWS 1024   /* of one batch, at most */
#define REASON_BYTES 1024 /* more fits no terminal */
#define BAD_RECORDS_SHOWN (MST_TOOL_MOST_NOTES - 1)
#define NARROW_COLUMNS 110 /* below, UNTIL is a day */

static mst_tool_table table;
static uint64_t hidden_count;
static mst_tool_instant_form until_form;

static void begin_table(mst_tool_run *run)
{
    mst_tool_table_begin(&table, 0, true);
    bool is_narrow = table.width_limit > 0 && table.width_limit < NARROW_COLUMNS;
    until_form = is_narrow ? MST_TOOL_INSTANT_DAY : MST_TOOL_INSTANT_MINUTE;
    mst_tool_table_column(&table, "SUBJECT")->min_width = 16;
    mst_tool_table_column(&table, "VERDICT")->min_width = 10;
    mst_tool_table_column(&table, "OUTCOME")->min_width = 12;
    mst_tool_table_column(&table, "CHECK")->min_width = 8;
    mst_tool_column *until = mst_tool_table_column(&table, is_narrow ? "UNTIL" : "UNTIL (UTC)");
    until->is_optional = !run->is_brief;
    if (!run->is_brief)
        mst_tool_table_column(&table, "REASON")->min_width = 20;
}

/* ---- cells ------------------------------------------------------------------------------- */

static void add_subject(mst_tool_table *rows, const mst_tool_machine *machine)
{
    mst_text subject = {NULL, 0};
    uint32_t index = mst_image_subject(machine->image);
    mst_fact_info info = MST_FACT_INFO_INIT;
    if (index != MST_INDEX_NONE && mst_fact_info_at(machine->image, index, &info) == MST_OK)
        subject = mst_fact_text_of(machine->vm, info.slot);
    if (subject.ptr)
        mst_tool_table_cell(rows, subject.ptr, subject.len, NULL);
    else
        mst_tool_table_text(rows, "-");
}

static void add_outcome(mst_tool_table *rows, const mst_tool_machine *machine,
                        const mst_verdict *verdict)
{
    static const char *const colors[] = {MST_TOOL_GREEN, MST_TOOL_RED, NULL, MST_TOOL_YELLOW};
    mst_text name = mst_outcome_name(machine->image, verdict);
    mst_tool_table_cell(rows, name.ptr, name.len,
                        verdict->kind <= MST_KIND_UNKNOWN ? colors[verdict->kind] : NULL);
}

/* "edition, vbs": all of them, where --all-checks asked for them. */
static mst_text list_failed(const mst_tool_machine *machine, uint32_t verdict, char *list,
                            size_t capacity)
{
    size_t len = 0;
    uint32_t check = mst_failed_check(machine->vm, 0);
    for (uint32_t i = 0; check != MST_INDEX_NONE && len < capacity;
         check = mst_failed_check(machine->vm, ++i)) {
        mst_text name = mst_check_name(machine->image, verdict, check);
        len += (size_t)snprintf(list + len, capacity - len, "%s%.*s", i > 0 ? ", " : "",
                                (int)name.len, name.ptr);
    }
    return (mst_text){list, (uint32_t)(len < capacity ? len : capacity - 1)};
}

static void add_check(mst_tool_table *rows, const mst_tool_machine *machine,
                      const mst_verdict *verdict)
{
    char list[256];
    mst_text name = {"-", 1};
    if (verdict->check != MST_INDEX_NONE)
        name = mst_check_name(machine->image, verdict->index, verdict->check);
    if (mst_failed_check(machine->vm, 1) != MST_INDEX_NONE)
        name = list_failed(machine, verdict->index, list, sizeof list);
    mst_tool_table_cell(rows, name.ptr, name.len, NULL);
}

/* An unknown verdict has no reason of its own; what it lacks is the reason. */
static size_t list_causes(mst_vm *vm, char *text, size_t capacity)
{
    static const char *const kinds[] = {"missing", "invalid", "stale", "undecided", "fault in"};
    uint32_t cursor = 0;
    size_t len = 0;
    mst_cause_kind last = MST_CAUSE_KINDS;
    mst_cause cause = MST_CAUSE_INIT;
    while (len < capacity && mst_cause_next(vm, &cursor, &cause) == MST_OK) {
        const char *joint = len == 0 ? "" : cause.kind == last ? ", " : "; ";
        bool is_same = cause.kind == last || cause.kind >= MST_CAUSE_KINDS;
        int added = snprintf(text + len, capacity - len, "%s%s%s%.*s", joint,
                             is_same ? "" : kinds[cause.kind], is_same ? "" : " ",
                             (int)cause.name.len, cause.name.ptr);
        len += added > 0 ? (size_t)added : 0;
        last = cause.kind;
    }
    return len < capacity ? len : capacity - 1;
}

static void add_reason(mst_tool_table *rows, const mst_tool_machine *machine,
                       const mst_verdict *verdict)
{
    char text[REASON_BYTES];
    size_t len = 0;
    mst_status status = mst_render(machine->vm, MST_PART_REASON, text, sizeof text, &len);
    if (status == MST_ERR_SPACE)
        len = mst_tool_text_fit(text, sizeof text, sizeof text);
    else if (status != MST_OK)
        len = 0;
    if (len == 0 && verdict->kind == MST_KIND_UNKNOWN)
        len = list_causes(machine->vm, text, sizeof text);
    mst_tool_table_cell(rows, text, len, NULL);
}

/* ---- rows -------------------------------------------------------------------------------- */

static void add_row(mst_tool_batch *batch, const mst_tool_worker *worker, size_t index,
                    const mst_verdict *verdict)
{
    const mst_tool_run *run = batch->run;
    const mst_tool_wanted *wanted = &run->wanted[index];
    const mst_tool_machine *machine = &worker->machines[wanted->module];
    mst_tool_table *rows = &batch->rows;
    char until[MST_TOOL_INSTANT_BYTES];
    mst_tool_summary_count(worker->summary, run, index, verdict, machine->vm);
    if (!batch->needs_rows) {
        batch->hidden_count++;
        return;
    }
    rows->column_count = table.column_count;
    add_subject(rows, machine);
    mst_tool_table_text(rows, wanted->name);
    add_outcome(rows, machine, verdict);
    add_check(rows, machine, verdict);
    mst_tool_table_text(rows, mst_tool_instant_text(until, verdict->valid_until, until_form));
    if (!run->is_brief)
        add_reason(rows, machine, verdict);
    if (rows->texts_len >= batch->full_bytes || mst_tool_table_rows(rows) >= BATCH_ROWS)
        batch->is_full = true;
}

static void add_bad_record(mst_tool_batch *batch, uint64_t line, const mst_record_error *error)
{
    if (batch->note_count == MST_TOOL_MOST_NOTES)
        return; /* it is only counted */
    batch->notes[batch->note_count++] = (mst_tool_bad_record){
        .row = batch->rows.cell_count / table.column_count,
        .line = line,
        .byte = error->byte,
        .message = mst_tool_copy(error->message, strlen(error->message)),
    };
}

/* ---- output ------------------------------------------------------------------------------ */

static void show_rows(const mst_tool_run *run)
{
    (void)run;
    mst_tool_table_show(&table);
    mst_tool_flush();
}

/* Columns are as wide as their cells so far: who watches sees rows early, while what a program gets
 * does not depend on when its records came. */
static void show_early(const mst_tool_run *run)
{
    if (isatty(STDOUT_FILENO))
        show_rows(run);
}

static void put_row(mst_tool_run *run, const mst_tool_table *rows, size_t row)
{
    if (run->row_count >= run->row_limit) {
        hidden_count++;
        return;
    }
    run->row_count++;
    mst_tool_table_copy(&table, rows, row);
    if (run->row_count == run->row_limit)
        show_rows(run); /* whatever comes now is only counted: who waits for it can read */
    else if (mst_tool_table_rows(&table) >= BLOCK_ROWS)
        mst_tool_table_show(&table);
}

/* Of the rejected records of all batches, this is the number-th. */
static void put_note(const mst_tool_run *run, mst_tool_bad_record *note, uint64_t number)
{
    if (number <= BAD_RECORDS_SHOWN)
        mst_tool_say("%s, line %llu, byte %u of the record: %s", run->facts,
                     (unsigned long long)note->line, note->byte, note->message);
    else if (number == BAD_RECORDS_SHOWN + 1)
        mst_tool_say("further rejected records are only counted");
    free(note->message);
}

static void put_batch(mst_tool_run *run, mst_tool_batch *batch)
{
    mst_tool_table *rows = &batch->rows;
    size_t row_count = rows->cell_count / table.column_count, note = 0;
    for (size_t row = 0; row <= row_count; row++) {
        for (; note < batch->note_count && batch->notes[note].row == row; note++)
            put_note(run, &batch->notes[note], run->bad_count + note + 1);
        if (row < row_count)
            put_row(run, rows, row);
    }
    hidden_count += batch->hidden_count;
    batch->hidden_count = 0;
    batch->note_count = 0;
    mst_tool_table_clear(rows);
}

static void end_table(mst_tool_run *run)
{
    char count[32];
    mst_tool_table_end(&table);
    if (hidden_count > 0 && run->row_count > 0)
        mst_tool_printf("and %s more row%s\n", mst_tool_count_text(count, hidden_count),
                        hidden_count == 1 ? "" : "s");
    if (run->row_count > 0)
        mst_tool_puts("\n");
    mst_tool_summary_show(run);
}

const mst_tool_sink mst_tool_table_sink = {
    .has_summary = true,
    .begin = begin_table,
    .verdict = add_row,
    .bad_record = add_bad_record,
    .put = put_batch,
    .idle = show_early,
    .end = end_table,
};
