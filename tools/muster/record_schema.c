/* SPDX-License-Identifier: Apache-2.0
 *
 * record_schema.c - a JSON Schema (draft 2020-12) of the records that rules read. The facts'
 * paths are first hung into one tree, because several groups may share an object. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fact_list.h"
#include "output.h"
#include "tool.h"

/* A place in a record: an object with members, a fact, or both. */
struct place {
    mst_text key;
    uint32_t fact; /* MST_INDEX_NONE: no fact stands here */
    bool is_required;
    struct place *element; /* of a list */
    struct place *first, *last, *next;
};

struct schema {
    const mst_image *image;
    struct place *root;
    struct place **of_fact;
    bool *is_enum_used;
    unsigned depth; /* of the JSON written */
};

/* ---- the tree ---------------------------------------------------------------------------- */

static struct place *make_place(mst_text key)
{
    struct place *place = mst_tool_resize(NULL, sizeof *place);
    *place = (struct place){.key = key, .fact = MST_INDEX_NONE};
    return place;
}

static struct place *find_member(struct place *place, mst_text key)
{
    for (struct place *member = place->first; member; member = member->next)
        if (member->key.len == key.len && memcmp(member->key.ptr, key.ptr, key.len) == 0)
            return member;
    struct place *member = make_place(key);
    if (place->last)
        place->last->next = member;
    else
        place->first = member;
    return place->last = member;
}

static struct place *find_path(struct place *place, mst_text path)
{
    while (path.len > 0) {
        const char *dot = memchr(path.ptr, '.', path.len);
        mst_text key = {path.ptr, dot ? (uint32_t)(dot - path.ptr) : path.len};
        place = find_member(place, key);
        uint32_t taken = dot ? key.len + 1 : key.len;
        path.ptr += taken;
        path.len -= taken;
    }
    return place;
}

/* The element of a list has no key; it is the schema of the list's items. */
static struct place *hang_fact(struct schema *schema, const mst_fact_info *info)
{
    mst_fact_info whole = MST_FACT_INFO_INIT;
    if (info->parent == MST_INDEX_NONE)
        return find_path(schema->root, info->path);
    mst_fact_info_at(schema->image, info->parent, &whole);
    struct place *above = schema->of_fact[info->parent];
    if (whole.type != MST_TYPE_LIST)
        return find_path(above, info->path);
    return above->element = make_place((mst_text){"", 0});
}

static void hang_facts(struct schema *schema)
{
    uint32_t count = mst_fact_count(schema->image);
    schema->of_fact = mst_tool_resize(NULL, count * sizeof *schema->of_fact);
    for (uint32_t i = 0; i < count; i++) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        mst_fact_info_at(schema->image, i, &info);
        schema->of_fact[i] = hang_fact(schema, &info);
        schema->of_fact[i]->fact = i;
        if (info.type == MST_TYPE_ENUM)
            schema->is_enum_used[info.enum_index] = true;
    }
}

/* A record without its subject is rejected; nothing else has to be there. */
static void require_subject(struct schema *schema)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    uint32_t subject = mst_image_subject(schema->image);
    if (mst_fact_info_at(schema->image, subject, &info) != MST_OK || info.has_default)
        return;
    struct place *place = schema->root;
    for (uint32_t at = 0, end; at < info.path.len; at = end + 1) {
        for (end = at; end < info.path.len && info.path.ptr[end] != '.';)
            end++;
        place = find_member(place, (mst_text){info.path.ptr + at, end - at});
        place->is_required = true;
    }
}

static void free_place(struct place *place)
{
    while (place) {
        struct place *next = place->next;
        free_place(place->first);
        free_place(place->element);
        free(place);
        place = next;
    }
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_line(const struct schema *schema)
{
    mst_tool_puts("\n");
    for (unsigned i = 0; i < schema->depth; i++)
        mst_tool_puts("  ");
}

static void put_key(const struct schema *schema, bool is_first, mst_text key)
{
    if (!is_first)
        mst_tool_puts(",");
    put_line(schema);
    mst_tool_put_json(key.ptr, key.len);
    mst_tool_puts(": ");
}

static void put_named(const struct schema *schema, bool is_first, const char *key)
{
    put_key(schema, is_first, (mst_text){key, (uint32_t)strlen(key)});
}

static void open_object(struct schema *schema)
{
    mst_tool_puts("{");
    schema->depth++;
}

static void close_object(struct schema *schema)
{
    schema->depth--;
    put_line(schema);
    mst_tool_puts("}");
}

/* ---- types ------------------------------------------------------------------------------- */

/* The reading table of spec/language.md. null is an absent fact. */
static const struct {
    mst_type type;
    const char *name, *schema;
} types[] = {
    {MST_TYPE_BOOL, "muster.bool",
     "{\"anyOf\": [{\"type\": [\"boolean\", \"null\"]}, {\"enum\": [0, 1]}, {\"type\": \"string\", "
     "\"pattern\": \"^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|0|1)$\"}]}"},
    {MST_TYPE_INT, "muster.int",
     "{\"anyOf\": [{\"type\": [\"integer\", \"null\"], \"minimum\": -9223372036854775808, "
     "\"maximum\": 9223372036854775807}, {\"type\": \"string\", \"pattern\": \"^-?[0-9]+$\"}]}"},
    {MST_TYPE_VERSION, "muster.version",
     "{\"type\": [\"string\", \"null\"], \"pattern\": \"^[0-9]{1,5}(\\\\.[0-9]{1,5}){0,3}$\"}"},
    {MST_TYPE_DATE, "muster.date", "{\"type\": [\"string\", \"null\"], \"format\": \"date\"}"},
    {MST_TYPE_MONTH, "muster.month",
     "{\"type\": [\"string\", \"null\"], \"pattern\": \"^[0-9]{4}-(0[1-9]|1[0-2])$\"}"},
    {MST_TYPE_DURATION, "muster.duration",
     "{\"type\": [\"string\", \"null\"], \"pattern\": \"^(P(?=[0-9T])([0-9]+D)?"
     "(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?|[0-9]+[ \\\\t]+(second|minute|hour|day|week)s?)$"
     "\"}"},
    {MST_TYPE_TIME, "muster.time", "{\"type\": [\"string\", \"null\"], \"format\": \"date-time\"}"},
};

#define TYPE_COUNT (sizeof types / sizeof types[0])

/* Enums of one name may come from several modules; the later ones have their number added. */
static char *name_enum(const struct schema *schema, uint32_t index)
{
    mst_enum_info info = MST_ENUM_INFO_INIT, other = MST_ENUM_INFO_INIT;
    mst_enum_info_at(schema->image, index, &info);
    for (uint32_t i = 0; i < index; i++) {
        mst_enum_info_at(schema->image, i, &other);
        if (schema->is_enum_used[i] && other.name.len == info.name.len &&
            memcmp(other.name.ptr, info.name.ptr, info.name.len) == 0)
            return mst_tool_format("%.*s.%" PRIu32, (int)info.name.len, info.name.ptr, index);
    }
    return mst_tool_copy(info.name.ptr, info.name.len);
}

/* The listed spellings are examples only: another one is read as `other`. */
static void put_enum(const struct schema *schema, uint32_t index)
{
    mst_enum_info info = MST_ENUM_INFO_INIT;
    mst_enum_info_at(schema->image, index, &info);
    mst_tool_puts("{\"type\": [\"string\", \"number\", \"boolean\", \"null\"], \"examples\": [");
    for (uint32_t i = 0; i < info.spelling_count; i++) {
        uint32_t member;
        mst_text text = mst_enum_spelling(schema->image, index, i, &member);
        if (i > 0)
            mst_tool_puts(", ");
        mst_tool_put_json(text.ptr, text.len);
    }
    mst_tool_puts("]}");
}

static bool is_type_used(const struct schema *schema, mst_type type)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    for (uint32_t i = 0; i < mst_fact_count(schema->image); i++)
        if (mst_fact_info_at(schema->image, i, &info) == MST_OK && info.type == type)
            return true;
    return false;
}

static void put_definitions(struct schema *schema)
{
    bool is_first = true;
    put_named(schema, false, "$defs");
    open_object(schema);
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (!is_type_used(schema, types[i].type))
            continue;
        put_named(schema, is_first, types[i].name);
        mst_tool_puts(types[i].schema);
        is_first = false;
    }
    for (uint32_t i = 0; i < mst_enum_count(schema->image); i++) {
        if (!schema->is_enum_used[i])
            continue;
        char *name = name_enum(schema, i);
        put_named(schema, is_first, name);
        put_enum(schema, i);
        is_first = false;
        free(name);
    }
    close_object(schema);
}

/* ---- places ------------------------------------------------------------------------------ */

static void put_place(struct schema *schema, const struct place *place);

/* The member of a record that says when the facts of each group were observed. */
static void put_observed(struct schema *schema)
{
    put_named(schema, false, "observed");
    open_object(schema);
    put_named(schema, true, "description");
    mst_tool_puts("\"When the facts of each group were observed.\"");
    put_named(schema, false, "type");
    mst_tool_puts("[\"object\", \"null\"]");
    put_named(schema, false, "properties");
    open_object(schema);
    for (uint32_t i = 0; i < mst_group_count(schema->image); i++) {
        mst_group_info group = MST_GROUP_INFO_INIT;
        mst_group_info_at(schema->image, i, &group);
        put_key(schema, i == 0, group.name);
        mst_tool_puts("{\"type\": [\"string\", \"null\"], \"format\": \"date-time\"}");
    }
    close_object(schema);
    close_object(schema);
}

static void put_members(struct schema *schema, const struct place *place, bool is_first)
{
    bool has_required = false;
    put_named(schema, is_first, "properties");
    open_object(schema);
    for (const struct place *member = place->first; member; member = member->next) {
        put_key(schema, member == place->first, member->key);
        put_place(schema, member);
        has_required |= member->is_required;
    }
    if (place == schema->root && mst_group_count(schema->image) > 0)
        put_observed(schema);
    close_object(schema);
    if (!has_required)
        return;
    put_named(schema, false, "required");
    const char *joint = "[";
    for (const struct place *member = place->first; member; member = member->next) {
        if (!member->is_required)
            continue;
        mst_tool_puts(joint);
        mst_tool_put_json(member->key.ptr, member->key.len);
        joint = ", ";
    }
    mst_tool_puts("]");
}

/* A lone value is read as a list of one. */
static void put_list(struct schema *schema, const struct place *place)
{
    mst_tool_puts("\"anyOf\": [{\"type\": [\"array\", \"null\"], \"items\": ");
    put_place(schema, place->element);
    mst_tool_puts("}, ");
    put_place(schema, place->element);
    mst_tool_puts("]");
}

static void put_scalar(const struct schema *schema, const struct place *place,
                       const mst_fact_info *info)
{
    if (info->type == MST_TYPE_TEXT) {
        const char *null = place->is_required ? "" : ", \"null\"";
        mst_tool_printf("\"type\": [\"string\", \"number\", \"boolean\"%s], "
                        "\"maxLength\": %" PRIu32,
                        null, info->max_bytes);
        return;
    }
    char *name = NULL;
    const char *type = "";
    if (info->type == MST_TYPE_ENUM)
        type = name = name_enum(schema, info->enum_index);
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (types[i].type == info->type)
            type = types[i].name;
    mst_tool_printf("\"$ref\": \"#/$defs/%s\"", type);
    free(name);
}

static void put_fact(struct schema *schema, const struct place *place)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    mst_fact_info_at(schema->image, place->fact, &info);
    mst_tool_puts("{");
    if (info.doc.len > 0) {
        mst_tool_puts("\"description\": ");
        mst_tool_put_json(info.doc.ptr, info.doc.len);
        mst_tool_puts(", ");
    }
    if (info.type == MST_TYPE_LIST)
        put_list(schema, place);
    else
        put_scalar(schema, place, &info);
    mst_tool_puts("}");
}

static void put_place(struct schema *schema, const struct place *place)
{
    if (place->fact != MST_INDEX_NONE && !place->first) {
        put_fact(schema, place);
        return;
    }
    open_object(schema);
    put_named(schema, true, "type");
    mst_tool_puts(place->is_required ? "\"object\"" : "[\"object\", \"null\"]");
    put_members(schema, place, false);
    close_object(schema);
}

/* ---- the whole --------------------------------------------------------------------------- */

static void put_head(struct schema *schema)
{
    char *identity = mst_tool_format(
        "Facts that %.*s %.*s reads", (int)mst_image_module(schema->image).len,
        mst_image_module(schema->image).ptr, (int)mst_image_version(schema->image).len,
        mst_image_version(schema->image).ptr);
    put_named(schema, true, "$schema");
    mst_tool_puts("\"https://json-schema.org/draft/2020-12/schema\"");
    put_named(schema, false, "title");
    mst_tool_put_json(identity, strlen(identity));
    put_named(schema, false, "$comment");
    mst_tool_puts("\"A dotted key at the top (os.build) is the same as nested objects.\"");
    put_named(schema, false, "type");
    mst_tool_puts("\"object\"");
    free(identity);
}

void mst_tool_put_record_schema(const mst_image *image)
{
    uint32_t enum_count = mst_enum_count(image);
    struct schema schema = {.image = image, .root = make_place((mst_text){"", 0})};
    schema.is_enum_used = mst_tool_resize(NULL, enum_count * sizeof *schema.is_enum_used);
    for (uint32_t i = 0; i < enum_count; i++)
        schema.is_enum_used[i] = false;
    hang_facts(&schema);
    require_subject(&schema);

    open_object(&schema);
    put_head(&schema);
    put_members(&schema, schema.root, false);
    put_definitions(&schema);
    close_object(&schema);
    mst_tool_puts("\n");

    free_place(schema.root);
    free(schema.of_fact);
    free(schema.is_enum_used);
}
