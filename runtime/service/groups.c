/* SPDX-License-Identifier: Apache-2.0
 *
 * groups.c - a walk along a record's keys and the tree of the groups' paths at once. */
#include "groups.h"

#include <stdlib.h>

#include "facts/json_out.h"
#include "format/base.h"
#include "format/builtins.h"
#include "format/limits.h"

#define NONE UINT32_MAX
#define KEY_BYTES 512

struct mst_group_node {
    mst_text label;
    uint32_t parent, first_child, next_sibling;
    uint32_t path; /* number of the path that ends here, or NONE */
    bool is_read;  /* below the root: some fact of the group with the empty path is here */
};

/* ---- the tree ---------------------------------------------------------------------------- */

static bool is_text(mst_text text, const char *ptr, size_t len)
{
    return text.len == len && memcmp(text.ptr, ptr, len) == 0;
}

static uint32_t find_child(const mst_groups *groups, uint32_t node, const char *label, size_t len)
{
    uint32_t child = groups->nodes[node].first_child;
    while (child != NONE && !is_text(groups->nodes[child].label, label, len))
        child = groups->nodes[child].next_sibling;
    return child;
}

static uint32_t add_node(mst_groups *groups, uint32_t parent, mst_text label)
{
    uint32_t number = groups->node_count++;
    groups->nodes = mst_grown_resize(groups->nodes, groups->node_count * sizeof *groups->nodes);
    struct mst_group_node *node = &groups->nodes[number];
    *node = (struct mst_group_node){label, parent, NONE, NONE, NONE, false};
    if (parent != NONE) {
        node->next_sibling = groups->nodes[parent].first_child;
        groups->nodes[parent].first_child = number;
    }
    return number;
}

static size_t part_len(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && text[at] != '.')
        at++;
    return at;
}

static uint32_t node_of_path(mst_groups *groups, mst_text path)
{
    uint32_t node = 0;
    for (size_t at = 0; at < path.len;) {
        size_t len = part_len(path.ptr + at, path.len - at);
        uint32_t child = find_child(groups, node, path.ptr + at, len);
        if (child == NONE)
            child = add_node(groups, node, (mst_text){path.ptr + at, (uint32_t)len});
        node = child;
        at += len + 1;
    }
    return node;
}

static uint32_t depth_of(mst_text path)
{
    uint32_t depth = path.len > 0;
    for (uint32_t i = 0; i < path.len; i++)
        depth += path.ptr[i] == '.';
    return depth;
}

/* The path number above a node, itself excluded; NONE where there is none. */
static uint32_t path_above(const mst_groups *groups, uint32_t node)
{
    do
        node = groups->nodes[node].parent;
    while (node != NONE && groups->nodes[node].path == NONE);
    return node == NONE ? NONE : groups->nodes[node].path;
}

static bool has_path(const mst_groups *groups, mst_text path)
{
    for (uint32_t i = 0; i < groups->path_count; i++)
        if (is_text(groups->paths[i].path, path.ptr, path.len))
            return true;
    return false;
}

/* In the order of their depth, so that a group comes before those inside of it. */
static bool collect_paths(mst_groups *groups)
{
    for (uint32_t depth = 0, left = groups->group_count; left > 0; depth++) {
        for (uint32_t g = 0; g < groups->group_count; g++) {
            mst_group_info info = MST_GROUP_INFO_INIT;
            (void)mst_group_info_at(groups->image, g, &info);
            if (depth_of(info.path) != depth)
                continue;
            left--;
            if (has_path(groups, info.path))
                continue;
            if (groups->path_count == MST_GROUPS_MAX)
                return false;
            groups->paths[groups->path_count++] =
                (struct mst_group_path){.path = info.path, .depth = depth};
        }
    }
    return true;
}

static void connect_paths(mst_groups *groups)
{
    for (uint32_t i = 0; i < groups->path_count; i++) {
        struct mst_group_path *path = &groups->paths[i];
        path->node = node_of_path(groups, path->path);
        groups->nodes[path->node].path = i;
    }
    for (uint32_t i = 0; i < groups->path_count; i++) {
        struct mst_group_path *path = &groups->paths[i];
        const struct mst_group_node *node = &groups->nodes[path->node];
        uint32_t above = path_above(groups, path->node);
        path->is_nested = above != NONE && groups->paths[above].path.len > 0;
        path->is_walked = node->first_child != NONE || path->node == 0;
    }
    for (uint32_t g = 0; g < groups->group_count; g++) {
        mst_group_info info = MST_GROUP_INFO_INIT;
        (void)mst_group_info_at(groups->image, g, &info);
        const uint32_t node = node_of_path(groups, info.path); /* the nodes may move */
        groups->path_of_group[g] = groups->nodes[node].path;
    }
}

/* Marks what rules read of the record's own members, which has no node else. */
static void mark_root_facts(mst_groups *groups)
{
    uint32_t count = mst_fact_count(groups->image);
    for (uint32_t i = 0; i < count; i++) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        (void)mst_fact_info_at(groups->image, i, &info);
        if (info.parent != MST_INDEX_NONE || info.group >= groups->group_count ||
            groups->paths[groups->path_of_group[info.group]].path.len > 0)
            continue;
        mst_text label = {info.path.ptr, (uint32_t)part_len(info.path.ptr, info.path.len)};
        const uint32_t node = node_of_path(groups, label); /* the nodes may move */
        groups->nodes[node].is_read = true;
    }
}

static void find_subject(mst_groups *groups)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    if (mst_fact_info_at(groups->image, mst_image_subject(groups->image), &info) != MST_OK)
        return;
    groups->subject_path = groups->path_of_group[info.group];
    groups->subject_key = info.path;
    mst_text above = groups->paths[groups->subject_path].path;
    if (above.len > 0) {
        groups->subject_key.ptr += above.len + 1;
        groups->subject_key.len -= above.len + 1;
    }
    groups->paths[groups->subject_path].is_walked = true;
}

bool mst_groups_init(mst_groups *groups, const mst_image *image)
{
    memset(groups, 0, sizeof *groups);
    groups->image = image;
    groups->group_count = mst_group_count(image);
    groups->path_of_group = mst_grown_zeroed(groups->group_count, sizeof *groups->path_of_group);
    groups->subject_path = NONE;
    add_node(groups, NONE, (mst_text){"", 0});
    if (!collect_paths(groups))
        return false;
    connect_paths(groups);
    mark_root_facts(groups);
    find_subject(groups);
    return true;
}

void mst_groups_free(mst_groups *groups)
{
    free(groups->nodes);
    free(groups->path_of_group);
    memset(groups, 0, sizeof *groups);
}

void mst_record_groups_init(mst_record_groups *record)
{
    memset(record, 0, sizeof *record);
    record->block = mst_grown_resize(NULL, (size_t)MST_GROUPS_MAX * MST_STATE_GROUP_MAX_BYTES);
    for (uint32_t i = 0; i < MST_GROUPS_MAX; i++) {
        record->text[i] = record->block + (size_t)i * MST_STATE_GROUP_MAX_BYTES + 1;
        record->text[i][-1] = '{';
    }
}

void mst_record_groups_free(mst_record_groups *record)
{
    free(record->block);
    memset(record, 0, sizeof *record);
}

/* ---- splitting --------------------------------------------------------------------------- */

struct walk {
    const mst_groups *groups;
    mst_record_groups *record;
    struct mst_scan scan;
    const unsigned char *end; /* of the value at the scanner, where that is known; or NULL */
};

static void skip_value(struct walk *walk)
{
    if (walk->end)
        walk->scan.at = walk->end;
    else
        (void)mst_scan_skip(&walk->scan);
}

static uint64_t bit(uint32_t path)
{
    return (uint64_t)1 << path;
}

/* Room for that many bytes and a comma; NULL where the group becomes too long to keep. */
static char *room_for(struct walk *walk, uint32_t path, size_t len)
{
    mst_record_groups *record = walk->record;
    uint32_t comma = record->len[path] > 0;
    /* Two bytes for the braces that the kept text has. */
    if (record->len[path] + comma + len + 2 > MST_STATE_GROUP_MAX_BYTES) {
        record->too_long |= bit(path);
        return NULL;
    }
    char *to = record->text[path] + record->len[path];
    if (comma)
        *to++ = ',';
    record->len[path] += comma + (uint32_t)len;
    return to;
}

/* The key of a member relative to its group, with quotes: labels of the nodes between, then the
 * rest of the key. Returns its length. */
static size_t write_key(const struct walk *walk, uint32_t path, uint32_t node, mst_text rest,
                        char *to, size_t capacity)
{
    struct mst_json_out out = {to, capacity, 0};
    uint32_t labels[64], count = 0;
    for (; node != walk->groups->paths[path].node && count < 64;
         node = walk->groups->nodes[node].parent)
        labels[count++] = node;
    MST_JSON_OUT_LITERAL(&out, "\"");
    while (count-- > 0) {
        mst_json_out_inside(&out, walk->groups->nodes[labels[count]].label);
        if (count > 0 || rest.len > 0)
            MST_JSON_OUT_LITERAL(&out, ".");
    }
    mst_json_out_inside(&out, rest);
    MST_JSON_OUT_LITERAL(&out, "\"");
    return out.len;
}

/* A group is kept as an object: what a dotted key brings stands one deeper in it than in the
 * record, and may be too deep there. */
static void skip_member(struct walk *walk, uint32_t path)
{
    const struct mst_scan here = walk->scan;
    const unsigned char first = mst_scan_peek(&walk->scan);
    if ((first == '{' || first == '[') && here.depth == 1 &&
        walk->groups->paths[path].path.len > 0) {
        walk->scan.depth++;
        (void)mst_scan_skip(&walk->scan);
        walk->record->is_too_deep = walk->record->is_too_deep || walk->scan.message;
        walk->scan = here;
    }
    skip_value(walk);
}

/* Adds the member with the value at the scanner to the text of a group. `rest` is what is left of
 * its key below `node`. */
static void add_member(struct walk *walk, uint32_t path, uint32_t node, mst_text rest)
{
    char key[(KEY_BYTES + 64) * MST_JSON_OUT_WIDEST];
    const mst_groups *groups = walk->groups;
    size_t key_len = write_key(walk, path, node, rest, key, sizeof key);
    (void)mst_scan_peek(&walk->scan);
    const unsigned char *begin = walk->scan.at;
    skip_member(walk, path);
    size_t value_len = (size_t)(walk->scan.at - begin);
    if (key_len > sizeof key)
        return;
    char *to = room_for(walk, path, key_len + 1 + value_len);
    if (!to)
        return;
    memcpy(to, key, key_len);
    to[key_len] = ':';
    memcpy(to + key_len + 1, begin, value_len);
    bool is_subject = path == groups->subject_path && node == groups->paths[path].node &&
                      is_text(groups->subject_key, rest.ptr, rest.len);
    if (!is_subject)
        walk->record->present |= bit(path);
}

/* The object at the scanner is the whole of a group. */
static void add_object(struct walk *walk, uint32_t path)
{
    const char *begin = (const char *)walk->scan.at + 1;
    skip_value(walk);
    const char *end = (const char *)walk->scan.at - 1;
    while (begin < end && (unsigned char)*begin <= ' ')
        begin++;
    while (begin < end && (unsigned char)end[-1] <= ' ')
        end--;
    walk->record->present |= bit(path);
    char *to = begin < end ? room_for(walk, path, (size_t)(end - begin)) : NULL;
    if (to)
        memcpy(to, begin, (size_t)(end - begin));
}

/* null: what stood at the node and below it is undone. */
static void clear_below(struct walk *walk, uint32_t node)
{
    const struct mst_group_node *nodes = walk->groups->nodes;
    uint32_t path = nodes[node].path;
    if (path != NONE) {
        walk->record->present &= ~bit(path);
        walk->record->cleared |= bit(path);
        walk->record->len[path] = 0;
    }
    for (uint32_t child = nodes[node].first_child; child != NONE; child = nodes[child].next_sibling)
        clear_below(walk, child);
}

static void take_member(struct walk *walk, uint32_t node, mst_text key);

static void take_observed(struct walk *walk, mst_text name);

/* Whether what no other group takes is worth keeping in the group with the empty path. */
static bool is_kept_at_root(struct walk *walk, uint32_t node)
{
    unsigned char first = mst_scan_peek(&walk->scan);
    while (node != 0 && walk->groups->nodes[node].parent != 0)
        node = walk->groups->nodes[node].parent;
    return (first != '{' && first != '[') || walk->groups->nodes[node].is_read;
}

static mst_text key_text(const struct mst_span *span, char buffer[KEY_BYTES])
{
    if (!span->is_escaped)
        return (mst_text){span->ptr, span->len};
    size_t len = mst_scan_unescape(span, buffer, KEY_BYTES);
    return (mst_text){buffer, (uint32_t)(len < KEY_BYTES ? len : KEY_BYTES)};
}

typedef void take_key(struct walk *walk, uint32_t node, mst_text key);

static void each_member(struct walk *walk, uint32_t node, take_key *take)
{
    char buffer[KEY_BYTES];
    struct mst_span span;
    bool is_empty = false;
    walk->end = NULL;
    if (!mst_scan_enter(&walk->scan, &is_empty) || is_empty)
        return;
    do {
        if (!mst_scan_key(&walk->scan, &span))
            return;
        take(walk, node, key_text(&span, buffer));
    } while (!walk->scan.message && mst_scan_more(&walk->scan, '}') == MST_SCAN_COMMA);
}

/* The value at the scanner stands exactly at a node. */
static void take_node(struct walk *walk, uint32_t node)
{
    const struct mst_group_node *here = &walk->groups->nodes[node];
    uint32_t above = path_above(walk->groups, node);
    unsigned char first = mst_scan_peek(&walk->scan);
    if (first == '{' && here->path != NONE && !walk->groups->paths[here->path].is_walked) {
        add_object(walk, here->path);
        return;
    }
    if (first == '{' && (here->path != NONE || here->first_child != NONE)) {
        if (here->path != NONE && here->path != walk->groups->subject_path)
            walk->record->present |= bit(here->path);
        each_member(walk, node, take_member);
        return;
    }
    bool is_kept =
        above != NONE && (walk->groups->paths[above].path.len > 0 || is_kept_at_root(walk, node));
    if (first == 'n') {
        clear_below(walk, node);
        /* It undoes what the group further up had here, and brings nothing of that group. */
        is_kept = is_kept && (walk->record->present >> above & 1) != 0;
    }
    /* A fact of a group further up may be called as this one's object is. */
    if (is_kept)
        add_member(walk, above, node, (mst_text){"", 0});
    else
        skip_value(walk);
}

static void take_member(struct walk *walk, uint32_t node, mst_text key)
{
    const mst_groups *groups = walk->groups;
    size_t used = 0;
    while (used <= key.len && key.len > 0) {
        size_t len = part_len(key.ptr + used, key.len - used);
        uint32_t child = find_child(groups, node, key.ptr + used, len);
        if (child == NONE)
            break;
        node = child;
        used += len + 1;
    }
    if (used > key.len) {
        take_node(walk, node);
        return;
    }
    mst_text rest = {key.ptr + used, (uint32_t)(key.len - used)};
    uint32_t path = groups->nodes[node].path;
    if (path == NONE)
        path = path_above(groups, node);
    if (path != NONE && (groups->paths[path].path.len > 0 || is_kept_at_root(walk, node)))
        add_member(walk, path, node, rest);
    else
        skip_value(walk);
}

/* ---- what belongs to the service ---------------------------------------------------------- */

static int64_t read_observed(struct walk *walk)
{
    char buffer[64];
    struct mst_span span;
    int64_t time;
    if (mst_scan_peek(&walk->scan) != '"') {
        skip_value(walk);
        return MST_TIME_MIN;
    }
    if (!mst_scan_string(&walk->scan, &span))
        return MST_TIME_MIN;
    mst_text text = {span.ptr, span.len};
    if (span.is_escaped) {
        size_t len = mst_scan_unescape(&span, buffer, sizeof buffer);
        text = (mst_text){buffer, (uint32_t)(len < sizeof buffer ? len : sizeof buffer)};
    }
    return mst_parse_time(text, &time) ? time : MST_TIME_MIN;
}

static void take_observed(struct walk *walk, mst_text name)
{
    const mst_groups *groups = walk->groups;
    bool is_null = mst_scan_peek(&walk->scan) == 'n';
    for (uint32_t g = 0; g < groups->group_count; g++) {
        mst_group_info info = MST_GROUP_INFO_INIT;
        (void)mst_group_info_at(groups->image, g, &info);
        if (!is_text(info.name, name.ptr, name.len))
            continue;
        uint32_t path = groups->path_of_group[g];
        walk->record->has_observed &= ~bit(path);
        if (is_null)
            break;
        walk->record->observed[path] = read_observed(walk);
        walk->record->has_observed |= bit(path);
        return;
    }
    skip_value(walk);
}

static void take_observed_key(struct walk *walk, uint32_t node, mst_text key)
{
    (void)node;
    take_observed(walk, key);
}

static void take_seq(struct walk *walk)
{
    unsigned char first = mst_scan_peek(&walk->scan);
    const unsigned char *begin = walk->scan.at;
    skip_value(walk);
    size_t len = (size_t)(walk->scan.at - begin);
    walk->record->seq_len = 0;
    if (walk->scan.message || first == '{' || first == '[' || len > MST_SEQ_MAX_BYTES)
        return;
    memcpy(walk->record->seq, begin, len);
    walk->record->seq_len = (uint32_t)len;
}

static void take_root_member(struct walk *walk, uint32_t node, mst_text key)
{
    if (is_text(key, "seq", 3)) {
        take_seq(walk);
    } else if (is_text(key, "observed", 8)) {
        unsigned char first = mst_scan_peek(&walk->scan);
        if (first != '{')
            walk->record->has_observed = 0;
        if (first == '{')
            each_member(walk, node, take_observed_key);
        else
            skip_value(walk);
    } else if (key.len > 9 && memcmp(key.ptr, "observed.", 9) == 0) {
        take_observed(walk, (mst_text){key.ptr + 9, key.len - 9});
    } else {
        take_member(walk, node, key);
    }
}

/* The same as each_member() of the record, without a look at what nobody takes. */
static void each_outlined(struct walk *walk, const struct mst_reader_outline *outline)
{
    char buffer[KEY_BYTES];
    struct mst_span span;
    const unsigned char *begin = walk->scan.begin;
    walk->scan.depth = 1;
    for (uint32_t i = 0; i < outline->count; i++) {
        walk->scan.at = begin + outline->members[i].key;
        if (!mst_scan_key(&walk->scan, &span))
            return;
        walk->end = begin + outline->members[i].end;
        take_root_member(walk, 0, key_text(&span, buffer));
    }
}

void mst_groups_split(const mst_groups *groups, const char *text, size_t len,
                      const struct mst_reader_outline *outline, mst_record_groups *record)
{
    struct walk walk = {.groups = groups, .record = record};
    record->present = record->cleared = record->too_long = record->has_observed = 0;
    record->seq_len = 0;
    record->is_too_deep = false;
    memset(record->len, 0, groups->path_count * sizeof record->len[0]);
    mst_scan_init(&walk.scan, text, len);
    if (outline && outline->count <= MST_READER_MEMBERS)
        each_outlined(&walk, outline);
    else if (mst_scan_peek(&walk.scan) == '{')
        each_member(&walk, 0, take_root_member);
    record->cleared &= ~record->present;
}

/* ---- composing --------------------------------------------------------------------------- */

static void add_separator(struct mst_grown *out)
{
    if (out->ptr[out->len - 1] != '{')
        mst_grown_puts(out, ",");
}

static void add_path_key(const struct mst_group_path *path, struct mst_grown *out)
{
    add_separator(out);
    mst_grown_json(out, path->path.ptr, path->path.len);
    mst_grown_puts(out, ":");
}

static void add_group(const struct mst_group_path *path, mst_text text, struct mst_grown *out)
{
    if (path->path.len == 0) {
        if (text.len > 0)
            add_separator(out);
        mst_grown_add(out, text.ptr, text.len);
        return;
    }
    if (path->is_nested) {
        add_path_key(path, out);
        mst_grown_puts(out, "null");
    }
    add_path_key(path, out);
    mst_grown_puts(out, "{");
    mst_grown_add(out, text.ptr, text.len);
    mst_grown_puts(out, "}");
}

void mst_groups_compose(const mst_groups *groups, mst_text subject,
                        const mst_text texts[MST_GROUPS_MAX], struct mst_grown *out)
{
    mst_text above = groups->paths[groups->subject_path].path;
    mst_grown_puts(out, "{");
    for (uint32_t i = 0; i < groups->path_count; i++)
        if (texts[i].ptr)
            add_group(&groups->paths[i], texts[i], out);
    /* Last, so that no null of a group undoes it. */
    add_separator(out);
    mst_grown_puts(out, "\"");
    mst_grown_add(out, above.ptr, above.len);
    if (above.len > 0)
        mst_grown_puts(out, ".");
    mst_grown_add(out, groups->subject_key.ptr, groups->subject_key.len);
    mst_grown_puts(out, "\":");
    mst_grown_json(out, subject.ptr, subject.len);
    mst_grown_puts(out, "}");
}
