/* SPDX-License-Identifier: Apache-2.0
 *
 * image.h - reading records of an image by section, index and field. Inside libmuster only: the
 * caller has checked the index, by the verifier or by mst_*_count(). */
#ifndef MST_CORE_IMAGE_H
#define MST_CORE_IMAGE_H

#include "format/base.h"
#include "format/bytes.h"
#include "format/cost.h"
#include "format/layout.h"
#include "format/limits.h"
#include "muster/muster.h"

enum {
#define MST_SECTION(number, name, bytes, doc) MST_RECORD_##name = (bytes),
    MST_SECTIONS(MST_SECTION) MST_OPTIONAL_SECTIONS(MST_SECTION)
#undef MST_SECTION
};

_Static_assert(MST_SECTION_KINDS <= sizeof((mst_image *)0)->section / sizeof(uint32_t[2]),
               "mst_image has room for every section");

/* Record `i` of a section, as bytes; the number of its records; one field of it. */
#define MST_AT(image, SECTION, i)                                                                  \
    ((image)->bytes + (image)->section[MST_SECTION_##SECTION].offset +                             \
     (size_t)(i)*MST_RECORD_##SECTION)
#define MST_COUNT(image, SECTION) ((image)->section[MST_SECTION_##SECTION].count)
#define MST_U32(image, SECTION, i, FIELD) mst_load_u32(MST_AT(image, SECTION, i) + (FIELD))
#define MST_U64(image, SECTION, i, FIELD) mst_load_u64(MST_AT(image, SECTION, i) + (FIELD))

static inline mst_text mst_image_string(const mst_image *image, uint32_t i)
{
    MST_ASSERT(i < MST_COUNT(image, STRINGS));
    mst_text text;
    text.ptr = (const char *)MST_AT(image, BYTES, MST_U32(image, STRINGS, i, MST_STRING_OFFSET));
    text.len = MST_U32(image, STRINGS, i, MST_STRING_LEN);
    return text;
}

static inline uint32_t mst_image_fact_slots(const mst_image *image)
{
    return MST_U32(image, META, 0, MST_META_FACT_SLOTS);
}

/* The first slot of the constants, of the results, of the registers; and behind the last. */
static inline uint32_t mst_image_first_const(const mst_image *image)
{
    return mst_image_fact_slots(image) + 1;
}

static inline uint32_t mst_image_first_result(const mst_image *image)
{
    return mst_image_first_const(image) + MST_U32(image, META, 0, MST_META_CONST_COUNT);
}

static inline uint32_t mst_image_first_register(const mst_image *image)
{
    return mst_image_first_result(image) + MST_U32(image, META, 0, MST_META_RESULT_SLOTS);
}

static inline uint32_t mst_image_slot_count(const mst_image *image)
{
    return mst_image_first_register(image) + MST_U32(image, META, 0, MST_META_REGISTER_SLOTS);
}

static inline bool mst_code_is_enum(uint32_t code)
{
    return code >= MST_CODE_ENUM && code < MST_CODE_ROW;
}

static inline bool mst_code_is_row(uint32_t code)
{
    return code >= MST_CODE_ROW && code < MST_CODE_ELEMENT;
}

static inline bool mst_code_is_element(uint32_t code)
{
    return code >= MST_CODE_ELEMENT && code <= 0xffff;
}

/* The type that a program sees. */
static inline mst_type mst_code_type(uint32_t code)
{
    return mst_code_is_enum(code) ? MST_TYPE_ENUM : (mst_type)code;
}

/* Fills a public struct, which begins with the size that its program knows, up to that size. */
static inline void mst_image_fill(void *to, const void *from, uint32_t byte_count)
{
    uint32_t room;
    memcpy(&room, to, sizeof room);
    if (MST_LIKELY(room == byte_count)) { /* of a constant length, hence no call */
        memcpy(to, from, byte_count);
        return;
    }
    if (room > byte_count)
        room = byte_count;
    if (room > sizeof room)
        memcpy((char *)to + sizeof room, (const char *)from + sizeof room, room - sizeof room);
}

/* What listing the causes of a verdict costs that takes so many steps. */
static inline uint64_t mst_image_cause_steps(const mst_image *image, uint64_t steps)
{
    return mst_cost_causes(steps,
                           mst_cost_set_words(MST_COUNT(image, FACTS), MST_COUNT(image, CAUSES)));
}

static inline int mst_text_compare(mst_text a, mst_text b)
{
    const uint32_t len = a.len < b.len ? a.len : b.len;
    const int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

#endif
