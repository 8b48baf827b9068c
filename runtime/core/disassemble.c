/* SPDX-License-Identifier: Apache-2.0
 *
 * disassemble.c - code for people: where an instruction comes from, and the instruction as a line
 * of text: its number, its name, and its operands by the kinds that opcodes.def gives them. Slots
 * are written as facts by name, now, c1 (constant), v1 (result), r1 (register). */
#include "core/image.h"
#include "format/builtins.h"
#include "format/operand.h"

struct line {
    const mst_image *image;
    char *buffer;
    size_t capacity, len;
    uint32_t pc;
    bool has_operand;
};

static const char *name_builtin(uint32_t number)
{
    switch (number) {
#define MST_BUILTIN_FN(number, name, function, result, arg1, arg2, arg3, rises, steps, doc)        \
    case number:                                                                                   \
        return #function;
#include "format/builtins.def"
#undef MST_BUILTIN_FN
    default: return "";
    }
}

static void put(struct line *line, char c)
{
    if (line->len < line->capacity)
        line->buffer[line->len] = c;
    line->len++;
}

static void put_word(struct line *line, const char *word)
{
    while (*word)
        put(line, *word++);
}

/* Names and texts of the image: it is one line whatever they hold. */
static void put_text(struct line *line, mst_text text)
{
    for (uint32_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        put(line, c < 0x20 || c == 0x7f ? '?' : text.ptr[i]);
    }
}

static void put_string(struct line *line, uint32_t index)
{
    put_text(line, mst_image_string(line->image, index));
}

static void put_number(struct line *line, uint64_t number)
{
    char digits[MST_PRINT_MAX];
    const size_t len = mst_print_value(MST_TYPE_INT, (int64_t)number, digits);
    put_text(line, (mst_text){digits, (uint32_t)len});
}

static void put_indexed(struct line *line, const char *word, uint64_t index)
{
    put_word(line, word);
    put_number(line, index);
}

static void pad_to(struct line *line, size_t column)
{
    do
        put(line, ' ');
    while (line->len < column);
}

static void put_fact(struct line *line, uint32_t fact)
{
    put_string(line, MST_U32(line->image, FACTS, fact, MST_FACT_NAME));
}

static void put_const(struct line *line, uint32_t index)
{
    const uint32_t type = MST_U32(line->image, CONSTS, index, MST_CONST_TYPE);
    const uint64_t value = MST_U64(line->image, CONSTS, index, MST_CONST_VALUE);
    put_indexed(line, "c", index);
    put(line, '=');
    if (type == MST_TYPE_TEXT) {
        put(line, '"');
        put_string(line, (uint32_t)value);
        put(line, '"');
    } else if (type == MST_CODE_ZONE) {
        put_string(line, MST_U32(line->image, ZONES, value, MST_ZONE_NAME));
    } else if (mst_code_is_enum(type)) {
        const mst_text name = mst_enum_member(line->image, type - MST_CODE_ENUM, (uint32_t)value);
        put_text(line, name.ptr ? name : (mst_text){"other", 5});
    } else {
        char buffer[MST_PRINT_MAX];
        const size_t len = mst_print_value((mst_type)type, (int64_t)value, buffer);
        put_text(line, (mst_text){buffer, (uint32_t)len});
    }
}

static void put_slot(struct line *line, uint32_t slot)
{
    const mst_image *image = line->image;
    const uint32_t facts = mst_image_fact_slots(image);
    if (slot < facts) {
        put_fact(line, MST_U32(image, SLOTS, slot, MST_SLOT_CAUSE));
    } else if (slot == facts) {
        put_word(line, "now");
    } else if (slot < mst_image_first_result(image)) {
        put_const(line, slot - mst_image_first_const(image));
    } else if (slot < mst_image_first_register(image)) {
        put_indexed(line, "v", slot - mst_image_first_result(image));
    } else {
        put_indexed(line, "r", slot - mst_image_first_register(image));
    }
}

static void put_type(struct line *line, uint32_t code)
{
    static const char names[][9] = {"none", "bool",  "int",      "text", "version",
                                    "date", "month", "duration", "time"};
    const mst_image *image = line->image;
    if (mst_code_is_enum(code))
        put_string(line, MST_U32(image, ENUMS, code - MST_CODE_ENUM, MST_ENUM_NAME));
    else if (mst_code_is_row(code))
        put_string(line, MST_U32(image, TABLES, code - MST_CODE_ROW, MST_TABLE_NAME));
    else if (mst_code_is_element(code))
        put_fact(line, code - MST_CODE_ELEMENT);
    else
        put_word(line, code < sizeof names / sizeof *names ? names[code] : "?");
}

/* ---- blocks by name ------------------------------------------------------------------------ */

/* The last record that begins, in its first field, at pc or before; `count` where none does. */
static uint32_t find_at(const unsigned char *records, uint32_t count, uint32_t bytes, uint32_t pc)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (mst_load_u32(records + (size_t)middle * bytes) <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : count;
}

static bool is_same_text(const mst_image *image, uint32_t string, mst_text text)
{
    return mst_text_compare(mst_image_string(image, string), text) == 0;
}

static bool is_table(const mst_image *image, mst_text name)
{
    for (uint32_t i = 0; i < MST_COUNT(image, TABLES); i++)
        if (is_same_text(image, MST_U32(image, TABLES, i, MST_TABLE_NAME), name))
            return true;
    return false;
}

static bool is_fact(const mst_image *image, mst_text name)
{
    for (uint32_t i = 0; i < MST_COUNT(image, FACTS); i++)
        if (is_same_text(image, MST_U32(image, FACTS, i, MST_FACT_NAME), name))
            return true;
    return false;
}

/* "reason of readiness.edition", of checks and of advice. */
static bool name_check_text(struct line *line, const unsigned char *verdict, uint32_t block)
{
    static const char *const words[] = {"reason of ", "remedy of ", "cite of ", "because of "};
    static const uint32_t firsts[] = {MST_VERDICT_FIRST_CHECK, MST_VERDICT_FIRST_ADVICE};
    for (uint32_t k = 0; k < 2; k++) {
        const uint32_t count = mst_load_u32(verdict + firsts[k] + 4);
        for (uint32_t i = 0; i < count; i++) {
            const unsigned char *check =
                MST_AT(line->image, CHECKS, mst_load_u32(verdict + firsts[k]) + i);
            for (uint32_t t = 0; t < 4; t++) {
                if (mst_load_u32(check + MST_CHECK_TEXTS + t * 4) != block)
                    continue;
                put_word(line, words[t]);
                put_string(line, mst_load_u32(verdict + MST_VERDICT_NAME));
                put(line, '.');
                put_string(line, mst_load_u32(check + MST_CHECK_NAME));
                return true;
            }
        }
    }
    return false;
}

/* " of next_step, case 2: restart" */
static void put_case(struct line *line, const unsigned char *verdict, uint32_t number,
                     uint32_t member)
{
    const uint32_t outcomes = mst_load_u32(verdict + MST_VERDICT_ENUM);
    put_word(line, " of ");
    put_string(line, mst_load_u32(verdict + MST_VERDICT_NAME));
    put_indexed(line, ", case ", (uint64_t)number + 1);
    put_word(line, ": ");
    if (member == MST_NO_INDEX)
        put_word(line, "unknown");
    else
        put_text(line, mst_enum_member(line->image, outcomes, member));
}

static bool name_case_text(struct line *line, const unsigned char *verdict, uint32_t block)
{
    const uint32_t count = mst_load_u32(verdict + MST_VERDICT_CASE_COUNT);
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *record =
            MST_AT(line->image, CASES, mst_load_u32(verdict + MST_VERDICT_FIRST_CASE) + i);
        const bool is_label = mst_load_u32(record + MST_CASE_LABEL) == block;
        if (!is_label && mst_load_u32(record + MST_CASE_BECAUSE) != block)
            continue;
        put_word(line, is_label ? "label" : "because");
        put_case(line, verdict, i, mst_load_u32(record + MST_CASE_MEMBER));
        return true;
    }
    return false;
}

static bool name_label(struct line *line, const unsigned char *verdict, uint32_t block)
{
    static const char *const words[] = {": pass", ": fail", ": unknown"};
    for (uint32_t i = 0; i < 3; i++) {
        if (mst_load_u32(verdict + MST_VERDICT_LABELS + i * 4) != block)
            continue;
        put_word(line, "label of ");
        put_string(line, mst_load_u32(verdict + MST_VERDICT_NAME));
        put_word(line, words[i]);
        return true;
    }
    return false;
}

/* "policy readiness", "advice of readiness" */
static bool name_rules(struct line *line, const unsigned char *verdict, uint32_t block)
{
    const bool is_policy = (mst_load_u32(verdict + MST_VERDICT_FLAGS) & 1) != 0;
    const bool is_advice = mst_load_u32(verdict + MST_VERDICT_ADVISE) == block;
    if (!is_advice && mst_load_u32(verdict + MST_VERDICT_BLOCK) != block)
        return false;
    put_word(line, is_advice ? "advice of " : is_policy ? "policy " : "decision ");
    put_string(line, mst_load_u32(verdict + MST_VERDICT_NAME));
    return true;
}

/* "field wait of next_step, case 2: restart" */
static bool name_field(struct line *line, const unsigned char *verdict, uint32_t block)
{
    const uint32_t count = mst_load_u32(verdict + MST_VERDICT_CASE_COUNT);
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *record =
            MST_AT(line->image, CASES, mst_load_u32(verdict + MST_VERDICT_FIRST_CASE) + i);
        const uint32_t first = mst_load_u32(record + MST_CASE_FIRST_FIELD);
        for (uint32_t f = 0; f < mst_load_u32(record + MST_CASE_FIELD_COUNT); f++) {
            if (MST_U32(line->image, FIELDS, first + f, MST_FIELD_BLOCK) != block)
                continue;
            put_word(line, "field ");
            put_string(line, MST_U32(line->image, FIELDS, first + f, MST_FIELD_NAME));
            put_case(line, verdict, i, mst_load_u32(record + MST_CASE_MEMBER));
            return true;
        }
    }
    return false;
}

static bool name_condition(struct line *line, uint32_t block)
{
    uint32_t test = 0;
    for (uint32_t i = 0; i < MST_COUNT(line->image, SELFTEST); i++) {
        const unsigned char *step = MST_AT(line->image, SELFTEST, i);
        const uint32_t kind = mst_load_u32(step + MST_STEP_KIND),
                       a = mst_load_u32(step + MST_STEP_A);
        if (kind == MST_SELFTEST_TEST)
            test = a;
        if (kind != MST_SELFTEST_HOLDS || a != block)
            continue;
        put_word(line, "expectation of test ");
        put_string(line, test);
        return true;
    }
    return false;
}

/* What is left computes a let, or a fact that has a default. The origin that holds at its end names
 * it, where that begins inside; it may be one of a table that it reads, in an image of another
 * compiler. */
static mst_text find_let(const mst_image *image, uint32_t block)
{
    const mst_text none = {NULL, 0};
    const uint32_t first = MST_U32(image, BLOCKS, block, MST_BLOCK_FIRST);
    const uint32_t last = first + MST_U32(image, BLOCKS, block, MST_BLOCK_COUNT) - 1;
    const uint32_t count = MST_COUNT(image, ORIGINS), facts = MST_COUNT(image, FACTS);
    const uint32_t i = find_at(MST_AT(image, ORIGINS, 0), count, MST_RECORD_ORIGINS, last);
    if (i == count || MST_U32(image, ORIGINS, i, MST_ORIGIN_PC) < first)
        return none;
    const uint32_t cause = MST_U32(image, ORIGINS, i, MST_ORIGIN_CAUSE);
    if (cause < facts)
        return none;
    const mst_text name = mst_image_string(image, MST_U32(image, CAUSES, cause - facts, 0));
    return is_table(image, name) ? none : name;
}

static void put_value(struct line *line, uint32_t block)
{
    const mst_text name = find_let(line->image, block);
    if (!name.ptr) {
        put_word(line, "value");
        return;
    }
    put_word(line, is_fact(line->image, name) ? "default of " : "let ");
    put_text(line, name);
}

static void put_block(struct line *line, uint32_t block)
{
    const mst_image *image = line->image;
    const uint32_t kind = MST_U32(image, BLOCKS, block, MST_BLOCK_KIND);
    bool is_named = false;
    for (uint32_t i = 0; i < MST_COUNT(image, VERDICTS) && !is_named; i++) {
        const unsigned char *verdict = MST_AT(image, VERDICTS, i);
        switch (kind) {
        case MST_BLOCK_VALUE: is_named = name_field(line, verdict, block); break;
        case MST_BLOCK_MESSAGE:
            is_named = name_label(line, verdict, block) || name_check_text(line, verdict, block) ||
                       name_case_text(line, verdict, block);
            break;
        default: is_named = name_rules(line, verdict, block); break;
        }
    }
    if (is_named || (kind == MST_BLOCK_VALUE && name_condition(line, block)))
        return;
    if (kind == MST_BLOCK_VALUE)
        put_value(line, block);
    else
        put_word(line, "unused");
}

mst_status mst_block_name(const mst_image *image, uint32_t block, char *buffer, size_t capacity,
                          size_t *len)
{
    struct line line = {.image = image, .buffer = buffer, .capacity = capacity};
    *len = 0;
    if (block >= MST_COUNT(image, BLOCKS))
        return MST_ERR_NOT_FOUND;
    put_block(&line, block);
    *len = line.len;
    return line.len > capacity ? MST_ERR_SPACE : MST_OK;
}

/* ---- code ---------------------------------------------------------------------------------- */

static void put_immediate(struct line *line, uint32_t kind, uint32_t value, uint32_t wide)
{
    static const char flips[][6] = {"at", "after", "both"};
    switch (kind) {
    case MST_JUMP32: put_indexed(line, "-> ", (uint64_t)line->pc + 1 + wide); break;
    case MST_JUMP16: put_indexed(line, "-> ", (uint64_t)line->pc + 1 + value); break;
    case MST_BACK16: put_indexed(line, "-> ", (uint64_t)line->pc - value); break;
    case MST_BLOCK32:
        put_indexed(line, "block ", wide);
        put_word(line, " (");
        put_block(line, wide);
        put(line, ')');
        break;
    case MST_TEXT32:
        put(line, '"');
        put_string(line, wide);
        put(line, '"');
        break;
    case MST_TYPE: put_type(line, value); break;
    case MST_TABLE: put_string(line, MST_U32(line->image, TABLES, value, MST_TABLE_NAME)); break;
    case MST_COLUMN: put_string(line, MST_U32(line->image, COLUMNS, value, MST_COLUMN_NAME)); break;
    case MST_LIST:
    case MST_FACT: put_fact(line, value); break;
    case MST_RESULT: put_indexed(line, "result ", value); break;
    case MST_SITE: put_indexed(line, "site ", value); break;
    case MST_FLIP: put_word(line, flips[value]); break;
    case MST_BUILTIN: put_word(line, name_builtin(value)); break;
    default: put_number(line, value); break;
    }
}

static void put_operand(struct line *line, uint32_t kind, uint32_t value, uint32_t wide)
{
    if (kind == MST_NONE || kind == MST_HIGH || (kind == MST_SITE && value == 0) ||
        (kind == MST_RESULT && value == 0))
        return;
    put_word(line, line->has_operand ? ", " : "");
    line->has_operand = true;
    if (kind == MST_ARGUMENTS || (kind >= MST_D_BOOL && kind <= MST_S_ELEMENT))
        put_slot(line, value);
    else
        put_immediate(line, kind, value, wide);
}

mst_status mst_code_place_at(const mst_image *image, uint32_t pc, mst_code_place *place)
{
    if (pc >= MST_COUNT(image, CODE))
        return MST_ERR_NOT_FOUND;
    mst_code_place found = {.size = sizeof found};
    found.block =
        find_at(MST_AT(image, BLOCKS, 0), MST_COUNT(image, BLOCKS), MST_RECORD_BLOCKS, pc);
    found.first = MST_U32(image, BLOCKS, found.block, MST_BLOCK_FIRST);
    found.block_steps = MST_U64(image, BLOCKS, found.block, MST_BLOCK_STEPS);
    const uint32_t places = MST_COUNT(image, DEBUG);
    const uint32_t i = find_at(MST_AT(image, DEBUG, 0), places, MST_RECORD_DEBUG, pc);
    if (i < places && MST_U32(image, DEBUG, i, MST_DEBUG_PC) >= found.first) {
        found.module = mst_image_string(image, MST_U32(image, DEBUG, i, MST_DEBUG_MODULE));
        found.line = MST_U32(image, DEBUG, i, MST_DEBUG_LINE);
        found.column = MST_U32(image, DEBUG, i, MST_DEBUG_COLUMN);
        found.source = mst_image_string(image, MST_U32(image, DEBUG, i, MST_DEBUG_SOURCE));
    }
    mst_image_fill(place, &found, sizeof found);
    return MST_OK;
}

mst_status mst_disassemble(const mst_image *image, uint32_t pc, char *buffer, size_t capacity,
                           size_t *len)
{
    struct line line = {.image = image, .buffer = buffer, .capacity = capacity, .pc = pc};
    *len = 0;
    if (pc >= MST_COUNT(image, CODE))
        return MST_ERR_NOT_FOUND;
    const struct mst_instruction in = mst_instruction_unpack(MST_U64(image, CODE, pc, 0));
    const struct mst_opcode_form *form = mst_opcode_form(in.op);
    MST_ASSERT(form != NULL);
    const uint32_t wide = mst_instruction_wide(in);
    put_number(&line, pc);
    pad_to(&line, 6);
    put_word(&line, form->mnemonic);
    if ((form->x | form->a | form->b | form->c) != MST_NONE)
        pad_to(&line, 20);
    put_operand(&line, form->x, in.x, wide);
    put_operand(&line, form->a, in.a, wide);
    put_operand(&line, form->b, in.b, wide);
    put_operand(&line, form->c, in.c, wide);
    *len = line.len;
    return line.len > capacity ? MST_ERR_SPACE : MST_OK;
}
