/* SPDX-License-Identifier: Apache-2.0
 *
 * image_write.c - everything of an image but code and rules: meta, enums, groups, facts, slots,
 * tables, zones, params, texts. */
#include "image_write.h"

#include <stdlib.h>
#include <string.h>

#include "image_buffer.h"
#include "zones.h"

static const char *plain(const struct mst_expr *text)
{
    return text != NULL && text->args.first != NULL ? text->args.first->bytes : "";
}

/* ---- meta ---------------------------------------------------------------------------------- */

static const char *version_text(const struct mst_program *program, const struct mst_module *module)
{
    if (module->version == NULL)
        return "0.0";
    const struct mst_span span = module->version->span;
    return mst_arena_copy(program->arena, program->diags->sources[span.source].text + span.at,
                          span.len);
}

static void write_meta(struct mst_image_buffer *image)
{
    struct mst_program *program = image->program;
    const struct mst_lowered *lowered = image->lowered;
    const struct mst_module *module = mst_program_root(program)->module;
    uint32_t name = mst_image_text(image, module->name);
    uint32_t version = mst_image_text(image, version_text(program, module));
    uint32_t doc = mst_image_text(image, plain(module->doc));
    unsigned char *meta = mst_image_record(image, MST_SECTION_META);
    mst_store_u32(meta + MST_META_MODULE, name);
    mst_store_u32(meta + MST_META_VERSION, version);
    mst_store_u32(meta + MST_META_DOC, doc);
    mst_store_u32(meta + MST_META_SUBJECT, program->subject);
    mst_store_u64(meta + MST_META_EFFECTIVE, module->effective_from != NULL
                                                 ? (uint64_t)module->effective_from->word
                                                 : (uint64_t)INT64_MAX);
    mst_store_u32(meta + MST_META_MAX_TEXT, lowered->max_text);
    mst_store_u32(meta + MST_META_FACT_SLOTS, program->fact_slots);
    mst_store_u32(meta + MST_META_CONST_COUNT, (uint32_t)lowered->constants.count);
    mst_store_u32(meta + MST_META_RESULT_SLOTS, lowered->result_count);
    if (program->options->predecessor != NULL) {
        mst_store_u32(meta + MST_META_HAS_PREDECESSOR, 1);
        memcpy(meta + MST_META_PREDECESSOR, program->options->predecessor, 32);
    }
}

/* ---- enums --------------------------------------------------------------------------------- */

static void write_enum(struct mst_image_buffer *image, const struct mst_enum_type *type)
{
    uint32_t first_member = image->section[MST_SECTION_MEMBERS].records;
    uint32_t first_spelling = image->section[MST_SECTION_SPELLINGS].records;
    for (size_t i = 0; i < type->members.count; i++) {
        uint32_t text = mst_image_text(image, type->members.items[i].text);
        mst_store_u32(mst_image_record(image, MST_SECTION_MEMBERS), text);
    }
    for (size_t i = 0; i < type->spellings.count; i++) {
        const struct mst_enum_spelling *s = &type->spellings.items[i];
        uint32_t text = mst_ir_string(image->lowered, s->bytes, s->len);
        unsigned char *spelling = mst_image_record(image, MST_SECTION_SPELLINGS);
        mst_store_u32(spelling + MST_SPELLING_TEXT, text);
        mst_store_u32(spelling + MST_SPELLING_MEMBER, s->member);
    }
    uint32_t name = mst_image_text(image, type->name);
    unsigned char *record = mst_image_record(image, MST_SECTION_ENUMS);
    mst_store_u32(record + MST_ENUM_NAME, name);
    mst_store_u32(record + MST_ENUM_FIRST_MEMBER, first_member);
    mst_store_u32(record + MST_ENUM_MEMBER_COUNT, (uint32_t)type->members.count);
    mst_store_u32(record + MST_ENUM_FIRST_SPELLING, first_spelling);
    mst_store_u32(record + MST_ENUM_SPELLING_COUNT, (uint32_t)type->spellings.count);
}

/* ---- groups and facts ---------------------------------------------------------------------- */

static void write_group(struct mst_image_buffer *image, const struct mst_group *group)
{
    uint32_t name = mst_image_text(image, group->symbol->name.text);
    uint32_t path = mst_image_text(image, group->path);
    uint32_t doc = mst_image_text(image, plain(group->symbol->item->doc));
    unsigned char *record = mst_image_record(image, MST_SECTION_GROUPS);
    mst_store_u32(record + MST_GROUP_NAME, name);
    mst_store_u32(record + MST_GROUP_PATH, path);
    mst_store_u32(record + MST_GROUP_DOC, doc);
    mst_store_u32(record + MST_GROUP_OBSERVED, group->observed);
    mst_store_u64(record + MST_GROUP_STALE, (uint64_t)group->stale_after_s);
}

/* The fact that is blamed for a part: the one that was declared. */
static uint32_t whole_fact(const struct mst_program *program, uint32_t fact)
{
    while (program->facts.items[fact].parent != UINT32_MAX)
        fact = program->facts.items[fact].parent;
    return fact;
}

static void write_slot(struct mst_image_buffer *image, uint32_t type, uint32_t cause)
{
    unsigned char *record = mst_image_record(image, MST_SECTION_SLOTS);
    mst_store_u32(record + MST_SLOT_TYPE, type);
    mst_store_u32(record + MST_SLOT_CAUSE, cause);
}

static uint32_t fact_code(const struct mst_program *program, const struct mst_fact *fact)
{
    return mst_ir_type(program, fact->type);
}

static void write_fact(struct mst_image_buffer *image, uint32_t index)
{
    const struct mst_program *program = image->program;
    const struct mst_fact *fact = &program->facts.items[index];
    uint32_t kind = MST_TYPE_KIND(fact->type);
    uint32_t name = mst_image_text(image, fact->name), path = mst_image_text(image, fact->path);
    uint32_t doc = mst_image_text(image, fact->decl != NULL ? plain(fact->decl->doc) : "");
    unsigned char *record = mst_image_record(image, MST_SECTION_FACTS);
    mst_store_u32(record + MST_FACT_NAME, name);
    mst_store_u32(record + MST_FACT_PATH, path);
    mst_store_u32(record + MST_FACT_DOC, doc);
    mst_store_u32(record + MST_FACT_GROUP, fact->group);
    mst_store_u32(record + MST_FACT_TYPE, fact_code(program, fact));
    mst_store_u32(record + MST_FACT_SLOT, fact->slot);
    mst_store_u32(record + MST_FACT_PARENT, fact->parent);
    mst_store_u32(record + MST_FACT_CAPACITY,
                  kind == MST_TYPE_LIST ? program->lists.items[MST_TYPE_INDEX(fact->type)].capacity
                                        : 0);
    mst_store_u32(record + MST_FACT_STRIDE, fact->stride);
    mst_store_u32(record + MST_FACT_MAX_BYTES, kind == MST_TYPE_TEXT ? fact->max_bytes : 0);
    mst_store_u32(record + MST_FACT_FLAGS,
                  fact->symbol != NULL && fact->decl != NULL && fact->decl->value != NULL);
}

/* The slots of a list's elements: its parts once for each. */
static void write_element_slots(struct mst_image_buffer *image, uint32_t list)
{
    const struct mst_program *program = image->program;
    const struct mst_fact *fact = &program->facts.items[list];
    uint32_t capacity = program->lists.items[MST_TYPE_INDEX(fact->type)].capacity;
    for (uint32_t i = 0; i < capacity; i++)
        for (uint32_t k = list + 1; k <= list + fact->part_count; k++)
            if (program->facts.items[k].slot != UINT32_MAX)
                write_slot(image, fact_code(program, &program->facts.items[k]), list);
}

static void write_fact_slots(struct mst_image_buffer *image)
{
    const struct mst_program *program = image->program;
    for (uint32_t i = 0; i < program->facts.count; i++) {
        const struct mst_fact *fact = &program->facts.items[i];
        if (fact->slot != UINT32_MAX)
            write_slot(image, fact_code(program, fact), whole_fact(program, i));
        if (MST_TYPE_KIND(fact->type) == MST_TYPE_LIST) {
            write_element_slots(image, i);
            i += fact->part_count;
        }
    }
}

/* ---- constants, results and their slots ---------------------------------------------------- */

static void write_constants(struct mst_image_buffer *image)
{
    const struct mst_lowered *lowered = image->lowered;
    for (size_t i = 0; i < lowered->constants.count; i++) {
        unsigned char *record = mst_image_record(image, MST_SECTION_CONSTS);
        uint32_t type = mst_ir_type(image->program, lowered->constants.items[i].type);
        mst_store_u64(record + MST_CONST_VALUE, lowered->constants.items[i].word);
        mst_store_u32(record + MST_CONST_TYPE, type);
        write_slot(image, type, MST_NO_INDEX);
    }
}

static const struct mst_rules *rules_of_block(const struct mst_image_buffer *image, uint32_t block)
{
    for (size_t i = 0; i < image->program->verdicts.count; i++)
        if (image->lowered->verdicts.items[i].block == block)
            return image->program->verdicts.items[i];
    return NULL;
}

static void write_result_slots(struct mst_image_buffer *image)
{
    const struct mst_lowered *lowered = image->lowered;
    for (uint32_t i = 0; i < lowered->blocks.count; i++) {
        const struct mst_block *block = &lowered->blocks.items[i];
        if (block->kind == MST_BLOCK_VALUE)
            write_slot(image, mst_ir_type(image->program, block->type), MST_NO_INDEX);
        if (block->kind != MST_BLOCK_POLICY && block->kind != MST_BLOCK_DECISION)
            continue;
        const struct mst_rules *rules = rules_of_block(image, i);
        bool has_checks = block->kind == MST_BLOCK_POLICY;
        write_slot(image, MST_CODE_ENUM + rules->enum_type, MST_NO_INDEX);
        write_slot(image, has_checks ? MST_CODE_ENUM + rules->check_enum : (uint32_t)MST_TYPE_INT,
                   MST_NO_INDEX);
    }
}

/* ---- tables -------------------------------------------------------------------------------- */

static uint64_t cell_word(struct mst_image_buffer *image, uint32_t type,
                          const struct mst_cell *cell)
{
    if (!cell->known)
        return 0;
    if (type == MST_TYPE_TEXT)
        return mst_ir_string(image->lowered, cell->text.ptr, cell->text.len);
    return (uint64_t)cell->word;
}

static void write_known_map(struct mst_image_buffer *image, const struct mst_table *table,
                            size_t column)
{
    size_t width = table->columns.count;
    for (uint32_t row = 0; row < table->row_count; row += 8) {
        unsigned char bits = 0;
        for (uint32_t i = 0; i < 8 && row + i < table->row_count; i++)
            bits = (unsigned char)(bits | (unsigned)table->cells[(row + i) * width + column].known
                                              << i);
        mst_image_bytes_append(image, MST_SECTION_KNOWN, &bits, 1);
    }
}

static void write_column(struct mst_image_buffer *image, const struct mst_table *table, size_t i)
{
    const struct mst_column *column = &table->columns.items[i];
    size_t width = table->columns.count;
    bool all_known = true;
    uint32_t first = image->section[MST_SECTION_CELLS].records;
    for (uint32_t row = 0; row < table->row_count; row++) {
        const struct mst_cell *cell = &table->cells[row * width + i];
        uint64_t word = cell_word(image, column->type, cell);
        mst_store_u64(mst_image_record(image, MST_SECTION_CELLS), word);
        all_known = all_known && cell->known;
    }
    uint32_t name = mst_image_text(image, column->name);
    unsigned char *record = mst_image_record(image, MST_SECTION_COLUMNS);
    mst_store_u32(record + MST_COLUMN_NAME, name);
    mst_store_u32(record + MST_COLUMN_TYPE, mst_ir_type(image->program, column->type));
    mst_store_u32(record + MST_COLUMN_FIRST_CELL, first);
    mst_store_u32(record + MST_COLUMN_FIRST_KNOWN,
                  all_known ? MST_NO_INDEX : image->section[MST_SECTION_KNOWN].records);
    mst_store_u32(record + MST_COLUMN_FLAGS, table->ordered_by == i);
    if (!all_known)
        write_known_map(image, table, i);
}

/* Rows in the order in which the vm searches for a key: texts by bytes, versions unsigned. */
static int compare_keys(const struct mst_table *table, uint32_t x, uint32_t y)
{
    size_t width = table->columns.count;
    const struct mst_cell *a = &table->cells[x * width + table->key];
    const struct mst_cell *b = &table->cells[y * width + table->key];
    uint32_t type = table->columns.items[table->key].type;
    if (type == MST_TYPE_TEXT) {
        uint32_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
        int order = memcmp(a->text.ptr, b->text.ptr, len);
        return order != 0 ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
    }
    if (type == MST_TYPE_VERSION)
        return ((uint64_t)a->word > (uint64_t)b->word) - ((uint64_t)a->word < (uint64_t)b->word);
    return (a->word > b->word) - (a->word < b->word);
}

static void merge_sort(const struct mst_table *table, uint32_t *rows, uint32_t *room,
                       uint32_t count)
{
    if (count < 2)
        return;
    uint32_t half = count / 2, i = 0, j = half;
    merge_sort(table, rows, room, half);
    merge_sort(table, rows + half, room, count - half);
    for (uint32_t k = 0; k < count; k++) {
        bool left = j == count || (i < half && compare_keys(table, rows[i], rows[j]) <= 0);
        room[k] = left ? rows[i++] : rows[j++];
    }
    memcpy(rows, room, count * sizeof *rows);
}

static void write_key_order(struct mst_image_buffer *image, const struct mst_table *table)
{
    uint32_t *rows = MST_NEW_ARRAY(image->program->arena, table->row_count + 1, uint32_t);
    uint32_t *room = MST_NEW_ARRAY(image->program->arena, table->row_count + 1, uint32_t);
    if (rows == NULL || room == NULL)
        return;
    for (uint32_t i = 0; i < table->row_count; i++)
        rows[i] = i;
    merge_sort(table, rows, room, table->row_count);
    for (uint32_t i = 0; i < table->row_count; i++)
        mst_store_u32(mst_image_record(image, MST_SECTION_ORDERS), rows[i]);
}

static void write_table(struct mst_image_buffer *image, const struct mst_table *table)
{
    uint32_t name = mst_image_text(image, mst_program_full_name(image->program, table->symbol->unit,
                                                                table->symbol->name.text));
    unsigned char *record = mst_image_record(image, MST_SECTION_TABLES);
    mst_store_u32(record + MST_TABLE_NAME, name);
    mst_store_u32(record + MST_TABLE_ROW_COUNT, table->row_count);
    mst_store_u32(record + MST_TABLE_MAX_ROWS, table->max_rows);
    mst_store_u32(record + MST_TABLE_FIRST_COLUMN, image->section[MST_SECTION_COLUMNS].records);
    mst_store_u32(record + MST_TABLE_COLUMN_COUNT, (uint32_t)table->columns.count);
    mst_store_u32(record + MST_TABLE_KEY, table->key);
    mst_store_u32(record + MST_TABLE_FIRST_ORDER, image->section[MST_SECTION_ORDERS].records);
    for (size_t i = 0; i < table->columns.count; i++)
        write_column(image, table, i);
    if (table->key != UINT32_MAX)
        write_key_order(image, table);
}

/* ---- zones, causes, params, texts ---------------------------------------------------------- */

static void write_zones(struct mst_image_buffer *image)
{
    for (size_t i = 0; i < image->lowered->zones.count; i++) {
        uint32_t zone = image->lowered->zones.items[i];
        struct mst_zone records = mst_zones_records(image->program->arena, zone);
        uint32_t name = mst_image_text(image, mst_zones_name(zone));
        unsigned char *record = mst_image_record(image, MST_SECTION_ZONES);
        mst_store_u32(record + MST_ZONE_NAME, name);
        mst_store_u32(record + MST_ZONE_FIRST, image->section[MST_SECTION_TRANSITIONS].records);
        mst_store_u32(record + MST_ZONE_COUNT, records.count);
        for (uint32_t k = 0; k < records.count; k++)
            memcpy(mst_image_record(image, MST_SECTION_TRANSITIONS), records.records + k * 16, 16);
    }
}

static const char *print_param(struct mst_program *program, const struct mst_param_value *param)
{
    char buffer[MST_PRINT_MAX];
    uint32_t type = param->symbol->type;
    if (!param->value.known)
        return "unknown";
    if (type == MST_TYPE_TEXT)
        return mst_arena_copy(program->arena, param->value.text.ptr, param->value.text.len);
    if (MST_TYPE_KIND(type) == MST_TYPE_ENUM) {
        const struct mst_enum_type *e = program->enums.items[MST_TYPE_INDEX(type)];
        return (size_t)param->value.word < e->members.count
                   ? e->members.items[param->value.word].text
                   : "other";
    }
    size_t len = mst_print_value((mst_type)type, param->value.word, buffer);
    return mst_arena_copy(program->arena, buffer, len);
}

static void write_names(struct mst_image_buffer *image)
{
    struct mst_program *program = image->program;
    for (size_t i = 0; i < program->causes.count; i++) {
        uint32_t text = mst_image_text(image, program->causes.items[i]);
        mst_store_u32(mst_image_record(image, MST_SECTION_CAUSES), text);
    }
    for (size_t i = 0; i < program->params.count; i++) {
        const struct mst_param_value *param = &program->params.items[i];
        uint32_t name = mst_image_text(image, mst_arena_printf(program->arena, "%s.%s",
                                                               param->symbol->unit->module->name,
                                                               param->symbol->name.text));
        uint32_t value = mst_image_text(image, print_param(program, param));
        unsigned char *record = mst_image_record(image, MST_SECTION_PARAMS);
        mst_store_u32(record + MST_PARAM_NAME, name);
        mst_store_u32(record + MST_PARAM_TYPE, mst_ir_type(program, param->symbol->type));
        mst_store_u32(record + MST_PARAM_VALUE, value);
    }
}

static void write_strings(struct mst_image_buffer *image)
{
    const struct mst_lowered *lowered = image->lowered;
    for (size_t i = 0; i < lowered->strings.count; i++) {
        mst_text text = lowered->strings.items[i];
        uint32_t offset = mst_image_bytes_append(image, MST_SECTION_BYTES, text.ptr, text.len);
        unsigned char *record = mst_image_record(image, MST_SECTION_STRINGS);
        mst_store_u32(record + MST_STRING_OFFSET, offset);
        mst_store_u32(record + MST_STRING_LEN, text.len);
    }
}

struct mst_image_bytes mst_image_write(struct mst_lowered *lowered, const unsigned char *digest)
{
    struct mst_program *program = lowered->program;
    struct mst_image_buffer image = {.lowered = lowered, .program = program};
    struct mst_image_bytes result = {NULL, 0};
    image.first_const = program->fact_slots + 1;
    image.first_result = image.first_const + (uint32_t)lowered->constants.count;
    image.first_register = image.first_result + lowered->result_count;
    write_meta(&image);
    for (size_t i = 0; i < program->enums.count; i++)
        write_enum(&image, program->enums.items[i]);
    for (size_t i = 0; i < program->groups.count; i++)
        write_group(&image, &program->groups.items[i]);
    for (uint32_t i = 0; i < program->facts.count; i++)
        write_fact(&image, i);
    write_fact_slots(&image);
    write_slot(&image, MST_TYPE_TIME, MST_NO_INDEX); /* now */
    write_constants(&image);
    write_result_slots(&image);
    for (size_t i = 0; i < program->tables.count; i++)
        write_table(&image, program->tables.items[i]);
    if (program->arena->failed || !mst_image_write_code(&image))
        return result;
    mst_image_write_rules(&image);
    write_zones(&image);
    write_names(&image);
    mst_image_write_tests(&image);
    write_strings(&image);
    result.bytes = mst_image_assemble(&image, digest, &result.count);
    if (program->arena->failed)
        result.bytes = NULL;
    return result;
}
