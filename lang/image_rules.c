/* SPDX-License-Identifier: Apache-2.0
 *
 * image_rules.c - policies and decisions in the image: in the order of verdicts, each with its
 * checks, cases and fields, and what it claims to cost. */
#include "image_buffer.h"

#include "format/cost.h"

static const unsigned char *block_record(const struct mst_image_buffer *image, uint32_t block)
{
    return image->section[MST_SECTION_BLOCKS].bytes +
           (size_t)block * mst_record_bytes(MST_SECTION_BLOCKS);
}

/* What texts may cost: steps together, output of the longest. */
static struct mst_text_cost block_cost(const struct mst_image_buffer *image, uint32_t block)
{
    struct mst_text_cost cost = {0, 0};
    if (block == UINT32_MAX)
        return cost;
    const unsigned char *record = block_record(image, block);
    cost.steps = mst_load_u64(record + MST_BLOCK_STEPS);
    cost.output = mst_load_u32(record + MST_BLOCK_OUTPUT);
    return cost;
}

static struct mst_text_cost field_cost(const struct mst_image_buffer *image, uint32_t block)
{
    const unsigned char *record = block_record(image, block);
    return mst_cost_field(mst_load_u64(record + MST_BLOCK_STEPS),
                          mst_load_u32(record + MST_BLOCK_TYPE), image->lowered->max_text);
}

static const char *plain(const struct mst_expr *text)
{
    return text != NULL && text->args.first != NULL ? text->args.first->bytes : "";
}

static struct mst_text_cost write_check(struct mst_image_buffer *image, const struct mst_rule *rule,
                                        const struct mst_check_code *code)
{
    unsigned char *record = mst_image_record(image, MST_SECTION_CHECKS);
    struct mst_text_cost cost = {0, 0};
    mst_store_u32(record + MST_CHECK_NAME, mst_image_text(image, rule->entry->name.text));
    mst_store_u32(record + MST_CHECK_TITLE, mst_image_text(image, plain(rule->entry->title)));
    mst_store_u32(record + MST_CHECK_TEXTS, code->reason);
    mst_store_u32(record + MST_CHECK_TEXTS + 4, code->remedy);
    mst_store_u32(record + MST_CHECK_TEXTS + 8, code->cite);
    mst_store_u32(record + MST_CHECK_BECAUSE, code->because);
    mst_cost_add_text(&cost, block_cost(image, code->reason));
    mst_cost_add_text(&cost, block_cost(image, code->remedy));
    mst_cost_add_text(&cost, block_cost(image, code->cite));
    mst_cost_add_text(&cost, block_cost(image, code->because));
    return cost;
}

static void write_policy(struct mst_image_buffer *image, unsigned char *record,
                         const struct mst_rules *rules, const struct mst_verdict_code *code,
                         struct mst_text_cost *total)
{
    /* Indexed one by one: a program without any check has no array to point into. */
    const struct mst_lowered *lowered = image->lowered;
    uint32_t first = image->section[MST_SECTION_CHECKS].records, k = code->first_check;
    uint32_t checks = (uint32_t)rules->checks.count, advice = (uint32_t)rules->advice.count;
    struct mst_text_cost most = {0, 0};
    for (uint32_t i = 0; i < checks; i++)
        mst_cost_most_text(
            &most, write_check(image, &rules->checks.items[i], &lowered->checks.items[k++]));
    for (uint32_t i = 0; i < advice; i++)
        mst_cost_add_text(total,
                          write_check(image, &rules->advice.items[i], &lowered->checks.items[k++]));
    mst_cost_add_text(total, most);
    mst_store_u32(record + MST_VERDICT_FIRST_CHECK, first);
    mst_store_u32(record + MST_VERDICT_CHECK_COUNT, checks);
    mst_store_u32(record + MST_VERDICT_FIRST_ADVICE, first + checks);
    mst_store_u32(record + MST_VERDICT_ADVICE_COUNT, advice);
    for (uint32_t i = 0; i < 3 && i < rules->outcomes.count; i++)
        mst_store_u32(record + MST_VERDICT_OUTCOMES + i * 4,
                      mst_image_text(image, rules->outcomes.items[i].name));
}

static struct mst_text_cost write_case(struct mst_image_buffer *image,
                                       const struct mst_case_code *code)
{
    unsigned char *record = mst_image_record(image, MST_SECTION_CASES);
    uint32_t facts = (uint32_t)image->program->facts.count;
    struct mst_text_cost cost = block_cost(image, code->label);
    mst_cost_add_text(&cost, block_cost(image, code->because));
    mst_store_u32(record + MST_CASE_MEMBER, code->member);
    mst_store_u32(record + MST_CASE_LABEL, code->label);
    mst_store_u32(record + MST_CASE_BECAUSE, code->because);
    mst_store_u32(record + MST_CASE_FIRST_FIELD, image->section[MST_SECTION_FIELDS].records);
    mst_store_u32(record + MST_CASE_FIELD_COUNT, code->field_count);
    mst_store_u32(record + MST_CASE_CAUSE, code->cause != UINT32_MAX ? facts + code->cause : 0);
    for (uint32_t i = 0; i < code->field_count; i++) {
        const struct mst_field_code *field = &image->lowered->fields.items[code->first_field + i];
        unsigned char *f = mst_image_record(image, MST_SECTION_FIELDS);
        mst_store_u32(f + MST_FIELD_NAME, mst_image_text(image, field->name));
        mst_store_u32(f + MST_FIELD_BLOCK, field->block);
        mst_cost_add_text(&cost, field_cost(image, field->block));
    }
    return cost;
}

static void write_decision(struct mst_image_buffer *image, unsigned char *record,
                           const struct mst_verdict_code *code, struct mst_text_cost *total)
{
    struct mst_text_cost most = {0, 0};
    mst_store_u32(record + MST_VERDICT_FIRST_CASE, image->section[MST_SECTION_CASES].records);
    mst_store_u32(record + MST_VERDICT_CASE_COUNT, code->case_count);
    for (uint32_t i = 0; i < code->case_count; i++)
        mst_cost_most_text(&most,
                           write_case(image, &image->lowered->cases.items[code->first_case + i]));
    mst_cost_add_text(total, most);
}

static void write_verdict(struct mst_image_buffer *image, const struct mst_rules *rules,
                          const struct mst_verdict_code *code)
{
    struct mst_program *program = image->program;
    const struct mst_symbol *symbol = rules->symbol;
    unsigned char record[96] = {0};
    bool is_policy = symbol->kind == MST_SYMBOL_POLICY;
    bool is_root = symbol->unit == mst_program_root(program);
    struct mst_text_cost labels = {0, 0};
    struct mst_text_cost total = mst_cost_verdict(block_cost(image, code->block).steps);
    mst_cost_add_text(&total, block_cost(image, code->advise));
    for (uint32_t i = 0; i < 3; i++) {
        mst_store_u32(record + MST_VERDICT_LABELS + i * 4, code->labels[i]);
        mst_cost_most_text(&labels, block_cost(image, code->labels[i]));
    }
    mst_cost_add_text(&total, labels);
    if (is_policy)
        write_policy(image, record, rules, code, &total);
    else
        write_decision(image, record, code, &total);
    mst_store_u32(
        record + MST_VERDICT_NAME,
        mst_image_text(image, mst_program_full_name(program, symbol->unit, symbol->name.text)));
    mst_store_u32(record + MST_VERDICT_TITLE, mst_image_text(image, plain(symbol->item->doc)));
    mst_store_u32(record + MST_VERDICT_FLAGS, (is_policy ? 1u : 0u) | (is_root ? 2u : 0u));
    mst_store_u32(record + MST_VERDICT_BLOCK, code->block);
    mst_store_u32(record + MST_VERDICT_ADVISE, code->advise);
    mst_store_u32(record + MST_VERDICT_ENUM, rules->enum_type);
    mst_store_u32(record + MST_VERDICT_CHECK_ENUM, is_policy ? rules->check_enum : MST_NO_INDEX);
    mst_store_u32(record + MST_VERDICT_OUTPUT, (uint32_t)total.output);
    mst_store_u64(record + MST_VERDICT_STEPS, total.steps);
    unsigned char *at = mst_image_record(image, MST_SECTION_VERDICTS);
    for (size_t i = 0; i < sizeof record; i++)
        at[i] = record[i];
}

void mst_image_write_rules(struct mst_image_buffer *image)
{
    for (size_t i = 0; i < image->program->verdicts.count && !image->program->arena->failed; i++)
        write_verdict(image, image->program->verdicts.items[i], &image->lowered->verdicts.items[i]);
}
