/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_lines.c - verdicts as JSON: one object a line, or all in one array. Rejected records stand
 * among the verdicts, where they came. */
#include <stdlib.h>
#include <string.h>

#include "eval_run.h"
#include "output.h"
#include "terminal.h"
#include "tool.h"

#define VERDICT_KEY ",\"verdict\":\""
#define BETWEEN ",\n " /* elements of an array */

static size_t longest; /* object of any module */
static bool is_array, has_element;

static void begin_lines(mst_tool_run *run)
{
    longest = MST_RECORD_ERROR_JSON_MAX;
    for (size_t i = 0; i < run->module_count; i++) {
        const mst_image *image = run->modules[i].image;
        size_t need = mst_verdict_json_max(image) + mst_image_module(image).len + 1;
        if (run->modules[i].is_used && need > longest)
            longest = need;
    }
}

static void begin_array(mst_tool_run *run)
{
    begin_lines(run);
    is_array = true;
    mst_tool_puts("[");
}

/* ---- objects ----------------------------------------------------------------------------- */

/* Where to write the next object; there is room for the longest, a zero byte and a newline. */
static char *begin_object(mst_tool_batch *batch)
{
    const size_t need = sizeof BETWEEN - 1 + longest + 2;
    if (batch->capacity - batch->len < need) {
        batch->capacity = batch->full_bytes > batch->capacity ? batch->full_bytes : batch->capacity;
        batch->capacity += need;
        batch->text = mst_tool_resize(batch->text, batch->capacity);
    }
    if (is_array) { /* the first comma of all is left out when the batch is put */
        memcpy(batch->text + batch->len, BETWEEN, sizeof BETWEEN - 1);
        batch->len += sizeof BETWEEN - 1;
    }
    return batch->text + batch->len;
}

static void end_object(mst_tool_batch *batch, size_t len)
{
    batch->len += len;
    if (!is_array)
        batch->text[batch->len++] = '\n';
    if (batch->len >= batch->full_bytes)
        batch->is_full = true;
}

/* With several modules the verdict is called by its full name. The key cannot be
 * mistaken for a part of the subject before it, where a quote has a backslash before it. */
static size_t qualify(char *object, size_t len, mst_text module)
{
    object[len] = '\0';
    char *key = strstr(object, VERDICT_KEY);
    if (!key)
        return len;
    char *name = key + strlen(VERDICT_KEY);
    memmove(name + module.len + 1, name, len - (size_t)(name - object));
    memcpy(name, module.ptr, module.len);
    name[module.len] = '.';
    return len + module.len + 1;
}

static void add_verdict(mst_tool_batch *batch, const mst_tool_worker *worker, size_t index,
                        const mst_verdict *verdict)
{
    const mst_tool_run *run = batch->run;
    const mst_tool_machine *machine = &worker->machines[run->wanted[index].module];
    char *object = begin_object(batch);
    size_t len = 0;
    mst_status status = mst_verdict_json(machine->vm, machine->image, verdict, run->is_brief,
                                         object, longest, &len);
    if (status != MST_OK) { /* there is room for the longest: it cannot be */
        mst_tool_failed("cannot write a verdict: %s", mst_status_text(status));
        exit(MST_TOOL_FAILED);
    }
    if (run->is_qualified)
        len = qualify(object, len, mst_image_module(machine->image));
    end_object(batch, len);
}

static void add_bad_record(mst_tool_batch *batch, uint64_t line, const mst_record_error *error)
{
    size_t len = 0;
    char *object = begin_object(batch);
    (void)mst_record_error_json(error, line, object, longest, &len);
    end_object(batch, len);
}

/* ---- output ------------------------------------------------------------------------------ */

static void put_lines(mst_tool_run *run, mst_tool_batch *batch)
{
    size_t skipped = is_array && !has_element ? 1 : 0;
    (void)run;
    if (batch->len == 0)
        return;
    has_element = true;
    mst_tool_put(batch->text + skipped, batch->len - skipped);
    batch->len = 0;
}

static void flush_lines(const mst_tool_run *run)
{
    (void)run;
    mst_tool_flush();
}

static void end_lines(mst_tool_run *run)
{
    char bad[32], all[32];
    if (is_array)
        mst_tool_puts(has_element ? "\n]\n" : "]\n");
    if (run->bad_count > 0)
        mst_tool_say("%s of %s records %s rejected", mst_tool_count_text(bad, run->bad_count),
                     mst_tool_count_text(all, run->record_count),
                     run->bad_count == 1 ? "was" : "were");
}

const mst_tool_sink mst_tool_ndjson_sink = {
    .begin = begin_lines,
    .verdict = add_verdict,
    .bad_record = add_bad_record,
    .put = put_lines,
    .idle = flush_lines,
    .end = end_lines,
};
const mst_tool_sink mst_tool_json_sink = {
    .begin = begin_array,
    .verdict = add_verdict,
    .bad_record = add_bad_record,
    .put = put_lines,
    .idle = flush_lines,
    .end = end_lines,
};
