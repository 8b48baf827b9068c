/* SPDX-License-Identifier: Apache-2.0
 *
 * diff_show.c - changes of rules as text, one entry each, and as JSON. */
#include "diff_show.h"

#include <string.h>
#include <unistd.h>

#include "output.h"
#include "terminal.h"
#include "tool.h"

static const char *const signs[] = {"+", "-", "~", ">"};
static const char *const colors[] = {MST_TOOL_GREEN, MST_TOOL_RED, MST_TOOL_YELLOW,
                                     MST_TOOL_YELLOW};

static void put_colored(const char *color, const char *text)
{
    bool wants = mst_tool_wants_color(STDOUT_FILENO);
    mst_tool_puts(wants ? color : "");
    mst_tool_puts_tame(text);
    mst_tool_puts(wants ? MST_TOOL_PLAIN : "");
}

/* ---- nodes ------------------------------------------------------------------------------- */

/* "check vbs", "require", `otherwise` of a case without a condition. */
static void put_name(const mst_outline *node)
{
    mst_tool_puts(mst_diff_word(node->kind));
    if (node->name != NULL) {
        mst_tool_puts(" ");
        mst_tool_puts_tame(node->name);
    }
}

static void put_part(const char *before, const char *text, const char *after)
{
    if (text == NULL)
        return;
    mst_tool_puts(before);
    mst_tool_puts_tame(text);
    mst_tool_puts(after);
}

/* Those of a row stand on its line. */
static bool is_cell(const mst_outline *node)
{
    return node->kind == MST_OUTLINE_CELL;
}

/* What a node says of itself, behind its name. */
static void put_content(const mst_outline *node)
{
    bool is_condition = node->kind == MST_OUTLINE_CHECK || node->kind == MST_OUTLINE_ADVISE ||
                        node->kind == MST_OUTLINE_CASE;
    if (node->type != NULL && node->type[0] == '(')
        put_part("", node->type, "");
    else
        put_part(node->kind == MST_OUTLINE_OUTCOME ? " of " : ": ", node->type, "");
    put_part(" \"", node->title, "\"");
    if (is_cell(node) || node->kind == MST_OUTLINE_REQUIRE || node->kind == MST_OUTLINE_UNDECIDED)
        put_part(" ", node->text != NULL ? node->text : "unknown", "");
    else
        put_part(is_condition ? " when " : " = ", node->text, "");
    if (node->kind == MST_OUTLINE_CASE && node->text == NULL && node->place.path != NULL)
        mst_tool_puts(" otherwise");
}

/* An added or removed node with all that belongs to it. */
static void put_whole(const mst_outline *nodes, size_t count)
{
    put_content(nodes);
    const char *between = ": ";
    for (size_t i = 1; i < count; i++) {
        if (is_cell(&nodes[i]) && nodes->kind == MST_OUTLINE_ROW) {
            mst_tool_puts(between);
            mst_tool_puts_tame(nodes[i].name);
            put_part(" ", nodes[i].text != NULL ? nodes[i].text : "unknown", "");
            between = ", ";
            continue;
        }
        if (is_cell(&nodes[i]))
            continue;
        mst_tool_puts("\n");
        for (uint32_t d = nodes->depth; d < nodes[i].depth + 1; d++)
            mst_tool_puts("    ");
        put_name(&nodes[i]);
        put_content(&nodes[i]);
    }
    mst_tool_puts("\n");
}

/* ---- changes ----------------------------------------------------------------------------- */

/* Two lines, because two texts are compared best when they stand below each other. */
static void put_altered(const mst_change *change)
{
    mst_tool_puts("\n");
    if (change->before != NULL) {
        put_colored(MST_TOOL_RED, "      - ");
        put_colored(MST_TOOL_RED, change->before);
        mst_tool_puts("\n");
    }
    if (change->after != NULL) {
        put_colored(MST_TOOL_GREEN, "      + ");
        put_colored(MST_TOOL_GREEN, change->after);
        mst_tool_puts("\n");
    }
}

static void put_change(const mst_change *change)
{
    mst_tool_puts("  ");
    put_colored(colors[change->kind], signs[change->kind]);
    mst_tool_puts(" ");
    for (uint32_t depth = change->depth > 0 ? 1 : 0; depth <= change->depth; depth++) {
        put_name(change->path[depth]);
        mst_tool_puts(depth < change->depth ? ", " : "");
    }
    switch (change->kind) {
    case MST_CHANGE_ADDED:
    case MST_CHANGE_REMOVED: put_whole(change->path[change->depth], change->node_count); break;
    case MST_CHANGE_MOVED:
        mst_tool_puts(change->after != NULL ? ": now behind " : ": now the first");
        put_part("", change->after, "");
        mst_tool_puts("\n");
        break;
    case MST_CHANGE_ALTERED:
    case MST_CHANGE_LAST:
        put_part(": ", strcmp(change->what, "text") != 0 ? change->what : NULL, "");
        put_altered(change);
        break;
    }
}

static void put_count(size_t count, const char *what, const char **between)
{
    char text[32];
    if (count == 0)
        return;
    mst_tool_printf("%s%s %s", *between, mst_tool_count_text(text, count), what);
    *between = ", ";
}

void mst_tool_show_changes(const mst_diff *diff)
{
    size_t counts[4] = {0};
    for (size_t i = 0; i < diff->count; i++) {
        const mst_change *change = &diff->changes[i];
        if (i == 0 || change->path[0] != diff->changes[i - 1].path[0]) {
            mst_tool_puts(i > 0 ? "\n" : "");
            put_colored(MST_TOOL_BOLD, change->path[0]->name);
            mst_tool_puts("\n");
        }
        counts[change->kind]++;
        put_change(change);
    }
    const char *between = "\n";
    if (diff->count == 0) {
        mst_tool_puts("The rules say the same.\n");
        return;
    }
    put_count(counts[MST_CHANGE_ADDED], "added", &between);
    put_count(counts[MST_CHANGE_REMOVED], "removed", &between);
    put_count(counts[MST_CHANGE_ALTERED], "changed", &between);
    put_count(counts[MST_CHANGE_MOVED], "moved", &between);
    mst_tool_puts("\n");
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_json(const char *key, const char *text)
{
    mst_tool_puts(",");
    mst_tool_put_json_member(key, text);
}

static void put_json_node(const mst_outline *node)
{
    mst_tool_puts("{\"kind\":");
    mst_tool_put_json(mst_diff_word(node->kind), strlen(mst_diff_word(node->kind)));
    put_json("name", node->name);
    mst_tool_puts("}");
}

void mst_tool_show_changes_json(const mst_diff *diff)
{
    static const char *const names[] = {"added", "removed", "changed", "moved"};
    for (size_t i = 0; i < diff->count; i++) {
        const mst_change *change = &diff->changes[i];
        mst_tool_printf("{\"change\":\"%s\"", names[change->kind]);
        put_json("module", change->path[0]->name);
        mst_tool_puts(",\"at\":[");
        for (uint32_t depth = 1; depth <= change->depth; depth++) {
            mst_tool_puts(depth > 1 ? "," : "");
            put_json_node(change->path[depth]);
        }
        mst_tool_puts("]");
        if (change->kind == MST_CHANGE_ALTERED) {
            put_json("what", change->what);
            put_json("before", change->before);
        }
        if (change->kind == MST_CHANGE_ALTERED || change->kind == MST_CHANGE_MOVED)
            put_json("after", change->after);
        mst_tool_puts("}\n");
    }
}
