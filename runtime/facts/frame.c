/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.c - finds where records begin and end in a stream that arrives in pieces. It balances
 * brackets and passes over strings; of JSON's grammar it knows just enough to notice at once
 * that a quote or a bracket is missing, so that one broken record does not swallow the next
 * ones. Whether what it finds is JSON is the reader's business; where a reader is at hand, it is
 * asked first, since what it accepts needs no framing. */
#include "format/base.h"
#include "muster/facts.h"
#include "reader.h"
#include "sweep.h"

enum framer_state {
    BETWEEN,      /* before a record; nothing of the current one has been seen */
    INSIDE,       /* a record has begun; `scanned` bytes of it are done with */
    STRING,       /* the same, inside a string */
    SKIP_LINE,    /* up to the next newline */
    SKIP_LINES,   /* to a line that begins with a bracket no further right than the bad record */
    SKIP_ELEMENT, /* of an array: to its comma or bracket, by the brackets still open; or newline */
};

/* What may come next in an array of records; 0 outside of one. */
enum array_state {
    ELEMENT = 1,
    COMMA = 2,
    CLOSE = 4,
    IN_ARRAY = 8,
    BEHIND_OPEN = IN_ARRAY | ELEMENT | CLOSE,
    BEHIND_COMMA = IN_ARRAY | ELEMENT,
    BEHIND_ELEMENT = IN_ARRAY | COMMA | CLOSE,
    BEHIND_BAD = IN_ARRAY | ELEMENT | COMMA | CLOSE,
};

/* Who reads the records, if it is to be done at once. */
struct reading {
    mst_reader *reader;
    mst_vm *vm;
    int64_t observed_default;
    bool is_done; /* of the record that is reported */
};

/* What one call works on. `at` is the first byte that is not scanned yet. */
struct walk {
    mst_framer *framer;
    const unsigned char *begin, *at, *end;
    mst_frame *frame;
    bool is_last;
    struct reading *reading; /* or NULL */
};

/* Internal answer: nothing to report yet, go on. */
#define GO_ON ((mst_status)1)

void mst_framer_init(mst_framer *framer, bool one_a_line)
{
    memset(framer, 0, sizeof *framer);
    framer->line = 1;
    framer->is_fresh = true;
    framer->one_a_line = one_a_line;
}

/* ---- reporting --------------------------------------------------------------------------- */

/* `record` is where the record begins, all before `next` is done with. */
static mst_status report(struct walk *walk, mst_status status, const unsigned char *record,
                         const unsigned char *next)
{
    walk->frame->text = (const char *)record;
    walk->frame->len = (size_t)(next - record);
    walk->frame->used = (size_t)(next - walk->begin);
    walk->frame->line = walk->framer->record_line;
    walk->framer->scanned = 0;
    return status;
}

static mst_status report_record(struct walk *walk, const unsigned char *record)
{
    walk->framer->state = BETWEEN;
    if (walk->framer->array)
        walk->framer->array = BEHIND_ELEMENT;
    return report(walk, MST_OK, record, walk->at);
}

/* A record that goes wrong at walk->at. Where it has begun on an earlier line, the rest of a
 * record in many lines is likely to follow, so more than this line is given up. */
static mst_status report_bad(struct walk *walk, const unsigned char *record, const char *message)
{
    mst_framer *framer = walk->framer;
    framer->state = framer->line != framer->record_line ? SKIP_LINES
                    : framer->array                     ? SKIP_ELEMENT
                                                        : SKIP_LINE;
    framer->is_line_begin = false;
    if (framer->array)
        framer->array = BEHIND_BAD;
    walk->frame->error.byte = (uint32_t)(walk->at - record);
    walk->frame->error.message = message;
    return report(walk, MST_ERR_RECORD, record, walk->at);
}

/* The bytes are at an end: more are needed, or there are none. Those from `keep` on must come
 * again. */
static mst_status report_end(struct walk *walk, const unsigned char *keep)
{
    bool is_done = walk->is_last && keep == walk->end;
    (void)report(walk, MST_OK, keep, keep);
    walk->frame->len = 0;
    walk->framer->scanned = (size_t)(walk->at - keep);
    return is_done ? MST_ERR_NOT_FOUND : MST_ERR_SPACE;
}

/* ---- between records --------------------------------------------------------------------- */

/* Counts a byte of white space, or any other outside a string. */
static void count_byte(mst_framer *framer, unsigned char c)
{
    framer->column++;
    if (c == '\n') {
        framer->line++;
        framer->column = 0;
        framer->is_line_begin = true;
    } else if (c != ' ' && c != '\t' && c != '\r') {
        framer->is_line_begin = false;
    }
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_space(struct walk *walk)
{
    while (walk->at < walk->end && is_space(*walk->at))
        count_byte(walk->framer, *walk->at++);
}

/* A byte order mark of UTF-8 at the very beginning is what some programs write; UTF-16 is told
 * by its own. */
static mst_status read_first_bytes(struct walk *walk)
{
    static const unsigned char mark[3] = {0xef, 0xbb, 0xbf};
    size_t room = (size_t)(walk->end - walk->at);
    if (room == 0 || (room < 3 && !walk->is_last && memcmp(walk->at, mark, room) == 0))
        return report_end(walk, walk->begin);
    walk->framer->is_fresh = false;
    walk->framer->record_line = walk->framer->line;
    if (room >= 3 && memcmp(walk->at, mark, 3) == 0)
        walk->at += 3;
    else if (*walk->at >= 0xfe)
        return report_bad(walk, walk->at, "this is UTF-16, not UTF-8");
    return GO_ON;
}

/* Commas and brackets of an array of records; false if `c` is none that may stand here. */
static bool read_array(struct walk *walk, unsigned char c)
{
    mst_framer *framer = walk->framer;
    if (c == '[' && !framer->array)
        framer->array = BEHIND_OPEN;
    else if (c == ',' && framer->array & COMMA)
        framer->array = BEHIND_COMMA;
    else if (c == ']' && framer->array & CLOSE)
        framer->array = 0;
    else
        return false;
    count_byte(framer, c);
    walk->at++;
    return true;
}

/* A comma that lacks or is too many in an array costs no record: the stream goes on right here. */
static mst_status fail_between(struct walk *walk)
{
    uint8_t array = walk->framer->array;
    unsigned char c = *walk->at;
    walk->framer->depth = 0; /* of the brackets that skipping passes */
    if (array == BEHIND_ELEMENT || (array == BEHIND_COMMA && c == ']')) {
        mst_status status =
            report_bad(walk, walk->at,
                       array == BEHIND_ELEMENT ? "expected a comma or ] after the record"
                                               : "there is a comma too many before this");
        if (c == '{' || c == ']')
            walk->framer->state = BETWEEN;
        return status;
    }
    return report_bad(walk, walk->at, "expected { : a record is an object");
}

static mst_status end_between(struct walk *walk)
{
    if (!walk->is_last || !walk->framer->array)
        return report_end(walk, walk->end);
    walk->framer->array = 0;
    return report_bad(walk, walk->at, "the array of records is not closed");
}

/* Counts the lines of a record that has been read; in most there is no white space at all. */
static void count_record(struct walk *walk, const unsigned char *end, bool has_space)
{
    mst_framer *framer = walk->framer;
    while (has_space) {
        const unsigned char *line = mst_sweep_line(walk->at, end);
        if (line == end)
            break;
        framer->line++;
        framer->column = 0;
        walk->at = line + 1;
    }
    framer->column += (uint64_t)(end - walk->at);
    framer->is_line_begin = false;
    walk->at = end;
}

/* Most records are good: then their end is where the reader stops. Any other is framed. */
static bool read_ahead(struct walk *walk)
{
    struct reading *reading = walk->reading;
    const size_t used =
        reading ? mst_reader_take(reading->reader, reading->vm, (const char *)walk->at,
                                  (size_t)(walk->end - walk->at), reading->observed_default)
                : 0;
    if (used == 0)
        return false;
    count_record(walk, walk->at + used, reading->reader->scan.has_space);
    reading->is_done = true;
    return true;
}

static mst_status walk_between(struct walk *walk)
{
    mst_framer *framer = walk->framer;
    skip_space(walk);
    framer->record_line = framer->line;
    if (walk->at == walk->end)
        return end_between(walk);
    if (*walk->at == '{' && framer->array != BEHIND_ELEMENT) {
        const unsigned char *record = walk->at;
        framer->record_column = framer->column;
        if (read_ahead(walk))
            return report_record(walk, record);
        framer->state = INSIDE;
        framer->depth = 0;
        framer->objects = 0;
        framer->last = ':'; /* behind which a value may stand */
        return GO_ON;
    }
    return read_array(walk, *walk->at) ? GO_ON : fail_between(walk);
}

/* ---- inside a record --------------------------------------------------------------------- */

static bool in_object(const mst_framer *framer)
{
    return framer->objects & 1;
}

/* May a value, or a key, begin after what came last? */
static bool may_begin(const mst_framer *framer, unsigned char c)
{
    if (framer->last == ':')
        return true;
    if (in_object(framer))
        return c == '"' && (framer->last == ',' || framer->last == '{');
    return framer->last == ',' || framer->last == '[';
}

/* A bracket that opens. At the beginning of a line, one that may not stand there is a new
 * record: the end of the one before is lost. */
static mst_status open_bracket(struct walk *walk, const unsigned char *record)
{
    mst_framer *framer = walk->framer;
    unsigned char c = *walk->at;
    if (!may_begin(framer, c)) {
        bool is_next = framer->is_line_begin && c == '{';
        mst_status status = report_bad(walk, record, "expected a comma or a closing bracket");
        if (is_next)
            framer->state = BETWEEN;
        return status;
    }
    if (framer->depth == MST_RECORD_MAX_DEPTH)
        return report_bad(walk, record, "objects and arrays are nested deeper than 64");
    framer->depth++;
    framer->objects = framer->objects << 1 | (c == '{');
    framer->last = c;
    count_byte(framer, c);
    walk->at++;
    return GO_ON;
}

static mst_status close_bracket(struct walk *walk, const unsigned char *record)
{
    mst_framer *framer = walk->framer;
    unsigned char c = *walk->at;
    if (c != (in_object(framer) ? '}' : ']'))
        return report_bad(walk, record, "this bracket does not close the last one opened");
    framer->depth--;
    framer->objects >>= 1;
    framer->last = c;
    count_byte(framer, c);
    walk->at++;
    return framer->depth == 0 ? report_record(walk, record) : GO_ON;
}

/* May stand outside of a string without a bracket opening or a line ending: colons, commas,
 * and what numbers and words are made of. */
static inline bool is_ordinary(unsigned char c)
{
    return c > ' ' && c != '"' && (c | 0x20) != '{' && (c | 0x20) != '}';
}

/* The common case in one tight loop: passes over whole strings and what stands between them, as
 * far as nothing has to be decided. */
static void run_ahead(struct walk *walk)
{
    mst_framer *framer = walk->framer;
    const unsigned char *p = walk->at, *end = walk->end;
    unsigned char last = framer->last;
    const unsigned char open = in_object(framer) ? '{' : '[';
    while (p < end) {
        if (is_ordinary(*p)) {
            last = *p++;
        } else if (*p == '"' && (last == ':' || last == ',' || last == open)) {
            const unsigned char *quote = mst_sweep_string(p + 1, end);
            if (quote == end || *quote != '"')
                break;
            p = quote + 1;
            last = '"';
        } else {
            break;
        }
    }
    if (p > walk->at)
        framer->is_line_begin = false;
    framer->column += (uint64_t)(p - walk->at);
    framer->last = last;
    walk->at = p;
}

/* The inside of a string, to behind its closing quote or to the end of the bytes. */
static mst_status walk_string(struct walk *walk, const unsigned char *record)
{
    const unsigned char *begin = walk->at;
    const char *message = NULL;
    while (!message && walk->framer->state == STRING) {
        walk->at = mst_sweep_string(walk->at, walk->end);
        if (walk->at == walk->end || (*walk->at == '\\' && walk->at + 1 == walk->end))
            break;
        if (*walk->at == '"')
            walk->framer->state = INSIDE;
        else if (*walk->at < ' ')
            message = "a control character in a text (is a closing quote missing?)";
        walk->at += message ? 0 : *walk->at == '\\' && walk->at[1] >= ' ' ? 2 : 1;
    }
    walk->framer->column += (uint64_t)(walk->at - begin);
    walk->framer->last = '"';
    return message ? report_bad(walk, record, message) : GO_ON;
}

static mst_status walk_byte(struct walk *walk, const unsigned char *record)
{
    mst_framer *framer = walk->framer;
    unsigned char c = *walk->at;
    switch (c) {
    case '"':
        if (!may_begin(framer, c))
            return report_bad(walk, record,
                              in_object(framer) ? "expected a colon, a comma or a closing bracket"
                                                : "expected a comma or a closing bracket");
        framer->state = STRING;
        framer->is_line_begin = false;
        break;
    case '{':
    case '[': return open_bracket(walk, record);
    case '}':
    case ']': return close_bracket(walk, record);
    case ' ':
    case '\t':
    case '\r': break;
    case '\n':
        framer->line++;
        framer->column = 0;
        framer->is_line_begin = true;
        walk->at++;
        return GO_ON;
    default:
        framer->last = c;
        framer->is_line_begin = false;
        break;
    }
    framer->column++;
    walk->at++;
    return GO_ON;
}

/* It ends at the same byte in pieces of any size. */
static mst_status report_too_long(struct walk *walk, const unsigned char *record)
{
    walk->framer->column += (uint64_t)(record + MST_RECORD_MAX_BYTES - walk->at);
    walk->at = record + MST_RECORD_MAX_BYTES;
    return report_bad(walk, record, "the record is longer than 1 MiB");
}

static mst_status walk_to(struct walk *walk, const unsigned char *record)
{
    mst_status status = GO_ON;
    while (status == GO_ON && walk->at < walk->end) {
        const unsigned char *before = walk->at;
        if (walk->framer->state == INSIDE)
            run_ahead(walk);
        if (walk->at == walk->end)
            break;
        status =
            walk->framer->state == STRING ? walk_string(walk, record) : walk_byte(walk, record);
        if (walk->at == before)
            break; /* half an escape */
    }
    return status;
}

/* From where the last call ended to the end of the record, or of the bytes. */
static mst_status walk_inside(struct walk *walk)
{
    const unsigned char *record = walk->at, *end = walk->end;
    const bool is_long = (size_t)(end - record) > MST_RECORD_MAX_BYTES;
    walk->at += walk->framer->scanned;
    if (is_long)
        walk->end = record + MST_RECORD_MAX_BYTES;
    mst_status status = walk_to(walk, record);
    walk->end = end;
    if (status != GO_ON)
        return status;
    if (is_long)
        return report_too_long(walk, record);
    if (!walk->is_last)
        return report_end(walk, record);
    walk->at = walk->end;
    return report_bad(walk, record, "the record ends too early");
}

/* ---- skipping ---------------------------------------------------------------------------- */

static mst_status skip_line(struct walk *walk)
{
    mst_framer *framer = walk->framer;
    walk->at = mst_sweep_line(walk->at, walk->end);
    if (walk->at == walk->end)
        return report_end(walk, walk->end);
    count_byte(framer, *walk->at++);
    if (framer->state == SKIP_LINE)
        framer->state = BETWEEN;
    return GO_ON;
}

/* At the beginning of a line: is it one at which to take up the stream again? */
static mst_status skip_lines(struct walk *walk)
{
    mst_framer *framer = walk->framer;
    if (!framer->is_line_begin)
        return skip_line(walk);
    skip_space(walk);
    if (walk->at == walk->end)
        return report_end(walk, walk->end);
    bool is_bracket = *walk->at == '{' || (*walk->at == ']' && framer->array & CLOSE);
    if (is_bracket && framer->column <= framer->record_column)
        framer->state = BETWEEN;
    framer->is_line_begin = false;
    return GO_ON;
}

/* Texts are not told apart: a comma or bracket in one may end or hold up the skipping, which costs
 * a message more or the rest of the line, and never a good record behind it. */
static mst_status skip_element(struct walk *walk)
{
    mst_framer *framer = walk->framer;
    while (walk->at < walk->end) {
        const unsigned char c = *walk->at;
        if (c == '\n' || (framer->depth == 0 && (c == ',' || c == ']'))) {
            framer->state = BETWEEN;
            return GO_ON;
        }
        if ((c | 0x20) == '{')
            framer->depth++;
        else if ((c | 0x20) == '}' && framer->depth > 0)
            framer->depth--;
        count_byte(framer, c);
        walk->at++;
    }
    return report_end(walk, walk->end);
}

/* ---- one record a line ------------------------------------------------------------------- */

static mst_status walk_line(struct walk *walk)
{
    mst_framer *framer = walk->framer;
    if (framer->scanned == 0) {
        skip_space(walk);
        framer->record_line = framer->line;
    }
    const unsigned char *record = walk->at;
    walk->at += framer->scanned;
    walk->at = mst_sweep_line(walk->at, walk->end);
    if (walk->at == record)
        return report_end(walk, record);
    if ((size_t)(walk->at - record) > MST_RECORD_MAX_BYTES)
        return report_too_long(walk, record);
    if (walk->at == walk->end && !walk->is_last)
        return report_end(walk, record);
    return report_record(walk, record);
}

/* ---- the whole --------------------------------------------------------------------------- */

static mst_status walk_on(mst_framer *framer, const char *text, size_t len, bool is_last,
                          mst_frame *frame, struct reading *reading)
{
    const unsigned char *begin = (const unsigned char *)text;
    const unsigned char *end = len > 0 ? begin + len : begin; /* text may be NULL then */
    struct walk walk = {framer, begin, begin, end, frame, is_last, reading};
    mst_status status = GO_ON;
    if (framer->is_fresh)
        status = read_first_bytes(&walk);
    while (status == GO_ON) {
        if (framer->state == SKIP_LINE)
            status = skip_line(&walk);
        else if (framer->state == SKIP_LINES)
            status = skip_lines(&walk);
        else if (framer->state == SKIP_ELEMENT)
            status = skip_element(&walk);
        else if (framer->one_a_line)
            status = walk_line(&walk);
        else
            status = framer->state == BETWEEN ? walk_between(&walk) : walk_inside(&walk);
    }
    return status;
}

mst_status mst_framer_next(mst_framer *framer, const char *text, size_t len, bool is_last,
                           mst_frame *frame)
{
    return walk_on(framer, text, len, is_last, frame, NULL);
}

mst_status mst_framer_read(mst_framer *framer, mst_reader *reader, mst_vm *vm, const char *text,
                           size_t len, bool is_last, int64_t observed_default, mst_frame *frame)
{
    struct reading reading = {reader, vm, observed_default, false};
    const mst_status status = walk_on(framer, text, len, is_last, frame, &reading);
    if (status == MST_OK && reading.is_done)
        return MST_OK;
    if (status != MST_OK) {
        mst_facts_clear(vm); /* those of the record before must not pass for this one's */
        return status;
    }
    return mst_read_record(reader, vm, frame->text, frame->len, observed_default, &frame->error);
}
