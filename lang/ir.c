/* SPDX-License-Identifier: Apache-2.0
 *
 * ir.c - interning of constants and strings, and what the columns of opcodes.def say. */
#include "ir.h"

#include <string.h>

#include "format/layout.h"
#include "zones.h"

uint32_t mst_ir_constant(struct mst_lowered *lowered, uint32_t type, uint64_t word)
{
    /* Two keys that fold together would share a constant: mix, then compare, then probe on. */
    struct mst_arena *arena = lowered->program->arena;
    uint64_t key = word * UINT64_C(0xff51afd7ed558ccd) + type;
    for (;; key++) {
        size_t next = lowered->constants.count;
        struct mst_map_entry *entry = mst_map_intern(arena, &lowered->constant_map, key, next);
        if (entry == NULL)
            return 0;
        if (entry->number == next) {
            struct mst_constant constant = {type, word};
            MST_PUSH(arena, &lowered->constants, constant);
            return entry->number;
        }
        if (lowered->constants.items[entry->number].type == type &&
            lowered->constants.items[entry->number].word == word)
            return entry->number;
    }
}

uint32_t mst_ir_string(struct mst_lowered *lowered, const char *bytes, size_t len)
{
    struct mst_arena *arena = lowered->program->arena;
    const char *atom = mst_atoms_intern(lowered->program->atoms, bytes, len);
    if (atom == NULL)
        return 0;
    size_t next = lowered->strings.count;
    struct mst_map_entry *entry =
        mst_map_intern(arena, &lowered->string_map, (uint64_t)(uintptr_t)atom, next);
    if (entry == NULL)
        return 0;
    if (entry->number == next) {
        mst_text text = {atom, (uint32_t)len};
        MST_PUSH(arena, &lowered->strings, text);
    }
    return entry->number;
}

uint32_t mst_ir_text_constant(struct mst_lowered *lowered, const char *bytes, size_t len)
{
    if (lowered->max_text < len)
        lowered->max_text = (uint32_t)len;
    return mst_ir_constant(lowered, MST_TYPE_TEXT, mst_ir_string(lowered, bytes, len));
}

uint32_t mst_ir_zone(struct mst_lowered *lowered, uint32_t zone)
{
    for (size_t i = 0; i < lowered->zones.count; i++)
        if (lowered->zones.items[i] == zone)
            return (uint32_t)i;
    MST_PUSH(lowered->program->arena, &lowered->zones, zone);
    return (uint32_t)lowered->zones.count - 1;
}

uint32_t mst_ir_type(const struct mst_program *program, uint32_t type)
{
    uint32_t index = MST_TYPE_INDEX(type);
    (void)program;
    switch (MST_TYPE_KIND(type)) {
    case MST_TYPE_ENUM: return MST_CODE_ENUM + index;
    case MST_TYPE_ROW: return MST_CODE_ROW + index;
    case MST_TYPE_ELEMENT: return MST_CODE_ELEMENT + index;
    case MST_TYPE_ZONE: return MST_CODE_ZONE;
    default: return MST_TYPE_KIND(type);
    }
}

bool mst_ir_is_slot(enum mst_operand operand)
{
    return operand >= MST_D_BOOL && operand < MST_JUMP32;
}
