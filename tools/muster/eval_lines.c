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

static char *line; /* room for the longest verdict of any module */
static size_t line_capacity;
static bool is_array, has_element;

static void begin_lines(const mst_tool_run *run)
{
    for (size_t i = 0; i < run->machine_count; i++) {
        size_t need = mst_verdict_json_max(run->machines[i].image) + 1;
        if (need > line_capacity)
            line_capacity = need;
    }
    line = mst_tool_resize(NULL, line_capacity);
}

static void begin_array(const mst_tool_run *run)
{
    begin_lines(run);
    is_array = true;
    mst_tool_puts("[");
}

static void begin_object(void)
{
    if (is_array)
        mst_tool_puts(has_element ? ",\n " : "\n ");
    has_element = true;
}

static void end_object(void)
{
    if (!is_array)
        mst_tool_puts("\n");
}

/* With several modules the verdict is called by its full name. The key cannot be
 * mistaken for a part of the subject before it, where a quote has a backslash before it. */
static void put_qualified(const mst_tool_wanted *wanted, size_t len)
{
    line[len] = '\0';
    const char *key = strstr(line, VERDICT_KEY);
    const char *name = key ? key + strlen(VERDICT_KEY) : line;
    mst_text module = mst_image_module(wanted->machine->image);
    mst_tool_put(line, (size_t)(name - line));
    mst_tool_put(module.ptr, module.len);
    mst_tool_puts(".");
    mst_tool_put(name, len - (size_t)(name - line));
}

static void put_verdict(const mst_tool_run *run, size_t index, const mst_verdict *verdict)
{
    const mst_tool_wanted *wanted = &run->wanted[index];
    size_t len = 0;
    mst_status status = mst_verdict_json(wanted->machine->vm, wanted->machine->image, verdict,
                                         run->is_brief, line, line_capacity - 1, &len);
    if (status != MST_OK) {
        mst_tool_failed("cannot write a verdict: %s", mst_status_text(status));
        exit(MST_TOOL_FAILED);
    }
    begin_object();
    if (run->is_qualified)
        put_qualified(wanted, len);
    else
        mst_tool_put(line, len);
    end_object();
}

static void put_bad_record(const mst_tool_run *run, uint64_t number, const mst_record_error *error)
{
    char text[MST_RECORD_ERROR_JSON_MAX];
    size_t len = 0;
    (void)run;
    if (mst_record_error_json(error, number, text, sizeof text, &len) != MST_OK)
        return;
    begin_object();
    mst_tool_put(text, len);
    end_object();
}

static void flush_lines(const mst_tool_run *run)
{
    (void)run;
    mst_tool_flush();
}

static void end_lines(const mst_tool_run *run)
{
    char bad[32], all[32];
    if (is_array)
        mst_tool_puts(has_element ? "\n]\n" : "]\n");
    free(line);
    if (run->bad_count > 0)
        mst_tool_say("%s of %s records %s rejected", mst_tool_count_text(bad, run->bad_count),
                     mst_tool_count_text(all, run->record_count),
                     run->bad_count == 1 ? "was" : "were");
}

const mst_tool_sink mst_tool_ndjson_sink = {begin_lines, put_verdict, put_bad_record, flush_lines,
                                            end_lines};
const mst_tool_sink mst_tool_json_sink = {begin_array, put_verdict, put_bad_record, flush_lines,
                                          end_lines};
