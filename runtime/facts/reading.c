/* SPDX-License-Identifier: Apache-2.0
 *
 * reading.c - the reading table of spec/language.md: which JSON values a type accepts, and what
 * fact they make. A value that is not accepted makes its fact invalid, never the record. */
#include "format/base.h"
#include "format/builtins.h"
#include "format/limits.h"
#include "number.h"
#include "reader.h"

bool mst_reading_short(struct mst_reader *reader, const struct mst_span *span, mst_text *text)
{
    *text = (mst_text){span->ptr, span->len};
    if (span->is_escaped) {
        size_t len = mst_scan_unescape(span, reader->text, MST_SCHEMA_VALUE_BYTES);
        *text = (mst_text){reader->text, (uint32_t)len};
    }
    return text->len <= MST_SCHEMA_VALUE_BYTES;
}

/* Where the text of a fact is kept without its escapes, until the next record. */
static char *place_text(struct mst_reader *reader, const struct mst_schema_fact *fact,
                        struct mst_reader_place place, const struct mst_span *span)
{
    if (!reader->schema.size.is_scratch_by_slot)
        return reader->scratch + ((const unsigned char *)span->ptr - reader->scan.begin);
    return reader->scratch + fact->scratch + (size_t)place.element * fact->max_bytes;
}

static mst_status set_text(struct mst_reader *reader, const struct mst_schema_fact *fact,
                           struct mst_reader_place place, const struct mst_span *span)
{
    mst_slot slot = fact->slot + place.slots;
    if (!span->is_escaped)
        return mst_fact_text(reader->vm, slot, span->ptr, span->len);
    char *text = place_text(reader, fact, place, span);
    size_t len = mst_scan_unescape(span, text, fact->max_bytes);
    if (len > fact->max_bytes)
        return MST_ERR_ARGUMENT;
    return mst_fact_text(reader->vm, slot, text, len);
}

/* Shortens a cut text to whole characters. */
static size_t trim_character(const char *text, size_t len)
{
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return len;
    start--;
    const unsigned char *head = (const unsigned char *)text + start;
    bool is_whole = *head < 0x80 || mst_scan_utf8(head, (const unsigned char *)text + len) != 0;
    return is_whole ? len : start;
}

static mst_status set_enum(struct mst_reader *reader, const struct mst_schema_fact *fact,
                           struct mst_reader_place place, const struct mst_span *span)
{
    mst_slot slot = fact->slot + place.slots;
    const char *text = span->ptr;
    size_t len = span->len;
    const struct mst_schema_spelling *spelling = NULL;
    if (span->is_escaped) {
        char *copy = place_text(reader, fact, place, span);
        len = mst_scan_unescape(span, copy, fact->max_bytes);
        if (len > fact->max_bytes) /* longer than any spelling: only its beginning is printed */
            len = trim_character(copy, fact->max_bytes);
        else
            spelling = mst_schema_spelling(&reader->schema, fact->enum_index, copy, len);
        text = copy;
    } else {
        spelling = mst_schema_spelling(&reader->schema, fact->enum_index, text, len);
    }
    if (!spelling)
        return mst_fact_other(reader->vm, slot, text, len);
    if (spelling->member == MST_INDEX_NONE)
        return mst_fact_missing(reader->vm, slot);
    return mst_fact_enum(reader->vm, slot, spelling->member);
}

static mst_status set_bool(struct mst_reader *reader, mst_slot slot, enum mst_scan_kind kind,
                           const struct mst_span *span)
{
    mst_text text;
    bool value;
    int64_t number;
    if (kind == MST_SCAN_WORD)
        return mst_fact_bool(reader->vm, slot, span->ptr[0] == 't');
    if (kind == MST_SCAN_NUMBER && mst_number_integral(span->ptr, span->len, &number))
        return number == 0 || number == 1 ? mst_fact_bool(reader->vm, slot, number == 1)
                                          : MST_ERR_ARGUMENT;
    if (!mst_reading_short(reader, span, &text) || !mst_parse_bool(text, &value))
        return MST_ERR_ARGUMENT;
    return mst_fact_bool(reader->vm, slot, value);
}

static mst_status set_int(struct mst_reader *reader, mst_slot slot, enum mst_scan_kind kind,
                          const struct mst_span *span)
{
    mst_text text;
    int64_t value;
    bool is_good = false;
    if (kind == MST_SCAN_NUMBER)
        is_good = mst_number_integral(span->ptr, span->len, &value);
    else if (kind == MST_SCAN_STRING)
        is_good = mst_reading_short(reader, span, &text) && mst_parse_int(text, &value);
    return is_good ? mst_fact_int(reader->vm, slot, value) : MST_ERR_ARGUMENT;
}

/* The types that are written as strings only: a number would have lost zeros of a version. */
static mst_status set_literal(struct mst_reader *reader, mst_slot slot, mst_type type,
                              const struct mst_span *span)
{
    mst_text text;
    uint64_t version;
    int64_t value;
    if (!mst_reading_short(reader, span, &text))
        return MST_ERR_ARGUMENT;
    if (type == MST_TYPE_VERSION && mst_parse_version(text, &version))
        return mst_fact_version(reader->vm, slot, version);
    if (type == MST_TYPE_DATE && mst_parse_date(text, &value))
        return mst_fact_date(reader->vm, slot, value);
    if (type == MST_TYPE_MONTH && mst_parse_month(text, &value))
        return mst_fact_month(reader->vm, slot, value);
    if (type == MST_TYPE_DURATION && mst_parse_duration(text, &value))
        return mst_fact_duration(reader->vm, slot, value);
    if (type == MST_TYPE_TIME && mst_parse_time(text, &value))
        return mst_fact_time(reader->vm, slot, value);
    return MST_ERR_ARGUMENT;
}

void mst_reading_set(struct mst_reader *reader, const struct mst_schema_fact *fact,
                     struct mst_reader_place place, enum mst_scan_kind kind,
                     const struct mst_span *span)
{
    mst_slot slot = fact->slot + place.slots;
    mst_status status = MST_ERR_ARGUMENT;
    if (fact->type == MST_TYPE_TEXT)
        status = set_text(reader, fact, place, span);
    else if (fact->type == MST_TYPE_ENUM)
        status = set_enum(reader, fact, place, span);
    else if (fact->type == MST_TYPE_BOOL)
        status = set_bool(reader, slot, kind, span);
    else if (fact->type == MST_TYPE_INT)
        status = set_int(reader, slot, kind, span);
    else if (kind == MST_SCAN_STRING)
        status = set_literal(reader, slot, fact->type, span);
    if (status != MST_OK)
        (void)mst_fact_invalid(reader->vm, slot);
}
