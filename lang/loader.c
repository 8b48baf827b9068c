/* SPDX-License-Identifier: Apache-2.0
 *
 * loader.c - the loader that reads files: modules by dotted path below its folders, tables beside
 * the rule file that names them. A rule file is untrusted: no name that it holds may lead outside
 * of these folders. The only file of lang/ that knows files. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/lang.h"

#define MAX_FILE_BYTES ((size_t)64 << 20)
#define FIRST_READ_BYTES ((size_t)64 << 10)
#define MODULE_SUFFIX ".muster"

struct file_loader {
    mst_loader loader; /* first: mst_file_loader_free() gets its address */
    char **folders;
    size_t folder_count;
};

/* ---- names ------------------------------------------------------------------------------- */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Names joined by single dots: nothing in it can climb out of a folder. */
static bool is_module_name(const char *name)
{
    bool in_name = false;
    for (; *name != '\0'; name++) {
        if (*name == '.' && !in_name)
            return false;
        if (*name != '.' && !is_name_byte(*name))
            return false;
        in_name = *name != '.';
    }
    return in_name;
}

/* A relative path of plain parts: no `.`, `..`, empty part, backslash, drive or control. */
static bool is_table_path(const char *path)
{
    while (*path != '\0') {
        size_t len = strcspn(path, "/");
        bool dots = strspn(path, ".") == len && len <= 2; /* also an empty part */
        if (dots)
            return false;
        for (size_t i = 0; i < len; i++)
            if (path[i] == '\\' || path[i] == ':' || (unsigned char)path[i] < 0x20)
                return false;
        path += len;
        if (*path == '/' && *++path == '\0')
            return false;
    }
    return true;
}

/* "folder/rest", or "rest" where folder_len is 0; NULL when out of memory. */
static char *join_path(const char *folder, size_t folder_len, const char *rest, const char *suffix)
{
    size_t size = folder_len + strlen(rest) + strlen(suffix) + 2;
    char *path = malloc(size);
    if (path == NULL)
        return NULL;
    bool needs_slash = folder_len != 0 && folder[folder_len - 1] != '/';
    (void)snprintf(path, size, "%.*s%s%s%s", (int)folder_len, folder, needs_slash ? "/" : "", rest,
                   suffix);
    return path;
}

/* ---- files ------------------------------------------------------------------------------- */

/* Reads what is left of a file into *text, a block from malloc with a zero byte behind. */
static mst_status read_all(FILE *file, char **text, size_t *len)
{
    size_t capacity = 0, count = 0;
    char *bytes = NULL;
    for (;;) {
        if (count + 1 >= capacity) {
            capacity = capacity == 0 ? FIRST_READ_BYTES : capacity * 2;
            char *larger = realloc(bytes, capacity);
            if (larger == NULL) {
                free(bytes);
                return MST_ERR_MEMORY;
            }
            bytes = larger;
        }
        size_t got = fread(bytes + count, 1, capacity - count - 1, file);
        count += got;
        if (got == 0 || count > MAX_FILE_BYTES)
            break;
    }
    if (ferror(file) || count > MAX_FILE_BYTES) {
        free(bytes);
        return count > MAX_FILE_BYTES ? MST_ERR_LIMIT : MST_ERR_IO;
    }
    bytes[count] = '\0';
    *text = bytes;
    *len = count;
    return MST_OK;
}

/* Takes `path` over where it succeeds. */
static mst_status read_file(char *path, mst_source_text *found)
{
    if (path == NULL)
        return MST_ERR_MEMORY;
    errno = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return errno == ENOENT || errno == ENOTDIR ? MST_ERR_NOT_FOUND : MST_ERR_IO;
    mst_status status = read_all(file, &found->text, &found->len);
    (void)fclose(file);
    if (status == MST_OK)
        found->path = path;
    return status;
}

/* "folder/windows/device.muster" for "windows.device"; NULL when out of memory. */
static char *find_module_path(const char *folder, const char *name)
{
    char *path = join_path(folder, strlen(folder), name, MODULE_SUFFIX);
    if (path == NULL)
        return NULL;
    char *end = path + strlen(path) - strlen(MODULE_SUFFIX);
    for (char *c = end - strlen(name); c < end; c++)
        if (*c == '.')
            *c = '/';
    return path;
}

static mst_status load_module(const struct file_loader *files, const char *name,
                              mst_source_text *found)
{
    if (!is_module_name(name))
        return MST_ERR_NOT_FOUND;
    for (size_t i = 0; i < files->folder_count; i++) {
        char *path = find_module_path(files->folders[i], name);
        mst_status status = read_file(path, found);
        if (status == MST_OK)
            return MST_OK;
        free(path);
        if (status != MST_ERR_NOT_FOUND)
            return status;
    }
    return MST_ERR_NOT_FOUND;
}

static mst_status load_table(const char *name, const char *from, mst_source_text *found)
{
    if (*name == '\0' || !is_table_path(name))
        return MST_ERR_NOT_FOUND;
    const char *slash = from != NULL ? strrchr(from, '/') : NULL;
    size_t folder_len = slash != NULL ? (size_t)(slash - from) + 1 : 0;
    char *path = join_path(folder_len != 0 ? from : "", folder_len, name, "");
    mst_status status = read_file(path, found);
    if (status != MST_OK)
        free(path);
    return status;
}

static mst_status load_source(void *context, mst_load_kind kind, const char *name, const char *from,
                              mst_source_text *found)
{
    memset(found, 0, sizeof *found);
    if (kind == MST_LOAD_MODULE)
        return load_module(context, name, found);
    return load_table(name, from, found);
}

static void release_source(void *context, mst_source_text *found)
{
    (void)context;
    free(found->path);
    free(found->text);
    memset(found, 0, sizeof *found);
}

/* ---- the loader -------------------------------------------------------------------------- */

mst_loader *mst_file_loader(const char *const *folders, size_t folder_count)
{
    struct file_loader *files = calloc(1, sizeof *files);
    if (files == NULL)
        return NULL;
    files->loader = (mst_loader){sizeof(mst_loader), 0, load_source, release_source, files};
    files->folders = calloc(folder_count != 0 ? folder_count : 1, sizeof *files->folders);
    for (size_t i = 0; files->folders != NULL && i < folder_count; i++) {
        files->folders[i] = join_path(folders[i], strlen(folders[i]), "", "");
        if (files->folders[i] == NULL)
            break;
        files->folder_count++;
    }
    if (files->folders == NULL || files->folder_count != folder_count) {
        mst_file_loader_free(&files->loader);
        return NULL;
    }
    return &files->loader;
}

void mst_file_loader_free(mst_loader *loader)
{
    if (loader == NULL)
        return;
    struct file_loader *files = loader->context;
    for (size_t i = 0; files->folders != NULL && i < files->folder_count; i++)
        free(files->folders[i]);
    free(files->folders);
    free(files);
}
