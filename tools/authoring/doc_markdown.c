/* SPDX-License-Identifier: Apache-2.0
 *
 * doc_markdown.c - pages in Markdown with the tables of GitHub. */
#include <string.h>

#include "doc_form.h"
#include "memory.h"

static void put_escaped(struct doc_writer *w, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr("\\`*_<>[]|#", *at) != NULL)
            mst_docs_put(w, "\\");
        mst_docs_put_len(w, at, 1);
    }
}

/* Between as many backquotes as it takes; in tables a bar ends a cell, even there. */
static void put_code(struct doc_writer *w, const char *text)
{
    const char *quotes = strchr(text, '`') != NULL ? "``" : "`";
    mst_docs_put(w, quotes);
    mst_docs_put(w, quotes[1] != '\0' ? " " : "");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '|' && w->in_table)
            mst_docs_put(w, "\\");
        mst_docs_put_len(w, at, 1);
    }
    mst_docs_put(w, quotes[1] != '\0' ? " " : "");
    mst_docs_put(w, quotes);
}

static void put_text(struct doc_writer *w, enum doc_text kind, const char *text)
{
    if ((kind == DOC_CODE || kind == DOC_NAME) && text[0] != '\0')
        put_code(w, text);
    else
        put_escaped(w, text);
}

static void begin(struct doc_writer *w, const char *title, const char *description)
{
    mst_docs_put(w, "# ");
    put_escaped(w, title);
    mst_docs_put(w, "\n\n");
    if (description == NULL)
        return;
    put_escaped(w, description);
    mst_docs_put(w, "\n\n");
}

static void end(struct doc_writer *w)
{
    mst_docs_put(w, "---\n\n");
    put_escaped(w, w->docs->identity);
    mst_docs_put(w, "\n");
}

static void heading(struct doc_writer *w, int level, const char *anchor, const char *text)
{
    (void)anchor;
    mst_docs_put(w, level == 2 ? "## " : "### ");
    put_escaped(w, text);
    mst_docs_put(w, "\n\n");
}

static void paragraph(struct doc_writer *w, const char *text)
{
    put_escaped(w, text);
    mst_docs_put(w, "\n\n");
}

static void begin_requirement(struct doc_writer *w, const char *number, const mst_outline *node)
{
    mst_docs_put(w, "#### ");
    mst_docs_put(w, number);
    mst_docs_put(w, ". ");
    put_escaped(w, node->title != NULL ? node->title : node->name);
    mst_docs_put(w, " (`");
    mst_docs_put(w, node->name);
    mst_docs_put(w, "`)\n\n");
}

static void part(struct doc_writer *w, const char *label, enum doc_text kind, const char *text)
{
    mst_docs_put(w, "- **");
    mst_docs_put(w, label);
    mst_docs_put(w, "**: ");
    put_text(w, kind, text);
    mst_docs_put(w, "\n");
}

static void end_requirement(struct doc_writer *w)
{
    mst_docs_put(w, "\n");
}

static void begin_table(struct doc_writer *w, const char *const *titles, size_t count)
{
    w->in_table = w->is_first_cell = true;
    mst_docs_put(w, "|");
    for (size_t i = 0; i < count; i++) {
        mst_docs_put(w, " ");
        put_escaped(w, titles[i]);
        mst_docs_put(w, " |");
    }
    mst_docs_put(w, "\n|");
    for (size_t i = 0; i < count; i++)
        mst_docs_put(w, "---|");
    mst_docs_put(w, "\n");
}

static void cell(struct doc_writer *w, enum doc_text kind, const char *text, const char *anchor)
{
    (void)anchor;
    mst_docs_put(w, w->is_first_cell ? "| " : " | ");
    w->is_first_cell = false;
    if (text != NULL)
        put_text(w, kind, text);
}

static void more(struct doc_writer *w, enum doc_text kind, const char *text)
{
    if (text == NULL)
        return;
    mst_docs_put(w, "<br>");
    put_text(w, kind, text);
}

static void end_row(struct doc_writer *w)
{
    mst_docs_put(w, " |\n");
    w->is_first_cell = true;
}

static void end_table(struct doc_writer *w)
{
    mst_docs_put(w, "\n");
    w->in_table = false;
}

static void module_cell(struct doc_writer *w, const char *module)
{
    mst_docs_put(w, w->is_first_cell ? "| [" : " | [");
    w->is_first_cell = false;
    put_escaped(w, module);
    mst_docs_put(w, "](");
    mst_docs_put(w, module);
    mst_docs_put(w, ".md)");
}

const struct doc_form mst_docs_markdown = {
    ".md",           begin,       end,  heading, paragraph, begin_requirement, part,
    end_requirement, begin_table, cell, more,    end_row,   end_table,         module_cell};
