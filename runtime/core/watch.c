/* SPDX-License-Identifier: Apache-2.0
 *
 * watch.c - a vm that is watched while it evaluates, and what a watcher may ask it: the values of
 * slots by the types that the compiler has told. */
#include "core/vm.h"

void mst_watch_begin(mst_vm *vm, mst_watch *watch, void *context)
{
    vm->watch = watch;
    vm->watch_context = context;
    vm->run = watch != NULL ? mst_loop_run_watched : mst_loop_run;
    vm->epoch++;
}

static bool has_slot(const struct mst_vm *vm, uint32_t slot)
{
    return slot < mst_image_slot_count(vm->image);
}

mst_status mst_watch_value(const mst_vm *vm, uint32_t slot, mst_watched *value)
{
    if (!has_slot(vm, slot))
        return MST_ERR_ARGUMENT;
    const mst_watched found = {
        .size = sizeof found,
        .known = vm->states[slot] == 0,
        .causes = vm->states[slot],
        .word = (int64_t)vm->values[slot],
    };
    mst_image_fill(value, &found, sizeof found);
    return MST_OK;
}

/* ---- printing ------------------------------------------------------------------------------ */

static bool is_type(const mst_image *image, uint32_t type)
{
    if (mst_code_is_enum(type))
        return type - MST_CODE_ENUM < MST_COUNT(image, ENUMS);
    if (mst_code_is_row(type))
        return type - MST_CODE_ROW < MST_COUNT(image, TABLES);
    return (type >= MST_TYPE_BOOL && type <= MST_TYPE_TIME) || mst_code_is_element(type);
}

static void render_number(struct mst_vm *vm, const char *word, uint32_t len, uint64_t number)
{
    char digits[MST_PRINT_MAX];
    mst_render_append(vm, (mst_text){word, len});
    mst_render_append(
        vm, (mst_text){digits, (uint32_t)mst_print_value(MST_TYPE_INT, (int64_t)number, digits)});
}

/* A row as people call it: by its key where it has one, else by its number, from 1. */
static void render_row(struct mst_vm *vm, uint32_t slot, uint32_t table)
{
    const unsigned char *record = MST_AT(vm->image, TABLES, table);
    const uint32_t key = mst_load_u32(record + MST_TABLE_KEY);
    const uint64_t row = vm->values[slot];
    uint64_t cell;
    if (key != MST_NO_INDEX) {
        const uint32_t column = mst_load_u32(record + MST_TABLE_FIRST_COLUMN) + key;
        const uint32_t type = MST_U32(vm->image, COLUMNS, column, MST_COLUMN_TYPE);
        if (mst_slow_cell(vm, column, row, &cell)) {
            vm->values[slot] = cell;
            mst_render_slot(vm, slot, type);
            vm->values[slot] = row;
            return;
        }
    }
    render_number(vm, "row ", 4, row + 1);
}

mst_status mst_watch_render(mst_vm *vm, uint32_t slot, uint32_t type_code, char *buffer,
                            size_t capacity, size_t *len)
{
    *len = 0;
    if (!has_slot(vm, slot) || !is_type(vm->image, type_code))
        return MST_ERR_ARGUMENT;
    const struct mst_output kept = vm->output; /* a text may be in the making */
    vm->output = (struct mst_output){buffer, capacity, 0, false};
    if (vm->states[slot] == 0 && mst_code_is_row(type_code))
        render_row(vm, slot, type_code - MST_CODE_ROW);
    else if (vm->states[slot] == 0 && mst_code_is_element(type_code))
        render_number(vm, "element ", 8, (vm->values[slot] & ~MST_LIST_CUT) + 1);
    else
        mst_render_slot(vm, slot, type_code);
    *len = vm->output.len;
    vm->output = kept;
    return *len > capacity ? MST_ERR_SPACE : MST_OK;
}

mst_status mst_watch_row(const mst_vm *vm, uint32_t table, uint32_t slot, uint32_t *row)
{
    uint64_t found;
    if (table >= MST_COUNT(vm->image, TABLES) || !has_slot(vm, slot) || vm->states[slot] != 0)
        return MST_ERR_NOT_FOUND;
    if (MST_U32(vm->image, TABLES, table, MST_TABLE_KEY) == MST_NO_INDEX)
        return MST_ERR_NOT_FOUND;
    if (!mst_slow_find(vm, table, vm->values[slot], &found))
        return MST_ERR_NOT_FOUND;
    *row = (uint32_t)found;
    return MST_OK;
}
