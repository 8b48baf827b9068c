/* SPDX-License-Identifier: Apache-2.0
 *
 * verify_tables.c - constant data: tables with their orders, time zones, names of causes,
 * parameters. A search in a table relies on the orders proven here. */
#include "core/verify.h"

static bool refuse_at(struct mst_verify *v, enum mst_fault_id fault, const unsigned char *at)
{
    return mst_verify_refuse(v, fault, mst_verify_offset(v, at));
}

struct table {
    const unsigned char *record;
    uint32_t row_count, first_column, column_count;
};

static bool is_known(const mst_image *image, const unsigned char *column, uint32_t row)
{
    const uint32_t first = mst_load_u32(column + MST_COLUMN_FIRST_KNOWN);
    return first == MST_NO_INDEX || (*MST_AT(image, KNOWN, first + row / 8) >> (row & 7) & 1) != 0;
}

static uint64_t cell(const mst_image *image, const unsigned char *column, uint32_t row)
{
    return MST_U64(image, CELLS, mst_load_u32(column + MST_COLUMN_FIRST_CELL) + row, 0);
}

static int compare_texts(struct mst_verify *v, uint32_t a, uint32_t b)
{
    const mst_text left = mst_image_string(v->image, a);
    const mst_text right = mst_image_string(v->image, b);
    v->compared += left.len < right.len ? left.len : right.len;
    return mst_text_compare(left, right);
}

/* Below, at or above 0 where the first value of a type comes before, beside or behind the other. */
static int compare_values(struct mst_verify *v, uint32_t type, uint64_t a, uint64_t b)
{
    if (type == MST_TYPE_TEXT)
        return a == b ? 0 : compare_texts(v, (uint32_t)a, (uint32_t)b);
    if (type == MST_TYPE_VERSION)
        return (a > b) - (a < b);
    return ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b);
}

/* Texts may share their bytes, so that a few bytes could make many long ones to compare. */
static bool check_compared(struct mst_verify *v, const unsigned char *at)
{
    return v->compared <= (uint64_t)v->image->byte_count * MST_MAX_COMPARED ||
           refuse_at(v, MST_FAULT_TOO_MANY, at);
}

static bool check_ascending(struct mst_verify *v, const struct table *table,
                            const unsigned char *column)
{
    const uint32_t type = mst_load_u32(column + MST_COLUMN_TYPE);
    for (uint32_t row = 0; row < table->row_count; row++) {
        if (!is_known(v->image, column, row) ||
            (row > 0 && compare_values(v, type, cell(v->image, column, row - 1),
                                       cell(v->image, column, row)) > 0))
            return refuse_at(v, MST_FAULT_COLUMN_ORDER, column);
        if (!check_compared(v, column))
            return false;
    }
    return true;
}

static bool check_cells(struct mst_verify *v, const struct table *table,
                        const unsigned char *column)
{
    const mst_image *image = v->image;
    const uint32_t type = mst_load_u32(column + MST_COLUMN_TYPE);
    for (uint32_t row = 0; row < table->row_count; row++) {
        const uint32_t index = mst_load_u32(column + MST_COLUMN_FIRST_CELL) + row;
        const unsigned char *at = MST_AT(image, CELLS, index);
        if (is_known(image, column, row) ? !mst_verify_value(v, type, mst_load_u64(at), at)
                                         : !mst_verify_zero(v, at, 8))
            return false;
    }
    return true;
}

/* Where the next column's cells and map of known ones begin. */
struct fill {
    uint64_t cell, known;
};

static bool check_column(struct mst_verify *v, const struct table *table, uint32_t index,
                         struct fill *next)
{
    const unsigned char *column = MST_AT(v->image, COLUMNS, index);
    const uint32_t flags = mst_load_u32(column + MST_COLUMN_FLAGS);
    const uint32_t known = mst_load_u32(column + MST_COLUMN_FIRST_KNOWN);
    if (!mst_verify_string(v, column + MST_COLUMN_NAME))
        return false;
    if (!mst_verify_is_scalar(v, mst_load_u32(column + MST_COLUMN_TYPE)))
        return refuse_at(v, MST_FAULT_TYPE, column + MST_COLUMN_TYPE);
    if (flags > 1)
        return refuse_at(v, MST_FAULT_FLAGS, column + MST_COLUMN_FLAGS);
    if (table->row_count > 0 && mst_load_u32(column + MST_COLUMN_FIRST_CELL) != next->cell)
        return refuse_at(v, MST_FAULT_CELL_BOUNDS, column);
    if (known != MST_NO_INDEX && table->row_count > 0 && known != next->known)
        return refuse_at(v, MST_FAULT_CELL_BOUNDS, column);
    next->cell += table->row_count;
    next->known += known == MST_NO_INDEX ? 0 : (table->row_count + 7) / 8;
    if (next->cell > MST_COUNT(v->image, CELLS) || next->known > MST_COUNT(v->image, KNOWN))
        return refuse_at(v, MST_FAULT_CELL_BOUNDS, column);
    return check_cells(v, table, column) && (flags == 0 || check_ascending(v, table, column));
}

/* The rows in the order of their keys: strictly ascending keys make it a permutation. */
static bool check_order(struct mst_verify *v, const struct table *table, uint64_t *next_order)
{
    const mst_image *image = v->image;
    const uint32_t key = mst_load_u32(table->record + MST_TABLE_KEY);
    if (key == MST_NO_INDEX)
        return true;
    if (key >= table->column_count)
        return refuse_at(v, MST_FAULT_TABLE_SHAPE, table->record + MST_TABLE_KEY);
    const uint64_t first = *next_order;
    *next_order += table->row_count;
    if ((table->row_count > 0 && mst_load_u32(table->record + MST_TABLE_FIRST_ORDER) != first) ||
        *next_order > MST_COUNT(image, ORDERS))
        return refuse_at(v, MST_FAULT_RANGE_ORDER, table->record + MST_TABLE_FIRST_ORDER);
    const unsigned char *column = MST_AT(image, COLUMNS, table->first_column + key);
    const uint32_t type = mst_load_u32(column + MST_COLUMN_TYPE);
    uint32_t before = 0;
    for (uint32_t i = 0; i < table->row_count; i++) {
        const unsigned char *order = MST_AT(image, ORDERS, first + i);
        const uint32_t row = mst_load_u32(order);
        if (row >= table->row_count || !is_known(image, column, row) ||
            (i > 0 &&
             compare_values(v, type, cell(image, column, before), cell(image, column, row)) >= 0))
            return refuse_at(v, MST_FAULT_KEY_ORDER, order);
        if (!check_compared(v, order))
            return false;
        before = row;
    }
    return true;
}

/* Where the next table's columns and orders begin, and its columns' cells. */
struct table_fill {
    uint64_t column, order;
    struct fill fill;
};

static bool check_table(struct mst_verify *v, uint32_t i, struct table_fill *next)
{
    const unsigned char *record = MST_AT(v->image, TABLES, i);
    const struct table table = {
        .record = record,
        .row_count = mst_load_u32(record + MST_TABLE_ROW_COUNT),
        .first_column = mst_load_u32(record + MST_TABLE_FIRST_COLUMN),
        .column_count = mst_load_u32(record + MST_TABLE_COLUMN_COUNT),
    };
    const uint32_t max_rows = mst_load_u32(record + MST_TABLE_MAX_ROWS);
    if (!mst_verify_string(v, record + MST_TABLE_NAME) || !mst_verify_zero(v, record + 28, 4))
        return false;
    if (table.row_count > max_rows || max_rows > MST_MAX_TABLE_ROWS || table.column_count == 0)
        return refuse_at(v, MST_FAULT_TABLE_SHAPE, record);
    if (table.first_column != next->column ||
        next->column + table.column_count > MST_COUNT(v->image, COLUMNS))
        return refuse_at(v, MST_FAULT_RANGE_ORDER, record + MST_TABLE_FIRST_COLUMN);
    next->column += table.column_count;
    for (uint32_t c = 0; c < table.column_count; c++)
        if (!check_column(v, &table, table.first_column + c, &next->fill))
            return false;
    return check_order(v, &table, &next->order);
}

static bool check_tables(struct mst_verify *v)
{
    const mst_image *image = v->image;
    struct table_fill next = {0};
    for (uint32_t i = 0; i < MST_COUNT(image, TABLES); i++)
        if (!check_table(v, i, &next))
            return false;
    if (next.column != MST_COUNT(image, COLUMNS) || next.order != MST_COUNT(image, ORDERS) ||
        next.fill.cell != MST_COUNT(image, CELLS) || next.fill.known != MST_COUNT(image, KNOWN))
        return refuse_at(v, MST_FAULT_RANGE_ORDER, MST_AT(image, TABLES, 0));
    return true;
}

/* ---- zones, causes, parameters ------------------------------------------------------------- */

static bool check_transitions(struct mst_verify *v, uint32_t first, uint32_t count)
{
    int64_t before = INT64_MIN;
    for (uint32_t i = first; i < first + count; i++) {
        const unsigned char *record = MST_AT(v->image, TRANSITIONS, i);
        const int64_t at = (int64_t)mst_load_u64(record + MST_TRANSITION_AT);
        const int32_t offset_s = (int32_t)mst_load_u32(record + MST_TRANSITION_OFFSET);
        /* a day apart at least: what keeps the cost of a search for the next change constant */
        if (i == first ? at != INT64_MIN : at < before || at > MST_TIME_MAX || at < MST_TIME_MIN)
            return refuse_at(v, MST_FAULT_ZONE_ORDER, record);
        if (offset_s <= -86400 || offset_s >= 86400)
            return refuse_at(v, MST_FAULT_VALUE_RANGE, record + MST_TRANSITION_OFFSET);
        if (!mst_verify_zero(v, record + 12, 4))
            return false;
        before = i == first ? INT64_MIN : at + 86400;
    }
    return true;
}

static bool check_zones(struct mst_verify *v)
{
    const mst_image *image = v->image;
    uint64_t next = 0;
    for (uint32_t i = 0; i < MST_COUNT(image, ZONES); i++) {
        const unsigned char *record = MST_AT(image, ZONES, i);
        const uint32_t count = mst_load_u32(record + MST_ZONE_COUNT);
        if (!mst_verify_string(v, record + MST_ZONE_NAME) || !mst_verify_zero(v, record + 12, 4))
            return false;
        if (count == 0 || mst_load_u32(record + MST_ZONE_FIRST) != next ||
            next + count > MST_COUNT(image, TRANSITIONS))
            return refuse_at(v, MST_FAULT_RANGE_ORDER, record);
        if (!check_transitions(v, (uint32_t)next, count))
            return false;
        next += count;
    }
    return next == MST_COUNT(image, TRANSITIONS) ||
           refuse_at(v, MST_FAULT_RANGE_ORDER, MST_AT(image, ZONES, 0));
}

static bool check_origins(struct mst_verify *v)
{
    const mst_image *image = v->image;
    const uint64_t causes = (uint64_t)MST_COUNT(image, FACTS) + MST_COUNT(image, CAUSES);
    int64_t before = -1;
    for (uint32_t i = 0; i < MST_COUNT(image, ORIGINS); i++) {
        const unsigned char *record = MST_AT(image, ORIGINS, i);
        const uint32_t pc = mst_load_u32(record + MST_ORIGIN_PC);
        if (pc <= before || pc >= MST_COUNT(image, CODE))
            return refuse_at(v, MST_FAULT_ORIGIN_ORDER, record);
        if (mst_load_u32(record + MST_ORIGIN_CAUSE) >= causes)
            return refuse_at(v, MST_FAULT_CAUSE_INDEX, record + MST_ORIGIN_CAUSE);
        before = pc;
    }
    return true;
}

static bool check_names(struct mst_verify *v)
{
    const mst_image *image = v->image;
    for (uint32_t i = 0; i < MST_COUNT(image, CAUSES); i++)
        if (!mst_verify_string(v, MST_AT(image, CAUSES, i)))
            return false;
    for (uint32_t i = 0; i < MST_COUNT(image, PARAMS); i++) {
        const unsigned char *param = MST_AT(image, PARAMS, i);
        if (!mst_verify_string(v, param + MST_PARAM_NAME) ||
            !mst_verify_string(v, param + MST_PARAM_VALUE) || !mst_verify_zero(v, param + 12, 4))
            return false;
        if (!mst_verify_is_scalar(v, mst_load_u32(param + MST_PARAM_TYPE)))
            return refuse_at(v, MST_FAULT_TYPE, param + MST_PARAM_TYPE);
    }
    return true;
}

bool mst_verify_tables(struct mst_verify *v)
{
    return check_tables(v) && check_zones(v) && check_names(v) && check_origins(v);
}
