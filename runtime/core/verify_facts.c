/* SPDX-License-Identifier: Apache-2.0
 *
 * verify_facts.c - groups, facts and the slots that they, the constants and the results occupy.
 * Facts lie in slots one after the other, so that no two can overlap. */
#include "core/verify.h"

static bool refuse_at(struct mst_verify *v, enum mst_fault_id fault, const unsigned char *at)
{
    return mst_verify_refuse(v, fault, mst_verify_offset(v, at));
}

static bool check_observed(struct mst_verify *v, const unsigned char *group)
{
    const uint32_t fact = mst_load_u32(group + MST_GROUP_OBSERVED);
    if (fact == MST_NO_INDEX)
        return true;
    if (fact >= MST_COUNT(v->image, FACTS) ||
        MST_U32(v->image, FACTS, fact, MST_FACT_TYPE) != MST_TYPE_TIME ||
        MST_U32(v->image, FACTS, fact, MST_FACT_STRIDE) != 0)
        return refuse_at(v, MST_FAULT_FACT_INDEX, group + MST_GROUP_OBSERVED);
    return true;
}

static bool check_groups(struct mst_verify *v)
{
    for (uint32_t i = 0; i < MST_COUNT(v->image, GROUPS); i++) {
        const unsigned char *group = MST_AT(v->image, GROUPS, i);
        const int64_t stale_after = (int64_t)mst_load_u64(group + MST_GROUP_STALE);
        if (!mst_verify_string(v, group + MST_GROUP_NAME) ||
            !mst_verify_string(v, group + MST_GROUP_PATH) ||
            !mst_verify_string(v, group + MST_GROUP_DOC) || !check_observed(v, group) ||
            !mst_verify_zero(v, group + 24, 8))
            return false;
        if (stale_after < 0)
            return refuse_at(v, MST_FAULT_VALUE_RANGE, group + MST_GROUP_STALE);
    }
    return true;
}

/* What has been seen of the facts so far. A list's subtree ends at the first fact whose parent is
 * not in it; then the slots of its further elements are left out. */
struct walk {
    uint32_t next_slot;
    uint32_t list;        /* whose parts follow, or MST_NO_INDEX */
    uint32_t first_part;  /* slot */
    uint32_t list_stride; /* slots of one element */
    uint32_t capacity;
};

static bool is_container(uint32_t type)
{
    return type == MST_TYPE_RECORD || type == MST_TYPE_LIST;
}

static bool is_nested_too_deep(const mst_image *image, uint32_t parent)
{
    uint32_t depth = 0;
    for (; parent != MST_NO_INDEX; parent = MST_U32(image, FACTS, parent, MST_FACT_PARENT))
        if (++depth > MST_MAX_FACT_DEPTH)
            return true;
    return false;
}

static bool check_fact_shape(struct mst_verify *v, uint32_t i, const unsigned char *fact)
{
    const mst_image *image = v->image;
    const uint32_t type = mst_load_u32(fact + MST_FACT_TYPE);
    const uint32_t parent = mst_load_u32(fact + MST_FACT_PARENT);
    const uint32_t max_bytes = mst_load_u32(fact + MST_FACT_MAX_BYTES);
    const uint32_t capacity = mst_load_u32(fact + MST_FACT_CAPACITY);
    if (!mst_verify_is_scalar(v, type) && !is_container(type))
        return refuse_at(v, MST_FAULT_TYPE, fact + MST_FACT_TYPE);
    if (mst_load_u32(fact + MST_FACT_GROUP) >= MST_COUNT(image, GROUPS))
        return refuse_at(v, MST_FAULT_GROUP_INDEX, fact + MST_FACT_GROUP);
    if (parent != MST_NO_INDEX &&
        (parent >= i || !is_container(MST_U32(image, FACTS, parent, MST_FACT_TYPE))))
        return refuse_at(v, MST_FAULT_FACT_SHAPE, fact + MST_FACT_PARENT);
    if (parent != MST_NO_INDEX && parent + 1 != i &&
        MST_U32(image, FACTS, parent, MST_FACT_TYPE) == MST_TYPE_LIST) /* it has one element */
        return refuse_at(v, MST_FAULT_FACT_SHAPE, fact + MST_FACT_PARENT);
    if (is_nested_too_deep(image, parent))
        return refuse_at(v, MST_FAULT_TOO_MANY, fact + MST_FACT_PARENT);
    if (type == MST_TYPE_LIST ? capacity == 0 || capacity > MST_MAX_LIST_ELEMENTS : capacity != 0)
        return refuse_at(v, MST_FAULT_FACT_SHAPE, fact + MST_FACT_CAPACITY);
    if (type == MST_TYPE_TEXT ? max_bytes == 0 || max_bytes > v->max_text : max_bytes != 0)
        return refuse_at(v, MST_FAULT_FACT_SHAPE, fact + MST_FACT_MAX_BYTES);
    if (mst_load_u32(fact + MST_FACT_FLAGS) > 1)
        return refuse_at(v, MST_FAULT_FLAGS, fact + MST_FACT_FLAGS);
    return mst_verify_string(v, fact + MST_FACT_NAME) &&
           mst_verify_string(v, fact + MST_FACT_PATH) &&
           mst_verify_string(v, fact + MST_FACT_DOC) && mst_verify_zero(v, fact + 44, 4);
}

static bool check_slot(struct mst_verify *v, uint32_t slot, uint32_t type)
{
    const unsigned char *record = MST_AT(v->image, SLOTS, slot);
    if (mst_load_u32(record + MST_SLOT_TYPE) != type)
        return refuse_at(v, MST_FAULT_SLOT_TYPE, record);
    if (mst_load_u32(record + MST_SLOT_CAUSE) >= MST_COUNT(v->image, FACTS))
        return refuse_at(v, MST_FAULT_CAUSE_INDEX, record);
    return true;
}

/* Ends the list whose parts have all been seen: its other elements repeat the first. */
static bool close_list(struct mst_verify *v, struct walk *walk)
{
    if (walk->list == MST_NO_INDEX)
        return true;
    const unsigned char *list = MST_AT(v->image, FACTS, walk->list);
    const uint32_t stride = walk->list_stride;
    const uint64_t rest = (uint64_t)stride * (walk->capacity - 1);
    if (stride == 0 || walk->next_slot + rest > mst_image_fact_slots(v->image))
        return refuse_at(v, MST_FAULT_FACT_SHAPE, list);
    for (uint32_t i = 0; i < rest; i++) {
        const uint32_t type =
            MST_U32(v->image, SLOTS, walk->first_part + i % stride, MST_SLOT_TYPE);
        if (!check_slot(v, walk->next_slot + i, type))
            return false;
    }
    walk->next_slot += (uint32_t)rest;
    walk->list = MST_NO_INDEX;
    return true;
}

static void open_list(struct walk *walk, uint32_t i, uint32_t capacity)
{
    walk->list = i;
    walk->first_part = walk->next_slot;
    walk->capacity = capacity;
    walk->list_stride = 0;
}

/* Strides are stated before they can be counted: compared when the list is closed. */
static bool check_stride(struct mst_verify *v, const struct walk *walk, uint32_t first_fact,
                         uint32_t end_fact)
{
    for (uint32_t i = first_fact; i < end_fact; i++) {
        const unsigned char *fact = MST_AT(v->image, FACTS, i);
        if (mst_load_u32(fact + MST_FACT_STRIDE) != walk->list_stride)
            return refuse_at(v, MST_FAULT_FACT_SHAPE, fact + MST_FACT_STRIDE);
    }
    return true;
}

static bool end_list(struct mst_verify *v, struct walk *walk, uint32_t next_fact)
{
    return walk->list == MST_NO_INDEX ||
           (check_stride(v, walk, walk->list + 1, next_fact) && close_list(v, walk));
}

static bool place_fact(struct mst_verify *v, struct walk *walk, uint32_t i)
{
    const unsigned char *fact = MST_AT(v->image, FACTS, i);
    const uint32_t type = mst_load_u32(fact + MST_FACT_TYPE);
    const uint32_t slot = mst_load_u32(fact + MST_FACT_SLOT);
    const bool in_list = walk->list != MST_NO_INDEX;
    if (in_list && type == MST_TYPE_LIST)
        return refuse_at(v, MST_FAULT_FACT_SHAPE, fact);
    if (!in_list && mst_load_u32(fact + MST_FACT_STRIDE) != 0)
        return refuse_at(v, MST_FAULT_FACT_SHAPE, fact + MST_FACT_STRIDE);
    if (slot != walk->next_slot || slot >= mst_image_fact_slots(v->image))
        return refuse_at(v, MST_FAULT_FACT_SLOT, fact + MST_FACT_SLOT);
    walk->next_slot++;
    walk->list_stride += in_list;
    if (type == MST_TYPE_LIST)
        open_list(walk, i, mst_load_u32(fact + MST_FACT_CAPACITY));
    return check_slot(v, slot, type);
}

static bool check_facts(struct mst_verify *v)
{
    struct walk walk = {.list = MST_NO_INDEX};
    const uint32_t count = MST_COUNT(v->image, FACTS);
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *fact = MST_AT(v->image, FACTS, i);
        const uint32_t parent = mst_load_u32(fact + MST_FACT_PARENT);
        if (!check_fact_shape(v, i, fact))
            return false;
        const bool in_list =
            walk.list != MST_NO_INDEX && parent != MST_NO_INDEX && parent >= walk.list;
        if (!in_list && !end_list(v, &walk, i))
            return false;
        /* a part of a list that has already been closed */
        if (!in_list && parent != MST_NO_INDEX &&
            (MST_U32(v->image, FACTS, parent, MST_FACT_TYPE) == MST_TYPE_LIST ||
             MST_U32(v->image, FACTS, parent, MST_FACT_STRIDE) != 0))
            return refuse_at(v, MST_FAULT_FACT_SHAPE, fact + MST_FACT_PARENT);
        if (!place_fact(v, &walk, i))
            return false;
    }
    if (!end_list(v, &walk, count))
        return false;
    if (walk.next_slot != mst_image_fact_slots(v->image))
        return refuse_at(v, MST_FAULT_FACT_SLOT, MST_AT(v->image, FACTS, 0));
    return true;
}

static bool check_subject(struct mst_verify *v)
{
    const unsigned char *meta = MST_AT(v->image, META, 0);
    const uint32_t subject = mst_load_u32(meta + MST_META_SUBJECT);
    if (subject == MST_NO_INDEX)
        return true;
    if (subject >= MST_COUNT(v->image, FACTS) ||
        MST_U32(v->image, FACTS, subject, MST_FACT_TYPE) != MST_TYPE_TEXT ||
        MST_U32(v->image, FACTS, subject, MST_FACT_STRIDE) != 0 ||
        MST_U32(v->image, FACTS, subject, MST_FACT_FLAGS) != 0)
        return refuse_at(v, MST_FAULT_FACT_INDEX, meta + MST_META_SUBJECT);
    return true;
}

/* ---- constants and results ----------------------------------------------------------------- */

static bool check_const(struct mst_verify *v, uint32_t i)
{
    const unsigned char *record = MST_AT(v->image, CONSTS, i);
    const uint32_t slot = mst_image_first_const(v->image) + i;
    const uint32_t type = mst_load_u32(record + MST_CONST_TYPE);
    const uint64_t value = mst_load_u64(record + MST_CONST_VALUE);
    if (MST_U32(v->image, SLOTS, slot, MST_SLOT_TYPE) != type)
        return refuse_at(v, MST_FAULT_SLOT_TYPE, MST_AT(v->image, SLOTS, slot));
    if (!mst_verify_zero(v, record + 12, 4))
        return false;
    if (type == MST_CODE_ZONE)
        return value < MST_COUNT(v->image, ZONES) || refuse_at(v, MST_FAULT_VALUE_RANGE, record);
    if (!mst_verify_is_scalar(v, type))
        return refuse_at(v, MST_FAULT_TYPE, record + MST_CONST_TYPE);
    return mst_verify_value(v, type, value, record);
}

/* A result may also be a row or an element. */
static bool check_result_type(struct mst_verify *v, const unsigned char *slot)
{
    const uint32_t type = mst_load_u32(slot + MST_SLOT_TYPE);
    bool good = mst_verify_is_scalar(v, type);
    if (mst_code_is_row(type))
        good = type - MST_CODE_ROW < MST_COUNT(v->image, TABLES);
    else if (mst_code_is_element(type))
        good = type - MST_CODE_ELEMENT < MST_COUNT(v->image, FACTS) &&
               MST_U32(v->image, FACTS, type - MST_CODE_ELEMENT, MST_FACT_TYPE) == MST_TYPE_LIST;
    return good || refuse_at(v, MST_FAULT_TYPE, slot);
}

static bool check_now(struct mst_verify *v)
{
    const unsigned char *now = MST_AT(v->image, SLOTS, mst_image_fact_slots(v->image));
    return mst_load_u32(now + MST_SLOT_TYPE) == MST_TYPE_TIME ||
           refuse_at(v, MST_FAULT_SLOT_TYPE, now);
}

static bool check_later_slots(struct mst_verify *v)
{
    const mst_image *image = v->image;
    for (uint32_t i = 0; i < MST_COUNT(image, CONSTS); i++)
        if (!check_const(v, i))
            return false;
    for (uint32_t i = mst_image_first_result(image); i < mst_image_first_register(image); i++)
        if (!check_result_type(v, MST_AT(image, SLOTS, i)))
            return false;
    for (uint32_t i = mst_image_fact_slots(image); i < mst_image_first_register(image); i++)
        if (MST_U32(image, SLOTS, i, MST_SLOT_CAUSE) != MST_NO_INDEX)
            return refuse_at(v, MST_FAULT_CAUSE_INDEX, MST_AT(image, SLOTS, i));
    return true;
}

bool mst_verify_facts(struct mst_verify *v)
{
    if (MST_COUNT(v->image, SLOTS) != mst_image_first_register(v->image))
        return mst_verify_refuse(v, MST_FAULT_META, v->image->section[MST_SECTION_SLOTS].offset);
    return check_facts(v) && check_groups(v) && check_subject(v) && check_now(v) &&
           check_later_slots(v);
}
