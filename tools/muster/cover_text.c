/* SPDX-License-Identifier: Apache-2.0
 *
 * cover_text.c - coverage as text, file by file with what was never exercised, and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "cover_report.h"
#include "output.h"
#include "terminal.h"

mst_tool_cover_sum mst_tool_cover_add_up(mst_author_coverage *coverage, const char *path)
{
    size_t count;
    const mst_cover_item *items = mst_author_coverage_items(coverage, &count);
    mst_tool_cover_sum sum = {0, 0};
    for (size_t i = 0; i < count; i++) {
        if (path && strcmp(items[i].path, path) != 0)
            continue;
        sum.goals += items[i].goal_count;
        for (uint32_t goal = 0; goal < items[i].goal_count; goal++)
            sum.hit += items[i].hits[goal] > 0;
    }
    return sum;
}

unsigned mst_tool_cover_tenths(mst_tool_cover_sum sum)
{
    return sum.goals == 0 ? 1000 : (unsigned)(sum.hit * 1000 / sum.goals);
}

const char *mst_tool_cover_name(const mst_cover_item *item)
{
    const char *name = item->name, *last = strrchr(name, '.');
    if (item->kind == MST_COVER_ROW && last)
        return last + 1;
    if (item->kind == MST_COVER_CONDITION || !last)
        return name;
    while (last > name && last[-1] != '.')
        last--;
    return last;
}

/* ---- text -------------------------------------------------------------------------------- */

static const char *name_kind(mst_cover_kind kind)
{
    static const char *const names[MST_COVER_KINDS] = {"check", "advise", "case", "condition",
                                                       "row"};
    return names[kind];
}

static bool is_whole(const mst_cover_item *item)
{
    for (uint32_t goal = 0; goal < item->goal_count; goal++)
        if (item->hits[goal] == 0)
            return false;
    return true;
}

static void put_goals(const mst_cover_item *item, bool has_color)
{
    const char *between = "";
    mst_tool_puts(has_color ? MST_TOOL_YELLOW : "");
    for (uint32_t goal = 0; goal < item->goal_count; goal++) {
        if (item->hits[goal] > 0)
            continue;
        mst_tool_printf("%s%s", *between ? between : "never ",
                        mst_author_goal_name(item->kind, goal));
        between = ", ";
    }
    mst_tool_printf("%s%s", *between ? "" : "all", has_color ? MST_TOOL_PLAIN : "");
}

/* Behind the last row of the table whose row this is. */
static size_t find_end(const mst_cover_item *items, size_t i, size_t count)
{
    const mst_cover_item *first = &items[i];
    while (i < count && items[i].kind == MST_COVER_ROW && strcmp(items[i].path, first->path) == 0 &&
           strcmp(items[i].name, first->name) == 0)
        i++;
    return i;
}

static size_t count_unused(const mst_cover_item *items, size_t i, size_t end)
{
    size_t count = 0;
    for (; i < end; i++)
        count += items[i].hits[0] == 0;
    return count;
}

/* Rows of one table that were never used, in one line: "4, 6, 10 to 12". */
static void put_rows(const mst_cover_item *items, size_t i, size_t end, bool has_color)
{
    const char *between = "", *plural = count_unused(items, i, end) == 1 ? "" : "s";
    mst_tool_printf("         %snever used%s: row%s of %s in line%s ",
                    has_color ? MST_TOOL_YELLOW : "", has_color ? MST_TOOL_PLAIN : "", plural,
                    mst_tool_cover_name(&items[i]), plural);
    while (i < end) {
        size_t last = i;
        while (last + 1 < end && items[last + 1].hits[0] == 0)
            last++;
        mst_tool_printf("%s%" PRIu32, between, items[i].line);
        if (last > i)
            mst_tool_printf("%s%" PRIu32, last > i + 1 ? " to " : ", ", items[last].line);
        between = ", ";
        for (i = last + 1; i < end && items[i].hits[0] > 0;)
            i++;
    }
    mst_tool_puts("\n");
}

/* "  41  never decided true: condition os.edition in pro_editions" */
static void put_item(const mst_cover_item *item, bool has_color, size_t width)
{
    const char *name = mst_tool_cover_name(item);
    size_t len = strlen(name), room = width > 60 ? width - 14 : SIZE_MAX;
    mst_tool_printf("  %5" PRIu32 "  ", item->line);
    put_goals(item, has_color);
    mst_tool_printf(": %s ", name_kind(item->kind));
    size_t fit = mst_tool_text_fit(name, len, room > 46 ? room - 46 : room);
    mst_tool_put_tame(name, fit);
    mst_tool_puts(fit < len ? "...\n" : "\n");
}

static void put_file(mst_author_coverage *coverage, const char *path, bool has_color)
{
    mst_tool_cover_sum sum = mst_tool_cover_add_up(coverage, path);
    unsigned tenths = mst_tool_cover_tenths(sum);
    mst_tool_printf("%s%s%s  %u.%u %% of %zu\n", has_color ? MST_TOOL_BOLD : "", path,
                    has_color ? MST_TOOL_PLAIN : "", tenths / 10, tenths % 10, sum.goals);
}

void mst_tool_put_cover_text(mst_author_coverage *coverage, bool has_color, bool all_items)
{
    size_t count, width = mst_tool_width();
    const mst_cover_item *items = mst_author_coverage_items(coverage, &count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(items[i].path, items[i - 1].path) != 0)
            put_file(coverage, items[i].path, has_color);
        if (items[i].kind == MST_COVER_ROW && !all_items && !is_whole(&items[i])) {
            size_t end = find_end(items, i, count);
            put_rows(items, i, end, has_color);
            i = end - 1;
        } else if (all_items || !is_whole(&items[i])) {
            put_item(&items[i], has_color, width);
        }
    }
    mst_tool_cover_sum sum = mst_tool_cover_add_up(coverage, NULL);
    unsigned tenths = mst_tool_cover_tenths(sum);
    mst_tool_printf("%u.%u %% covered: %zu of %zu ways that checks, cases, conditions and rows can "
                    "go\n",
                    tenths / 10, tenths % 10, sum.hit, sum.goals);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_json_item(const mst_cover_item *item)
{
    mst_tool_puts("{\"path\":");
    mst_tool_put_json(item->path, strlen(item->path));
    mst_tool_printf(",\"line\":%" PRIu32 ",\"column\":%" PRIu32 ",\"kind\":\"%s\",\"name\":",
                    item->line, item->column, name_kind(item->kind));
    mst_tool_put_json(item->name, strlen(item->name));
    for (uint32_t goal = 0; goal < item->goal_count; goal++) {
        const char *name = mst_author_goal_name(item->kind, goal);
        const char *word = strrchr(name, ' ');
        mst_tool_printf(",\"%s\":%" PRIu64, word ? word + 1 : name, item->hits[goal]);
    }
    mst_tool_puts("}");
}

void mst_tool_put_cover_json(mst_author_coverage *coverage)
{
    size_t count;
    const mst_cover_item *items = mst_author_coverage_items(coverage, &count);
    mst_tool_cover_sum sum = mst_tool_cover_add_up(coverage, NULL);
    unsigned tenths = mst_tool_cover_tenths(sum);
    mst_tool_printf("{\"ways\":%zu,\"covered\":%zu,\"percent\":%u.%u,\"items\":[", sum.goals,
                    sum.hit, tenths / 10, tenths % 10);
    for (size_t i = 0; i < count; i++) {
        mst_tool_puts(i > 0 ? ",\n" : "\n");
        put_json_item(&items[i]);
    }
    mst_tool_puts("]}");
}
