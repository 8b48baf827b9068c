/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.c - one pass over a record: walks its objects along the schema's nodes, hands simple
 * values to reading.c, counts elements of lists, and skips what leads nowhere. Recursion is
 * bounded by the depth of a record and of the schema, 64 each. */
#include "reader.h"

#include "format/base.h"
#include "format/builtins.h"
#include "format/limits.h"
#include "sweep.h"

static bool read_fact(mst_reader *reader, uint32_t f, struct mst_reader_place place);
static bool read_object(mst_reader *reader, uint32_t node, struct mst_reader_place place);

/* A key that was read: its number among the guesses, and the node to which it leads. */
struct mst_reader_key {
    uint32_t number, child;
};

/* ---- init -------------------------------------------------------------------------------- */

static size_t round_up(size_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

static size_t sum_parts(const struct mst_schema_size *size)
{
    return round_up(sizeof(struct mst_reader)) + size->bytes +
           size->facts * sizeof(struct mst_reader_fact) +
           size->groups * sizeof(struct mst_reader_group) + size->nodes * sizeof(uint64_t) +
           MST_GUESS_COUNT * sizeof(struct mst_guess) + size->text_bytes + size->scratch_bytes;
}

size_t mst_reader_size(const mst_image *image)
{
    struct mst_schema_size size;
    if (mst_schema_measure(image, &size) != MST_OK)
        return sizeof(struct mst_reader); /* enough for mst_reader_init() to say why not */
    return sum_parts(&size);
}

static void *take_part(unsigned char **rest, size_t bytes)
{
    void *part = *rest;
    *rest += bytes;
    return part;
}

static void init_subject(mst_reader *reader, const mst_image *image)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    reader->subject = mst_image_subject(image);
    reader->subject_slot = MST_SLOT_NONE;
    if (mst_fact_info_at(image, reader->subject, &info) != MST_OK)
        return;
    reader->subject_slot = info.slot;
}

mst_status mst_reader_init(mst_reader **reader, void *block, size_t byte_count,
                           const mst_image *image)
{
    struct mst_schema_size size;
    mst_status status = mst_schema_measure(image, &size);
    if (status != MST_OK)
        return status;
    if (byte_count < sum_parts(&size) || (uintptr_t)block % sizeof(uint64_t) != 0)
        return MST_ERR_SPACE;
    unsigned char *rest = block;
    mst_reader *made = take_part(&rest, round_up(sizeof *made));
    memset(made, 0, sizeof *made);
    status = mst_schema_init(&made->schema, take_part(&rest, size.bytes), image, &size);
    if (status != MST_OK)
        return status;
    unsigned char *marks = rest;
    made->facts = take_part(&rest, size.facts * sizeof *made->facts);
    made->groups = take_part(&rest, size.groups * sizeof *made->groups);
    made->node_record = take_part(&rest, size.nodes * sizeof *made->node_record);
    made->guesses = take_part(&rest, MST_GUESS_COUNT * sizeof *made->guesses);
    memset(marks, 0, (size_t)(rest - marks));
    made->text = take_part(&rest, size.text_bytes);
    made->scratch = take_part(&rest, size.scratch_bytes);
    init_subject(made, image);
    *reader = made;
    return MST_OK;
}

uint64_t mst_reader_seen(const mst_reader *reader, uint32_t fact_index)
{
    return fact_index < reader->schema.size.facts ? reader->facts[fact_index].seen : 0;
}

/* ---- marks: seen, missing again, invalid -------------------------------------------------- */

static void mark_seen(mst_reader *reader, uint32_t f)
{
    struct mst_reader_fact *mark = &reader->facts[f];
    if (mark->record != reader->record) {
        mark->record = reader->record;
        mark->seen++;
    }
}

/* A fact inside a list stays seen: another element may have carried it. */
static void unmark_seen(mst_reader *reader, uint32_t f)
{
    struct mst_reader_fact *mark = &reader->facts[f];
    if (mark->record == reader->record && !reader->schema.facts[f].is_in_list) {
        mark->record = 0;
        mark->seen--;
    }
}

typedef mst_status set_state(mst_vm *vm, mst_slot slot);

/* Makes the fact and its parts missing or invalid. The elements of a list need no touch: nobody
 * reads them while the list itself is unknown. */
static void set_parts(mst_reader *reader, uint32_t f, struct mst_reader_place place, set_state *set)
{
    const struct mst_schema_fact *facts = reader->schema.facts;
    uint32_t end = facts[f].end;
    while (f < end) {
        if (facts[f].slot != MST_SLOT_NONE)
            (void)set(reader->vm, facts[f].slot + place.slots);
        f = facts[f].type == MST_TYPE_LIST ? facts[f].end : f + 1;
    }
}

/* Null: what an earlier occurrence has set at this node is missing again. */
static void reset_node(mst_reader *reader, uint32_t node, struct mst_reader_place place)
{
    const struct mst_schema_node *here = &reader->schema.nodes[node];
    for (uint32_t f = here->first_fact; f != MST_SCHEMA_NONE; f = reader->schema.facts[f].next) {
        set_parts(reader, f, place, mst_fact_missing);
        unmark_seen(reader, f);
    }
    if (here->group != MST_SCHEMA_NONE)
        reader->groups[here->group].record = 0;
}

/* The same with all that is below and that this record has come by. */
static void reset_tree(mst_reader *reader, uint32_t node, struct mst_reader_place place)
{
    reset_node(reader, node, place);
    uint32_t child = reader->schema.nodes[node].first_child;
    for (; child != MST_SCHEMA_NONE; child = reader->schema.nodes[child].next_sibling)
        if (reader->node_record[child] == reader->record) {
            reader->node_record[child] = 0;
            reset_tree(reader, child, place);
        }
}

/* ---- values ------------------------------------------------------------------------------ */

static bool read_simple(mst_reader *reader, const struct mst_schema_fact *fact,
                        struct mst_reader_place place, enum mst_scan_kind kind)
{
    struct mst_span span;
    const bool is_read = kind == MST_SCAN_STRING   ? mst_scan_string(&reader->scan, &span)
                         : kind == MST_SCAN_NUMBER ? mst_scan_number(&reader->scan, &span)
                                                   : mst_scan_word(&reader->scan, &span);
    if (is_read)
        mst_reading_set(reader, fact, place, kind, &span);
    return is_read;
}

/* A value that cannot be of the fact's type, an error of the record perhaps. */
static bool read_wrong(mst_reader *reader, uint32_t f, struct mst_reader_place place)
{
    if (!mst_scan_skip(&reader->scan))
        return false;
    set_parts(reader, f, place, mst_fact_invalid);
    return true;
}

/* One element; those that an earlier occurrence of the list has set are forgotten first, since
 * an object need not name all fields of a record. */
static bool read_element(mst_reader *reader, uint32_t list, uint32_t i,
                         struct mst_reader_place place)
{
    const struct mst_schema_fact *fact = &reader->schema.facts[list];
    struct mst_reader_fact *mark = &reader->facts[list];
    if (list + 1 >= fact->end)
        return mst_scan_skip(&reader->scan);
    place.slots += i * fact->stride;
    place.element = place.element * fact->capacity + i;
    if (i < mark->list_used)
        set_parts(reader, list + 1, place, mst_fact_missing);
    else
        mark->list_used = i + 1;
    return read_fact(reader, list + 1, place);
}

static bool read_elements(mst_reader *reader, uint32_t f, struct mst_reader_place place,
                          uint32_t *count)
{
    enum mst_scan_more more = MST_SCAN_COMMA;
    bool is_empty;
    *count = 0;
    if (!mst_scan_enter(&reader->scan, &is_empty) || is_empty)
        return is_empty;
    for (; more == MST_SCAN_COMMA; more = mst_scan_more(&reader->scan, ']')) {
        bool is_good = *count < reader->schema.facts[f].capacity
                           ? read_element(reader, f, *count, place)
                           : mst_scan_skip(&reader->scan);
        if (!is_good)
            return false;
        ++*count;
    }
    return more == MST_SCAN_CLOSED;
}

/* An array, or a lone value, which is a list of one. */
static bool read_list(mst_reader *reader, uint32_t f, struct mst_reader_place place,
                      enum mst_scan_kind kind)
{
    const struct mst_schema_fact *fact = &reader->schema.facts[f];
    struct mst_reader_fact *mark = &reader->facts[f];
    uint32_t count = 1;
    if (mark->list_record != reader->record) {
        mark->list_record = reader->record;
        mark->list_used = 0;
    }
    bool is_good = kind == MST_SCAN_ARRAY ? read_elements(reader, f, place, &count)
                                          : read_element(reader, f, 0, place);
    if (!is_good)
        return false;
    uint32_t kept = count < fact->capacity ? count : fact->capacity;
    if (mst_fact_list(reader->vm, fact->slot + place.slots, kept, count > kept) != MST_OK)
        (void)mst_fact_invalid(reader->vm, fact->slot + place.slots);
    return true;
}

/* One value for one fact. */
static bool read_fact(mst_reader *reader, uint32_t f, struct mst_reader_place place)
{
    const struct mst_schema_fact *fact = &reader->schema.facts[f];
    const enum mst_scan_kind kind = mst_scan_kinds[mst_scan_peek(&reader->scan)];
    if (kind == MST_SCAN_NULL) {
        set_parts(reader, f, place, mst_fact_missing);
        return mst_scan_skip(&reader->scan);
    }
    mark_seen(reader, f);
    if (fact->type == MST_TYPE_LIST)
        return read_list(reader, f, place, kind);
    if (fact->type == MST_TYPE_RECORD && kind == MST_SCAN_OBJECT) {
        (void)mst_fact_present(reader->vm, fact->slot + place.slots);
        return read_object(reader, fact->node, place);
    }
    if (fact->type == MST_TYPE_RECORD)
        return read_wrong(reader, f, place);
    return kind == MST_SCAN_STRING || kind == MST_SCAN_NUMBER || kind == MST_SCAN_WORD
               ? read_simple(reader, fact, place, kind)
               : read_wrong(reader, f, place);
}

/* A time of observation. One that cannot be read is taken for the oldest there is: data of
 * unknown age must not pass for fresh. */
static bool read_observed(mst_reader *reader, uint32_t group)
{
    struct mst_reader_group *mark = &reader->groups[group];
    struct mst_span span;
    mst_text text;
    bool is_string = mst_scan_peek(&reader->scan) == '"';
    if (is_string ? !mst_scan_string(&reader->scan, &span) : !mst_scan_skip(&reader->scan))
        return false;
    if (!is_string || !mst_reading_short(reader, &span, &text) ||
        !mst_parse_time(text, &mark->observed))
        mark->observed = MST_TIME_MIN;
    mark->record = reader->record;
    reader->has_observed = true;
    return true;
}

/* ---- nodes ------------------------------------------------------------------------------- */

/* The records of a node are there: by an object, or by a dotted key that leads through it. */
static void mark_records(mst_reader *reader, uint32_t node, struct mst_reader_place place)
{
    const struct mst_schema_fact *facts = reader->schema.facts;
    uint32_t f = reader->schema.nodes[node].first_fact;
    for (; f != MST_SCHEMA_NONE; f = facts[f].next)
        if (facts[f].type == MST_TYPE_RECORD) {
            mark_seen(reader, f);
            (void)mst_fact_present(reader->vm, facts[f].slot + place.slots);
        }
}

/* An object that has something below its node. It is the value of records and lists here; other
 * facts of the same path are not touched by it, so that {"os":{"build":1}} and {"os.build":1}
 * stay the same thing. */
static bool read_inside(mst_reader *reader, uint32_t node, struct mst_reader_place place)
{
    const struct mst_schema_fact *facts = reader->schema.facts;
    const unsigned char *start = reader->scan.at;
    uint32_t first_fact = reader->schema.nodes[node].first_fact;
    for (uint32_t f = first_fact; f != MST_SCHEMA_NONE; f = facts[f].next)
        if (facts[f].type == MST_TYPE_RECORD) /* the last occurrence of a record counts */
            set_parts(reader, f, place, mst_fact_missing);
    mark_records(reader, node, place);
    if (!read_object(reader, node, place))
        return false;
    for (uint32_t f = first_fact; f != MST_SCHEMA_NONE; f = facts[f].next)
        if (facts[f].type == MST_TYPE_LIST) {
            reader->scan.at = start;
            if (!read_fact(reader, f, place))
                return false;
        }
    return true;
}

/* The value at a node, once for each fact of its path. */
static bool read_value(mst_reader *reader, uint32_t node, struct mst_reader_place place)
{
    const struct mst_schema_node *here = &reader->schema.nodes[node];
    unsigned char first = mst_scan_peek(&reader->scan);
    if (first == '{' && here->first_child != MST_SCHEMA_NONE)
        return read_inside(reader, node, place);
    if (first == 'n') {
        reset_tree(reader, node, place);
        return mst_scan_skip(&reader->scan);
    }
    if (here->first_fact == MST_SCHEMA_NONE && here->group == MST_SCHEMA_NONE)
        return mst_scan_skip(&reader->scan);
    const unsigned char *start = reader->scan.at;
    if (here->group != MST_SCHEMA_NONE && !read_observed(reader, here->group))
        return false;
    uint32_t f = here->first_fact;
    for (; f != MST_SCHEMA_NONE; f = reader->schema.facts[f].next) {
        reader->scan.at = start;
        if (!read_fact(reader, f, place))
            return false;
    }
    return true;
}

/* Where a key with dots leads, edge by edge. It is the nested form written short, so the records on
 * its way are there, even if its end leads nowhere. */
static uint32_t walk_dots(mst_reader *reader, uint32_t node, struct mst_reader_place place,
                          mst_text key)
{
    bool has_dots;
    while (node != MST_SCHEMA_NONE) {
        uint32_t part = 0;
        while (part < key.len && key.ptr[part] != '.')
            part++;
        node = mst_schema_child(&reader->schema, node, key.ptr, part, &has_dots);
        if (node != MST_SCHEMA_NONE)
            reader->node_record[node] = reader->record;
        if (part == key.len)
            break;
        if (node != MST_SCHEMA_NONE)
            mark_records(reader, node, place);
        key.ptr += part + 1;
        key.len -= part + 1;
    }
    return node;
}

/* Where a key leads: mostly to a child or nowhere, which one look-up tells. *is_plain, then. */
static uint32_t find_node(mst_reader *reader, uint32_t node, struct mst_reader_place place,
                          const struct mst_span *span, bool *is_plain)
{
    mst_text key = {span->ptr, span->len};
    bool has_dots;
    *is_plain = false;
    if (span->is_escaped) {
        size_t len = mst_scan_unescape(span, reader->text, reader->schema.size.text_bytes);
        if (len > reader->schema.size.text_bytes)
            return MST_SCHEMA_NONE; /* longer than any path */
        key = (mst_text){reader->text, (uint32_t)len};
    }
    uint32_t child = mst_schema_child(&reader->schema, node, key.ptr, key.len, &has_dots);
    if (child == MST_SCHEMA_NONE && has_dots)
        return walk_dots(reader, node, place, key);
    *is_plain = !span->is_escaped;
    return child;
}

/* ---- keys -------------------------------------------------------------------------------- */

/* A key that was not guessed, up to its value. */
static bool read_new_key(mst_reader *reader, uint32_t node, struct mst_reader_place place,
                         struct mst_guess_link *link, struct mst_reader_key *key)
{
    struct mst_span span;
    bool is_plain;
    if (!mst_scan_key(&reader->scan, &span))
        return false;
    key->number = span.is_escaped
                      ? MST_GUESS_NONE
                      : mst_guess_find(reader->guesses, link, MST_GUESS_AT(node), &span);
    if (key->number != MST_GUESS_NONE) {
        key->child = reader->guesses[key->number].child;
        return true;
    }
    key->child = find_node(reader, node, place, &span, &is_plain);
    if (is_plain)
        key->number = mst_guess_keep(reader->guesses, link, MST_GUESS_AT(node), key->child, &span);
    return true;
}

/* From a key at p to its value; NULL on failure. */
static inline const unsigned char *read_key(mst_reader *reader, uint32_t node,
                                            struct mst_reader_place place,
                                            struct mst_guess_link *link, const unsigned char *p,
                                            struct mst_reader_key *key)
{
    const struct mst_guess *guess = &reader->guesses[link->to];
    if (MST_LIKELY(mst_guess_holds(guess, MST_GUESS_AT(node), p, reader->scan.end))) {
        link->has_failed = false;
        key->number = link->to;
        key->child = guess->child;
        p += guess->len;
    } else {
        reader->scan.at = p;
        if (!read_new_key(reader, node, place, link, key))
            return NULL;
        p = reader->scan.at;
    }
    if (key->child != MST_SCHEMA_NONE)
        reader->node_record[key->child] = reader->record;
    return p;
}

static inline void note_member(mst_reader *reader, const unsigned char *key,
                               const unsigned char *end)
{
    struct mst_reader_outline *outline = reader->outline;
    const unsigned char *begin = reader->scan.begin;
    if (outline->count < MST_READER_MEMBERS)
        outline->members[outline->count] =
            (struct mst_reader_member){(uint32_t)(key - begin), (uint32_t)(end - begin)};
    outline->count++;
}

/* The object at the scanner, as the inside of a node. */
static bool read_object(mst_reader *reader, uint32_t node, struct mst_reader_place place)
{
    struct mst_scan *scan = &reader->scan;
    enum mst_scan_more more = MST_SCAN_COMMA;
    const uint32_t outer = scan->key;
    const bool is_noted = node == MST_SCHEMA_ROOT && reader->outline;
    struct mst_guess_link *link = &reader->guesses[outer].inside;
    bool is_empty;
    if (!mst_scan_enter(scan, &is_empty) || is_empty)
        return is_empty;
    const unsigned char *p = scan->at;
    while (more == MST_SCAN_COMMA) {
        struct mst_reader_key key;
        const unsigned char *const begin = p;
        p = read_key(reader, node, place, link, p, &key);
        if (!p)
            return false;
        link = &reader->guesses[key.number].next;
        scan->key = key.number;
        if (key.child == MST_SCHEMA_NONE) {
            p = mst_scan_skip_from(scan, p);
            if (!p)
                return false;
        } else {
            scan->at = p;
            if (!read_value(reader, key.child, place))
                return false;
            p = scan->at;
        }
        if (is_noted)
            note_member(reader, begin, p);
        if (MST_LIKELY(p < scan->end && *p == ',')) {
            p++;
        } else {
            scan->at = p;
            more = mst_scan_more(scan, '}');
            p = scan->at;
        }
    }
    scan->key = outer;
    return more == MST_SCAN_CLOSED;
}

/* ---- records ----------------------------------------------------------------------------- */

static void copy_text(char *to, size_t *len, const char *from, size_t count)
{
    size_t room = MST_READER_MESSAGE_BYTES - 1 - *len;
    count = count < room ? count : room;
    memcpy(to + *len, from, count);
    *len += count;
    to[*len] = 0;
}

static bool fail_subject(mst_reader *reader)
{
    static const char none[] = "no subject: ", gone[] = " is missing", bad[] = " cannot be read";
    mst_fact_info info = MST_FACT_INFO_INIT;
    size_t len = 0;
    uint32_t f = reader->subject;
    if (mst_fact_info_at(reader->schema.image, f, &info) != MST_OK)
        return true; /* rules without a subject: any record will do */
    bool is_carried = reader->facts[f].record == reader->record;
    copy_text(reader->message, &len, none, sizeof none - 1);
    copy_text(reader->message, &len, info.name.ptr, info.name.len < 255 ? info.name.len : 255);
    copy_text(reader->message, &len, is_carried ? bad : gone,
              is_carried ? sizeof bad - 1 : sizeof gone - 1);
    reader->scan.at = reader->scan.begin;
    reader->scan.message = reader->message;
    return false;
}

static bool check_subject(mst_reader *reader)
{
    return (reader->subject_slot != MST_SLOT_NONE &&
            mst_fact_text_of(reader->vm, reader->subject_slot).ptr) ||
           fail_subject(reader);
}

static void set_observed(mst_reader *reader)
{
    for (uint32_t g = 0; reader->has_observed && g < reader->schema.size.groups; g++)
        if (reader->groups[g].record == reader->record)
            (void)mst_observed(reader->vm, g, reader->groups[g].observed);
}

/* A record and nothing of what may follow it. */
static bool read_record(mst_reader *reader)
{
    struct mst_reader_place nowhere = {0, 0};
    if (mst_scan_peek(&reader->scan) != '{')
        return mst_scan_fail(&reader->scan, "expected { : a record is an object");
    if (!read_object(reader, MST_SCHEMA_ROOT, nowhere))
        return false;
    set_observed(reader);
    return true;
}

/* False where the default age is no time. */
static bool begin_record(mst_reader *reader, mst_vm *vm, const char *json, size_t len,
                         int64_t observed_default)
{
    reader->vm = vm;
    reader->record++;
    reader->has_observed = false;
    if (reader->outline)
        reader->outline->count = 0;
    mst_scan_init(&reader->scan, json, len);
    reader->scan.guesses = reader->guesses;
    reader->scan.key = MST_GUESS_ROOT;
    mst_facts_clear(vm);
    return observed_default == MST_NEVER ||
           mst_observed(vm, MST_INDEX_NONE, observed_default) == MST_OK;
}

mst_status mst_read_record(mst_reader *reader, mst_vm *vm, const char *json, size_t len,
                           int64_t observed_default, mst_record_error *error)
{
    struct mst_scan *scan = &reader->scan;
    bool is_good = false;
    if (!begin_record(reader, vm, json, len, observed_default))
        return MST_ERR_ARGUMENT;
    if (len > MST_RECORD_MAX_BYTES) {
        scan->at += MST_RECORD_MAX_BYTES;
        (void)mst_scan_fail(scan, "the record is longer than 1 MiB");
    } else {
        is_good = read_record(reader) && mst_scan_end(scan) && check_subject(reader);
    }
    if (is_good)
        return MST_OK;
    mst_facts_clear(vm);
    if (error) {
        error->byte = (uint32_t)(scan->at - scan->begin);
        error->message = scan->message;
    }
    return MST_ERR_RECORD;
}

/* As if the current record had never come. */
static void forget_record(mst_reader *reader)
{
    for (uint32_t f = 0; f < reader->schema.size.facts; f++)
        if (reader->facts[f].record == reader->record) {
            reader->facts[f].record = 0;
            reader->facts[f].seen--;
        }
    mst_facts_clear(reader->vm);
}

size_t mst_reader_take(mst_reader *reader, mst_vm *vm, const char *text, size_t len,
                       int64_t observed_default)
{
    if (begin_record(reader, vm, text, len < MST_RECORD_MAX_BYTES ? len : MST_RECORD_MAX_BYTES,
                     observed_default) &&
        read_record(reader) && check_subject(reader))
        return (size_t)(reader->scan.at - reader->scan.begin);
    forget_record(reader);
    return 0;
}
