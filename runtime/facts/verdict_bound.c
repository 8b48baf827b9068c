/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict_bound.c - how long the JSON form of a verdict can become. Read from the image itself:
 * which names can be listed, and how many bytes each of its texts was proven to have at most. */
#include "format/base.h"
#include "format/bytes.h"
#include "format/layout.h"
#include "format/limits.h"
#include "json_out.h"
#include "muster/facts.h"

/* All keys, brackets, times, the kind and the digest; the names are counted apart. */
#define FRAME_BYTES 512
#define ADVICE_FRAME_BYTES 64
#define SUBJECT_BYTES 4096
#define LITERAL_BYTES 32

enum {
#define MST_SECTION(number, name, bytes, doc) RECORD_##name = (bytes),
    MST_SECTIONS(MST_SECTION)
#undef MST_SECTION
};

/* A field of record `i` of a section. */
#define FIELD(image, SECTION, i, FIELD)                                                            \
    mst_load_u32((image)->bytes + (image)->section[MST_SECTION_##SECTION].offset +                 \
                 (size_t)(i)*RECORD_##SECTION + (FIELD))

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Bytes of a text that nothing is known of but its length: quotes and a comma with it. */
static uint64_t bound_text(uint64_t len)
{
    return len * MST_JSON_OUT_WIDEST + 3;
}

/* Bytes of string `i` of the image, quotes and a comma with it. */
static uint64_t measure_name(const mst_image *image, uint32_t i)
{
    const unsigned char *bytes = image->bytes + image->section[MST_SECTION_BYTES].offset;
    mst_text name = {(const char *)bytes + FIELD(image, STRINGS, i, MST_STRING_OFFSET),
                     FIELD(image, STRINGS, i, MST_STRING_LEN)};
    return mst_json_out_measure(name) + 3;
}

/* The value of a field, by the type of the block that computes it. A member's name is no longer
 * than an unlisted spelling may be. */
static uint64_t bound_value(const mst_image *image, uint32_t block)
{
    uint32_t type = FIELD(image, BLOCKS, block, MST_BLOCK_TYPE);
    if (type == MST_TYPE_TEXT)
        return bound_text(FIELD(image, META, 0, MST_META_MAX_TEXT));
    return type >= MST_CODE_ENUM ? bound_text(MST_MAX_OTHER_BYTES) : LITERAL_BYTES;
}

static uint64_t bound_fields(const mst_image *image, uint32_t c)
{
    uint32_t first = FIELD(image, CASES, c, MST_CASE_FIRST_FIELD);
    uint32_t count = FIELD(image, CASES, c, MST_CASE_FIELD_COUNT);
    uint64_t bytes = 0;
    for (uint32_t i = first; i < first + count; i++)
        bytes += measure_name(image, FIELD(image, FIELDS, i, MST_FIELD_NAME)) + 1 +
                 bound_value(image, FIELD(image, FIELDS, i, MST_FIELD_BLOCK));
    return bytes;
}

/* The names of `count` checks or pieces of advice. */
static uint64_t measure_checks(const mst_image *image, uint32_t first, uint32_t count)
{
    uint64_t bytes = 0;
    for (uint32_t i = first; i < first + count; i++)
        bytes += measure_name(image, FIELD(image, CHECKS, i, MST_CHECK_NAME));
    return bytes;
}

static uint64_t bound_verdict(const mst_image *image, uint32_t v)
{
    uint64_t text = bound_text(FIELD(image, VERDICTS, v, MST_VERDICT_OUTPUT));
    uint32_t first_case = FIELD(image, VERDICTS, v, MST_VERDICT_FIRST_CASE);
    uint32_t case_count = FIELD(image, VERDICTS, v, MST_VERDICT_CASE_COUNT);
    uint32_t advice_count = FIELD(image, VERDICTS, v, MST_VERDICT_ADVICE_COUNT);
    uint64_t fields = 0;
    for (uint32_t c = first_case; c < first_case + case_count; c++)
        fields = larger(fields, bound_fields(image, c));
    uint64_t checks = measure_checks(image, FIELD(image, VERDICTS, v, MST_VERDICT_FIRST_CHECK),
                                     FIELD(image, VERDICTS, v, MST_VERDICT_CHECK_COUNT));
    uint64_t advice =
        measure_checks(image, FIELD(image, VERDICTS, v, MST_VERDICT_FIRST_ADVICE), advice_count);
    return measure_name(image, FIELD(image, VERDICTS, v, MST_VERDICT_NAME)) +
           bound_text(MST_MAX_NAME_BYTES) + 2 * checks + 4 * text + fields + advice +
           advice_count * (ADVICE_FRAME_BYTES + 3 * text);
}

/* Each fact can be missing, invalid and stale at once where it is a list, and it and each other
 * cause undecided and at fault. */
static uint64_t bound_causes(const mst_image *image)
{
    uint64_t bytes = 0;
    for (uint32_t f = 0; f < image->section[MST_SECTION_FACTS].count; f++)
        bytes += 5 * measure_name(image, FIELD(image, FACTS, f, MST_FACT_NAME));
    for (uint32_t i = 0; i < image->section[MST_SECTION_CAUSES].count; i++)
        bytes += 2 * measure_name(image, FIELD(image, CAUSES, i, 0));
    return bytes;
}

size_t mst_verdict_json_max(const mst_image *image)
{
    uint64_t longest = 0;
    for (uint32_t v = 0; v < image->section[MST_SECTION_VERDICTS].count; v++)
        longest = larger(longest, bound_verdict(image, v));
    uint64_t bytes = FRAME_BYTES + bound_text(SUBJECT_BYTES) + longest + bound_causes(image) +
                     mst_json_out_measure(mst_image_module(image)) +
                     mst_json_out_measure(mst_image_version(image));
    return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}
