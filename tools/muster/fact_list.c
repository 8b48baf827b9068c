/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_list.c - the input facts for people: group by group, then the enums; and the params. */
#include "fact_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "table.h"
#include "terminal.h"
#include "tool.h"

#define DEFAULT_TEXT_BYTES 255

static mst_fact_info read_fact(const mst_image *image, uint32_t fact)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    mst_fact_info_at(image, fact, &info);
    return info;
}

static bool is_element(const mst_image *image, const mst_fact_info *info)
{
    return info->parent != MST_INDEX_NONE && read_fact(image, info->parent).type == MST_TYPE_LIST;
}

uint32_t mst_tool_count_facts(const mst_image *image)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < mst_fact_count(image); i++)
        count += read_fact(image, i).parent == MST_INDEX_NONE;
    return count;
}

/* ---- types and places -------------------------------------------------------------------- */

static char *name_enum(const mst_image *image, uint32_t index)
{
    mst_enum_info info = MST_ENUM_INFO_INIT;
    if (mst_enum_info_at(image, index, &info) != MST_OK)
        return mst_tool_format("enum");
    return mst_tool_copy(info.name.ptr, info.name.len);
}

static char *name_type(const mst_image *image, uint32_t fact);

/* The element of a list is the fact behind it. */
static char *name_list(const mst_image *image, uint32_t fact, const mst_fact_info *info)
{
    char *element = name_type(image, fact + 1);
    char *name = mst_tool_format("list<%s, %" PRIu32 ">", element, info->capacity);
    free(element);
    return name;
}

char *mst_tool_type_name(const mst_image *image, mst_type type, uint32_t enum_index)
{
    static const char *const names[] = {"none",  "bool",     "int",  "text", "version", "date",
                                        "month", "duration", "time", "enum", "record",  "list"};
    if (type == MST_TYPE_ENUM)
        return name_enum(image, enum_index);
    return mst_tool_format("%s", names[type <= MST_TYPE_LIST ? type : 0]);
}

/* A type as rules write it: "list<Edition, 10>", "text<512>", to be freed. */
static char *name_type(const mst_image *image, uint32_t fact)
{
    mst_fact_info info = read_fact(image, fact);
    if (info.type == MST_TYPE_LIST)
        return name_list(image, fact, &info);
    if (info.type == MST_TYPE_TEXT && info.max_bytes != DEFAULT_TEXT_BYTES)
        return mst_tool_format("text<%" PRIu32 ">", info.max_bytes);
    return mst_tool_type_name(image, info.type, info.enum_index);
}

/* "updates[].kb": where the fact stands in a record. */
static char *find_place(const mst_image *image, const mst_fact_info *info)
{
    if (info->parent == MST_INDEX_NONE)
        return mst_tool_copy(info->path.ptr, info->path.len);
    mst_fact_info whole = read_fact(image, info->parent);
    char *above = find_place(image, &whole);
    char *place = is_element(image, info)
                      ? mst_tool_format("%s[]", above)
                      : mst_tool_format("%s.%.*s", above, (int)info->path.len, info->path.ptr);
    free(above);
    return place;
}

/* ---- facts ------------------------------------------------------------------------------- */

static void add_notes(mst_tool_table *table, const mst_image *image, uint32_t fact,
                      const mst_fact_info *info)
{
    bool is_subject = fact == mst_image_subject(image);
    const char *note = is_subject ? "the subject" : info->has_default ? "has a default" : "";
    char *text = mst_tool_format("%s%s%.*s", note, *note && info->doc.len > 0 ? "; " : "",
                                 (int)info->doc.len, info->doc.ptr);
    mst_tool_table_text(table, text);
    free(text);
}

static void add_fact(mst_tool_table *table, const mst_image *image, uint32_t fact)
{
    mst_fact_info info = read_fact(image, fact);
    if (is_element(image, &info))
        return;
    char *type = name_type(image, fact);
    char *place = find_place(image, &info);
    mst_tool_table_cell(table, info.name.ptr, info.name.len, NULL);
    mst_tool_table_text(table, type);
    mst_tool_table_text(table, place);
    add_notes(table, image, fact, &info);
    free(place);
    free(type);
}

/* "7 days", as rules write it. */
static char *name_duration(int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{604800, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t u = 0;
    while (seconds % units[u].seconds != 0)
        u++;
    int64_t count = seconds / units[u].seconds;
    return mst_tool_format("%" PRId64 " %s%s", count, units[u].name, count == 1 ? "" : "s");
}

static void put_group(const mst_group_info *group)
{
    mst_tool_put_tame(group->name.ptr, group->name.len);
    if (group->stale_after_s > 0) {
        char *age = name_duration(group->stale_after_s);
        mst_tool_printf(" (stale after %s)", age);
        free(age);
    }
    mst_tool_puts(group->doc.len > 0 ? ": " : "");
    mst_tool_put_tame(group->doc.ptr, group->doc.len);
    mst_tool_puts("\n");
}

static void put_group_facts(const mst_image *image, uint32_t index)
{
    mst_group_info group = MST_GROUP_INFO_INIT;
    mst_tool_table table;
    if (mst_group_info_at(image, index, &group) != MST_OK)
        return;
    put_group(&group);
    mst_tool_table_begin(&table, 2, true);
    mst_tool_table_column(&table, "FACT");
    mst_tool_table_column(&table, "TYPE");
    mst_tool_table_column(&table, "IN A RECORD");
    mst_tool_table_column(&table, "NOTES")->min_width = 20;
    for (uint32_t i = 0; i < mst_fact_count(image); i++)
        if (read_fact(image, i).group == index)
            add_fact(&table, image, i);
    mst_tool_table_end(&table);
    mst_tool_puts("\n");
}

/* ---- params ------------------------------------------------------------------------------ */

void mst_tool_put_params(const mst_image *image)
{
    mst_tool_table table;
    if (mst_param_count(image) == 0)
        return;
    mst_tool_puts("params, as it was built\n");
    mst_tool_table_begin(&table, 2, true);
    mst_tool_table_column(&table, "PARAM");
    mst_tool_table_column(&table, "TYPE");
    mst_tool_table_column(&table, "VALUE")->min_width = 20;
    for (uint32_t i = 0; i < mst_param_count(image); i++) {
        mst_param_info info = MST_PARAM_INFO_INIT;
        mst_param_info_at(image, i, &info);
        char *type = mst_tool_type_name(image, info.type, info.enum_index);
        mst_tool_table_cell(&table, info.name.ptr, info.name.len, NULL);
        mst_tool_table_text(&table, type);
        mst_tool_table_cell(&table, info.value.ptr, info.value.len, NULL);
        free(type);
    }
    mst_tool_table_end(&table);
    mst_tool_puts("\n");
}

/* ---- enums ------------------------------------------------------------------------------- */

/* The spellings of a member beside its name: ` = "Core" | "101"`. */
static void put_spellings(const mst_image *image, uint32_t index, uint32_t count, uint32_t member)
{
    mst_text name = {"", 0};
    const char *joint = " = ";
    if (member != MST_INDEX_NONE)
        name = mst_enum_member(image, index, member);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t of;
        mst_text text = mst_enum_spelling(image, index, i, &of);
        bool is_name = member != MST_INDEX_NONE && text.len == name.len &&
                       memcmp(text.ptr, name.ptr, name.len) == 0;
        if (of != member || is_name)
            continue;
        if (member == MST_INDEX_NONE && *joint == ' ' && joint[1] == '=')
            mst_tool_puts(", unknown");
        mst_tool_printf("%s\"", joint);
        mst_tool_put_tame(text.ptr, text.len);
        mst_tool_puts("\"");
        joint = " | ";
    }
}

static void put_enum(const mst_image *image, uint32_t index)
{
    mst_enum_info info = MST_ENUM_INFO_INIT;
    if (mst_enum_info_at(image, index, &info) != MST_OK)
        return;
    mst_tool_puts("  ");
    mst_tool_put_tame(info.name.ptr, info.name.len);
    mst_tool_puts(": ");
    for (uint32_t m = 0; m < info.member_count; m++) {
        mst_text name = mst_enum_member(image, index, m);
        mst_tool_puts(m > 0 ? ", " : "");
        mst_tool_put_tame(name.ptr, name.len);
        put_spellings(image, index, info.spelling_count, m);
    }
    put_spellings(image, index, info.spelling_count, MST_INDEX_NONE);
    mst_tool_puts("\n");
}

static bool is_enum_used(const mst_image *image, uint32_t index)
{
    for (uint32_t i = 0; i < mst_fact_count(image); i++) {
        mst_fact_info info = read_fact(image, i);
        if (info.type == MST_TYPE_ENUM && info.enum_index == index)
            return true;
    }
    return false;
}

void mst_tool_put_facts(const mst_image *image)
{
    for (uint32_t i = 0; i < mst_group_count(image); i++)
        put_group_facts(image, i);
    bool is_first = true;
    for (uint32_t i = 0; i < mst_enum_count(image); i++) {
        if (!is_enum_used(image, i))
            continue;
        if (is_first)
            mst_tool_puts("enums\n");
        is_first = false;
        put_enum(image, i);
    }
    if (!is_first)
        mst_tool_puts("\n");
}
