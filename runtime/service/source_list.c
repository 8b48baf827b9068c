/* SPDX-License-Identifier: Apache-2.0
 *
 * source_list.c - from --source to sources that run, and from their batches to the intake. */
#include "source_list.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_schema.h"
#include "format/builtins.h"
#include "log.h"
#include "plugin_load.h"
#include "source_run.h"

#define CONFIG_MAX_BYTES 1048576

typedef unsigned long long count;

struct mst_source_feed {
    struct mst_session session; /* first */
    struct mst_source_run run;
    struct mst_note note; /* the cursor of the batch that is on its way */
    char *key;            /* of the cursor in the state */
    struct mst_source_feed *next;
};

/* ---- batches ----------------------------------------------------------------------------- */

static void take(struct mst_source_run *run)
{
    struct mst_source_feed *feed = run->context;
    const struct mst_source_pending *pending = &run->pending;
    feed->note = (struct mst_note){feed->key, pending->cursor, pending->cursor_len};
    (void)mst_session_put(&feed->session, pending->text, pending->len, pending->observed_s,
                          pending->has_cursor ? &feed->note : NULL);
}

/* There was no room before. */
static void on_resume(struct mst_session *session)
{
    struct mst_source_feed *feed = (struct mst_source_feed *)(void *)session;
    take(&feed->run);
}

static void add_error(mst_source_outcome *outcome, mst_source_error *errors, json_t **lines,
                      const struct mst_entry *entry, const char *reply)
{
    if (outcome->error_count == MST_SOURCE_ERROR_COUNT)
        return;
    json_t *line = json_loadb(reply, entry->reply_len, 0, NULL);
    const char *message = json_string_value(json_object_get(line, "message"));
    lines[outcome->error_count] = line;
    errors[outcome->error_count++] =
        (mst_source_error){entry->line, message ? message : "the record is no good"};
}

/* A batch stays together, so these are all of its entries. */
static void on_reply(struct mst_session *session, const struct mst_entry *entries, uint32_t number,
                     const char *text, size_t len)
{
    struct mst_source_feed *feed = (struct mst_source_feed *)(void *)session;
    mst_source_error errors[MST_SOURCE_ERROR_COUNT];
    json_t *lines[MST_SOURCE_ERROR_COUNT] = {NULL};
    mst_source_outcome outcome = {.size = sizeof outcome, .errors = errors};
    bool is_kept = true;
    (void)len;
    for (uint32_t i = 0; i < number; i++) {
        const struct mst_entry *entry = &entries[i];
        is_kept = is_kept && entry->result != MST_ENTRY_RETRY;
        outcome.accepted += entry->result == MST_ENTRY_ACCEPTED && !entry->note;
        outcome.rejected += entry->result == MST_ENTRY_REJECTED;
        if (entry->result == MST_ENTRY_REJECTED)
            add_error(&outcome, errors, lines, entry, text + (entry->reply - entries[0].reply));
    }
    mst_source_settle(&feed->run, is_kept ? &outcome : NULL);
    for (size_t i = 0; i < outcome.error_count; i++)
        json_decref(lines[i]);
}

static const struct mst_session_class session_class = {on_reply, NULL, on_resume};

/* ---- opening ----------------------------------------------------------------------------- */

static bool refuse(const char *what, const char *why)
{
    mst_log(MST_LOG_ERROR, "source_refused", "source=%s reason=%s", what, MST_LOG_QUOTED(why));
    return false;
}

static char *read_config(const char *path, size_t *len, char why[MST_CONFIG_WHY_BYTES])
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        snprintf(why, MST_CONFIG_WHY_BYTES, "cannot open '%s': %s", path, strerror(errno));
        return NULL;
    }
    char *text = mst_grown_resize(NULL, CONFIG_MAX_BYTES + 1);
    *len = fread(text, 1, CONFIG_MAX_BYTES + 1, file);
    const bool is_good = !ferror(file) && *len <= CONFIG_MAX_BYTES;
    fclose(file);
    if (is_good) {
        text[*len] = '\0';
        return text;
    }
    free(text);
    snprintf(why, MST_CONFIG_WHY_BYTES, "'%s' cannot be read, or has more than 1 MiB", path);
    return NULL;
}

/* "exec", "exec/inventory" with a configuration inventory.json. */
static char *make_id(const char *name, const char *config)
{
    struct mst_grown id = {NULL, 0, 0};
    mst_grown_puts(&id, name);
    if (config) {
        const char *slash = strrchr(config, '/');
        const char *stem = slash ? slash + 1 : config;
        const size_t len = strcspn(stem, ".");
        mst_grown_puts(&id, "/");
        mst_grown_add(&id, stem, len);
    }
    return id.ptr;
}

static bool is_good_id(const struct mst_source_list *sources, const char *id, const char *spec)
{
    if (id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_/")] != '\0')
        return refuse(spec, "the name of its configuration file has other characters than letters, "
                            "digits, '-' and '_'");
    for (const struct mst_source_feed *feed = sources->first; feed; feed = feed->next)
        if (strcmp(feed->run.id, id) == 0)
            return refuse(spec, "another source has the same name: give their configuration files "
                                "different names");
    return true;
}

static bool read_cursor(struct mst_source_feed *feed, mst_state *state)
{
    mst_text cursor = {NULL, 0};
    const mst_state_status status = mst_state_get_meta(state, feed->key, &cursor);
    if (status == MST_STATE_NOT_FOUND)
        return true;
    if (status != MST_STATE_OK)
        return refuse(feed->run.id, mst_state_message(state));
    feed->run.has_cursor = true;
    feed->run.cursor = mst_grown_copy(cursor.ptr ? cursor.ptr : "", cursor.len);
    feed->run.cursor_len = cursor.len;
    return true;
}

/* Id and configuration are taken over, whatever happens. */
static struct mst_source_feed *add_feed(struct mst_source_list *sources, uv_loop_t *loop,
                                        struct mst_clock clock, struct mst_intake *intake,
                                        const mst_source_plugin *plugin, char *id, char *config,
                                        size_t config_len)
{
    struct mst_source_feed *feed = mst_grown_zeroed(1, sizeof *feed);
    struct mst_grown key = {NULL, 0, 0};
    struct mst_source_feed **last = &sources->first;
    while (*last)
        last = &(*last)->next;
    *last = feed;
    mst_grown_printf(&key, "source.%s", id);
    feed->key = key.ptr;
    mst_session_init(&feed->session, intake, &session_class, false);
    mst_source_open(&feed->run, loop, clock, plugin, id, config, config_len);
    feed->run.take = take;
    feed->run.context = feed;
    return feed;
}

/* The configuration, which is checked; NULL after a line of the log. */
static char *load_config(const mst_source_plugin *plugin, const char *path, const char *spec,
                         size_t *len)
{
    char why[MST_CONFIG_WHY_BYTES], reason[MST_CONFIG_WHY_BYTES + 64];
    char *text = path ? read_config(path, len, why) : mst_grown_copy("{}", *len = 2);
    if (text && mst_config_check(plugin->config_schema, text, *len, why))
        return text;
    snprintf(reason, sizeof reason, "%s: %s",
             path ? "its configuration" : "it needs a configuration", why);
    free(text);
    (void)refuse(spec, reason);
    return NULL;
}

static bool open_source(struct mst_source_list *sources, uv_loop_t *loop, const char *spec,
                        const char *const *folders, struct mst_clock clock,
                        struct mst_intake *intake, mst_state *state)
{
    char why[MST_PLUGIN_WHY_BYTES];
    size_t config_len;
    const char *colon = strchr(spec, ':');
    char *name = mst_grown_copy(spec, colon ? (size_t)(colon - spec) : strlen(spec));
    char *path = mst_plugin_find(name, folders, why);
    const mst_source_plugin *plugin = path ? mst_plugin_load(path, why) : NULL;
    free(path);
    free(name);
    if (!plugin)
        return refuse(spec, why);
    char *config = load_config(plugin, colon ? colon + 1 : NULL, spec, &config_len);
    char *id = make_id(plugin->name, colon ? colon + 1 : NULL);
    if (!config || !is_good_id(sources, id, spec)) {
        free(config);
        free(id);
        return false;
    }
    struct mst_source_feed *feed =
        add_feed(sources, loop, clock, intake, plugin, id, config, config_len);
    if (!read_cursor(feed, state))
        return false;
    return mst_source_create(&feed->run, why) || refuse(spec, why);
}

bool mst_source_list_open(struct mst_source_list *sources, uv_loop_t *loop,
                          const mst_settings *settings, const char *const *folders,
                          struct mst_clock clock, struct mst_intake *intake, mst_state *state)
{
    for (size_t i = 0; i < settings->sources.count; i++)
        if (!open_source(sources, loop, settings->sources.items[i], folders, clock, intake, state))
            return false;
    return true;
}

/* ---- all of them ------------------------------------------------------------------------- */

void mst_source_list_begin(struct mst_source_list *sources)
{
    for (struct mst_source_feed *feed = sources->first; feed; feed = feed->next)
        mst_source_begin(&feed->run);
}

void mst_source_list_end(struct mst_source_list *sources)
{
    for (struct mst_source_feed *feed = sources->first; feed; feed = feed->next)
        mst_source_end(&feed->run);
}

bool mst_source_list_are_over(const struct mst_source_list *sources)
{
    for (const struct mst_source_feed *feed = sources->first; feed; feed = feed->next)
        if (!mst_source_is_over(&feed->run))
            return false;
    return true;
}

void mst_source_list_close(struct mst_source_list *sources)
{
    for (struct mst_source_feed *feed = sources->first; feed; feed = feed->next)
        mst_source_close(&feed->run);
}

/* A plugin that never stopped may still use what the host gave it, so that stays. */
void mst_source_list_free(struct mst_source_list *sources)
{
    static struct mst_source_feed *stuck;
    for (struct mst_source_feed *feed = sources->first, *next; feed; feed = next) {
        next = feed->next;
        mst_session_end(&feed->session);
        if (feed->run.phase == MST_SOURCE_STUCK) {
            feed->next = stuck;
            stuck = feed;
            continue;
        }
        mst_source_free(&feed->run);
        free(feed->key);
        free(feed);
    }
    sources->first = NULL;
}

/* ---- telling ----------------------------------------------------------------------------- */

static void add_head(struct mst_grown *out, const char *name, const char *type, const char *help)
{
    mst_grown_printf(out, "# HELP muster_source_%s %s\n# TYPE muster_source_%s %s\n", name, help,
                     name, type);
}

/* One number of each source, chosen by `which`. */
static void add_numbers(const struct mst_source_list *sources, struct mst_grown *out,
                        const char *name, const char *type, const char *help,
                        uint64_t (*which)(const struct mst_source_run *run))
{
    add_head(out, name, type, help);
    for (const struct mst_source_feed *feed = sources->first; feed; feed = feed->next) {
        mst_grown_printf(out, "muster_source_%s", name);
        mst_grown_label(out, "source", feed->run.id, strlen(feed->run.id));
        mst_grown_printf(out, "} %llu\n", (count)which(&feed->run));
    }
}

static uint64_t is_up(const struct mst_source_run *run)
{
    return run->phase == MST_SOURCE_UP && run->health == MST_SOURCE_GOOD;
}
static uint64_t accepted(const struct mst_source_run *run)
{
    return run->counts.accepted;
}
static uint64_t rejected(const struct mst_source_run *run)
{
    return run->counts.rejected;
}
static uint64_t batches(const struct mst_source_run *run)
{
    return run->counts.batches;
}
static uint64_t failures(const struct mst_source_run *run)
{
    return run->counts.failures;
}
static uint64_t last_delivery(const struct mst_source_run *run)
{
    return (uint64_t)run->counts.last_delivery_s;
}

void mst_source_list_metrics(const struct mst_source_list *sources, struct mst_grown *out)
{
    if (!sources->first)
        return;
    add_numbers(sources, out, "good", "gauge", "1 while the source works.", is_up);
    add_numbers(sources, out, "records_accepted_total", "counter", "Records that were kept.",
                accepted);
    add_numbers(sources, out, "records_rejected_total", "counter", "Bad records.", rejected);
    add_numbers(sources, out, "batches_total", "counter", "Batches that were kept.", batches);
    add_numbers(sources, out, "failures_total", "counter",
                "How often the source failed and was created anew.", failures);
    add_numbers(sources, out, "last_delivery_timestamp_seconds", "gauge",
                "When a batch was kept last; 0: never.", last_delivery);
}

static void add_row(const struct mst_source_run *run, struct mst_grown *rows)
{
    char when[MST_PRINT_MAX];
    const bool is_good = is_up(run) || run->health == MST_SOURCE_FINISHED;
    mst_grown_printf(rows, "<tr><th>Source %s</th><td><span class=\"%s\">%s</span>", run->id,
                     is_good ? "good" : "bad", mst_source_health_text(run->health));
    if (run->health_text[0] != '\0') {
        mst_grown_puts(rows, " <span class=\"dim\">");
        mst_grown_html(rows, run->health_text, strlen(run->health_text));
        mst_grown_puts(rows, "</span>");
    }
    mst_grown_printf(rows, ", %llu records kept", (count)run->counts.accepted);
    if (run->counts.rejected > 0)
        mst_grown_printf(rows, ", %llu rejected", (count)run->counts.rejected);
    if (run->counts.last_delivery_s != 0)
        mst_grown_printf(rows, ", the last at %.*s",
                         (int)mst_print_value(MST_TYPE_TIME, run->counts.last_delivery_s, when),
                         when);
    mst_grown_puts(rows, "</td></tr>\n");
}

void mst_source_list_status_rows(const struct mst_source_list *sources, struct mst_grown *rows)
{
    for (const struct mst_source_feed *feed = sources->first; feed; feed = feed->next)
        add_row(&feed->run, rows);
}
