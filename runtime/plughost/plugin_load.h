/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin_load.h - from the name of a fact source to a plugin that may be called: found, opened,
 * and its table held against the ABI. Nothing of it has run then but what the system runs when it
 * opens a shared object. A plugin stays open until the process ends. */
#ifndef MST_PLUGHOST_PLUGIN_LOAD_H
#define MST_PLUGHOST_PLUGIN_LOAD_H

#include <stdbool.h>

#include "muster_source.h"

#define MST_PLUGIN_WHY_BYTES 1024

/* The file that `name` means: itself where it has a slash, else muster-source-NAME.so in the first
 * of the folders (ended by NULL) that has it. To be freed; NULL with why in words. */
char *mst_plugin_find(const char *name, const char *const *folders, char why[MST_PLUGIN_WHY_BYTES]);

/* NULL with why in words: a file that others can write to, that is no plugin, or one of another
 * version. */
const mst_source_plugin *mst_plugin_load(const char *path, char why[MST_PLUGIN_WHY_BYTES]);

#endif
