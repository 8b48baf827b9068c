/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_expected.c - what the grammar could take, in the words of an author: for the syntax errors
 * of which parse_error.c knows nothing better to say. */
#include <stdio.h>
#include <string.h>

#include "parse_state.h"

static const char *const operators[] = {
    "or", "and", "==",  "!=",  "<=",  ">=",  "in",  "not in", "like", "within", "is",  "is not",
    "??", "'<'", "'>'", "'+'", "'-'", "'*'", "'/'", "'%'",    "'.'",  "'['",    "'='", "'|'",
};

static bool is_operator(const char *name)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(operators[i], name) == 0)
            return true;
    return false;
}

static bool begins_item(const char *name)
{
    static const char *const words[] = {
#define MST_RESERVED(token, spelling, class) MST_CLASS_##class == MST_CLASS_ITEM ? spelling : "",
        MST_RESERVED_WORDS(MST_RESERVED)
#undef MST_RESERVED
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return strcmp(name, "end of the file") == 0;
}

/* As an author calls it; NULL for what is not worth naming. */
static const char *describe(const char *name, char *buffer, size_t size)
{
    static const char *const plain[][2] = {
        {"name", "a name"},
        {"text", "a text"},
        {"whole number", "a number"},
        {"literal", NULL},
        {"bad literal", NULL},
        {"version number", NULL},
        {"true", NULL},
        {"false", NULL},
        {"now", NULL},
        {"text with a hole", NULL},
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i][0], name) == 0)
            return plain[i][1];
    int len = name[0] == '\'' ? snprintf(buffer, size, "`%c`", name[1])
                              : snprintf(buffer, size, "`%s`", name);
    return len > 0 ? buffer : NULL;
}

static void append_text(char *list, size_t size, const char *text)
{
    size_t len = strlen(list);
    (void)snprintf(list + len, size - len, "%s", text);
}

void mst_parse_expected_list(const char *const *expected, size_t expected_count,
                             bool drop_operators, char *list, size_t size)
{
    const char *names[6];
    char buffers[6][32];
    size_t count = 0;
    list[0] = '\0';
    for (size_t i = 0; i < expected_count; i++) {
        const char *name = expected[i];
        if ((drop_operators && is_operator(name)) || begins_item(name))
            continue;
        if (count == 6)
            return;
        names[count] = describe(name, buffers[count], sizeof buffers[count]);
        count += names[count] != NULL;
    }
    for (size_t i = 0; i < count; i++) {
        append_text(list, size, i == 0 ? "" : i + 1 == count ? " or " : ", ");
        append_text(list, size, names[i]);
    }
}
