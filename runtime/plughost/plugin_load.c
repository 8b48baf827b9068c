/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin_load.c - finding, opening and judging a plugin. What a plugin says of itself is believed
 * only as far as it can be checked: the size of its table against that of its symbol. */
#define _GNU_SOURCE /* dladdr1: the size of a symbol */
#include "plugin_load.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_schema.h"

#define NAME_MAX_BYTES 32
#define VERSION_MAX_BYTES 64
#define CAPABILITIES                                                                               \
    (MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_WATCH | MST_SOURCE_CAN_TIME | MST_SOURCE_CAN_WAKE)

#define REFUSE(why, ...) (snprintf(why, MST_PLUGIN_WHY_BYTES, __VA_ARGS__), false)

/* ---- finding ----------------------------------------------------------------------------- */

static char *join(const char *folder, const char *name)
{
    const size_t size = strlen(folder) + strlen(name) + sizeof "/muster-source-.so";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/muster-source-%s.so", folder, name);
    return path;
}

char *mst_plugin_find(const char *name, const char *const *folders, char why[MST_PLUGIN_WHY_BYTES])
{
    if (strchr(name, '/')) {
        char *path = realpath(name, NULL);
        if (!path)
            snprintf(why, MST_PLUGIN_WHY_BYTES, "cannot open '%s': %s", name, strerror(errno));
        return path;
    }
    int len = snprintf(why, MST_PLUGIN_WHY_BYTES, "there is no plugin muster-source-%s.so%s", name,
                       folders && folders[0] ? " in" : ", nor a folder of plugins");
    for (size_t i = 0; folders && folders[i]; i++) {
        char *wanted = join(folders[i], name);
        char *path = wanted ? realpath(wanted, NULL) : NULL;
        free(wanted);
        if (path)
            return path;
        if (len > 0 && len < MST_PLUGIN_WHY_BYTES)
            len += snprintf(why + len, MST_PLUGIN_WHY_BYTES - (size_t)len, "%s %s",
                            i > 0 ? "," : "", folders[i]);
    }
    return NULL;
}

/* ---- the file ---------------------------------------------------------------------------- */

/* What is loaded can do whatever this process can, so nobody else may have written it. */
static bool is_ours(const char *path, char *why)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return REFUSE(why, "cannot open '%s': %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return REFUSE(why, "'%s' is not a file", path);
    if (info.st_uid != 0 && info.st_uid != geteuid())
        return REFUSE(why, "'%s' belongs to another user (%u): it must be root's or yours", path,
                      (unsigned)info.st_uid);
    if (info.st_mode & S_IWOTH)
        return REFUSE(why, "everybody can write to '%s': take that permission away (chmod o-w)",
                      path);
    return true;
}

static const mst_source_plugin *find_table(void *library, size_t *symbol_size, char *why)
{
    Dl_info info;
    ElfW(Sym) *symbol = NULL;
    void *address = dlsym(library, MST_SOURCE_SYMBOL);
    if (!address) {
        snprintf(why, MST_PLUGIN_WHY_BYTES,
                 "it exports no symbol '" MST_SOURCE_SYMBOL "': is it a fact source of Muster?");
        return NULL;
    }
    if (dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) == 0 || !symbol ||
        ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT) {
        snprintf(why, MST_PLUGIN_WHY_BYTES, "its symbol '" MST_SOURCE_SYMBOL "' is no data");
        return NULL;
    }
    *symbol_size = symbol->st_size;
    return address;
}

/* ---- the table --------------------------------------------------------------------------- */

static bool check_version(const mst_source_plugin *plugin, size_t symbol_size, char *why)
{
    if (symbol_size < offsetof(mst_source_plugin, needs))
        return REFUSE(why,
                      "its symbol '" MST_SOURCE_SYMBOL "' has %zu bytes: too few to be a table",
                      symbol_size);
    const unsigned major = plugin->abi >> 16, minor = plugin->abi & 0xffff;
    if (major != MST_SOURCE_ABI_MAJOR || minor > MST_SOURCE_ABI_MINOR)
        return REFUSE(why,
                      "it was made for version %u.%u of the plugin ABI; this muster has version "
                      "%u.%u",
                      major, minor, MST_SOURCE_ABI_MAJOR, MST_SOURCE_ABI_MINOR);
    if (plugin->size < sizeof(mst_source_plugin))
        return REFUSE(why, "it says that its table has %zu bytes; version %u.%u has %zu",
                      plugin->size, major, minor, sizeof(mst_source_plugin));
    if (plugin->size > symbol_size)
        return REFUSE(why, "it says that its table has %zu bytes, but the symbol has only %zu",
                      plugin->size, symbol_size);
    if (plugin->reserved != 0)
        return REFUSE(why, "a reserved member of its table is not 0");
    if (plugin->needs & ~CAPABILITIES)
        return REFUSE(why, "it needs what this muster does not have (capabilities 0x%llx)",
                      (unsigned long long)(plugin->needs & ~CAPABILITIES));
    return true;
}

static bool is_name(const char *name)
{
    const size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len <= NAME_MAX_BYTES && name[len] == '\0';
}

static bool is_line(const char *text, size_t max)
{
    const size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127)
            return false;
    return len > 0 && len <= max;
}

static bool check_members(const mst_source_plugin *plugin, char *why)
{
    const struct {
        const char *name;
        bool is_there;
    } members[] = {
        {"name", plugin->name != NULL},       {"version", plugin->version != NULL},
        {"summary", plugin->summary != NULL}, {"config_schema", plugin->config_schema != NULL},
        {"create", plugin->create != NULL},   {"start", plugin->start != NULL},
        {"stop", plugin->stop != NULL},       {"destroy", plugin->destroy != NULL},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (!members[i].is_there)
            return REFUSE(why, "its table has no '%s' (NULL)", members[i].name);
    if (!is_name(plugin->name))
        return REFUSE(why, "its name is not one of a-z, 0-9 and '-', at most %d", NAME_MAX_BYTES);
    if (!is_line(plugin->version, VERSION_MAX_BYTES))
        return REFUSE(why, "its version is not a line of at most %d bytes", VERSION_MAX_BYTES);
    if (!is_line(plugin->summary, MST_SOURCE_WHY_BYTES))
        return REFUSE(why, "its summary is not a line of text");
    return mst_config_check_schema(plugin->config_schema, why);
}

const mst_source_plugin *mst_plugin_load(const char *path, char why[MST_PLUGIN_WHY_BYTES])
{
    size_t symbol_size;
    if (!is_ours(path, why))
        return NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(why, MST_PLUGIN_WHY_BYTES, "it cannot be loaded: %s", reason ? reason : "");
        return NULL;
    }
    const mst_source_plugin *plugin = find_table(library, &symbol_size, why);
    if (!plugin || !check_version(plugin, symbol_size, why) || !check_members(plugin, why))
        return NULL;
    return plugin;
}
