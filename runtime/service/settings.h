/* SPDX-License-Identifier: Apache-2.0
 *
 * settings.h - what can be set about the service (settings.def), from defaults, a file of lines
 * `name = value`, and options, each of which wins over the one before. */
#ifndef MST_SERVICE_SETTINGS_H
#define MST_SERVICE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "state/state.h"

struct mst_setting_list {
    char **items;
    size_t count;
};

#define MST_FIELD_TEXT char *
#define MST_FIELD_LIST struct mst_setting_list
#define MST_FIELD_FLAG bool
#define MST_FIELD_COUNT uint64_t
#define MST_FIELD_BYTES uint64_t
#define MST_FIELD_DURABILITY mst_state_durability
#define MST_FIELD_SHARE double

enum mst_setting_source {
    MST_FROM_DEFAULT,
    MST_FROM_FILE,
    MST_FROM_OPTION,
};

#define MST_SETTING_COUNT_MAX 32

typedef struct mst_settings {
#define MST_SETTING(KIND, field, name, value, standard, minimum, maximum, what)                    \
    MST_FIELD_##KIND field;
#include "settings.def"
#undef MST_SETTING
    uint8_t source[MST_SETTING_COUNT_MAX]; /* where each comes from */
} mst_settings;

#define MST_SETTING_WHY_BYTES 512

/* All defaults. */
void mst_settings_init(mst_settings *settings);
void mst_settings_free(mst_settings *settings);

/* One setting by its name. A list is added to, unless what it holds comes from a source that this
 * one wins over. False with why in words: an unknown name, a value that is none, or one that the
 * same file has set before. */
bool mst_settings_set(mst_settings *settings, const char *name, const char *value,
                      enum mst_setting_source source, char why[MST_SETTING_WHY_BYTES]);

/* A file of `name = value` lines; '#' begins a comment at the begin of a line. */
bool mst_settings_read(mst_settings *settings, const char *path, char why[MST_SETTING_WHY_BYTES]);

/* In the form that mst_settings_read() takes, what each means above it. */
void mst_settings_print(const mst_settings *settings, FILE *out);

/* The settings by number, from 0, for a command line; NULL past the last. *value_name is empty for
 * a flag. */
const char *mst_settings_name(size_t i, const char **value_name, const char **standard,
                              const char **what, bool *is_list);

#endif
