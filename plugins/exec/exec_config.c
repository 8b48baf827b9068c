/* SPDX-License-Identifier: Apache-2.0
 *
 * exec_config.c - what can be set about a program. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"

const char exec_schema[] =
    "{\"type\": \"object\", \"required\": [\"argv\"], \"additionalProperties\": false,"
    " \"properties\": {"
    "  \"argv\": {\"type\": \"array\", \"minItems\": 1, \"description\":"
    "   \"the program, found on the PATH where it has no slash, and its arguments; no shell\","
    "   \"items\": {\"type\": \"string\", \"minLength\": 1}},"
    "  \"directory\": {\"type\": \"string\", \"minLength\": 1, \"description\": \"where it runs\"},"
    "  \"every_s\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 31536000, \"description\":"
    "   \"seconds from the begin of one run to that of the next; without it, it is kept running\"},"
    "  \"timeout_s\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 86400, \"default\": 300,"
    "   \"description\": \"with every_s: a run that takes longer is ended\"}}}";

static char **copy_list(const json_t *list)
{
    char **texts = calloc(json_array_size(list) + 1, sizeof *texts);
    for (size_t i = 0; texts && i < json_array_size(list); i++)
        texts[i] = strdup(json_string_value(json_array_get(list, i)));
    return texts;
}

mst_source *exec_config_read(const char *config, size_t len)
{
    json_t *root = json_loadb(config, len, 0, NULL);
    json_t *argv = NULL;
    const char *directory = NULL;
    json_int_t every_s = 0, timeout_s = 300;
    mst_source *source = calloc(1, sizeof *source);
    if (source && json_unpack(root, "{s:o, s?:s, s?:I, s?:I}", "argv", &argv, "directory",
                              &directory, "every_s", &every_s, "timeout_s", &timeout_s) == 0) {
        source->argv = copy_list(argv);
        source->directory = directory ? strdup(directory) : NULL;
        source->every_s = every_s;
        source->timeout_s = timeout_s;
        source->buffer = malloc(EXEC_BUFFER_BYTES);
    }
    json_decref(root);
    if (source && source->argv && source->buffer)
        return source;
    exec_config_free(source);
    return NULL;
}

void exec_config_free(mst_source *source)
{
    if (!source)
        return;
    for (size_t i = 0; source->argv && source->argv[i]; i++)
        free(source->argv[i]);
    free(source->argv);
    free(source->directory);
    free(source->buffer);
    free(source);
}
