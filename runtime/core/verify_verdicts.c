/* SPDX-License-Identifier: Apache-2.0
 *
 * verify_verdicts.c - policies and decisions: that their checks, cases, fields and messages exist
 * and belong to them alone, and what they claim to cost. Runs last. */
#include "core/verify.h"
#include "format/cost.h"

static bool refuse_at(struct mst_verify *v, enum mst_fault_id fault, const unsigned char *at)
{
    return mst_verify_refuse(v, fault, mst_verify_offset(v, at));
}

/* Adds the cost of the block whose index stands at `at`, if it names one. */
static bool add_block(struct mst_verify *v, const unsigned char *at, uint32_t kind,
                      struct mst_text_cost *sum)
{
    const uint32_t block = mst_load_u32(at);
    if (block == MST_NO_INDEX)
        return true;
    if (block >= MST_COUNT(v->image, BLOCKS) ||
        MST_U32(v->image, BLOCKS, block, MST_BLOCK_KIND) != kind)
        return refuse_at(v, MST_FAULT_BLOCK_INDEX, at);
    const struct mst_text_cost cost = {
        MST_U64(v->image, BLOCKS, block, MST_BLOCK_STEPS),
        MST_U32(v->image, BLOCKS, block, MST_BLOCK_OUTPUT),
    };
    mst_cost_add_text(sum, cost);
    return true;
}

static bool check_check(struct mst_verify *v, uint32_t i, struct mst_text_cost *cost)
{
    const unsigned char *check = MST_AT(v->image, CHECKS, i);
    if (!mst_verify_string(v, check + MST_CHECK_NAME) ||
        !mst_verify_string(v, check + MST_CHECK_TITLE) ||
        !mst_verify_zero(v, check + MST_CHECK_FLAGS, 4))
        return false;
    for (unsigned part = 0; part < 3; part++)
        if (!add_block(v, check + MST_CHECK_TEXTS + part * 4, MST_BLOCK_MESSAGE, cost))
            return false;
    return add_block(v, check + MST_CHECK_BECAUSE, MST_BLOCK_MESSAGE, cost);
}

/* Where the next verdict's checks, cases and fields begin. */
struct progress {
    uint64_t check, next_case, field;
};

static bool check_checks(struct mst_verify *v, const unsigned char *verdict, struct progress *next,
                         struct mst_text_cost *total)
{
    const uint32_t checks = mst_load_u32(verdict + MST_VERDICT_CHECK_COUNT);
    const uint32_t advices = mst_load_u32(verdict + MST_VERDICT_ADVICE_COUNT);
    const uint64_t end = next->check + checks + advices;
    struct mst_text_cost most = {0};
    if ((checks > 0 && mst_load_u32(verdict + MST_VERDICT_FIRST_CHECK) != next->check) ||
        (advices > 0 && mst_load_u32(verdict + MST_VERDICT_FIRST_ADVICE) != next->check + checks) ||
        end > MST_COUNT(v->image, CHECKS) || checks > UINT16_MAX)
        return refuse_at(v, MST_FAULT_RANGE_ORDER, verdict + MST_VERDICT_FIRST_CHECK);
    for (uint64_t i = next->check; i < end; i++) {
        struct mst_text_cost cost = {0};
        if (!check_check(v, (uint32_t)i, &cost))
            return false;
        if (i < next->check + checks)
            mst_cost_most_text(&most, cost);
        else
            mst_cost_add_text(total, cost);
    }
    mst_cost_add_text(total, most);
    next->check = end;
    return true;
}

static bool check_fields(struct mst_verify *v, const unsigned char *record, struct progress *next,
                         struct mst_text_cost *cost)
{
    const uint32_t count = mst_load_u32(record + MST_CASE_FIELD_COUNT);
    const uint64_t end = next->field + count;
    if ((count > 0 && mst_load_u32(record + MST_CASE_FIRST_FIELD) != next->field) ||
        end > MST_COUNT(v->image, FIELDS))
        return refuse_at(v, MST_FAULT_RANGE_ORDER, record + MST_CASE_FIRST_FIELD);
    for (uint64_t i = next->field; i < end; i++) {
        const unsigned char *field = MST_AT(v->image, FIELDS, i);
        if (mst_load_u32(field + MST_FIELD_BLOCK) == MST_NO_INDEX)
            return refuse_at(v, MST_FAULT_BLOCK_INDEX, field + MST_FIELD_BLOCK);
        if (!mst_verify_string(v, field + MST_FIELD_NAME) ||
            !add_block(v, field + MST_FIELD_BLOCK, MST_BLOCK_VALUE, cost))
            return false;
        const uint32_t type =
            MST_U32(v->image, BLOCKS, mst_load_u32(field + MST_FIELD_BLOCK), MST_BLOCK_TYPE);
        if (!mst_verify_is_scalar(v, type))
            return refuse_at(v, MST_FAULT_TYPE, field + MST_FIELD_BLOCK);
        mst_cost_add_text(cost, mst_cost_field(0, type, v->max_text));
    }
    next->field = end;
    return true;
}

static bool check_case(struct mst_verify *v, uint32_t i, uint32_t members, struct progress *next,
                       struct mst_text_cost *cost)
{
    const unsigned char *record = MST_AT(v->image, CASES, i);
    const uint32_t member = mst_load_u32(record + MST_CASE_MEMBER);
    const uint64_t causes = (uint64_t)MST_COUNT(v->image, FACTS) + MST_COUNT(v->image, CAUSES);
    if (member >= members && member != MST_NO_INDEX)
        return refuse_at(v, MST_FAULT_MEMBER_INDEX, record + MST_CASE_MEMBER);
    if (member == MST_NO_INDEX && mst_load_u32(record + MST_CASE_CAUSE) >= causes)
        return refuse_at(v, MST_FAULT_CAUSE_INDEX, record + MST_CASE_CAUSE);
    return mst_verify_zero(v, record + 24, 4) &&
           add_block(v, record + MST_CASE_LABEL, MST_BLOCK_MESSAGE, cost) &&
           add_block(v, record + MST_CASE_BECAUSE, MST_BLOCK_MESSAGE, cost) &&
           check_fields(v, record, next, cost);
}

static bool check_cases(struct mst_verify *v, const unsigned char *verdict, uint32_t members,
                        struct progress *next, struct mst_text_cost *total)
{
    const uint32_t count = mst_load_u32(verdict + MST_VERDICT_CASE_COUNT);
    const uint64_t end = next->next_case + count;
    struct mst_text_cost most = {0};
    if ((count > 0 && mst_load_u32(verdict + MST_VERDICT_FIRST_CASE) != next->next_case) ||
        end > MST_COUNT(v->image, CASES))
        return refuse_at(v, MST_FAULT_RANGE_ORDER, verdict + MST_VERDICT_FIRST_CASE);
    for (uint64_t i = next->next_case; i < end; i++) {
        struct mst_text_cost cost = {0};
        if (!check_case(v, (uint32_t)i, members, next, &cost))
            return false;
        mst_cost_most_text(&most, cost);
    }
    mst_cost_add_text(total, most);
    next->next_case = end;
    return true;
}

static bool check_enum(struct mst_verify *v, const unsigned char *at, uint32_t least,
                       uint32_t *members)
{
    const uint32_t index = mst_load_u32(at);
    if (index >= MST_COUNT(v->image, ENUMS))
        return refuse_at(v, MST_FAULT_TYPE, at);
    *members = MST_U32(v->image, ENUMS, index, MST_ENUM_MEMBER_COUNT);
    return *members >= least || refuse_at(v, MST_FAULT_VERDICT_SHAPE, at);
}

/* A name that is printed as a label, so that its length counts. */
static bool check_outcome(struct mst_verify *v, const unsigned char *at)
{
    return mst_verify_string(v, at) &&
           (mst_image_string(v->image, mst_load_u32(at)).len <= MST_MAX_NAME_BYTES ||
            refuse_at(v, MST_FAULT_NAME_TOO_LONG, at));
}

static bool check_names(struct mst_verify *v, const unsigned char *verdict, uint32_t *members)
{
    const bool policy = (mst_load_u32(verdict + MST_VERDICT_FLAGS) & 1) != 0;
    const uint32_t checks = mst_load_u32(verdict + MST_VERDICT_CHECK_COUNT);
    const uint32_t kind =
        MST_U32(v->image, BLOCKS, mst_load_u32(verdict + MST_VERDICT_BLOCK), MST_BLOCK_KIND);
    uint32_t check_members = 0;
    if (mst_load_u32(verdict + MST_VERDICT_FLAGS) > 3)
        return refuse_at(v, MST_FAULT_FLAGS, verdict + MST_VERDICT_FLAGS);
    if (kind != (policy ? MST_BLOCK_POLICY : MST_BLOCK_DECISION) ||
        mst_load_u32(verdict + (policy ? MST_VERDICT_CASE_COUNT : MST_VERDICT_CHECK_COUNT)) != 0)
        return refuse_at(v, MST_FAULT_VERDICT_SHAPE, verdict);
    for (unsigned i = 0; i < 3 && policy; i++)
        if (!check_outcome(v, verdict + MST_VERDICT_OUTCOMES + i * 4))
            return false;
    if (!policy && !mst_verify_zero(v, verdict + MST_VERDICT_OUTCOMES, 12))
        return false;
    if (mst_load_u32(verdict + MST_VERDICT_CHECK_ENUM) != MST_NO_INDEX &&
        !check_enum(v, verdict + MST_VERDICT_CHECK_ENUM, checks, &check_members))
        return false;
    return check_enum(v, verdict + MST_VERDICT_ENUM, policy ? 2 : 0, members) &&
           mst_verify_string(v, verdict + MST_VERDICT_NAME) &&
           mst_verify_string(v, verdict + MST_VERDICT_TITLE) &&
           mst_verify_string(v, verdict + MST_VERDICT_DOC) && mst_verify_zero(v, verdict + 92, 4);
}

static bool check_claims(struct mst_verify *v, const unsigned char *verdict,
                         const struct mst_text_cost *cost)
{
    if (mst_load_u64(verdict + MST_VERDICT_STEPS) != cost->steps)
        return refuse_at(v, MST_FAULT_CLAIM_STEPS, verdict + MST_VERDICT_STEPS);
    if (mst_load_u32(verdict + MST_VERDICT_OUTPUT) != cost->output)
        return refuse_at(v, MST_FAULT_CLAIM_OUTPUT, verdict + MST_VERDICT_OUTPUT);
    if (cost->steps > v->limits.max_steps)
        return refuse_at(v, MST_FAULT_LIMIT_STEPS, verdict + MST_VERDICT_STEPS);
    if (mst_image_cause_steps(v->image, cost->steps) > v->limits.max_cause_steps)
        return refuse_at(v, MST_FAULT_LIMIT_CAUSES, verdict + MST_VERDICT_STEPS);
    if (cost->output > v->limits.max_output_bytes)
        return refuse_at(v, MST_FAULT_LIMIT_OUTPUT, verdict + MST_VERDICT_OUTPUT);
    return true;
}

static bool check_verdict(struct mst_verify *v, const unsigned char *verdict, struct progress *next)
{
    struct mst_text_cost total = mst_cost_verdict(
        MST_U64(v->image, BLOCKS, mst_load_u32(verdict + MST_VERDICT_BLOCK), MST_BLOCK_STEPS));
    struct mst_text_cost most = {0};
    uint32_t members = 0;
    if (!check_names(v, verdict, &members) ||
        !add_block(v, verdict + MST_VERDICT_ADVISE, MST_BLOCK_ADVICE, &total))
        return false;
    for (unsigned i = 0; i < 3; i++) {
        struct mst_text_cost cost = {0};
        if (!add_block(v, verdict + MST_VERDICT_LABELS + i * 4, MST_BLOCK_MESSAGE, &cost))
            return false;
        mst_cost_most_text(&most, cost);
    }
    mst_cost_add_text(&total, most);
    return check_checks(v, verdict, next, &total) &&
           check_cases(v, verdict, members, next, &total) && check_claims(v, verdict, &total);
}

bool mst_verify_verdicts(struct mst_verify *v)
{
    const mst_image *image = v->image;
    struct progress next = {0};
    for (uint32_t i = 0; i < MST_COUNT(image, VERDICTS); i++)
        if (!check_verdict(v, MST_AT(image, VERDICTS, i), &next))
            return false;
    if (next.check != MST_COUNT(image, CHECKS) || next.next_case != MST_COUNT(image, CASES) ||
        next.field != MST_COUNT(image, FIELDS))
        return mst_verify_refuse(v, MST_FAULT_RANGE_ORDER,
                                 mst_verify_offset(v, MST_AT(image, VERDICTS, 0)));
    return true;
}
