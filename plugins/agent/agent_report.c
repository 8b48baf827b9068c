/* SPDX-License-Identifier: Apache-2.0
 *
 * agent_report.c - one report into one record. A JSON report is a record already, but for the text
 * of dsregcmd in it. A text report is in parts, each what a command has printed:
 *
 *     == device          id : 06671ad1-bdd6-4466-a3eb-23b8392456de
 *     == agent           collected_at, hostname, last_boot, config_manager, each as Name : value
 *     == registry        reg query KEY, for as many keys as were asked
 *     == device_guard    Get-CimInstance Win32_DeviceGuard ... | Format-List
 *     == dsregcmd        dsregcmd /status
 *     == updates         date, operation, result, code, title with tabs between them */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define REFUSE(why, ...) (snprintf(why, AGENT_WHY_BYTES, __VA_ARGS__), false)

/* ---- encodings --------------------------------------------------------------------------- */

/* Jansson takes no other text: each value that has some would be left out without a word. */
static bool is_utf8(const char *text)
{
    json_t *copy = json_string(text);
    json_decref(copy);
    return copy != NULL;
}

/* Windows PowerShell writes UTF-16 where nobody tells it otherwise. A text with a zero byte behind
 * it, to be freed; NULL with why. */
static char *to_utf8(char *bytes, size_t len, char *why)
{
    const bool is_wide = len >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0;
    const size_t mark = is_wide ? 2 : len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    const size_t room = is_wide ? 2 * len : len;
    char *text = malloc(room + 1), *from = bytes + mark, *to = text;
    size_t from_left = len - mark, to_left = room;
    if (!text)
        return NULL;
    if (!is_wide) {
        memcpy(text, from, from_left);
        to += from_left;
    } else {
        iconv_t converter = iconv_open("UTF-8", "UTF-16LE");
        const bool is_good = converter != (iconv_t)-1 &&
                             iconv(converter, &from, &from_left, &to, &to_left) != (size_t)-1;
        if (converter != (iconv_t)-1)
            iconv_close(converter);
        if (!is_good) {
            free(text);
            (void)REFUSE(why, "it begins as UTF-16 but is not");
            return NULL;
        }
    }
    *to = '\0';
    const bool is_whole = strlen(text) == (size_t)(to - text);
    if (is_whole && is_utf8(text))
        return text;
    free(text);
    (void)REFUSE(why, "%s", is_whole ? "it is neither UTF-8 nor UTF-16" : "it has a zero byte");
    return NULL;
}

/* ---- text reports ------------------------------------------------------------------------ */

enum part { NONE, DEVICE, AGENT, REGISTRY, DEVICE_GUARD, DSREGCMD, UPDATES, PART_COUNT };

static const char *const part_names[PART_COUNT] = {
    "", "device", "agent", "registry", "device_guard", "dsregcmd", "updates"};

struct reading {
    json_t *record, *agent;
    enum part part;
    const char *group; /* of the registry key that was named last */
};

static bool begin_part(struct reading *reading, const char *name, char *why)
{
    reading->group = NULL;
    for (reading->part = DEVICE; reading->part < PART_COUNT; reading->part++)
        if (strcmp(part_names[reading->part], name) == 0)
            return true;
    return REFUSE(why, "there is no part '%.40s'", name);
}

static bool take_device(struct reading *reading, char *line, char *why)
{
    char *name, *value;
    if (!agent_text_pair(line, &name, &value) || strcmp(name, "id") != 0 || !*value)
        return REFUSE(why, "the part 'device' has 'id : ...' and nothing else");
    json_object_set_new(reading->record, "device", json_pack("{s:s}", "id", value));
    return true;
}

static bool take_agent(struct reading *reading, char *line, char *why)
{
    static const char *const names[] = {"collected_at", "hostname", "last_boot"};
    char *name, *value;
    if (!agent_text_pair(line, &name, &value))
        return REFUSE(why, "the part 'agent' has lines 'name : value', not '%.60s'", line);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        json_object_set_new(reading->agent, name, json_string(value));
        return true;
    }
    const bool is_yes = strcmp(value, "yes") == 0;
    if (strcmp(name, "config_manager") != 0 || (!is_yes && strcmp(value, "no") != 0))
        return REFUSE(why, "the part 'agent' has no '%.40s : %.40s'", name, value);
    json_object_set_new(reading->agent, "config_manager", json_pack("{s:b}", "Installed", is_yes));
    return true;
}

static bool take_line(struct reading *reading, char *line, char *why)
{
    if (strncmp(line, "== ", 3) == 0)
        return begin_part(reading, line + 3, why);
    if (line[strspn(line, " \t")] == '\0')
        return true;
    switch (reading->part) {
    case DEVICE: return take_device(reading, line, why);
    case AGENT: return take_agent(reading, line, why);
    case REGISTRY: return agent_text_registry(reading->agent, &reading->group, line, why);
    case DEVICE_GUARD: return agent_text_device_guard(reading->agent, line, why);
    case DSREGCMD: return agent_text_dsregcmd(reading->agent, line, why);
    case UPDATES: return agent_text_update(reading->agent, line, why);
    default: return REFUSE(why, "it does not begin with a part, as '== device'");
    }
}

static json_t *read_text(char *text, char *why)
{
    struct reading reading = {json_object(), json_object(), NONE, NULL};
    char reason[AGENT_WHY_BYTES];
    bool is_good = true;
    json_object_set_new(reading.record, "agent", reading.agent);
    for (unsigned number = 1; is_good && text; number++) {
        char *line = strsep(&text, "\n");
        const size_t len = strlen(line);
        if (len > 0 && line[len - 1] == '\r')
            line[len - 1] = '\0';
        is_good = take_line(&reading, line, reason);
        if (!is_good)
            (void)REFUSE(why, "line %u: %.200s", number, reason);
    }
    if (is_good && !json_object_get(reading.record, "device"))
        is_good = REFUSE(why, "it has no part 'device' with an id");
    if (is_good)
        return reading.record;
    json_decref(reading.record);
    return NULL;
}

/* ---- JSON reports ------------------------------------------------------------------------ */

/* agent.dsregcmd_text, as dsregcmd has printed it, becomes agent.dsregcmd. */
static bool expand_dsregcmd(json_t *agent, char *why)
{
    const json_t *given = json_object_get(agent, "dsregcmd_text");
    if (!given)
        return true;
    if (!json_is_string(given))
        return REFUSE(why, "agent.dsregcmd_text is not a text");
    char *copy = strdup(json_string_value(given)), *text = copy;
    while (text)
        (void)agent_text_dsregcmd(agent, strsep(&text, "\n"), why);
    free(copy);
    json_object_del(agent, "dsregcmd_text");
    return true;
}

static json_t *read_json(const char *text, char *why)
{
    json_error_t error;
    json_t *record = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    bool is_good = false;
    if (!record)
        (void)REFUSE(why, "it is not JSON: line %d, column %d: %.100s", error.line, error.column,
                     error.text);
    else if (!json_is_object(record))
        (void)REFUSE(why, "it is not an object {...}");
    else
        is_good = expand_dsregcmd(json_object_get(record, "agent"), why);
    if (is_good)
        return record;
    json_decref(record);
    return NULL;
}

/* ---- records ----------------------------------------------------------------------------- */

/* 2026-08-14T18:10:14Z, also with parts of a second or an offset. */
static bool is_time(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

/* The reports of a device are in the order in which they were made, not in that of their names. */
static void add_observed(json_t *record)
{
    const char *when =
        json_string_value(json_object_get(json_object_get(record, "agent"), "collected_at"));
    if (when && is_time(when) && !json_object_get(record, "observed"))
        json_object_set_new(record, "observed", json_pack("{s:s}", "agent", when));
}

char *agent_report_read(char *bytes, size_t len, bool is_text, char why[AGENT_WHY_BYTES])
{
    snprintf(why, AGENT_WHY_BYTES, "out of memory");
    char *text = to_utf8(bytes, len, why);
    json_t *record = !text ? NULL : is_text ? read_text(text, why) : read_json(text, why);
    char *line = NULL;
    if (record) {
        add_observed(record);
        line = json_dumps(record, JSON_COMPACT | JSON_REAL_PRECISION(17));
    }
    json_decref(record);
    free(text);
    return line;
}
