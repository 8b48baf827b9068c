/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin_trial.c - loads, shows and runs a plugin; the pages of what went well go through the pipe
 * as they come, so that the parent has them if this process does not survive. */
#include "plugin_trial.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_schema.h"
#include "plugin_load.h"
#include "source_trial.h"

#define SETTING_COLUMNS 12

static void send_line(FILE *to, char kind, const char *text)
{
    putc(kind, to);
    for (; *text; text++)
        putc(*text == '\n' ? ' ' : *text, to);
    putc('\n', to);
    (void)fflush(to);
}

/* ---- what it says of itself -------------------------------------------------------------- */

static bool is_needed(const json_t *schema, const char *name)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(schema, "required"), i, item)
    {
        if (strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

static void show_settings(const mst_source_plugin *plugin, FILE *to)
{
    json_t *schema = json_loads(plugin->config_schema, 0, NULL);
    const char *name;
    json_t *setting;
    char line[512];
    json_object_foreach(json_object_get(schema, "properties"), name, setting)
    {
        const char *what = json_string_value(json_object_get(setting, "description"));
        snprintf(line, sizeof line, "setting   %-*s %s%s%s%s", SETTING_COLUMNS, name,
                 json_string_value(json_object_get(setting, "type")),
                 is_needed(schema, name) ? ", needed" : "", what ? ": " : "", what ? what : "");
        send_line(to, MST_TOOL_TRIAL_LINE, line);
    }
    json_decref(schema);
}

static void show(const mst_source_plugin *plugin, FILE *to)
{
    char line[1024];
    snprintf(line, sizeof line, "source    %s %s, plugin ABI %u.%u", plugin->name, plugin->version,
             plugin->abi >> 16, plugin->abi & 0xffff);
    send_line(to, MST_TOOL_TRIAL_LINE, line);
    snprintf(line, sizeof line, "brings    %s", plugin->summary);
    send_line(to, MST_TOOL_TRIAL_LINE, line);
    show_settings(plugin, to);
}

/* ---- running it -------------------------------------------------------------------------- */

static void on_step(void *context, const char *what)
{
    send_line(context, MST_TOOL_TRIAL_STEP, what);
}

static void on_log(void *context, const char *text)
{
    char line[1024];
    snprintf(line, sizeof line, "log       %s", text);
    send_line(context, MST_TOOL_TRIAL_LINE, line);
}

static void show_run(const struct mst_source_trial *run, FILE *to)
{
    char line[MST_SOURCE_WHY_BYTES + 64];
    if (run->health_text[0] != '\0') {
        snprintf(line, sizeof line, "reports   %s", run->health_text);
        send_line(to, MST_TOOL_TRIAL_LINE, line);
    }
    if (run->has_batch)
        snprintf(line, sizeof line, "ran       its first batch has %llu record%s%s; it stopped",
                 (unsigned long long)run->records, run->records == 1 ? "" : "s",
                 run->has_cursor ? " and a cursor" : "");
    else
        snprintf(line, sizeof line, "ran       nothing was delivered; it stopped");
    send_line(to, MST_TOOL_TRIAL_LINE, line);
}

static void run_source(const mst_tool_trial *trial, const mst_source_plugin *plugin, FILE *to)
{
    char why[MST_CONFIG_WHY_BYTES], line[2 * MST_CONFIG_WHY_BYTES];
    const char *config = trial->config ? trial->config : "{}";
    const size_t config_len = trial->config ? trial->config_len : 2;
    struct mst_source_trial run = {.step = on_step,
                                   .log = on_log,
                                   .context = to,
                                   .run_ms = trial->run_ms,
                                   .stop_ms = trial->stop_ms};
    if (!mst_config_check(plugin->config_schema, config, config_len, why)) {
        if (trial->config) {
            snprintf(line, sizeof line, "configuration '%s': %s", trial->config_path, why);
            send_line(to, MST_TOOL_TRIAL_BAD, line);
            return;
        }
        snprintf(line, sizeof line, "not run   without a configuration: %s", why);
        send_line(to, MST_TOOL_TRIAL_LINE, line);
        send_line(to, MST_TOOL_TRIAL_GOOD, "");
        return;
    }
    if (!mst_source_trial(&run, plugin, config, config_len, why)) {
        send_line(to, MST_TOOL_TRIAL_BAD, why);
        return;
    }
    show_run(&run, to);
    send_line(to, MST_TOOL_TRIAL_GOOD, "");
}

void mst_tool_trial_run(const mst_tool_trial *trial, int fd)
{
    char why[MST_PLUGIN_WHY_BYTES];
    FILE *to = fdopen(fd, "w");
    if (!to)
        return;
    const mst_source_plugin *plugin = mst_plugin_load(trial->path, why);
    if (!plugin) {
        send_line(to, MST_TOOL_TRIAL_BAD, why);
        return;
    }
    show(plugin, to);
    run_source(trial, plugin, to);
}
