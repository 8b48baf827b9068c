/* SPDX-License-Identifier: Apache-2.0
 *
 * settings.c - the table of settings.def, and reading and printing by it. */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grown.h"

enum kind { TEXT, LIST, FLAG, COUNT, BYTES, DURABILITY, SHARE };

static const struct row {
    const char *name, *value, *standard, *what;
    enum kind kind;
    size_t offset;
    uint64_t minimum, maximum;
} rows[] = {
#define MST_SETTING(KIND, field, name, value, standard, minimum, maximum, what)                    \
    {name, value, standard, what, KIND, offsetof(mst_settings, field), minimum, maximum},
#include "settings.def"
#undef MST_SETTING
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])
_Static_assert(ROW_COUNT <= MST_SETTING_COUNT_MAX, "mst_settings.source has a place for each");

static const char *const durabilities[] = {"full", "normal", "none"};

static void *field_of(mst_settings *settings, const struct row *row)
{
    return (char *)settings + row->offset;
}

const char *mst_settings_name(size_t i, const char **value_name, const char **standard,
                              const char **what, bool *is_list)
{
    if (i >= ROW_COUNT)
        return NULL;
    *value_name = rows[i].value;
    *standard = rows[i].standard;
    *what = rows[i].what;
    *is_list = rows[i].kind == LIST;
    return rows[i].name;
}

/* ---- values ------------------------------------------------------------------------------ */

static bool read_number(const char *text, double *number, const char **end)
{
    char *stop;
    errno = 0;
    *number = strtod(text, &stop);
    *end = stop + strspn(stop, " ");
    return errno == 0 && stop != text && text[0] >= '0' && text[0] <= '9';
}

static bool read_count(const struct row *row, const char *text, uint64_t *count)
{
    char *stop;
    errno = 0;
    *count = strtoull(text, &stop, 10);
    if (errno != 0 || text[0] < '0' || text[0] > '9')
        return false;
    if (row->kind == BYTES) {
        static const char *const units[] = {"KiB", "MiB", "GiB"};
        stop += strspn(stop, " ");
        for (unsigned i = 0; i < 3; i++) {
            if (strcmp(stop, units[i]) == 0 && *count <= row->maximum >> (10 * (i + 1))) {
                *count <<= 10 * (i + 1);
                stop += 3;
            }
        }
    }
    return *stop == '\0' && *count >= row->minimum && *count <= row->maximum;
}

static bool read_flag(const char *text, bool *flag)
{
    *flag = strcmp(text, "yes") == 0;
    return *flag || strcmp(text, "no") == 0;
}

static bool read_durability(const char *text, mst_state_durability *durability)
{
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(text, durabilities[i]) == 0) {
            *durability = (mst_state_durability)i;
            return true;
        }
    }
    return false;
}

static bool read_share(const char *text, double *share)
{
    double number;
    const char *end;
    if (!read_number(text, &number, &end) || number > 100 || strcmp(end, "%") != 0)
        return false;
    *share = number;
    return true;
}

static void clear_list(struct mst_setting_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct mst_setting_list){NULL, 0};
}

static void add_item(struct mst_setting_list *list, const char *text)
{
    list->items = mst_grown_resize(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = mst_grown_copy(text, strlen(text));
}

static void say_range(const struct row *row, const char *value, char *why)
{
    switch (row->kind) {
    case FLAG:
        snprintf(why, MST_SETTING_WHY_BYTES, "%s is 'yes' or 'no', not '%.100s'", row->name, value);
        break;
    case DURABILITY:
        snprintf(why, MST_SETTING_WHY_BYTES, "%s is 'full', 'normal' or 'none', not '%.100s'",
                 row->name, value);
        break;
    case SHARE:
        snprintf(why, MST_SETTING_WHY_BYTES, "%s is a percentage as 0.5%%, not '%.100s'", row->name,
                 value);
        break;
    default:
        snprintf(why, MST_SETTING_WHY_BYTES, "%s is a number from %llu to %llu%s, not '%.100s'",
                 row->name, (unsigned long long)row->minimum, (unsigned long long)row->maximum,
                 row->kind == BYTES ? ", or as '64 MiB'" : "", value);
    }
}

static bool set_row(mst_settings *settings, const struct row *row, const char *value)
{
    void *field = field_of(settings, row);
    switch (row->kind) {
    case TEXT:
        free(*(char **)field);
        *(char **)field = mst_grown_copy(value, strlen(value));
        return true;
    case LIST:
        if (*value)
            add_item(field, value);
        return true;
    case FLAG: return read_flag(value, field);
    case DURABILITY: return read_durability(value, field);
    case SHARE: return read_share(value, field);
    case COUNT:
    case BYTES: return read_count(row, value, field);
    }
    return false;
}

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

bool mst_settings_set(mst_settings *settings, const char *name, const char *value,
                      enum mst_setting_source source, char why[MST_SETTING_WHY_BYTES])
{
    const struct row *row = find_row(name);
    if (!row) {
        snprintf(why, MST_SETTING_WHY_BYTES, "there is no setting '%.100s'", name);
        return false;
    }
    uint8_t *from = &settings->source[row - rows];
    if (row->kind == LIST && *from < source)
        clear_list(field_of(settings, row));
    if (row->kind != LIST && source == MST_FROM_FILE && *from == source) {
        snprintf(why, MST_SETTING_WHY_BYTES, "%s is set twice", name);
        return false;
    }
    if (!set_row(settings, row, value)) {
        say_range(row, value, why);
        return false;
    }
    *from = (uint8_t)source;
    return true;
}

void mst_settings_init(mst_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    for (size_t i = 0; i < ROW_COUNT; i++)
        (void)set_row(settings, &rows[i], rows[i].standard);
}

void mst_settings_free(mst_settings *settings)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].kind == TEXT)
            free(*(char **)field_of(settings, &rows[i]));
        else if (rows[i].kind == LIST)
            clear_list(field_of(settings, &rows[i]));
    }
    memset(settings, 0, sizeof *settings);
}

/* ---- files ------------------------------------------------------------------------------- */

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        text[--len] = '\0';
    return text;
}

static bool take_line(mst_settings *settings, char *line, char why[MST_SETTING_WHY_BYTES])
{
    char *name = trim(line);
    if (*name == '\0' || *name == '#')
        return true;
    char *equals = strchr(name, '=');
    if (!equals) {
        snprintf(why, MST_SETTING_WHY_BYTES, "expected 'name = value', found '%.100s'", name);
        return false;
    }
    *equals = '\0';
    return mst_settings_set(settings, trim(name), trim(equals + 1), MST_FROM_FILE, why);
}

bool mst_settings_read(mst_settings *settings, const char *path, char why[MST_SETTING_WHY_BYTES])
{
    char line[4096], reason[MST_SETTING_WHY_BYTES];
    unsigned number = 0;
    bool is_good = true;
    FILE *file = fopen(path, "r");
    if (!file) {
        snprintf(why, MST_SETTING_WHY_BYTES, "cannot open '%.200s': %s", path, strerror(errno));
        return false;
    }
    while (is_good && fgets(line, sizeof line, file)) {
        number++;
        is_good = take_line(settings, line, reason);
    }
    if (!is_good)
        snprintf(why, MST_SETTING_WHY_BYTES, "'%.150s' line %u: %.300s", path, number, reason);
    fclose(file);
    return is_good;
}

static void print_value(const struct row *row, const void *field, FILE *out)
{
    switch (row->kind) {
    case TEXT: fprintf(out, "%s = %s\n", row->name, *(char *const *)field); break;
    case FLAG: fprintf(out, "%s = %s\n", row->name, *(const bool *)field ? "yes" : "no"); break;
    case DURABILITY:
        fprintf(out, "%s = %s\n", row->name, durabilities[*(const mst_state_durability *)field]);
        break;
    case SHARE: fprintf(out, "%s = %g%%\n", row->name, *(const double *)field); break;
    default: fprintf(out, "%s = %llu\n", row->name, (unsigned long long)*(const uint64_t *)field);
    }
}

void mst_settings_print(const mst_settings *settings, FILE *out)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &rows[i];
        const void *field = (const char *)settings + row->offset;
        fprintf(out, "%s# %s\n", i > 0 ? "\n" : "", row->what);
        const struct mst_setting_list *list = field;
        if (row->kind != LIST)
            print_value(row, field, out);
        else if (list->count == 0)
            fprintf(out, "# %s = %s\n", row->name, row->value);
        else
            for (size_t item = 0; item < list->count; item++)
                fprintf(out, "%s = %s\n", row->name, list->items[item]);
    }
}
