/* SPDX-License-Identifier: Apache-2.0
 *
 * image.c - opening an image, and asking it what it holds. After opening, every index that a
 * caller hands in is compared with its count; what the image itself says is trusted. */
#include "core/image.h"

#include "core/verify.h"
#include "core/vm.h"

/* ---- opening ------------------------------------------------------------------------------- */

static bool verify(struct mst_verify *v, const unsigned char *bytes, size_t byte_count)
{
    if (!mst_verify_sections(v, bytes, byte_count) || !mst_verify_meta(v) || !mst_verify_facts(v) ||
        !mst_verify_tables(v) || !mst_verify_code(v) || !mst_verify_verdicts(v) ||
        !mst_verify_optional(v))
        return false;
    v->image->vm_bytes = mst_vm_bytes(v->image);
    if (v->image->vm_bytes > v->limits.max_vm_bytes || v->image->vm_bytes > SIZE_MAX / 2)
        return mst_verify_refuse(v, MST_FAULT_LIMIT_VM, 0);
    return true;
}

static void explain(const struct mst_verify *v, mst_fault *why)
{
    const mst_fault found = {
        sizeof found,
        (uint32_t)v->fault,
        v->offset,
        mst_fault_text((uint32_t)v->fault),
    };
    if (why)
        mst_image_fill(why, &found, sizeof found);
}

mst_status mst_image_open(mst_image *image, const void *bytes, size_t byte_count,
                          const mst_limits *limits, mst_fault *why)
{
    const mst_limits standard = MST_LIMITS_INIT;
    struct mst_verify v;
    memset(image, 0, sizeof *image);
    memset(&v, 0, sizeof v);
    v.image = image;
    v.limits = standard;
    if (limits) /* an older program's struct is shorter: the rest keeps its standard */
        memcpy(&v.limits, limits, limits->size < sizeof v.limits ? limits->size : sizeof v.limits);
    if (verify(&v, bytes, byte_count))
        return MST_OK;
    explain(&v, why);
    memset(image, 0, sizeof *image);
    return v.fault >= MST_FAULT_LIMIT_STEPS ? MST_ERR_LIMIT : MST_ERR_IMAGE;
}

/* ---- the image as a whole ------------------------------------------------------------------ */

static mst_text string_at(const mst_image *image, const unsigned char *at)
{
    return mst_image_string(image, mst_load_u32(at));
}

static bool equals(mst_text text, const char *name)
{
    for (uint32_t i = 0; i < text.len; i++)
        if (name[i] == '\0' || name[i] != text.ptr[i])
            return false;
    return name[text.len] == '\0';
}

mst_text mst_image_module(const mst_image *image)
{
    return string_at(image, MST_AT(image, META, 0) + MST_META_MODULE);
}

mst_text mst_image_version(const mst_image *image)
{
    return string_at(image, MST_AT(image, META, 0) + MST_META_VERSION);
}

mst_text mst_image_doc(const mst_image *image)
{
    return string_at(image, MST_AT(image, META, 0) + MST_META_DOC);
}

const unsigned char *mst_image_digest(const mst_image *image)
{
    return image->bytes + MST_HEADER_DIGEST;
}

const unsigned char *mst_image_predecessor(const mst_image *image)
{
    const unsigned char *meta = MST_AT(image, META, 0);
    return mst_load_u32(meta + MST_META_HAS_PREDECESSOR) ? meta + MST_META_PREDECESSOR : NULL;
}

int64_t mst_image_effective_from(const mst_image *image)
{
    return (int64_t)MST_U64(image, META, 0, MST_META_EFFECTIVE);
}

uint32_t mst_image_subject(const mst_image *image)
{
    return MST_U32(image, META, 0, MST_META_SUBJECT);
}

/* ---- facts, groups, enums, params ---------------------------------------------------------- */

uint32_t mst_fact_count(const mst_image *image)
{
    return MST_COUNT(image, FACTS);
}

mst_status mst_fact_info_at(const mst_image *image, uint32_t index, mst_fact_info *info)
{
    if (index >= MST_COUNT(image, FACTS))
        return MST_ERR_ARGUMENT;
    const unsigned char *fact = MST_AT(image, FACTS, index);
    const uint32_t type = mst_load_u32(fact + MST_FACT_TYPE);
    const mst_fact_info found = {
        .size = sizeof found,
        .type = mst_code_type(type),
        .name = string_at(image, fact + MST_FACT_NAME),
        .path = string_at(image, fact + MST_FACT_PATH),
        .doc = string_at(image, fact + MST_FACT_DOC),
        .slot = mst_load_u32(fact + MST_FACT_SLOT),
        .group = mst_load_u32(fact + MST_FACT_GROUP),
        .enum_index = mst_code_is_enum(type) ? type - MST_CODE_ENUM : MST_INDEX_NONE,
        .parent = mst_load_u32(fact + MST_FACT_PARENT),
        .capacity = mst_load_u32(fact + MST_FACT_CAPACITY),
        .stride = mst_load_u32(fact + MST_FACT_STRIDE),
        .max_bytes = mst_load_u32(fact + MST_FACT_MAX_BYTES),
        .has_default = (mst_load_u32(fact + MST_FACT_FLAGS) & 1) != 0,
    };
    mst_image_fill(info, &found, sizeof found);
    return MST_OK;
}

uint32_t mst_group_count(const mst_image *image)
{
    return MST_COUNT(image, GROUPS);
}

mst_status mst_group_info_at(const mst_image *image, uint32_t index, mst_group_info *info)
{
    if (index >= MST_COUNT(image, GROUPS))
        return MST_ERR_ARGUMENT;
    const unsigned char *group = MST_AT(image, GROUPS, index);
    const mst_group_info found = {
        .size = sizeof found,
        .name = string_at(image, group + MST_GROUP_NAME),
        .path = string_at(image, group + MST_GROUP_PATH),
        .doc = string_at(image, group + MST_GROUP_DOC),
        .stale_after_s = (int64_t)mst_load_u64(group + MST_GROUP_STALE),
    };
    mst_image_fill(info, &found, sizeof found);
    return MST_OK;
}

uint32_t mst_enum_count(const mst_image *image)
{
    return MST_COUNT(image, ENUMS);
}

mst_status mst_enum_info_at(const mst_image *image, uint32_t index, mst_enum_info *info)
{
    if (index >= MST_COUNT(image, ENUMS))
        return MST_ERR_ARGUMENT;
    const unsigned char *record = MST_AT(image, ENUMS, index);
    const mst_enum_info found = {
        .size = sizeof found,
        .name = string_at(image, record + MST_ENUM_NAME),
        .member_count = mst_load_u32(record + MST_ENUM_MEMBER_COUNT),
        .spelling_count = mst_load_u32(record + MST_ENUM_SPELLING_COUNT),
    };
    mst_image_fill(info, &found, sizeof found);
    return MST_OK;
}

mst_text mst_enum_member(const mst_image *image, uint32_t enum_index, uint32_t member)
{
    const mst_text none = {NULL, 0};
    if (enum_index >= MST_COUNT(image, ENUMS))
        return none;
    const unsigned char *record = MST_AT(image, ENUMS, enum_index);
    if (member >= mst_load_u32(record + MST_ENUM_MEMBER_COUNT))
        return none;
    return string_at(image,
                     MST_AT(image, MEMBERS, mst_load_u32(record + MST_ENUM_FIRST_MEMBER) + member));
}

mst_text mst_enum_spelling(const mst_image *image, uint32_t enum_index, uint32_t i,
                           uint32_t *member)
{
    const mst_text none = {NULL, 0};
    *member = MST_INDEX_NONE;
    if (enum_index >= MST_COUNT(image, ENUMS))
        return none;
    const unsigned char *record = MST_AT(image, ENUMS, enum_index);
    if (i >= mst_load_u32(record + MST_ENUM_SPELLING_COUNT))
        return none;
    const unsigned char *spelling =
        MST_AT(image, SPELLINGS, mst_load_u32(record + MST_ENUM_FIRST_SPELLING) + i);
    *member = mst_load_u32(spelling + MST_SPELLING_MEMBER);
    return string_at(image, spelling + MST_SPELLING_TEXT);
}

uint32_t mst_param_count(const mst_image *image)
{
    return MST_COUNT(image, PARAMS);
}

mst_status mst_param_info_at(const mst_image *image, uint32_t index, mst_param_info *info)
{
    if (index >= MST_COUNT(image, PARAMS))
        return MST_ERR_ARGUMENT;
    const unsigned char *param = MST_AT(image, PARAMS, index);
    const uint32_t type = mst_load_u32(param + MST_PARAM_TYPE);
    const mst_param_info found = {
        .size = sizeof found,
        .type = mst_code_type(type),
        .name = string_at(image, param + MST_PARAM_NAME),
        .value = string_at(image, param + MST_PARAM_VALUE),
        .enum_index = mst_code_is_enum(type) ? type - MST_CODE_ENUM : MST_INDEX_NONE,
    };
    mst_image_fill(info, &found, sizeof found);
    return MST_OK;
}

mst_slot mst_fact_find(const mst_image *image, const char *name)
{
    for (uint32_t i = 0; i < MST_COUNT(image, FACTS); i++)
        if (equals(string_at(image, MST_AT(image, FACTS, i) + MST_FACT_NAME), name))
            return MST_U32(image, FACTS, i, MST_FACT_SLOT);
    return MST_SLOT_NONE;
}

uint32_t mst_group_find(const mst_image *image, const char *name)
{
    for (uint32_t i = 0; i < MST_COUNT(image, GROUPS); i++)
        if (equals(string_at(image, MST_AT(image, GROUPS, i) + MST_GROUP_NAME), name))
            return i;
    return MST_INDEX_NONE;
}

/* ---- verdicts ------------------------------------------------------------------------------ */

uint32_t mst_verdict_count(const mst_image *image)
{
    return MST_COUNT(image, VERDICTS);
}

mst_status mst_verdict_info_at(const mst_image *image, uint32_t index, mst_verdict_info *info)
{
    if (index >= MST_COUNT(image, VERDICTS))
        return MST_ERR_ARGUMENT;
    const unsigned char *record = MST_AT(image, VERDICTS, index);
    const uint32_t flags = mst_load_u32(record + MST_VERDICT_FLAGS);
    const mst_verdict_info found = {
        .size = sizeof found,
        .is_policy = (flags & 1) != 0,
        .is_root = (flags & 2) != 0,
        .name = string_at(image, record + MST_VERDICT_NAME),
        .title = string_at(image, record + MST_VERDICT_TITLE),
        .doc = string_at(image, record + MST_VERDICT_DOC),
        .check_count = mst_load_u32(record + MST_VERDICT_CHECK_COUNT),
        .case_count = mst_load_u32(record + MST_VERDICT_CASE_COUNT),
        .advise_count = mst_load_u32(record + MST_VERDICT_ADVICE_COUNT),
        .max_steps = mst_load_u64(record + MST_VERDICT_STEPS),
        .max_output_bytes = mst_load_u32(record + MST_VERDICT_OUTPUT),
        .max_cause_steps = mst_image_cause_steps(image, mst_load_u64(record + MST_VERDICT_STEPS)),
    };
    mst_image_fill(info, &found, sizeof found);
    return MST_OK;
}

uint32_t mst_verdict_find(const mst_image *image, const char *name)
{
    for (uint32_t i = 0; i < MST_COUNT(image, VERDICTS); i++)
        if (equals(string_at(image, MST_AT(image, VERDICTS, i) + MST_VERDICT_NAME), name))
            return i;
    return MST_INDEX_NONE;
}

mst_text mst_outcome_name(const mst_image *image, const mst_verdict *verdict)
{
    const mst_text none = {NULL, 0};
    const mst_text unknown = {"unknown", 7};
    if (verdict->index >= MST_COUNT(image, VERDICTS))
        return none;
    const unsigned char *record = MST_AT(image, VERDICTS, verdict->index);
    if ((mst_load_u32(record + MST_VERDICT_FLAGS) & 1) != 0)
        return verdict->outcome < 3
                   ? string_at(image, record + MST_VERDICT_OUTCOMES + verdict->outcome * 4)
                   : none;
    if (verdict->outcome >= mst_load_u32(record + MST_VERDICT_CASE_COUNT))
        return unknown;
    const uint32_t member =
        MST_U32(image, CASES, mst_load_u32(record + MST_VERDICT_FIRST_CASE) + verdict->outcome,
                MST_CASE_MEMBER);
    if (member == MST_NO_INDEX)
        return unknown;
    return mst_enum_member(image, mst_load_u32(record + MST_VERDICT_ENUM), member);
}

static mst_text check_text(const mst_image *image, uint32_t verdict_index, uint32_t check,
                           uint32_t field)
{
    const mst_text none = {NULL, 0};
    if (verdict_index >= MST_COUNT(image, VERDICTS))
        return none;
    const unsigned char *record = MST_AT(image, VERDICTS, verdict_index);
    if (check >= mst_load_u32(record + MST_VERDICT_CHECK_COUNT))
        return none;
    const uint32_t index = mst_load_u32(record + MST_VERDICT_FIRST_CHECK) + check;
    return string_at(image, MST_AT(image, CHECKS, index) + field);
}

mst_text mst_check_name(const mst_image *image, uint32_t verdict_index, uint32_t check)
{
    return check_text(image, verdict_index, check, MST_CHECK_NAME);
}

mst_text mst_check_title(const mst_image *image, uint32_t verdict_index, uint32_t check)
{
    return check_text(image, verdict_index, check, MST_CHECK_TITLE);
}
