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

static void put_immediate(struct line *line, uint32_t kind, uint32_t value, uint32_t wide)
{
    static const char flips[][6] = {"at", "after", "both"};
    switch (kind) {
    case MST_JUMP32: put_indexed(line, "-> ", (uint64_t)line->pc + 1 + wide); break;
    case MST_JUMP16: put_indexed(line, "-> ", (uint64_t)line->pc + 1 + value); break;
    case MST_BACK16: put_indexed(line, "-> ", (uint64_t)line->pc - value); break;
    case MST_BLOCK32: put_indexed(line, "block ", wide); break;
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
