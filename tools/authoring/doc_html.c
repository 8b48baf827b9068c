/* SPDX-License-Identifier: Apache-2.0
 *
 * doc_html.c - pages in HTML: one file each, without scripts, good on a screen, dark or light, and
 * on paper. Names in expressions lead to what they mean. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doc_form.h"
#include "memory.h"

static const char style[] =
    ":root{color-scheme:light dark;--line:#d4d7dc;--soft:#f5f6f8;--dim:#5b6470;--link:#0b57a8;"
    "--text:#1b1f24;--page:#fff;--word:#8a3b00;--quote:#1f6f43}\n"
    "@media(prefers-color-scheme:dark){:root{--line:#3a4048;--soft:#22272e;--dim:#9aa4b0;"
    "--link:#7db7f5;--text:#e4e7eb;--page:#15181c;--word:#f0a66a;--quote:#7cc79a}}\n"
    "*{box-sizing:border-box}\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);"
    "max-width:62rem;margin:0 auto;padding:2rem 1.25rem}\n"
    "h1{font-size:1.9rem;margin:0 0 .4rem}\n"
    "h2{font-size:1.35rem;margin:2.6rem 0 .8rem;padding-bottom:.25rem;"
    "border-bottom:2px solid var(--line)}\n"
    "h3{font-size:1.1rem;margin:1.8rem 0 .5rem}\n"
    "p{margin:.5rem 0}\n.lead{font-size:1.1rem;color:var(--dim)}\n"
    "a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}\n"
    "code{font:.875em/1.45 ui-monospace,Consolas,monospace;overflow-wrap:break-word}\n"
    "code a{border-bottom:1px dotted}\ncode b{font-weight:600;color:var(--word)}\n"
    "code q{quotes:none;color:var(--quote)}\nvar,var a{font-style:normal;color:var(--word)}\n"
    "nav{margin:1.2rem 0;padding:.7rem 1rem;background:var(--soft);border-radius:6px}\n"
    "nav ul{margin:0;padding:0;list-style:none;columns:18rem 3}\n"
    "nav li{break-inside:avoid}nav span{color:var(--dim)}\n"
    "section{margin:.9rem 0;padding:.8rem 1rem;border:1px solid var(--line);border-radius:6px;"
    "break-inside:avoid}\n"
    "section h4{margin:0 0 .45rem;font-size:1rem}\n"
    "section h4 i{font-style:normal;display:inline-block;min-width:2rem;color:var(--dim)}\n"
    "section h4 code{font-weight:400;color:var(--dim)}\n"
    "dl{margin:0;display:grid;grid-template-columns:7.5rem 1fr;gap:.25rem .75rem}\n"
    "dt{color:var(--dim);font-size:.9rem}dd{margin:0;min-width:0}\n"
    ".wide{overflow-x:auto;margin:.6rem 0}\n"
    "table{border-collapse:collapse;width:100%;font-size:.92rem}\n"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
    "border-bottom:1px solid var(--line)}\n"
    "th{background:var(--soft);font-weight:600;border-bottom-width:2px}\n"
    "tr{break-inside:avoid}thead{display:table-header-group}\n"
    "td small{display:block;font-size:inherit;margin-top:.1rem}\n"
    ".data{font-size:.8rem}.data td{white-space:nowrap;padding:.2rem .5rem}\n"
    ":target{background:color-mix(in srgb,var(--link) 18%,transparent)}\n"
    "footer{margin-top:3rem;padding-top:.6rem;border-top:1px solid var(--line);color:var(--dim);"
    "font-size:.85rem;overflow-wrap:anywhere}\n"
    "@media(max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}\n"
    "@media print{@page{margin:16mm 14mm}:root{color-scheme:light;--line:#bbb;--soft:#f3f3f3;"
    "--dim:#444;--link:#000;--text:#000;--page:#fff;--word:#000;--quote:#000}"
    "body{font-size:10pt;max-width:none;padding:0}h2,h3{break-after:avoid}"
    "table{font-size:8.5pt}.data{font-size:7pt}.wide{overflow:visible}code a{border:0}}\n";

/* ---- texts ------------------------------------------------------------------------------- */

static void put_escaped_len(struct doc_writer *w, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '&': mst_docs_put(w, "&amp;"); break;
        case '<': mst_docs_put(w, "&lt;"); break;
        case '>': mst_docs_put(w, "&gt;"); break;
        case '"': mst_docs_put(w, "&quot;"); break;
        default: mst_docs_put_len(w, text + i, 1);
        }
    }
}

static void put_escaped(struct doc_writer *w, const char *text)
{
    put_escaped_len(w, text, strlen(text));
}

static bool is_word(const char *text, size_t len)
{
    static const char *const words[] = {
        "and",    "or",  "not", "if",    "then",  "else", "in",    "is",  "unknown", "like",
        "within", "any", "all", "count", "first", "last", "where", "min", "max",     "sum"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
            return true;
    return false;
}

/* A name that means something leads there. Returns its length. */
static size_t put_name(struct doc_writer *w, const char *text, size_t len)
{
    struct doc_name name = {NULL, NULL, len, 0};
    if (w->module != NULL)
        name = mst_docs_find_name(w->docs, w->module, text);
    if (name.node == NULL) {
        put_escaped_len(w, text, len);
        return len;
    }
    mst_docs_put(w, "<a href=\"");
    if (name.module != w->module) {
        put_escaped(w, name.module->name);
        mst_docs_put(w, ".html");
    }
    char *anchor = mst_docs_anchor(name.node);
    mst_docs_put(w, "#");
    if (name.node->kind == MST_OUTLINE_FACT) {
        mst_docs_put(w, "fact-");
        put_escaped_len(w, text + name.own, name.len - name.own);
    } else {
        put_escaped(w, anchor);
    }
    mst_docs_put(w, "\">");
    put_escaped_len(w, text, name.len);
    mst_docs_put(w, "</a>");
    free(anchor);
    return name.len;
}

static size_t quoted_len(const char *text)
{
    size_t len = 1;
    while (text[len] != '\0' && (text[len] != '"' || text[len + 1] == '"'))
        len += text[len] == '"' ? 2 : 1;
    return len + (text[len] == '"');
}

static void put_expression(struct doc_writer *w, const char *text, size_t text_len)
{
    for (const char *at = text; at < text + text_len;) {
        size_t len = 0;
        while (isalnum((unsigned char)at[len]) || at[len] == '_')
            len++;
        bool is_name = len > 0 && !isdigit((unsigned char)*at) && (at == text || at[-1] != '.');
        if (*at == '"') {
            len = quoted_len(at);
            mst_docs_put(w, "<q>");
            put_escaped_len(w, at, len);
            mst_docs_put(w, "</q>");
        } else if (is_name && is_word(at, len)) {
            mst_docs_put(w, "<b>");
            put_escaped_len(w, at, len);
            mst_docs_put(w, "</b>");
        } else if (is_name) {
            len = put_name(w, at, len);
        } else {
            len = len > 0 ? len : 1;
            put_escaped_len(w, at, len);
        }
        at += len;
    }
}

/* Its holes are values that differ from device to device. */
static void put_message(struct doc_writer *w, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "{");
        put_escaped_len(w, text, len);
        text += len;
        if (*text == '\0')
            return;
        len = strcspn(text, "}");
        mst_docs_put(w, "<var>");
        put_expression(w, text, len);
        mst_docs_put(w, "}</var>");
        text += len + (text[len] != '\0');
    }
}

static void put_text(struct doc_writer *w, enum doc_text kind, const char *text)
{
    if (kind == DOC_CODE) {
        mst_docs_put(w, "<code>");
        put_expression(w, text, strlen(text));
        mst_docs_put(w, "</code>");
    } else if (kind == DOC_NAME) {
        mst_docs_put(w, "<code>");
        put_escaped(w, text);
        mst_docs_put(w, "</code>");
    } else if (kind == DOC_MESSAGE) {
        put_message(w, text);
    } else {
        put_escaped(w, text);
    }
}

/* ---- the page ---------------------------------------------------------------------------- */

static const char *name_kind(mst_outline_kind kind)
{
    switch (kind) {
    case MST_OUTLINE_POLICY: return "policy";
    case MST_OUTLINE_DECISION: return "decision";
    case MST_OUTLINE_TABLE: return "table";
    case MST_OUTLINE_FACTS: return "facts";
    default: return NULL;
    }
}

static void put_contents(struct doc_writer *w)
{
    const mst_outline *end = mst_docs_end(w->docs, w->module);
    mst_docs_put(w, "<nav aria-label=\"Contents\"><ul>\n");
    for (const mst_outline *item = w->module + 1; item < end; item = mst_docs_next(item, end)) {
        const char *kind = name_kind(item->kind);
        if (kind == NULL)
            continue;
        mst_docs_put(w, "<li><span>");
        mst_docs_put(w, kind);
        mst_docs_put(w, "</span> <a href=\"#");
        char *anchor = mst_docs_anchor(item);
        put_escaped(w, anchor);
        free(anchor);
        mst_docs_put(w, "\">");
        put_escaped(w, item->name);
        mst_docs_put(w, "</a></li>\n");
    }
    mst_docs_put(w, "</ul></nav>\n");
}

static void begin(struct doc_writer *w, const char *title, const char *description)
{
    mst_docs_put(
        w, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    put_escaped(w, title);
    mst_docs_put(w, "</title>\n<style>\n");
    mst_docs_put(w, style);
    mst_docs_put(w, "</style>\n</head>\n<body>\n<h1>");
    put_escaped(w, title);
    mst_docs_put(w, "</h1>\n");
    if (description != NULL) {
        mst_docs_put(w, "<p class=\"lead\">");
        put_escaped(w, description);
        mst_docs_put(w, "</p>\n");
    }
    if (w->module != NULL)
        put_contents(w);
}

static void end(struct doc_writer *w)
{
    mst_docs_put(w, "<footer>");
    put_escaped(w, w->docs->identity);
    mst_docs_put(w, "</footer>\n</body>\n</html>\n");
}

static void heading(struct doc_writer *w, int level, const char *anchor, const char *text)
{
    mst_docs_put(w, level == 2 ? "<h2" : "<h3");
    if (anchor != NULL) {
        mst_docs_put(w, " id=\"");
        put_escaped(w, anchor);
        mst_docs_put(w, "\"");
    }
    mst_docs_put(w, ">");
    put_escaped(w, text);
    mst_docs_put(w, level == 2 ? "</h2>\n" : "</h3>\n");
}

static void paragraph(struct doc_writer *w, const char *text)
{
    mst_docs_put(w, "<p>");
    put_escaped(w, text);
    mst_docs_put(w, "</p>\n");
}

/* ---- requirements ------------------------------------------------------------------------ */

static void begin_requirement(struct doc_writer *w, const char *number, const mst_outline *node)
{
    mst_docs_put(w, "<section><h4><i>");
    put_escaped(w, number);
    mst_docs_put(w, "</i>");
    put_escaped(w, node->title != NULL ? node->title : node->name);
    mst_docs_put(w, " <code>");
    put_escaped(w, node->name);
    mst_docs_put(w, "</code></h4>\n<dl>\n");
}

static void part(struct doc_writer *w, const char *label, enum doc_text kind, const char *text)
{
    mst_docs_put(w, "<dt>");
    put_escaped(w, label);
    mst_docs_put(w, "</dt><dd>");
    put_text(w, kind, text);
    mst_docs_put(w, "</dd>\n");
}

static void end_requirement(struct doc_writer *w)
{
    mst_docs_put(w, "</dl></section>\n");
}

/* ---- tables ------------------------------------------------------------------------------ */

static void begin_table(struct doc_writer *w, const char *const *titles, size_t count)
{
    mst_docs_put(w, "<div class=\"wide\"><table");
    mst_docs_put(w, w->is_data ? " class=\"data\"><thead><tr>" : "><thead><tr>");
    for (size_t i = 0; i < count; i++) {
        mst_docs_put(w, "<th>");
        put_escaped(w, titles[i]);
        mst_docs_put(w, "</th>");
    }
    mst_docs_put(w, "</tr></thead><tbody>\n");
    w->is_first_cell = true;
}

/* A cell stays open for more, until the next one. */
static void open_cell(struct doc_writer *w)
{
    mst_docs_put(w, w->is_first_cell ? "<tr" : "</td><td");
    w->is_first_cell = false;
}

static void cell(struct doc_writer *w, enum doc_text kind, const char *text, const char *anchor)
{
    bool is_first = w->is_first_cell;
    open_cell(w);
    if (anchor != NULL) {
        mst_docs_put(w, " id=\"");
        put_escaped(w, anchor);
        mst_docs_put(w, "\"");
    }
    mst_docs_put(w, is_first ? "><td>" : ">");
    if (text != NULL)
        put_text(w, kind, text);
}

static void more(struct doc_writer *w, enum doc_text kind, const char *text)
{
    if (text == NULL)
        return;
    mst_docs_put(w, "<small>");
    put_text(w, kind, text);
    mst_docs_put(w, "</small>");
}

static void end_row(struct doc_writer *w)
{
    mst_docs_put(w, "</td></tr>\n");
    w->is_first_cell = true;
}

static void end_table(struct doc_writer *w)
{
    mst_docs_put(w, "</tbody></table></div>\n");
}

static void module_cell(struct doc_writer *w, const char *module)
{
    cell(w, DOC_PLAIN, NULL, NULL);
    mst_docs_put(w, "<a href=\"");
    put_escaped(w, module);
    mst_docs_put(w, ".html\">");
    put_escaped(w, module);
    mst_docs_put(w, "</a>");
}

const struct doc_form mst_docs_html = {
    ".html",         begin,       end,  heading, paragraph, begin_requirement, part,
    end_requirement, begin_table, cell, more,    end_row,   end_table,         module_cell};
