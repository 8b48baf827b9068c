/* SPDX-License-Identifier: Apache-2.0
 *
 * agent_text.c - what commands of Windows print, line by line. A line is taken exactly or refused;
 * what a value means is for the rules. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent.h"

#define REFUSE(why, ...) (snprintf(why, AGENT_WHY_BYTES, __VA_ARGS__), false)

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r", text[len - 1]))
        text[--len] = '\0';
    return text;
}

bool agent_text_pair(char *line, char **name, char **value)
{
    char *colon = strstr(line, " : ");
    const size_t len = strlen(line);
    if (!colon && len > 2 && strcmp(line + len - 2, " :") == 0)
        colon = line + len - 2; /* an empty value, its space taken off */
    if (!colon)
        return false;
    *colon = '\0';
    *name = trim(line);
    *value = trim(colon + 2);
    return **name != '\0';
}

static json_t *group_of(json_t *agent, const char *name)
{
    json_t *group = json_object_get(agent, name);
    if (!group) {
        group = json_object();
        json_object_set_new(agent, name, group);
    }
    return group;
}

/* ---- registry ---------------------------------------------------------------------------- */

/* The keys that rules know, the group that each is in the record, and the values that are taken. */
static const struct key {
    const char *path, *group, *values; /* values with a space before and behind each */
} keys[] = {
    {"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "current_version",
     " CurrentBuild UBR EditionID DisplayVersion InstallationType ProductName "},
    {"SYSTEM\\CurrentControlSet\\Control\\DeviceGuard", "device_guard",
     " EnableVirtualizationBasedSecurity "},
    {"SYSTEM\\CurrentControlSet\\Control\\SecureBoot\\State", "secure_boot",
     " UEFISecureBootEnabled "},
    {"SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management", "memory_management",
     " HotPatchRestrictions "},
    {"SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment", "environment",
     " PROCESSOR_ARCHITECTURE "},
    {"SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\Update", "policy_manager",
     " AllowRebootlessUpdates "},
    {"SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate", "windows_update", " WUServer "},
};

static const struct key *find_key(const char *path)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcasecmp(keys[i].path, path) == 0)
            return &keys[i];
    return NULL;
}

/* "HKEY_LOCAL_MACHINE\...": what follows is in that key. Others than ours are passed over. */
static void take_key(json_t *agent, const char **group, char *line)
{
    const char *path = strchr(line, '\\');
    const struct key *key = path ? find_key(path + 1) : NULL;
    const bool is_enrollment =
        path && strncasecmp(path + 1, "SOFTWARE\\Microsoft\\Enrollments\\", 31) == 0;
    *group = key ? key->group : is_enrollment ? "enrollment" : "";
    /* Who has looked and found nothing has found that it is absent. */
    if (key && strcmp(key->group, "memory_management") == 0)
        json_object_set_new(group_of(agent, key->group), "HotPatchRestrictions",
                            json_string("absent"));
}

static bool wants_value(const char *group, const char *name)
{
    char wanted[128];
    snprintf(wanted, sizeof wanted, " %s ", name);
    if (strcmp(group, "enrollment") == 0)
        return strcmp(name, "ProviderID") == 0;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i].group, group) == 0)
            return strstr(keys[i].values, wanted) != NULL;
    return false;
}

/* "    UBR    REG_DWORD    0x2392": name, kind and value, four spaces between them. */
bool agent_text_registry(json_t *agent, const char **group, char *line, char *why)
{
    if (strncmp(line, "HKEY_LOCAL_MACHINE\\", 19) == 0) {
        take_key(agent, group, trim(line));
        return true;
    }
    char *name = trim(line), *kind = strstr(name, "    REG_");
    char *value = kind ? strstr(kind + 4, "    ") : NULL;
    if (!*group || !kind)
        return REFUSE(why, "'%.60s' is no line of reg query", name);
    *kind = '\0';
    kind += 4;
    if (value)
        *value = '\0';
    value = value ? trim(value + 4) : kind + strlen(kind);
    if (!wants_value(*group, name))
        return true;
    /* A device may have several enrolments, but only one is that of Intune. */
    const char *known = json_string_value(json_object_get(group_of(agent, *group), name));
    if (known && strcmp(known, "MS DM Server") == 0)
        return true;
    if (strcmp(kind, "REG_SZ") == 0) {
        json_object_set_new(group_of(agent, *group), name, json_string(value));
        return true;
    }
    char *end = value;
    const unsigned long number = strtoul(value, &end, 16);
    if (strcmp(kind, "REG_DWORD") != 0 || strncmp(value, "0x", 2) != 0 || *end != '\0' ||
        end == value + 2 || number > 0xffffffff)
        return REFUSE(why, "the registry value %.40s is no text and no number: %.60s", name, value);
    json_object_set_new(group_of(agent, *group), name, json_integer((json_int_t)number));
    return true;
}

/* ---- Win32_DeviceGuard ------------------------------------------------------------------- */

static bool read_number(const char *text, json_int_t *number, const char **end)
{
    char *stop;
    if (!isdigit((unsigned char)*text))
        return false;
    *number = strtoll(text, &stop, 10);
    if (stop - text > 9)
        return false;
    *end = stop;
    return true;
}

/* "{1, 2}", "{}"; NULL where it is none. "{1, 2, 3, 4...}" is cut off by PowerShell: `is_cut`. */
static json_t *read_list(const char *text, bool *is_cut)
{
    json_t *list = json_array();
    json_int_t number;
    *is_cut = false;
    text++;
    while (read_number(text, &number, &text)) {
        json_array_append_new(list, json_integer(number));
        if (strncmp(text, ", ", 2) == 0)
            text += 2;
    }
    *is_cut = strcmp(text, "...}") == 0;
    if (*is_cut || strcmp(text, "}") == 0)
        return list;
    json_decref(list);
    return NULL;
}

/* "VirtualizationBasedSecurityStatus : 2", as Format-List writes it. */
bool agent_text_device_guard(json_t *agent, char *line, char *why)
{
    static const char *const wanted[] = {"VirtualizationBasedSecurityStatus",
                                         "SecurityServicesConfigured", "SecurityServicesRunning"};
    char *name, *value;
    const char *end;
    json_int_t number;
    bool is_cut = false, is_wanted = false;
    if (!agent_text_pair(line, &name, &value))
        return REFUSE(why, "'%.60s' is no 'Name : value' of Win32_DeviceGuard", trim(line));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        is_wanted = is_wanted || strcmp(name, wanted[i]) == 0;
    if (!is_wanted)
        return true;
    json_t *read = value[0] == '{' ? read_list(value, &is_cut) : NULL;
    if (!read && read_number(value, &number, &end) && *end == '\0')
        read = json_integer(number);
    if (!read)
        return REFUSE(why, "%s of Win32_DeviceGuard is no number or list: %.60s", name, value);
    if (is_cut)
        json_decref(read); /* what is missing may be what matters: the value stays unknown */
    else
        json_object_set_new(group_of(agent, "device_guard"), name, read);
    return true;
}

/* ---- dsregcmd ---------------------------------------------------------------------------- */

/* Boxes with titles, and between them right-aligned "Key : VALUE". Values have colons too. */
bool agent_text_dsregcmd(json_t *agent, char *line, char *why)
{
    static const char *const wanted[] = {"AzureAdJoined",   "EnterpriseJoined", "DomainJoined",
                                         "WorkplaceJoined", "DeviceId",         "DeviceAuthStatus"};
    char *name, *value;
    char *text = trim(line);
    if (text[0] == '+' || text[0] == '|')
        return true;
    if (!agent_text_pair(text, &name, &value))
        return true; /* dsregcmd also prints sentences */
    (void)why;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strcmp(name, wanted[i]) == 0)
            json_object_set_new(group_of(agent, "dsregcmd"), name, json_string(value));
    return true;
}

/* ---- updates ----------------------------------------------------------------------------- */

/* An error code as the rules read it: 0x80240438, however it was written (-2145123272, 2149844024,
 * 0x80240438); NULL: it is none. */
static json_t *read_code(const char *text)
{
    char *end, code[16];
    const long long number = strtoll(text, &end, strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
    if (*end != '\0' || end == text || number < -2147483648LL || number > 4294967295LL)
        return NULL;
    if (number == 0)
        return json_string("0");
    snprintf(code, sizeof code, "0x%08llx", (unsigned long long)number & 0xffffffff);
    return json_string(code);
}

/* Date, operation, result, error code and title, a tab between each; the newest first. */
bool agent_text_update(json_t *agent, char *line, char *why)
{
    char *fields[5], *rest = line;
    const char *end = "", *result_end = "";
    json_int_t operation, result;
    size_t count = 0;
    for (; count < 4 && rest; count++)
        fields[count] = strsep(&rest, "\t");
    if (rest)
        fields[count++] = trim(rest);
    json_t *code = count == 5 ? read_code(fields[3]) : NULL;
    if (!code || !read_number(fields[1], &operation, &end) || *end != '\0' ||
        !read_number(fields[2], &result, &result_end) || *result_end != '\0') {
        json_decref(code);
        return REFUSE(why, "an update is not 'date, operation, result, code, title' with tabs");
    }
    json_t *group = group_of(agent, "windows_update");
    if (!json_object_get(group, "History"))
        json_object_set_new(group, "History", json_array());
    json_array_append_new(json_object_get(group, "History"),
                          json_pack("{s:s, s:I, s:I, s:o, s:s}", "Date", trim(fields[0]),
                                    "Operation", operation, "ResultCode", result, "HResult", code,
                                    "Title", fields[4]));
    return true;
}
