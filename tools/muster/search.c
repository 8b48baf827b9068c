/* SPDX-License-Identifier: Apache-2.0
 *
 * search.c - from RULES on a command line to paths, and from a path to the folders in which its
 * imports are looked for. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "module_name.h"
#include "rules.h"
#include "search.h"
#include "tool.h"

int mst_tool_search_add(mst_tool_search *search, const char *folder)
{
    if (!mst_tool_is_folder(folder))
        return mst_tool_misused("there is no folder '%s' for -I", folder);
    search->folders = mst_tool_grow(search->folders, search->folder_count, &search->folder_capacity,
                                    sizeof *search->folders);
    search->folders[search->folder_count++] = folder;
    return MST_TOOL_GOOD;
}

int mst_tool_search_param(mst_tool_search *search, const char *setting)
{
    const char *equals = strchr(setting, '=');
    if (!equals || equals == setting)
        return mst_tool_misused("--param needs NAME=VALUE, as in "
                                "--param windows.rollout.max_age=\"14 days\", not '%s'",
                                setting);
    const size_t len = (size_t)(equals - setting);
    for (size_t i = 0; i < search->param_count; i++)
        if (strncmp(search->params[i].name, setting, len) == 0 && !search->params[i].name[len])
            return mst_tool_misused("the param %s is set twice", search->params[i].name);
    search->params = mst_tool_grow(search->params, search->param_count, &search->param_capacity,
                                   sizeof *search->params);
    search->params[search->param_count++] =
        (mst_param){.name = mst_tool_copy(setting, len), .value = equals + 1};
    return MST_TOOL_GOOD;
}

void mst_tool_search_free(mst_tool_search *search)
{
    for (size_t i = 0; i < search->param_count; i++)
        free((char *)(uintptr_t)search->params[i].name);
    free(search->params);
    free(search->folders);
}

/* ---- the search path --------------------------------------------------------------------- */

static void add_folder(mst_tool_folders *folders, char *folder)
{
    folders->list =
        mst_tool_grow(folders->list, folders->count, &folders->capacity, sizeof *folders->list);
    folders->list[folders->count++] = folder;
}

static void add_from_environment(mst_tool_folders *folders)
{
    const char *path = getenv("MUSTER_PATH");
    while (path && *path) {
        size_t len = strcspn(path, ":");
        if (len > 0)
            add_folder(folders, mst_tool_copy(path, len));
        path += len + (path[len] == ':');
    }
}

/* They lie where they were installed as seen from this program, wherever both were moved to. NULL
 * where there are none. */
static char *find_installed_rules(void)
{
    char *program = mst_tool_whole_path("/proc/self/exe");
    if (!program)
        return NULL;
    *strrchr(program, '/') = '\0';
    char *path = mst_tool_format("%s/" MST_RULES_FROM_PROGRAM, program);
    char *folder = mst_tool_whole_path(path);
    free(path);
    free(program);
    return folder;
}

void mst_tool_search_path(mst_tool_folders *folders, const mst_tool_search *search, char *root)
{
    *folders = (mst_tool_folders){NULL, 0, 0};
    for (size_t i = 0; i < search->folder_count; i++)
        add_folder(folders, mst_tool_format("%s", search->folders[i]));
    if (root)
        add_folder(folders, root);
    add_from_environment(folders);
    add_folder(folders, mst_tool_copy("", 0)); /* the current folder, without "./" before paths */
    if (mst_tool_is_folder("stdlib-rules"))
        add_folder(folders, mst_tool_format("stdlib-rules"));
    char *installed = find_installed_rules();
    if (installed)
        add_folder(folders, installed);
}

void mst_tool_free_search_path(mst_tool_folders *folders)
{
    mst_tool_free_list(folders->list, folders->count);
}

/* ---- finding ----------------------------------------------------------------------------- */

static void keep_path(char ***paths, size_t *count, char *path)
{
    *paths = mst_tool_resize(*paths, (*count + 1) * sizeof **paths);
    (*paths)[(*count)++] = path;
}

static int find_module(const char *name, const mst_tool_search *search, char ***paths,
                       size_t *count)
{
    mst_tool_folders folders;
    mst_tool_search_path(&folders, search, NULL);
    for (size_t i = 0; i < folders.count && *count == 0; i++) {
        char *path = mst_tool_module_path(folders.list[i], name);
        if (mst_tool_is_file(path))
            keep_path(paths, count, path);
        else
            free(path);
    }
    mst_tool_free_search_path(&folders);
    if (*count > 0)
        return MST_TOOL_GOOD;
    char *path = mst_tool_module_path("", name);
    int code = mst_tool_failed("there is no file '%s' and no module of that name: none of the "
                               "folders looked in has '%s'; -I DIR adds one",
                               name, path);
    free(path);
    return code;
}

/* The module names of a folder's files, in the order of the paths; NULL where a file has none. */
static int read_names(char **paths, size_t count, char ***names)
{
    *names = mst_tool_resize(NULL, count * sizeof **names);
    for (size_t i = 0; i < count; i++) {
        unsigned char *text;
        size_t len;
        int code = mst_tool_read_file(paths[i], &text, &len);
        if (code != MST_TOOL_GOOD) {
            mst_tool_free_list(*names, i);
            return code;
        }
        (*names)[i] = mst_tool_module_name((const char *)text, len);
        free(text);
    }
    return MST_TOOL_GOOD;
}

/* The one module whose name ends like the folder, or `count`. */
static size_t find_namesake(const char *folder, char **names, size_t count)
{
    char *path = mst_tool_whole_path(folder);
    const char *base = path ? strrchr(path, '/') + 1 : folder;
    size_t found = count, matches = 0;
    for (size_t i = 0; i < count; i++) {
        if (names[i] && mst_tool_name_ends(names[i], base)) {
            found = i;
            matches++;
        }
    }
    free(path);
    return matches == 1 ? found : count;
}

/* Leaves of a folder's files what RULES means by the folder: its namesake, else what is no test.
 * A file without a module's name stays, for the compiler to say what is wrong with it. */
static int choose_modules(const char *folder, char **paths, size_t *count)
{
    char **names;
    int code = read_names(paths, *count, &names);
    if (code != MST_TOOL_GOOD)
        return code;
    size_t namesake = find_namesake(folder, names, *count), kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool is_test = names[i] && mst_tool_is_test(names[i]);
        if (namesake < *count ? i == namesake : !is_test)
            paths[kept++] = paths[i];
        else
            free(paths[i]);
    }
    mst_tool_free_list(names, *count);
    *count = kept;
    return MST_TOOL_GOOD;
}

static int find_in_folder(const char *folder, bool with_tests, char ***paths, size_t *count)
{
    int code = mst_tool_list_rules(folder, paths, count);
    if (code == MST_TOOL_GOOD && *count > 0 && !with_tests)
        code = choose_modules(folder, *paths, count);
    if (code == MST_TOOL_GOOD && *count == 0)
        return mst_tool_failed("there are no rules (.muster files) below '%s'", folder);
    return code;
}

int mst_tool_rules_find(const char *name, const mst_tool_search *search, bool with_tests,
                        char ***paths, size_t *count)
{
    *paths = NULL;
    *count = 0;
    if (mst_tool_is_folder(name))
        return find_in_folder(name, with_tests, paths, count);
    bool is_path = strcmp(name, "-") == 0 || mst_tool_is_file(name) || strchr(name, '/') ||
                   mst_tool_name_ends(name, "muster") || mst_tool_name_ends(name, "musterc");
    if (!is_path && mst_tool_is_module_name(name))
        return find_module(name, search, paths, count);
    keep_path(paths, count, mst_tool_format("%s", name));
    return MST_TOOL_GOOD;
}
