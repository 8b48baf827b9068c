/* SPDX-License-Identifier: Apache-2.0
 *
 * groups_split.c - a walk along a record's keys and the tree of the groups' paths at once. */
#include "facts/json_out.h"
#include "format/builtins.h"
#include "format/limits.h"
#include "groups_parts.h"

#define NONE MST_GROUPS_NONE
#define ROOT 0
#define KEY_BYTES 512

struct walk {
    mst_groups *groups;
    mst_record_groups *record;
    struct mst_scan scan;
    const unsigned char *end; /* of the value at the scanner, where that is known; or NULL */
    uint32_t key_count;       /* keys that were met */
    bool is_key_before;       /* the last one stands in the record as it is, up to its colon */
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

/* The value, from `begin` to the scanner, with a key of its own. */
static bool put_renamed(struct walk *walk, uint32_t path, uint32_t node, mst_text rest,
                        const char *begin)
{
    char key[MST_STATE_GROUP_MAX_BYTES]; /* a longer one has no room anyway */
    size_t key_len = write_key(walk, path, node, rest, key, sizeof key);
    size_t value_len = (size_t)((const char *)walk->scan.at - begin);
    char *to = room_for(walk, path, key_len + 1 + value_len);
    if (!to)
        return false;
    memcpy(to, key, key_len);
    to[key_len] = ':';
    memcpy(to + key_len + 1, begin, value_len);
    return true;
}

static bool put_bytes(struct walk *walk, uint32_t path, const char *begin, const char *end)
{
    char *to = room_for(walk, path, (size_t)(end - begin));
    if (to)
        memcpy(to, begin, (size_t)(end - begin));
    return to;
}

/* Adds the member with the value at the scanner to the text of a group. `rest` is what is left of
 * its key below `node`: mostly all of it, as it stands before the value. */
static void add_member(struct walk *walk, uint32_t path, uint32_t node, mst_text rest)
{
    const mst_groups *groups = walk->groups;
    const bool is_here = node == groups->paths[path].node;
    const unsigned char *behind_key = walk->scan.at;
    (void)mst_scan_peek(&walk->scan);
    const char *begin = (const char *)walk->scan.at;
    const bool is_before = walk->is_key_before && walk->scan.at == behind_key;
    skip_member(walk, path);
    const bool is_as_written = is_here && is_before && rest.len > 0 && rest.ptr[-1] == '"';
    const bool is_put = is_as_written
                            ? put_bytes(walk, path, rest.ptr - 1, (const char *)walk->scan.at)
                            : put_renamed(walk, path, node, rest, begin);
    bool is_subject = path == groups->subject_path && is_here &&
                      mst_groups_is_text(groups->subject_key, rest.ptr, rest.len);
    if (is_put && !is_subject)
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
    if (begin < end)
        (void)put_bytes(walk, path, begin, end);
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

/* Whether what no other group takes is worth keeping in the group with the empty path. */
static bool is_kept_at_root(struct walk *walk, uint32_t node)
{
    unsigned char first = mst_scan_peek(&walk->scan);
    while (node != 0 && walk->groups->nodes[node].parent != 0)
        node = walk->groups->nodes[node].parent;
    return (first != '{' && first != '[') || walk->groups->nodes[node].is_read;
}

static void each_member(struct walk *walk, uint32_t inside);

/* The value at the scanner stands exactly at a node. */
static void take_node(struct walk *walk, uint32_t node)
{
    const struct mst_group_node *here = &walk->groups->nodes[node];
    uint32_t above = mst_groups_path_above(walk->groups, node);
    unsigned char first = mst_scan_peek(&walk->scan);
    if (first == '{' && here->path != NONE && !walk->groups->paths[here->path].is_walked) {
        add_object(walk, here->path);
        return;
    }
    if (first == '{' && (here->path != NONE || here->first_child != NONE)) {
        if (here->path != NONE && here->path != walk->groups->subject_path)
            walk->record->present |= bit(here->path);
        each_member(walk, node);
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

static void take_member(struct walk *walk, mst_text key, const struct mst_groups_lead *lead)
{
    const mst_groups *groups = walk->groups;
    const uint32_t node = lead->number;
    if (lead->used > key.len) {
        take_node(walk, node);
        return;
    }
    mst_text rest = {key.ptr + lead->used, key.len - lead->used};
    uint32_t path = groups->nodes[node].path;
    if (path == NONE)
        path = mst_groups_path_above(groups, node);
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

static void take_time(struct walk *walk, uint32_t group)
{
    const bool is_null = mst_scan_peek(&walk->scan) == 'n';
    if (group == NONE) {
        skip_value(walk);
        return;
    }
    uint32_t path = walk->groups->path_of_group[group];
    walk->record->has_observed &= ~bit(path);
    if (is_null) {
        skip_value(walk);
        return;
    }
    walk->record->observed[path] = read_observed(walk);
    walk->record->has_observed |= bit(path);
}

static void take_observed(struct walk *walk)
{
    if (mst_scan_peek(&walk->scan) == '{') {
        each_member(walk, NONE);
        return;
    }
    walk->record->has_observed = 0;
    skip_value(walk);
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

/* ---- keys -------------------------------------------------------------------------------- */

static uint32_t group_of_name(const mst_groups *groups, const char *name, size_t len)
{
    uint32_t g = 0;
    for (; g < groups->group_count; g++) {
        mst_group_info info = MST_GROUP_INFO_INIT;
        (void)mst_group_info_at(groups->image, g, &info);
        if (mst_groups_is_text(info.name, name, len))
            return g;
    }
    return NONE;
}

/* Where a key leads in the object of a node, or (NONE) among the times of groups. */
static struct mst_groups_lead find_lead(const mst_groups *groups, uint32_t inside, mst_text key)
{
    struct mst_groups_lead lead = {MST_AIM_MEMBER, inside, 0};
    if (inside == NONE)
        return (struct mst_groups_lead){MST_AIM_TIME, group_of_name(groups, key.ptr, key.len), 0};
    if (inside == ROOT && mst_groups_is_text(key, "seq", 3))
        return (struct mst_groups_lead){MST_AIM_SEQ, NONE, 0};
    if (inside == ROOT && mst_groups_is_text(key, "observed", 8))
        return (struct mst_groups_lead){MST_AIM_OBSERVED, NONE, 0};
    if (inside == ROOT && key.len > 9 && memcmp(key.ptr, "observed.", 9) == 0)
        return (struct mst_groups_lead){MST_AIM_TIME,
                                        group_of_name(groups, key.ptr + 9, key.len - 9), 0};
    while (lead.used <= key.len && key.len > 0) {
        size_t len = mst_groups_part_len(key.ptr + lead.used, key.len - lead.used);
        uint32_t child = mst_groups_child(groups, lead.number, key.ptr + lead.used, len);
        if (child == NONE)
            break;
        lead.number = child;
        lead.used += (uint32_t)len + 1;
    }
    return lead;
}

static mst_text key_text(const struct mst_span *span, char buffer[KEY_BYTES])
{
    if (!span->is_escaped)
        return (mst_text){span->ptr, span->len};
    size_t len = mst_scan_unescape(span, buffer, KEY_BYTES);
    return (mst_text){buffer, (uint32_t)(len < KEY_BYTES ? len : KEY_BYTES)};
}

/* A key that is not the one that was known here, which it is from now on. */
static bool read_new_key(struct walk *walk, uint32_t inside, char buffer[KEY_BYTES], mst_text *key,
                         struct mst_groups_lead *lead)
{
    struct mst_span span;
    if (!mst_scan_key(&walk->scan, &span))
        return false;
    *key = key_text(&span, buffer);
    *lead = find_lead(walk->groups, inside, *key);
    walk->is_key_before =
        !span.is_escaped && walk->scan.at == (const unsigned char *)span.ptr + span.len + 2;
    if (walk->key_count >= MST_GROUPS_KNOWN || !walk->is_key_before ||
        span.len + 3 > MST_GUESS_BYTES)
        return true;
    struct mst_known_key *known = &walk->groups->known[walk->key_count];
    known->inside = inside;
    known->len = span.len + 3;
    known->lead = *lead;
    memcpy(known->text, span.ptr - 1, known->len);
    return true;
}

/* The key at the scanner and the colon behind it; `buffer` is for one with escapes. */
static inline bool read_key(struct walk *walk, uint32_t inside, char buffer[KEY_BYTES],
                            mst_text *key, struct mst_groups_lead *lead)
{
    const char *at = (const char *)walk->scan.at;
    const struct mst_known_key *known = &walk->groups->known[walk->key_count];
    bool is_known = walk->key_count < MST_GROUPS_KNOWN && known->len > 0 &&
                    known->inside == inside &&
                    (size_t)(walk->scan.end - walk->scan.at) >= known->len &&
                    mst_bytes_equal(at, known->text, known->len);
    if (is_known) {
        *key = (mst_text){at + 1, known->len - 3};
        *lead = known->lead;
        walk->scan.at += known->len;
        walk->is_key_before = true;
    } else if (!read_new_key(walk, inside, buffer, key, lead)) {
        return false;
    }
    walk->key_count++;
    return true;
}

static void take(struct walk *walk, mst_text key, const struct mst_groups_lead *lead)
{
    switch (lead->aim) {
    case MST_AIM_MEMBER: take_member(walk, key, lead); break;
    case MST_AIM_SEQ: take_seq(walk); break;
    case MST_AIM_OBSERVED: take_observed(walk); break;
    case MST_AIM_TIME: take_time(walk, lead->number); break;
    }
}

/* The members of the object at the scanner, which is that of a node, or (NONE) times of groups. */
static void each_member(struct walk *walk, uint32_t inside)
{
    char buffer[KEY_BYTES];
    mst_text key;
    struct mst_groups_lead lead;
    bool is_empty = false;
    walk->end = NULL;
    if (!mst_scan_enter(&walk->scan, &is_empty) || is_empty)
        return;
    do {
        if (!read_key(walk, inside, buffer, &key, &lead))
            return;
        take(walk, key, &lead);
    } while (!walk->scan.message && mst_scan_more(&walk->scan, '}') == MST_SCAN_COMMA);
}

/* The same for the record, without a look at what nobody takes. */
static void each_outlined(struct walk *walk, const struct mst_reader_outline *outline)
{
    char buffer[KEY_BYTES];
    mst_text key;
    struct mst_groups_lead lead;
    const unsigned char *begin = walk->scan.begin;
    walk->scan.depth = 1;
    for (uint32_t i = 0; i < outline->count; i++) {
        walk->scan.at = begin + outline->members[i].key;
        if (!read_key(walk, ROOT, buffer, &key, &lead))
            return;
        walk->end = begin + outline->members[i].end;
        take(walk, key, &lead);
    }
}

void mst_groups_split(mst_groups *groups, const char *text, size_t len,
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
        each_member(&walk, ROOT);
    record->cleared &= ~record->present;
}
