/* SPDX-License-Identifier: Apache-2.0
 *
 * verify.c - the frame of an image: header, sections, texts, meta and enums. Nothing here
 * trusts a byte of the image before it has been compared with a bound. */
#include "core/verify.h"

#include "format/builtins.h"

bool mst_verify_refuse(struct mst_verify *v, enum mst_fault_id fault, uint64_t offset)
{
    v->fault = fault;
    v->offset = offset;
    return false;
}

uint64_t mst_verify_offset(const struct mst_verify *v, const unsigned char *at)
{
    MST_ASSERT(at >= v->image->bytes);
    return (uint64_t)(at - v->image->bytes);
}

static bool refuse_at(struct mst_verify *v, enum mst_fault_id fault, const unsigned char *at)
{
    return mst_verify_refuse(v, fault, mst_verify_offset(v, at));
}

bool mst_verify_zero(struct mst_verify *v, const unsigned char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != 0)
            return refuse_at(v, MST_FAULT_RESERVED, at + i);
    return true;
}

const char *mst_fault_text(uint32_t id)
{
    switch (id) {
#define MST_FAULT(number, name, text)                                                              \
    case number:                                                                                   \
        return text;
#include "format/fault.def"
#undef MST_FAULT
    default: return "";
    }
}

/* ---- sections ------------------------------------------------------------------------------ */

static bool check_header(struct mst_verify *v, const unsigned char *bytes, size_t byte_count)
{
    if (byte_count < MST_HEADER_BYTES)
        return mst_verify_refuse(v, MST_FAULT_TOO_SHORT, 0);
    if (!mst_bytes_equal(bytes, MST_IMAGE_MAGIC, 8))
        return mst_verify_refuse(v, MST_FAULT_MAGIC, 0);
    if (mst_load_u16(bytes + MST_HEADER_MAJOR) != MST_IMAGE_MAJOR ||
        mst_load_u16(bytes + MST_HEADER_MINOR) > MST_IMAGE_MINOR)
        return mst_verify_refuse(v, MST_FAULT_VERSION, MST_HEADER_MAJOR);
    if (byte_count > MST_MAX_IMAGE_BYTES ||
        mst_load_u32(bytes + MST_HEADER_BYTE_COUNT) != byte_count)
        return mst_verify_refuse(v, MST_FAULT_BYTE_COUNT, MST_HEADER_BYTE_COUNT);
    v->image->bytes = bytes;
    v->image->byte_count = (uint32_t)byte_count;
    return mst_verify_zero(v, bytes + MST_HEADER_FLAGS, 4) &&
           mst_verify_zero(v, bytes + MST_HEADER_RESERVED, MST_HEADER_BYTES - MST_HEADER_RESERVED);
}

/* One entry of the section table; *end is where the section before ended. */
static bool check_section(struct mst_verify *v, const unsigned char *entry, uint64_t *end)
{
    const uint32_t section = mst_section_of(mst_load_u32(entry + MST_ENTRY_ID));
    const uint64_t offset = mst_load_u32(entry + MST_ENTRY_OFFSET);
    const uint64_t count = mst_load_u32(entry + MST_ENTRY_COUNT);
    const uint64_t bytes = mst_load_u32(entry + MST_ENTRY_BYTES);
    const uint64_t start = (*end + 7) / 8 * 8;
    if (offset != start || offset + bytes > v->image->byte_count)
        return refuse_at(v, MST_FAULT_SECTION_BOUNDS, entry);
    const uint64_t record_bytes = mst_record_bytes(section);
    if (record_bytes != 0 && count * record_bytes != bytes)
        return refuse_at(v, MST_FAULT_SECTION_SIZE, entry);
    if (!mst_verify_zero(v, v->image->bytes + *end, (size_t)(start - *end)))
        return false;
    if (section < MST_SECTION_KINDS) {
        v->image->section[section].offset = (uint32_t)offset;
        v->image->section[section].count = (uint32_t)count;
    }
    *end = offset + bytes;
    return true;
}

bool mst_verify_sections(struct mst_verify *v, const unsigned char *bytes, size_t byte_count)
{
    if (!check_header(v, bytes, byte_count))
        return false;
    const uint64_t count = mst_load_u32(bytes + MST_HEADER_SECTION_COUNT);
    uint64_t end = MST_HEADER_BYTES + count * MST_ENTRY_SIZE;
    if (end > byte_count)
        return mst_verify_refuse(v, MST_FAULT_TOO_SHORT, MST_HEADER_SECTION_COUNT);
    uint64_t next_id = 0; /* required ones come first, each of them */
    for (uint64_t i = 0; i < count; i++) {
        const unsigned char *entry = bytes + MST_HEADER_BYTES + i * MST_ENTRY_SIZE;
        const uint32_t id = mst_load_u32(entry + MST_ENTRY_ID);
        if (next_id < MST_SECTION_COUNT && id != next_id)
            return refuse_at(v, MST_FAULT_SECTION_MISSING, entry);
        if (id < next_id || (id >= MST_SECTION_COUNT && id < MST_SECTION_OPTIONAL))
            return refuse_at(v, MST_FAULT_SECTION_ORDER, entry);
        if (!check_section(v, entry, &end))
            return false;
        next_id = (uint64_t)id + 1;
    }
    if (next_id < MST_SECTION_COUNT)
        return mst_verify_refuse(v, MST_FAULT_SECTION_MISSING, MST_HEADER_SECTION_COUNT);
    if (end != byte_count)
        return mst_verify_refuse(v, MST_FAULT_SECTION_BOUNDS, end);
    return true;
}

/* ---- texts --------------------------------------------------------------------------------- */

static bool is_boundary(const unsigned char *bytes, uint32_t count, uint64_t at)
{
    return at == count || (at < count && (bytes[at] & 0xc0) != 0x80);
}

static bool check_strings(struct mst_verify *v)
{
    const mst_image *image = v->image;
    const unsigned char *bytes = MST_AT(image, BYTES, 0);
    const uint32_t byte_count = MST_COUNT(image, BYTES);
    if (!mst_utf8_valid((const char *)bytes, byte_count))
        return refuse_at(v, MST_FAULT_UTF8, bytes);
    for (uint32_t i = 0; i < MST_COUNT(image, STRINGS); i++) {
        const uint64_t offset = MST_U32(image, STRINGS, i, MST_STRING_OFFSET);
        const uint64_t end = offset + MST_U32(image, STRINGS, i, MST_STRING_LEN);
        if (end > byte_count || !is_boundary(bytes, byte_count, offset) ||
            !is_boundary(bytes, byte_count, end))
            return refuse_at(v, MST_FAULT_STRING_BOUNDS, MST_AT(image, STRINGS, i));
    }
    return true;
}

bool mst_verify_string(struct mst_verify *v, const unsigned char *at)
{
    if (mst_load_u32(at) >= MST_COUNT(v->image, STRINGS))
        return refuse_at(v, MST_FAULT_STRING_INDEX, at);
    return true;
}

/* ---- meta, enums, groups ------------------------------------------------------------------- */

static bool check_meta_record(struct mst_verify *v)
{
    const mst_image *image = v->image;
    if (MST_COUNT(image, META) != 1)
        return mst_verify_refuse(v, MST_FAULT_META, image->section[MST_SECTION_META].offset);
    const unsigned char *meta = MST_AT(image, META, 0);
    const uint64_t slots = (uint64_t)mst_load_u32(meta + MST_META_FACT_SLOTS) + 1 +
                           mst_load_u32(meta + MST_META_CONST_COUNT) +
                           mst_load_u32(meta + MST_META_RESULT_SLOTS) +
                           mst_load_u32(meta + MST_META_REGISTER_SLOTS);
    v->max_text = mst_load_u32(meta + MST_META_MAX_TEXT);
    if (slots > MST_MAX_SLOTS || v->max_text < MST_DEFAULT_TEXT_BYTES ||
        v->max_text > MST_MAX_TEXT_BYTES ||
        mst_load_u32(meta + MST_META_CONST_COUNT) != MST_COUNT(image, CONSTS) ||
        mst_load_u32(meta + MST_META_SITE_COUNT) > UINT16_MAX ||
        mst_load_u32(meta + MST_META_HAS_PREDECESSOR) > 1)
        return refuse_at(v, MST_FAULT_META, meta);
    const int64_t effective = (int64_t)mst_load_u64(meta + MST_META_EFFECTIVE);
    if (effective != INT64_MAX && (effective < MST_TIME_MIN || effective > MST_TIME_MAX))
        return refuse_at(v, MST_FAULT_META, meta + MST_META_EFFECTIVE);
    return mst_verify_string(v, meta + MST_META_MODULE) &&
           mst_verify_string(v, meta + MST_META_VERSION) &&
           mst_verify_string(v, meta + MST_META_DOC) && mst_verify_zero(v, meta + 52, 4) &&
           mst_verify_zero(v, meta + 88, 24);
}

/* Counts that type codes and operands of 16 bits bound. */
static bool check_counts(struct mst_verify *v)
{
    const mst_image *image = v->image;
    const struct {
        uint32_t section, most;
    } bounds[] = {
        {MST_SECTION_ENUMS, MST_CODE_ROW - MST_CODE_ENUM},
        {MST_SECTION_TABLES, MST_CODE_ELEMENT - MST_CODE_ROW},
        {MST_SECTION_FACTS, MST_CODE_ELEMENT},
        {MST_SECTION_COLUMNS, UINT16_MAX},
        {MST_SECTION_BLOCKS, MST_MAX_BLOCKS},
        {MST_SECTION_VERDICTS, MST_MAX_VERDICTS},
        {MST_SECTION_GROUPS, UINT16_MAX},
    };
    for (unsigned i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (image->section[bounds[i].section].count > bounds[i].most)
            return mst_verify_refuse(v, MST_FAULT_TOO_MANY,
                                     image->section[bounds[i].section].offset);
    return true;
}

static bool check_members(struct mst_verify *v, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        const unsigned char *member = MST_AT(v->image, MEMBERS, i);
        if (!mst_verify_string(v, member))
            return false;
        if (mst_image_string(v->image, mst_load_u32(member)).len > MST_MAX_NAME_BYTES)
            return refuse_at(v, MST_FAULT_NAME_TOO_LONG, member);
    }
    return true;
}

static bool check_spellings(struct mst_verify *v, uint32_t first, uint32_t count,
                            uint32_t member_count)
{
    for (uint32_t i = first; i < first + count; i++) {
        const unsigned char *spelling = MST_AT(v->image, SPELLINGS, i);
        const uint32_t member = mst_load_u32(spelling + MST_SPELLING_MEMBER);
        if (!mst_verify_string(v, spelling + MST_SPELLING_TEXT))
            return false;
        if (member >= member_count && member != MST_NO_INDEX)
            return refuse_at(v, MST_FAULT_MEMBER_INDEX, spelling);
    }
    return true;
}

static bool check_enums(struct mst_verify *v)
{
    const mst_image *image = v->image;
    uint64_t next_member = 0;
    uint64_t next_spelling = 0;
    for (uint32_t i = 0; i < MST_COUNT(image, ENUMS); i++) {
        const unsigned char *record = MST_AT(image, ENUMS, i);
        const uint32_t members = mst_load_u32(record + MST_ENUM_MEMBER_COUNT);
        const uint32_t spellings = mst_load_u32(record + MST_ENUM_SPELLING_COUNT);
        if (!mst_verify_string(v, record + MST_ENUM_NAME) || !mst_verify_zero(v, record + 20, 4))
            return false;
        if (members > MST_MAX_ENUM_MEMBERS)
            return refuse_at(v, MST_FAULT_TOO_MANY, record);
        if ((members > 0 && mst_load_u32(record + MST_ENUM_FIRST_MEMBER) != next_member) ||
            (spellings > 0 && mst_load_u32(record + MST_ENUM_FIRST_SPELLING) != next_spelling) ||
            next_member + members > MST_COUNT(image, MEMBERS) ||
            next_spelling + spellings > MST_COUNT(image, SPELLINGS))
            return refuse_at(v, MST_FAULT_RANGE_ORDER, record);
        if (!check_members(v, (uint32_t)next_member, members) ||
            !check_spellings(v, (uint32_t)next_spelling, spellings, members))
            return false;
        next_member += members;
        next_spelling += spellings;
    }
    if (next_member != MST_COUNT(image, MEMBERS) || next_spelling != MST_COUNT(image, SPELLINGS))
        return refuse_at(v, MST_FAULT_RANGE_ORDER, MST_AT(image, ENUMS, 0));
    return true;
}

bool mst_verify_meta(struct mst_verify *v)
{
    return check_counts(v) && check_strings(v) && check_meta_record(v) && check_enums(v);
}

/* ---- values -------------------------------------------------------------------------------- */

bool mst_verify_is_scalar(const struct mst_verify *v, uint32_t code)
{
    if (mst_code_is_enum(code))
        return code - MST_CODE_ENUM < MST_COUNT(v->image, ENUMS);
    return code >= MST_TYPE_BOOL && code <= MST_TYPE_TIME;
}

static bool is_in_range(int64_t value, int64_t low, int64_t high)
{
    return value >= low && value <= high;
}

/* Is the value one of its simple type, not text or enum? */
static bool is_simple_value(uint32_t code, int64_t value)
{
    switch (code) {
    case MST_TYPE_BOOL: return is_in_range(value, 0, 1);
    case MST_TYPE_DATE: return is_in_range(value, MST_DATE_MIN, MST_DATE_MAX);
    case MST_TYPE_MONTH: return is_in_range(value, MST_MONTH_MIN, MST_MONTH_MAX);
    case MST_TYPE_TIME: return is_in_range(value, MST_TIME_MIN, MST_TIME_MAX);
    default: return code == MST_TYPE_INT || code == MST_TYPE_VERSION || code == MST_TYPE_DURATION;
    }
}

/* A member, or `other` without a spelling. */
static bool is_member(const mst_image *image, uint32_t code, uint64_t value)
{
    const uint64_t count = MST_U32(image, ENUMS, code - MST_CODE_ENUM, MST_ENUM_MEMBER_COUNT);
    return value < count || value == (count | MST_ENUM_OTHER_WRITTEN);
}

bool mst_verify_value(struct mst_verify *v, uint32_t code, uint64_t value, const unsigned char *at)
{
    const mst_image *image = v->image;
    if (code == MST_TYPE_TEXT) {
        if (value >= MST_COUNT(image, STRINGS))
            return refuse_at(v, MST_FAULT_STRING_INDEX, at);
        if (mst_image_string(image, (uint32_t)value).len > v->max_text)
            return refuse_at(v, MST_FAULT_TEXT_TOO_LONG, at);
        return true;
    }
    const bool good = mst_code_is_enum(code) ? is_member(image, code, value)
                                             : is_simple_value(code, (int64_t)value);
    return good || refuse_at(v, MST_FAULT_VALUE_RANGE, at);
}
