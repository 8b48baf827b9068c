/* SPDX-License-Identifier: Apache-2.0
 *
 * schema.c - builds the look-up structure of schema.h from an image's own description of itself.
 * Two open-addressing tables, at most half full: edges by (node, part of a path), spellings by
 * (enum, text in lower case). Labels stay in the image. Runs once per reader.
 *
 * An image may be hostile: the bytes of labels that are looked at, the nodes, how far an entry lies
 * from its place and how many share a hash are bounded. What an author writes in earnest is far
 * below all four. */
#include "schema.h"

#include "format/base.h"
#include "format/limits.h"
#include "muster/facts.h"

/* The member of a record that gives the times of observation, by group. */
static const mst_text observed_key = {"observed", 8};

/* Bytes of labels, and nodes, that an image may have. */
#define MOST_LABEL_BYTES(image) (65536 + 4 * (uint64_t)(image)->byte_count)
#define MOST_NODES(image) (4096 + (image)->byte_count / 4)
/* Steps from the place of a hash to its entry, and other entries of the same hash on the way: in a
 * table of 100,000 random hashes less than once in 10^12 images. */
#define MOST_STEPS 256
#define MOST_ALIKE 4

/* ---- hashing ----------------------------------------------------------------------------- */

#define EACH_BYTE(b) ((uint64_t)(b)*0x0101010101010101u)

static inline uint64_t load_8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint64_t load_4(const char *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* The first and the last 8 bytes of a text, which overlap in a short one: all of it up to 16. */
struct ends {
    uint64_t first, last;
};

static inline struct ends load_ends(const char *p, size_t len)
{
    if (len >= 8)
        return (struct ends){load_8(p), load_8(p + len - 8)};
    if (len >= 4)
        return (struct ends){load_4(p), load_4(p + len - 4)};
    if (len == 0)
        return (struct ends){0, 0};
    uint64_t last = (unsigned char)p[len - 1];
    return (struct ends){(unsigned char)p[0] | (uint64_t)(unsigned char)p[len / 2] << 8, last};
}

static inline uint64_t hash_more(uint64_t hash, uint64_t word)
{
    return (hash ^ hash >> 32 ^ word) * UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint64_t hash_begin(uint32_t seed, uint64_t first, size_t len)
{
    return hash_more(0, first ^ ((uint64_t)seed << 32 | (uint32_t)len));
}

/* Eight bytes with A to Z in lower case. */
static inline uint64_t fold_case(uint64_t word)
{
    uint64_t low = word & EACH_BYTE(0x7f);
    uint64_t from_a = low + EACH_BYTE(0x80 - 'A');
    uint64_t behind_z = low + EACH_BYTE(0x7f - 'Z');
    uint64_t upper = from_a & ~behind_z & ~word & EACH_BYTE(0x80);
    return word | upper >> 2;
}

/* The words between the ends of a text longer than 16 bytes; the last one may overlap. */
static inline uint64_t hash_between(uint64_t hash, const char *p, size_t len, bool is_folded)
{
    for (size_t i = 8; i + 8 < len; i += 8)
        hash = hash_more(hash, is_folded ? fold_case(load_8(p + i)) : load_8(p + i));
    return hash;
}

static inline uint32_t hash_label(uint32_t seed, const char *p, size_t len, struct ends ends)
{
    uint64_t hash = hash_begin(seed, ends.first, len);
    if (len > 16)
        hash = hash_between(hash, p, len, false);
    return (uint32_t)(hash_more(hash, ends.last) >> 32);
}

static inline uint32_t hash_spelling(uint32_t enum_index, const char *p, size_t len)
{
    struct ends ends = load_ends(p, len);
    uint64_t hash = hash_begin(enum_index, fold_case(ends.first), len);
    if (len > 16)
        hash = hash_between(hash, p, len, true);
    return (uint32_t)(hash_more(hash, fold_case(ends.last)) >> 32);
}

static inline bool has_dot(uint64_t word)
{
    uint64_t zeros = word ^ EACH_BYTE('.');
    return ((zeros - EACH_BYTE(1)) & ~zeros & EACH_BYTE(0x80)) != 0;
}

static bool find_dot(const char *p, size_t len, struct ends ends)
{
    if (len > 16)
        for (; len > 8; p += 8, len -= 8)
            if (has_dot(load_8(p)))
                return true;
    return has_dot(ends.first) || has_dot(ends.last);
}

/* Eight bytes at a time, the last ones perhaps twice. */
static bool equal_folded(const char *a, const char *b, size_t len)
{
    if (len < 8) {
        const struct ends x = load_ends(a, len), y = load_ends(b, len);
        return fold_case(x.first) == fold_case(y.first) && fold_case(x.last) == fold_case(y.last);
    }
    for (size_t i = 0; i < len - 8; i += 8)
        if (fold_case(load_8(a + i)) != fold_case(load_8(b + i)))
            return false;
    return fold_case(load_8(a + len - 8)) == fold_case(load_8(b + len - 8));
}

uint32_t mst_schema_child(const struct mst_schema *schema, uint32_t node, const char *ptr,
                          size_t len, bool *has_dots)
{
    struct ends ends = load_ends(ptr, len);
    uint32_t hash = hash_label(node, ptr, len, ends);
    *has_dots = false;
    for (uint32_t step = 0; step <= MOST_STEPS; step++) {
        const struct mst_schema_edge *edge = &schema->edges[(hash + step) & schema->edge_mask];
        if (edge->child == MST_SCHEMA_NONE)
            break;
        if (edge->hash == hash && edge->parent == node && edge->label.len == len &&
            mst_bytes_equal(edge->label.ptr, ptr, len))
            return edge->child;
    }
    *has_dots = find_dot(ptr, len, ends);
    return MST_SCHEMA_NONE;
}

const struct mst_schema_spelling *mst_schema_spelling(const struct mst_schema *schema,
                                                      uint32_t enum_index, const char *ptr,
                                                      size_t len)
{
    if (len > schema->size.longest_spelling)
        return NULL;
    uint32_t hash = hash_spelling(enum_index, ptr, len);
    for (uint32_t step = 0; step <= MOST_STEPS; step++) {
        const struct mst_schema_spelling *spelling =
            &schema->spellings[(hash + step) & schema->spelling_mask];
        if (spelling->enum_index == MST_SCHEMA_NONE)
            return NULL;
        if (spelling->hash == hash && spelling->enum_index == enum_index &&
            spelling->text.len == len && equal_folded(spelling->text.ptr, ptr, len))
            return spelling;
    }
    return NULL;
}

/* ---- measuring --------------------------------------------------------------------------- */

/* Exact, other than has_dot(): no byte carries into the next. */
static uint32_t count_dots(uint64_t word)
{
    const uint64_t low = EACH_BYTE(0x7f), zeros = word ^ EACH_BYTE('.');
    const uint64_t dots = ~(((zeros & low) + low) | zeros | low) >> 7;
    return (uint32_t)(dots * EACH_BYTE(1) >> 56);
}

static uint32_t count_parts(mst_text path)
{
    uint32_t count = path.len > 0, i = 0;
    for (; path.len - i >= 8; i += 8)
        count += count_dots(load_8(path.ptr + i));
    for (; i < path.len; i++)
        count += path.ptr[i] == '.';
    return count;
}

/* How a fact is reached from the record's root. */
struct reach {
    uint32_t levels;     /* parts of paths and lists on the way */
    uint64_t path_bytes; /* of a dotted key that leads there at once */
    uint64_t values;     /* that it can have in a record; no more than bytes of one */
};

/* Goes no further than the first level that is too deep, or a key that is too long. An index of a
 * parent that points forward would be an error of the image; it counts as none. */
static struct reach reach_fact(const mst_image *image, uint32_t f)
{
    struct reach reach = {0, 0, 1};
    mst_fact_info info = MST_FACT_INFO_INIT;
    while (reach.levels <= MST_RECORD_MAX_DEPTH && mst_fact_info_at(image, f, &info) == MST_OK) {
        reach.path_bytes += (uint64_t)info.path.len + 1;
        if (reach.path_bytes > MST_RECORD_MAX_BYTES)
            break; /* measure_path() refuses it */
        reach.levels += count_parts(info.path);
        if (info.type == MST_TYPE_LIST) {
            reach.levels++;
            reach.values *= info.capacity;
        }
        if (reach.values > MST_RECORD_MAX_BYTES)
            reach.values = MST_RECORD_MAX_BYTES;
        if (info.parent >= f)
            break;
        f = info.parent;
    }
    return reach;
}

/* Whether labels of so many bytes more may still be looked at. */
static bool add_label_bytes(struct mst_schema_size *size, const mst_image *image, uint64_t bytes)
{
    size->label_bytes += bytes;
    return size->label_bytes <= MOST_LABEL_BYTES(image);
}

/* A path, which the whole of `path_bytes` ends with. */
static bool measure_path(struct mst_schema_size *size, const mst_image *image, mst_text path,
                         uint64_t path_bytes)
{
    if (path_bytes > MST_RECORD_MAX_BYTES || !add_label_bytes(size, image, path_bytes))
        return false;
    size->nodes += count_parts(path);
    if (size->text_bytes < path_bytes)
        size->text_bytes = (uint32_t)path_bytes;
    return size->nodes <= MOST_NODES(image);
}

static bool measure_enums(struct mst_schema_size *size, const mst_image *image)
{
    size->longest_spelling = MST_MAX_OTHER_BYTES;
    for (uint32_t e = 0; e < mst_enum_count(image); e++) {
        mst_enum_info info = MST_ENUM_INFO_INIT;
        (void)mst_enum_info_at(image, e, &info);
        size->spellings += info.spelling_count;
        for (uint32_t i = 0; i < info.spelling_count; i++) {
            uint32_t member;
            mst_text text = mst_enum_spelling(image, e, i, &member);
            if (!add_label_bytes(size, image, text.len))
                return false;
            if (size->longest_spelling < text.len)
                size->longest_spelling = text.len;
        }
    }
    return true;
}

/* Room for a text without escapes: of an enum, the longest spelling, or as much of an unlisted
 * one as is ever printed and the rest of its last character. 0 for other types. */
static uint32_t text_room(const struct mst_schema_size *size, const mst_fact_info *info)
{
    if (info->type == MST_TYPE_ENUM)
        return size->longest_spelling + 4;
    return info->type == MST_TYPE_TEXT ? info->max_bytes : 0;
}

/* Each text has its own place in the scratch, so that a repeated key needs no more room. Where
 * that comes to more than a whole record, texts go where they stand in the record instead. */
static bool measure_facts(struct mst_schema_size *size, const mst_image *image)
{
    uint64_t scratch = 0;
    for (uint32_t f = 0; f < size->facts; f++) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        (void)mst_fact_info_at(image, f, &info);
        struct reach reach = reach_fact(image, f);
        if (!measure_path(size, image, info.path, reach.path_bytes) ||
            reach.levels > MST_RECORD_MAX_DEPTH)
            return false;
        size->nodes++; /* the fields of a record in a list hang at a node of their own */
        if (scratch <= MST_RECORD_MAX_BYTES)
            scratch += reach.values * text_room(size, &info);
    }
    size->is_scratch_by_slot = scratch <= MST_RECORD_MAX_BYTES;
    size->scratch_bytes = size->is_scratch_by_slot ? (uint32_t)scratch : MST_RECORD_MAX_BYTES;
    return true;
}

static bool measure_groups(struct mst_schema_size *size, const mst_image *image)
{
    for (uint32_t g = 0; g < size->groups; g++) {
        mst_group_info info = MST_GROUP_INFO_INIT;
        (void)mst_group_info_at(image, g, &info);
        const uint64_t path_bytes = (uint64_t)observed_key.len + 1 + info.name.len;
        if (!measure_path(size, image, info.name, path_bytes) ||
            count_parts(info.name) >= MST_RECORD_MAX_DEPTH)
            return false;
    }
    return true;
}

/* The size of a table that `count` entries fill by half at most: a power of two. */
static uint32_t size_table(uint32_t count)
{
    uint32_t size = 4;
    while (size / 2 < count && size < UINT32_C(1) << 31)
        size *= 2;
    return size;
}

mst_status mst_schema_measure(const mst_image *image, struct mst_schema_size *size)
{
    *size = (struct mst_schema_size){.facts = mst_fact_count(image),
                                     .groups = mst_group_count(image),
                                     .nodes = 2, /* the root and its "observed" */
                                     .text_bytes = MST_SCHEMA_VALUE_BYTES};
    if (!measure_enums(size, image) || !measure_facts(size, image) || !measure_groups(size, image))
        return MST_ERR_LIMIT;
    uint64_t bytes = (uint64_t)size->facts * sizeof(struct mst_schema_fact) +
                     (uint64_t)size->nodes * sizeof(struct mst_schema_node) +
                     (uint64_t)size_table(size->nodes) * sizeof(struct mst_schema_edge) +
                     (uint64_t)size_table(size->spellings) * sizeof(struct mst_schema_spelling);
    bytes = (bytes + 4 * 7 + 7) / 8 * 8; /* each of the four rounded up */
    size->bytes = (size_t)bytes;
    return bytes <= SIZE_MAX / 4 ? MST_OK : MST_ERR_LIMIT;
}

/* ---- building ---------------------------------------------------------------------------- */

/* Takes `count` elements off the block, rounded up to 8 bytes, all bits set: NONE everywhere. */
static void *take_array(unsigned char **block, size_t count, size_t size)
{
    void *array = *block;
    memset(array, 0xff, count * size);
    *block += (count * size + 7) / 8 * 8;
    return array;
}

static uint32_t add_node(struct mst_schema *schema)
{
    return schema->node_count++; /* its fields are NONE */
}

/* Where an entry is put: counts what lies before its place, and notes when that is too much. */
struct search {
    uint32_t steps, alike;
};

static bool is_too_far(struct mst_schema *schema, struct search *search, bool is_alike)
{
    search->alike += is_alike;
    if (++search->steps > MOST_STEPS || search->alike > MOST_ALIKE)
        schema->is_hostile = true;
    return schema->is_hostile;
}

static void add_edge(struct mst_schema *schema, struct mst_schema_edge edge)
{
    struct search search = {0, 0};
    uint32_t i = edge.hash & schema->edge_mask;
    for (; schema->edges[i].child != MST_SCHEMA_NONE; i = (i + 1) & schema->edge_mask)
        if (is_too_far(schema, &search, schema->edges[i].hash == edge.hash))
            return;
    schema->edges[i] = edge;
}

static uint32_t add_child(struct mst_schema *schema, uint32_t node, mst_text label)
{
    bool has_dots;
    uint32_t child = mst_schema_child(schema, node, label.ptr, label.len, &has_dots);
    if (child != MST_SCHEMA_NONE)
        return child;
    child = add_node(schema);
    schema->nodes[child].next_sibling = schema->nodes[node].first_child;
    schema->nodes[node].first_child = child;
    uint32_t hash = hash_label(node, label.ptr, label.len, load_ends(label.ptr, label.len));
    add_edge(schema, (struct mst_schema_edge){hash, node, child, label});
    return child;
}

static uint32_t add_path(struct mst_schema *schema, uint32_t node, mst_text path)
{
    while (path.len > 0) {
        mst_text part = {path.ptr, 0};
        while (part.len < path.len && part.ptr[part.len] != '.')
            part.len++;
        node = add_child(schema, node, part);
        uint32_t taken = part.len < path.len ? part.len + 1 : part.len;
        path.ptr += taken;
        path.len -= taken;
    }
    return node;
}

/* Where a fact hangs. The element of a list has no place of its own: the list's value leads to
 * it. */
static uint32_t find_place(struct mst_schema *schema, uint32_t f, const mst_fact_info *info)
{
    if (info->parent >= f)
        return add_path(schema, MST_SCHEMA_ROOT, info->path);
    if (schema->facts[info->parent].type == MST_TYPE_LIST)
        return add_node(schema);
    return add_path(schema, schema->facts[info->parent].node, info->path);
}

static void add_fact(struct mst_schema *schema, uint32_t f)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    (void)mst_fact_info_at(schema->image, f, &info);
    struct mst_schema_fact *fact = &schema->facts[f];
    uint32_t node = find_place(schema, f, &info);
    uint32_t room = text_room(&schema->size, &info);
    *fact = (struct mst_schema_fact){.type = info.type,
                                     .slot = info.slot,
                                     .enum_index = info.enum_index,
                                     .node = node,
                                     .next = MST_SCHEMA_NONE,
                                     .end = f + 1,
                                     .capacity = info.capacity,
                                     .max_bytes = room,
                                     .scratch = schema->scratch_used};
    if (schema->size.is_scratch_by_slot)
        schema->scratch_used += (uint32_t)reach_fact(schema->image, f).values * room;
    if (info.parent < f) {
        struct mst_schema_fact *parent = &schema->facts[info.parent];
        fact->is_in_list = parent->is_in_list || parent->type == MST_TYPE_LIST;
        if (parent->type == MST_TYPE_LIST) {
            parent->stride = info.stride;
            return;
        }
    }
    fact->next = schema->nodes[node].first_fact;
    schema->nodes[node].first_fact = f;
}

/* Parts follow their whole, so going backwards each whole hears of all its parts. */
static void close_ranges(struct mst_schema *schema)
{
    for (uint32_t f = schema->size.facts; f-- > 0;) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        (void)mst_fact_info_at(schema->image, f, &info);
        if (info.parent < f && schema->facts[info.parent].end < schema->facts[f].end)
            schema->facts[info.parent].end = schema->facts[f].end;
    }
}

static void add_facts(struct mst_schema *schema)
{
    for (uint32_t f = 0; f < schema->size.facts && !schema->is_hostile; f++)
        add_fact(schema, f);
    close_ranges(schema);
}

static void add_groups(struct mst_schema *schema)
{
    uint32_t observed = add_child(schema, MST_SCHEMA_ROOT, observed_key);
    for (uint32_t g = 0; g < schema->size.groups && !schema->is_hostile; g++) {
        mst_group_info info = MST_GROUP_INFO_INIT;
        (void)mst_group_info_at(schema->image, g, &info);
        if (info.name.len > 0)
            schema->nodes[add_path(schema, observed, info.name)].group = g;
    }
}

static void add_spelling(struct mst_schema *schema, uint32_t e, mst_text text, uint32_t member)
{
    if (mst_schema_spelling(schema, e, text.ptr, text.len))
        return;
    struct search search = {0, 0};
    uint32_t hash = hash_spelling(e, text.ptr, text.len);
    uint32_t i = hash & schema->spelling_mask;
    for (; schema->spellings[i].enum_index != MST_SCHEMA_NONE; i = (i + 1) & schema->spelling_mask)
        if (is_too_far(schema, &search, schema->spellings[i].hash == hash))
            return;
    schema->spellings[i] = (struct mst_schema_spelling){hash, e, member, text};
}

static void add_spellings(struct mst_schema *schema)
{
    for (uint32_t e = 0; e < mst_enum_count(schema->image); e++) {
        mst_enum_info info = MST_ENUM_INFO_INIT;
        (void)mst_enum_info_at(schema->image, e, &info);
        for (uint32_t i = 0; i < info.spelling_count && !schema->is_hostile; i++) {
            uint32_t member = MST_INDEX_NONE;
            mst_text text = mst_enum_spelling(schema->image, e, i, &member);
            add_spelling(schema, e, text, member);
        }
    }
}

mst_status mst_schema_init(struct mst_schema *schema, void *block, const mst_image *image,
                           const struct mst_schema_size *size)
{
    unsigned char *rest = block;
    size_t edges = size_table(size->nodes), spellings = size_table(size->spellings);
    *schema = (struct mst_schema){.image = image, .size = *size};
    schema->edge_mask = (uint32_t)edges - 1;
    schema->spelling_mask = (uint32_t)spellings - 1;
    schema->edges = take_array(&rest, edges, sizeof *schema->edges);
    schema->spellings = take_array(&rest, spellings, sizeof *schema->spellings);
    schema->facts = take_array(&rest, size->facts, sizeof *schema->facts);
    schema->nodes = take_array(&rest, size->nodes, sizeof *schema->nodes);
    (void)add_node(schema); /* MST_SCHEMA_ROOT */
    add_facts(schema);
    add_groups(schema);
    add_spellings(schema);
    return schema->is_hostile ? MST_ERR_LIMIT : MST_OK;
}
