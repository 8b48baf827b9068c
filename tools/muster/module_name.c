/* SPDX-License-Identifier: Apache-2.0
 *
 * module_name.c - names and paths of modules. Only the first words of a file are looked at: the
 * rest is the compiler's. */
#include "module_name.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_byte(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Skips white space and comments. */
static size_t skip_blanks(const char *text, size_t len, size_t at)
{
    while (at < len && (is_blank(text[at]) || text[at] == '#')) {
        if (text[at] == '#')
            while (at < len && text[at] != '\n')
                at++;
        else
            at++;
    }
    return at;
}

char *mst_tool_module_name(const char *text, size_t len)
{
    size_t at = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    at = skip_blanks(text, len, at);
    if (len - at < 7 || memcmp(text + at, "module", 6) != 0 || is_name_byte(text[at + 6]))
        return NULL;
    at = skip_blanks(text, len, at + 6);
    size_t start = at;
    while (at < len && is_name_byte(text[at]))
        at++;
    char *name = mst_tool_copy(text + start, at - start);
    if (mst_tool_is_module_name(name))
        return name;
    free(name);
    return NULL;
}

bool mst_tool_is_module_name(const char *text)
{
    bool wants_letter = true;
    for (; *text; text++) {
        if (wants_letter ? !is_letter(*text) : !is_name_byte(*text))
            return false;
        wants_letter = *text == '.';
    }
    return !wants_letter;
}

bool mst_tool_is_test(const char *module)
{
    size_t len = strlen(module);
    return len >= 5 && strcmp(module + len - 5, "_test") == 0;
}

bool mst_tool_name_ends(const char *module, const char *end)
{
    size_t len = strlen(module), end_len = strlen(end);
    if (end_len == 0 || len < end_len || strcmp(module + len - end_len, end) != 0)
        return false;
    return len == end_len || module[len - end_len - 1] == '.';
}

char *mst_tool_module_path(const char *folder, const char *module)
{
    size_t folder_len = strlen(folder);
    bool needs_slash = folder_len > 0 && folder[folder_len - 1] != '/';
    char *path = mst_tool_format("%s%s%s.muster", folder, needs_slash ? "/" : "", module);
    char *from = path + folder_len + needs_slash;
    for (size_t i = 0; module[i]; i++)
        if (from[i] == '.')
            from[i] = '/';
    return path;
}

char *mst_tool_root_folder(const char *path, const char *module)
{
    char *end = mst_tool_module_path("", module);
    size_t len = strlen(path), end_len = strlen(end);
    bool fits = len >= end_len && strcmp(path + len - end_len, end) == 0 &&
                (len == end_len || path[len - end_len - 1] == '/');
    free(end);
    if (!fits)
        return NULL;
    if (len == end_len)
        return mst_tool_copy("", 0);
    size_t folder_len = len - end_len - 1;
    return folder_len == 0 ? mst_tool_copy("/", 1) : mst_tool_copy(path, folder_len);
}
