/* SPDX-License-Identifier: Apache-2.0
 *
 * doc_page.c - what stands on the page of a module, and in which order: first what is demanded and
 * decided, then the data, then the words that both use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc_form.h"
#include "memory.h"
#include "muster/diff.h"

void mst_docs_put_len(struct doc_writer *w, const char *text, size_t len)
{
    w->docs->put(w->docs->context, text, len);
}

void mst_docs_put(struct doc_writer *w, const char *text)
{
    mst_docs_put_len(w, text, strlen(text));
}

/* ---- walking ----------------------------------------------------------------------------- */

static const mst_outline *end_of(const struct doc_writer *w)
{
    return mst_docs_end(w->docs, w->module);
}

static size_t count_items(const struct doc_writer *w, mst_outline_kind kind)
{
    size_t count = 0;
    const mst_outline *end = end_of(w);
    for (const mst_outline *item = w->module + 1; item < end; item = mst_docs_next(item, end))
        count += item->kind == kind;
    return count;
}

typedef void write_item(struct doc_writer *w, const mst_outline *item, const mst_outline *end);

/* All items of a kind, below a heading of their own. */
static void write_section(struct doc_writer *w, mst_outline_kind kind, const char *title,
                          write_item *write)
{
    const mst_outline *end = end_of(w);
    if (count_items(w, kind) == 0)
        return;
    w->form->heading(w, 2, NULL, title);
    for (const mst_outline *item = w->module + 1; item < end; item = mst_docs_next(item, end))
        if (item->kind == kind)
            write(w, item, mst_docs_next(item, end));
}

/* "readiness: Hotpatch readiness" */
static void write_item_heading(struct doc_writer *w, const mst_outline *item)
{
    char *anchor = mst_docs_anchor(item);
    char *text = mst_memory_format("%s%s%s", item->name, item->title != NULL ? ": " : "",
                                   item->title != NULL ? item->title : "");
    w->form->heading(w, 3, anchor, text);
    free(anchor);
    free(text);
}

/* ---- policies ---------------------------------------------------------------------------- */

static void write_outcomes(struct doc_writer *w, const mst_outline *policy, const mst_outline *end)
{
    static const char *const titles[] = {"Outcome", "Name", "Shown as"};
    static const char *const words[] = {"All requirements are met", "One is not met",
                                        "Facts that decide are not known"};
    static const char *const types[] = {"pass", "fail", "unknown"};
    w->form->begin_table(w, titles, 3);
    for (const mst_outline *node = policy + 1; node < end; node = mst_docs_next(node, end)) {
        if (node->kind != MST_OUTLINE_OUTCOME)
            continue;
        size_t i = 0;
        while (i < 2 && strcmp(types[i], node->type) != 0)
            i++;
        w->form->cell(w, DOC_PLAIN, words[i], NULL);
        w->form->cell(w, DOC_NAME, node->name, NULL);
        w->form->cell(w, DOC_MESSAGE, node->title != NULL ? node->title : node->name, NULL);
        w->form->end_row(w);
    }
    w->form->end_table(w);
}

static void write_clause(struct doc_writer *w, const mst_outline *clause)
{
    switch (clause->kind) {
    case MST_OUTLINE_REQUIRE: w->form->part(w, "Required", DOC_CODE, clause->text); break;
    case MST_OUTLINE_UNDECIDED:
        w->form->part(w, "Left open if", DOC_CODE, clause->text);
        w->form->part(w, "Because", DOC_MESSAGE, clause->title);
        break;
    case MST_OUTLINE_REASON: w->form->part(w, "If not met", DOC_MESSAGE, clause->title); break;
    case MST_OUTLINE_REMEDY: w->form->part(w, "Remedy", DOC_MESSAGE, clause->title); break;
    default: w->form->part(w, "Source", DOC_MESSAGE, clause->title);
    }
}

/* What is demanded comes before the exceptions, however it is written. */
static void write_clauses(struct doc_writer *w, const mst_outline *check, const mst_outline *end)
{
    static const mst_outline_kind order[] = {MST_OUTLINE_REQUIRE, MST_OUTLINE_REASON,
                                             MST_OUTLINE_REMEDY, MST_OUTLINE_CITE,
                                             MST_OUTLINE_UNDECIDED};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (const mst_outline *clause = check + 1; clause < end; clause++)
            if (clause->kind == order[i])
                write_clause(w, clause);
}

static void write_requirement(struct doc_writer *w, const char *number, const mst_outline *check)
{
    const mst_outline *end = mst_docs_next(check, end_of(w));
    w->form->begin_requirement(w, number, check);
    if (check->text != NULL)
        w->form->part(w, "Applies when", DOC_CODE, check->text);
    write_clauses(w, check, end);
    char *facts = mst_docs_list_facts(w->docs, w->module, check);
    if (facts != NULL)
        w->form->part(w, "Facts", DOC_CODE, facts);
    free(facts);
    w->form->end_requirement(w);
}

static void write_include(struct doc_writer *w, const mst_outline *include)
{
    char *text = mst_memory_format("Here stand the requirements of %s%s%s.", include->name,
                                   include->text != NULL ? ", but for " : "",
                                   include->text != NULL ? include->text : "");
    w->form->paragraph(w, text);
    free(text);
}

static void write_advice(struct doc_writer *w, const mst_outline *policy, const mst_outline *end)
{
    unsigned number = 0;
    for (const mst_outline *node = policy + 1; node < end; node = mst_docs_next(node, end)) {
        if (node->kind != MST_OUTLINE_ADVISE)
            continue;
        if (++number == 1)
            w->form->paragraph(w, "Advice is given where it is not followed; it never decides.");
        char text[16];
        snprintf(text, sizeof text, "A%u", number);
        write_requirement(w, text, node);
    }
}

static void write_policy(struct doc_writer *w, const mst_outline *policy, const mst_outline *end)
{
    unsigned number = 0;
    write_item_heading(w, policy);
    write_outcomes(w, policy, end);
    w->form->paragraph(w, "The requirements are read in this order; the first that is not met "
                          "decides.");
    for (const mst_outline *node = policy + 1; node < end; node = mst_docs_next(node, end)) {
        char text[16];
        if (node->kind == MST_OUTLINE_INCLUDE)
            write_include(w, node);
        if (node->kind != MST_OUTLINE_CHECK)
            continue;
        snprintf(text, sizeof text, "%u", ++number);
        write_requirement(w, text, node);
    }
    write_advice(w, policy, end);
}

/* ---- decisions --------------------------------------------------------------------------- */

static void write_case(struct doc_writer *w, const mst_outline *one, unsigned number,
                       bool has_fields, bool has_because)
{
    const mst_outline *end = mst_docs_next(one, end_of(w)), *part = one + 1;
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    w->form->cell(w, DOC_PLAIN, text, NULL);
    w->form->cell(w, one->text != NULL ? DOC_CODE : DOC_PLAIN,
                  one->text != NULL ? one->text : "otherwise", NULL);
    w->form->cell(w, DOC_NAME, one->name, NULL);
    w->form->more(w, DOC_MESSAGE, one->title);
    bool has_none = part == end || part->kind != MST_OUTLINE_FIELD;
    if (has_fields && has_none)
        w->form->cell(w, DOC_PLAIN, NULL, NULL);
    for (bool is_first = true; part < end && part->kind == MST_OUTLINE_FIELD; part++) {
        char *field = mst_memory_format("%s: %s", part->name, part->text);
        if (is_first)
            w->form->cell(w, DOC_CODE, field, NULL);
        else
            w->form->more(w, DOC_CODE, field);
        is_first = false;
        free(field);
    }
    if (has_because)
        w->form->cell(w, DOC_MESSAGE, part < end ? part->title : NULL, NULL);
    w->form->end_row(w);
}

static void write_decision(struct doc_writer *w, const mst_outline *decision,
                           const mst_outline *end)
{
    const char *titles[5] = {"", "If", "then"};
    size_t count = 3;
    bool has_fields = false, has_because = false;
    for (const mst_outline *node = decision + 1; node < end; node++) {
        has_fields = has_fields || node->kind == MST_OUTLINE_FIELD;
        has_because = has_because || node->kind == MST_OUTLINE_BECAUSE;
    }
    if (has_fields)
        titles[count++] = "with";
    if (has_because)
        titles[count++] = "because";
    write_item_heading(w, decision);
    w->form->paragraph(w, "The first row that applies decides. Where its condition is not known, "
                          "the outcome is unknown.");
    w->form->begin_table(w, titles, count);
    unsigned number = 0;
    for (const mst_outline *one = decision + 1; one < end; one = mst_docs_next(one, end))
        write_case(w, one, ++number, has_fields, has_because);
    w->form->end_table(w);
}

/* ---- tables ------------------------------------------------------------------------------ */

static void write_columns(struct doc_writer *w, const mst_outline *table, const mst_outline *end)
{
    static const char *const titles[] = {"Column", "Type", "Comes from"};
    w->form->begin_table(w, titles, 3);
    for (const mst_outline *column = table + 1; column < end; column = mst_docs_next(column, end)) {
        if (column->kind != MST_OUTLINE_COLUMN)
            continue;
        char *from = column->path != NULL ? mst_memory_format("column %s", column->path) : NULL;
        w->form->cell(w, DOC_NAME, column->name, NULL);
        w->form->cell(w, DOC_CODE, column->type, NULL);
        if (column->text != NULL)
            w->form->cell(w, DOC_CODE, column->text, NULL);
        else
            w->form->cell(w, DOC_PLAIN, from, NULL);
        w->form->end_row(w);
        free(from);
    }
    w->form->end_table(w);
}

static void write_rows(struct doc_writer *w, const mst_outline *table, const mst_outline *end)
{
    const char **titles = NULL;
    size_t count = 0;
    const mst_outline *node = table + 1;
    for (; node < end && node->kind == MST_OUTLINE_COLUMN; node++)
        *MST_MEMORY_ADD(titles, count) = node->name;
    w->is_data = true;
    w->form->begin_table(w, titles, count);
    w->is_data = false;
    for (; node < end; node++) {
        const mst_outline *next = node + 1;
        if (node->kind != MST_OUTLINE_CELL)
            continue;
        w->form->cell(w, DOC_PLAIN, node->text != NULL ? node->text : "", NULL);
        if (next == end || next->kind == MST_OUTLINE_ROW)
            w->form->end_row(w);
    }
    w->form->end_table(w);
    free(titles);
}

static void write_table(struct doc_writer *w, const mst_outline *table, const mst_outline *end)
{
    size_t rows = 0;
    for (const mst_outline *node = table + 1; node < end; node++)
        rows += node->kind == MST_OUTLINE_ROW;
    char *text = mst_memory_format(
        "%zu row%s%s%s%s%s.", rows, rows == 1 ? "" : "s", table->path != NULL ? " from " : "",
        table->path != NULL ? table->path : "", table->text != NULL ? ", " : "",
        table->text != NULL ? table->text : "");
    write_item_heading(w, table);
    w->form->paragraph(w, text);
    write_columns(w, table, end);
    if (rows > 0)
        write_rows(w, table, end);
    free(text);
}

/* ---- facts, enums ------------------------------------------------------------------------ */

static void write_fact_row(struct doc_writer *w, const mst_outline *group, const mst_outline *fact)
{
    char *name = mst_memory_format("%s.%s", group->name, fact->name);
    char *anchor = mst_memory_format("fact-%s", name);
    w->form->cell(w, DOC_NAME, name, anchor);
    w->form->cell(w, DOC_CODE, fact->type, NULL);
    w->form->cell(w, DOC_PLAIN, fact->path, NULL);
    if (fact->text != NULL)
        w->form->cell(w, DOC_CODE, fact->text, NULL);
    else
        w->form->cell(w, DOC_PLAIN, "unknown", NULL);
    w->form->cell(w, DOC_PLAIN, fact->title, NULL);
    w->form->end_row(w);
    free(name);
    free(anchor);
}

static void write_facts(struct doc_writer *w, const mst_outline *group, const mst_outline *end)
{
    static const char *const titles[] = {"Fact", "Type", "In a record", "Where it is missing",
                                         "What it is"};
    write_item_heading(w, group);
    if (group->text != NULL) {
        char *text = mst_memory_format("Facts of this group: %s.", group->text);
        w->form->paragraph(w, text);
        free(text);
    }
    w->form->begin_table(w, titles, 5);
    for (const mst_outline *fact = group + 1; fact < end; fact++)
        write_fact_row(w, group, fact);
    w->form->end_table(w);
}

/* On the page of the root: what must be delivered, wherever it is declared. */
static void write_all_facts(struct doc_writer *w)
{
    static const char *const titles[] = {"Group", "Facts", "In a record", "Declared in"};
    const mst_outline *end = w->docs->nodes + w->docs->count, *module = w->docs->nodes;
    bool is_root = mst_docs_end(w->docs, w->module) == end;
    size_t count = 0;
    for (const mst_outline *node = w->docs->nodes; node < w->module; node++)
        count += node->kind == MST_OUTLINE_FACTS;
    if (!is_root || count == 0)
        return;
    w->form->heading(w, 2, NULL, "Facts of imported modules");
    w->form->begin_table(w, titles, 4);
    for (const mst_outline *node = w->docs->nodes; node < w->module; node++) {
        if (node->depth == 0)
            module = node;
        if (node->kind != MST_OUTLINE_FACTS)
            continue;
        char facts[24];
        snprintf(facts, sizeof facts, "%zu", (size_t)(mst_docs_next(node, end) - node - 1));
        w->form->cell(w, DOC_NAME, node->name, NULL);
        w->form->more(w, DOC_PLAIN, node->title);
        w->form->cell(w, DOC_PLAIN, facts, NULL);
        w->form->cell(w, DOC_PLAIN, node->path[0] != '\0' ? node->path : "the record itself", NULL);
        w->form->module_cell(w, module->name);
        w->form->end_row(w);
    }
    w->form->end_table(w);
}

static void write_record(struct doc_writer *w, const mst_outline *record, const mst_outline *end)
{
    static const char *const titles[] = {"Field", "Type", "Key in data", "What it is"};
    write_item_heading(w, record);
    w->form->begin_table(w, titles, 4);
    for (const mst_outline *field = record + 1; field < end; field++) {
        w->form->cell(w, DOC_NAME, field->name, NULL);
        w->form->cell(w, DOC_CODE, field->type, NULL);
        w->form->cell(w, DOC_PLAIN, field->path != NULL ? field->path : field->name, NULL);
        w->form->cell(w, DOC_PLAIN, field->title, NULL);
        w->form->end_row(w);
    }
    w->form->end_table(w);
}

static void write_enum(struct doc_writer *w, const mst_outline *item, const mst_outline *end)
{
    static const char *const titles[] = {"Value", "Also spelt in data"};
    write_item_heading(w, item);
    w->form->begin_table(w, titles, 2);
    for (const mst_outline *member = item + 1; member < end; member++) {
        bool is_unknown = strcmp(member->name, "unknown") == 0;
        w->form->cell(w, is_unknown ? DOC_PLAIN : DOC_NAME,
                      is_unknown ? "read as missing" : member->name, NULL);
        w->form->cell(w, DOC_CODE, member->text, NULL);
        w->form->end_row(w);
    }
    w->form->end_table(w);
}

/* ---- definitions ------------------------------------------------------------------------- */

static bool is_definition(mst_outline_kind kind)
{
    return kind == MST_OUTLINE_SET || kind == MST_OUTLINE_PARAM || kind == MST_OUTLINE_LET ||
           kind == MST_OUTLINE_DEF;
}

static void write_definition(struct doc_writer *w, const mst_outline *item)
{
    char *anchor = mst_docs_anchor(item);
    bool is_def = item->kind == MST_OUTLINE_DEF;
    char *name = mst_memory_format("%s%s", item->name, is_def ? item->type : "");
    w->form->cell(w, DOC_NAME, name, anchor);
    w->form->more(w, DOC_PLAIN, item->kind == MST_OUTLINE_PARAM ? "a setting" : NULL);
    w->form->cell(w, DOC_CODE, item->text, NULL);
    w->form->more(w, DOC_PLAIN, item->title);
    w->form->end_row(w);
    free(anchor);
    free(name);
}

static void write_definitions(struct doc_writer *w)
{
    static const char *const titles[] = {"Name", "Meaning"};
    const mst_outline *end = end_of(w);
    size_t count = count_items(w, MST_OUTLINE_SET) + count_items(w, MST_OUTLINE_PARAM) +
                   count_items(w, MST_OUTLINE_LET) + count_items(w, MST_OUTLINE_DEF);
    if (count == 0)
        return;
    w->form->heading(w, 2, NULL, "Definitions");
    w->form->begin_table(w, titles, 2);
    for (const mst_outline *item = w->module + 1; item < end; item = mst_docs_next(item, end))
        if (is_definition(item->kind))
            write_definition(w, item);
    w->form->end_table(w);
}

/* ---- pages ------------------------------------------------------------------------------- */

static char *name_module(const mst_outline *module)
{
    return mst_memory_format("%s%s%s", module->name, module->text != NULL ? " " : "",
                             module->text != NULL ? module->text : "");
}

void mst_doc_write(const mst_docs *docs, mst_doc_form form, size_t module)
{
    struct doc_writer writer = {.docs = docs,
                                .form = form == MST_DOC_HTML ? &mst_docs_html : &mst_docs_markdown,
                                .module = &docs->nodes[module]};
    struct doc_writer *w = &writer;
    char *title = name_module(w->module);
    w->form->begin(w, title, w->module->title);
    write_section(w, MST_OUTLINE_POLICY, "Policies", write_policy);
    write_section(w, MST_OUTLINE_DECISION, "Decisions", write_decision);
    write_section(w, MST_OUTLINE_TABLE, "Tables", write_table);
    write_section(w, MST_OUTLINE_FACTS, "Facts", write_facts);
    write_all_facts(w);
    write_section(w, MST_OUTLINE_RECORD, "Records", write_record);
    write_section(w, MST_OUTLINE_ENUM, "Values", write_enum);
    write_definitions(w);
    w->form->end(w);
    free(title);
}

void mst_doc_write_index(const mst_docs *docs, mst_doc_form form)
{
    static const char *const titles[] = {"Module", "Version", "What it is about"};
    struct doc_writer writer = {.docs = docs,
                                .form = form == MST_DOC_HTML ? &mst_docs_html : &mst_docs_markdown};
    struct doc_writer *w = &writer;
    const mst_outline **modules = NULL;
    size_t count = 0;
    for (size_t i = 0; i < docs->count; i++)
        if (docs->nodes[i].depth == 0)
            *MST_MEMORY_ADD(modules, count) = &docs->nodes[i];
    if (modules == NULL)
        return;
    w->form->begin(w, modules[count - 1]->name, modules[count - 1]->title);
    w->form->begin_table(w, titles, 3);
    for (size_t i = count; i > 0; i--) {
        w->form->module_cell(w, modules[i - 1]->name);
        w->form->cell(w, DOC_PLAIN, modules[i - 1]->text, NULL);
        w->form->cell(w, DOC_PLAIN, modules[i - 1]->title, NULL);
        w->form->end_row(w);
    }
    w->form->end_table(w);
    w->form->end(w);
    free(modules);
}
