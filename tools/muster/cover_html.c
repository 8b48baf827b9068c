/* SPDX-License-Identifier: Apache-2.0
 *
 * cover_html.c - coverage as one page that needs nothing else: each rule file with its lines, what
 * was never exercised marked where it stands and named beside the line. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cover_report.h"
#include "files.h"
#include "terminal.h"
#include "tool.h"

struct page {
    char *bytes;
    size_t len, capacity;
    const mst_cover_item *items;
    size_t count;
};

static void put(struct page *page, const char *text, size_t len)
{
    if (page->len + len > page->capacity) {
        page->capacity = (page->len + len) * 2;
        page->bytes = mst_tool_resize(page->bytes, page->capacity);
    }
    memcpy(page->bytes + page->len, text, len);
    page->len += len;
}

static void puts_page(struct page *page, const char *text)
{
    put(page, text, strlen(text));
}

static void put_format(struct page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void put_format(struct page *page, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len > 0)
        put(page, line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
}

static void put_escaped(struct page *page, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '&': puts_page(page, "&amp;"); break;
        case '<': puts_page(page, "&lt;"); break;
        case '>': puts_page(page, "&gt;"); break;
        case '"': puts_page(page, "&quot;"); break;
        case '\r': break;
        default: put(page, text + i, 1);
        }
    }
}

/* ---- items --------------------------------------------------------------------------------- */

static uint32_t count_missing(const mst_cover_item *item)
{
    uint32_t missing = 0;
    for (uint32_t goal = 0; goal < item->goal_count; goal++)
        missing += item->hits[goal] == 0;
    return missing;
}

static bool is_rule(const mst_cover_item *item)
{
    return item->kind <= MST_COVER_CASE;
}

/* Of a check or case its first line is marked, not all of its text. */
static uint32_t marked_len(const mst_cover_item *item, const char *text)
{
    uint32_t len = 0;
    while (len < item->len && text[item->offset + len] != '\n' &&
           (!is_rule(item) || text[item->offset + len] != '{'))
        len++;
    while (len > 0 && strchr(" \r", text[item->offset + len - 1]) != NULL)
        len--;
    return len;
}

/* "readiness.mdm: never unknown" */
static void put_note(struct page *page, const mst_cover_item *item)
{
    const char *name = mst_tool_cover_name(item), *between = ": never ";
    size_t len = strlen(name), shown = mst_tool_text_fit(name, len, 48);
    put_escaped(page, name, shown);
    puts_page(page, shown < len ? "…" : "");
    for (uint32_t goal = 0; goal < item->goal_count; goal++) {
        if (item->hits[goal] > 0)
            continue;
        puts_page(page, between);
        puts_page(page, mst_author_goal_name(item->kind, goal));
        between = ", ";
    }
}

/* ---- lines --------------------------------------------------------------------------------- */

struct source {
    const char *path, *text;
    size_t len;
};

/* Whether a byte of the source is marked, 1: missing in part, 2: in every way. */
static unsigned char *mark_bytes(const struct page *page, const struct source *source)
{
    unsigned char *marks = mst_tool_resize(NULL, source->len + 1);
    memset(marks, 0, source->len + 1);
    for (size_t i = 0; i < page->count; i++) {
        const mst_cover_item *item = &page->items[i];
        uint32_t missing = count_missing(item);
        if (strcmp(item->path, source->path) != 0 || missing == 0 ||
            item->offset + item->len > source->len)
            continue;
        unsigned char mark = missing == item->goal_count ? 2 : 1;
        memset(marks + item->offset, mark, marked_len(item, source->text));
    }
    return marks;
}

static void put_marked(struct page *page, const struct source *source, const unsigned char *marks,
                       size_t from, size_t to)
{
    static const char *const opens[] = {"", "<mark class=\"part\">", "<mark class=\"none\">"};
    while (from < to) {
        size_t end = from;
        while (end < to && marks[end] == marks[from])
            end++;
        puts_page(page, opens[marks[from]]);
        put_escaped(page, source->text + from, end - from);
        puts_page(page, marks[from] ? "</mark>" : "");
        from = end;
    }
}

/* The state of a line: what begins on it, and how much of that is exercised. */
static const char *class_of(const struct page *page, const struct source *source, uint32_t line)
{
    bool has_any = false, has_missing = false;
    for (size_t i = 0; i < page->count; i++) {
        if (page->items[i].line != line || strcmp(page->items[i].path, source->path) != 0)
            continue;
        has_any = true;
        has_missing = has_missing || count_missing(&page->items[i]) > 0;
    }
    return has_missing ? "miss" : has_any ? "good" : "";
}

static void put_notes(struct page *page, const struct source *source, uint32_t line)
{
    const char *between = "";
    for (size_t i = 0; i < page->count; i++) {
        const mst_cover_item *item = &page->items[i];
        if (item->line != line || strcmp(item->path, source->path) != 0 || !count_missing(item))
            continue;
        puts_page(page, between);
        put_note(page, item);
        between = "<br>";
    }
}

static void put_lines(struct page *page, const struct source *source)
{
    unsigned char *marks = mark_bytes(page, source);
    uint32_t line = 1;
    puts_page(page, "<table class=\"code\">\n");
    for (size_t from = 0; from < source->len; line++) {
        const char *end = memchr(source->text + from, '\n', source->len - from);
        size_t to = end ? (size_t)(end - source->text) : source->len;
        put_format(page, "<tr class=\"%s\"><th>%" PRIu32 "</th><td><code>",
                   class_of(page, source, line), line);
        put_marked(page, source, marks, from, to);
        puts_page(page, "</code></td><td class=\"note\">");
        put_notes(page, source, line);
        puts_page(page, "</td></tr>\n");
        from = to + 1;
    }
    puts_page(page, "</table>\n");
    free(marks);
}

/* ---- the page ------------------------------------------------------------------------------ */

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>Coverage of the rule tests</title>\n<style>\n"
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--dim:#636c76;--line:#d8dee4;"
    "--good:#1a7f37;--part:#fff1b8;--none:#ffd4cf;--miss:#9a6700}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e6e8eb;--dim:#98a1ab;"
    "--line:#31363c;--good:#4ac26b;--part:#544414;--none:#6b2b26;--miss:#e3b341}}\n"
    "body{margin:0 auto;max-width:86rem;padding:1.5rem;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}\n"
    "table.sum{border-collapse:collapse;margin:1rem 0}\n"
    "table.sum th,table.sum td{padding:.25rem 1rem .25rem 0;text-align:left;"
    "border-bottom:1px solid var(--line)}\n"
    "table.sum td.n{text-align:right;font-variant-numeric:tabular-nums}\n"
    "meter{width:10rem}a{color:inherit}\n"
    ".code{border-collapse:collapse;width:100%;font-size:13px}\n"
    ".code td,.code th{padding:0 .6rem;vertical-align:top}\n"
    ".code th{width:3rem;text-align:right;font-weight:400;color:var(--dim);"
    "border-right:3px solid transparent;user-select:none}\n"
    ".code code{font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap;"
    "overflow-wrap:anywhere}\n"
    ".code .good th{border-right-color:var(--good)}.code .miss th{border-right-color:var(--miss)}\n"
    ".note{width:26%;color:var(--miss)}\n"
    "mark{color:inherit;border-radius:2px}mark.part{background:var(--part)}"
    "mark.none{background:var(--none)}\n"
    "p.key{color:var(--dim)}\n"
    "</style></head><body>\n";

static void put_share(struct page *page, mst_tool_cover_sum sum)
{
    unsigned tenths = mst_tool_cover_tenths(sum);
    put_format(page,
               "<td class=\"n\">%u.%u %%</td><td class=\"n\">%zu of %zu</td>"
               "<td><meter min=\"0\" max=\"1000\" value=\"%u\">%u</meter></td></tr>\n",
               tenths / 10, tenths % 10, sum.hit, sum.goals, tenths, tenths / 10);
}

static bool begins_file(const struct page *page, size_t i)
{
    return i == 0 || strcmp(page->items[i].path, page->items[i - 1].path) != 0;
}

static void put_summary(struct page *page, mst_author_coverage *coverage)
{
    size_t number = 0;
    puts_page(page, "<table class=\"sum\"><tr><th>file</th><th>covered</th><th>ways</th><th></th>"
                    "</tr>\n");
    for (size_t i = 0; i < page->count; i++) {
        if (!begins_file(page, i))
            continue;
        put_format(page, "<tr><td><a href=\"#f%zu\">", number++);
        put_escaped(page, page->items[i].path, strlen(page->items[i].path));
        puts_page(page, "</a></td>");
        put_share(page, mst_tool_cover_add_up(coverage, page->items[i].path));
    }
    puts_page(page, "<tr><th>all</th>");
    put_share(page, mst_tool_cover_add_up(coverage, NULL));
    puts_page(page, "</table>\n<p class=\"key\"><mark class=\"none\">never exercised</mark> "
                    "<mark class=\"part\">exercised, but not in every way</mark>; what is missing "
                    "stands beside the line.</p>\n");
}

static int put_files(struct page *page)
{
    size_t number = 0;
    for (size_t i = 0; i < page->count; i++) {
        unsigned char *text;
        struct source source = {.path = page->items[i].path};
        if (!begins_file(page, i))
            continue;
        int code = mst_tool_read_file(source.path, &text, &source.len);
        if (code != MST_TOOL_GOOD)
            return code;
        source.text = (const char *)text;
        put_format(page, "<h2 id=\"f%zu\">", number++);
        put_escaped(page, source.path, strlen(source.path));
        puts_page(page, "</h2>\n");
        put_lines(page, &source);
        free(text);
    }
    return MST_TOOL_GOOD;
}

int mst_tool_write_cover_html(mst_author_coverage *coverage, const char *path)
{
    struct page page = {NULL, 0, 0, NULL, 0};
    page.items = mst_author_coverage_items(coverage, &page.count);
    puts_page(&page, head);
    puts_page(&page, "<h1>Coverage of the rule tests</h1>\n");
    put_summary(&page, coverage);
    int code = put_files(&page);
    puts_page(&page, "</body></html>\n");
    if (code == MST_TOOL_GOOD)
        code = mst_tool_write_file(path, (const unsigned char *)page.bytes, page.len);
    free(page.bytes);
    return code;
}
