/* SPDX-License-Identifier: Apache-2.0
 *
 * config_schema.c - a small JSON Schema: enough for settings, with messages that name the place. */
#include "config_schema.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_BYTES 256
#define DEPTH_MAX 16

#define REFUSE(why, ...) (snprintf(why, MST_CONFIG_WHY_BYTES, __VA_ARGS__), false)

static const struct type {
    const char *name, *what;
} types[] = {
    {"object", "an object {...}"}, {"array", "a list [...]"}, {"string", "a text"},
    {"integer", "a whole number"}, {"number", "a number"},    {"boolean", "true or false"},
};

/* What the value of a keyword has to be. */
enum value { ANY, TEXT, NUMBER, COUNT, LIST, TEXTS, SCHEMA, SCHEMAS, NOT };

static const struct keyword {
    const char *name;
    enum value value;
} keywords[] = {
    {"type", TEXT},        {"properties", SCHEMAS},
    {"required", TEXTS},   {"additionalProperties", NOT},
    {"items", SCHEMA},     {"enum", LIST},
    {"minimum", NUMBER},   {"maximum", NUMBER},
    {"minLength", COUNT},  {"maxLength", COUNT},
    {"minItems", COUNT},   {"maxItems", COUNT},
    {"$schema", TEXT},     {"title", TEXT},
    {"description", TEXT}, {"default", ANY},
    {"examples", LIST},
};

/* "folder.every_s" below "folder" */
static void step(char place[PLACE_BYTES], const char *above, const char *key)
{
    snprintf(place, PLACE_BYTES, "%s%s%s", above, *above ? "." : "", key);
}

/* ---- schemas ----------------------------------------------------------------------------- */

static bool check_schema(const json_t *schema, const char *place, int depth, char *why);

static bool check_texts(const json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) if (!json_is_string(item)) return false;
    return json_is_array(list);
}

static bool check_schemas(const json_t *schemas, const char *place, int depth, char *why)
{
    const char *key;
    json_t *schema;
    char below[PLACE_BYTES];
    json_object_foreach((json_t *)(uintptr_t)schemas, key, schema)
    {
        step(below, place, key);
        if (!check_schema(schema, below, depth, why))
            return false;
    }
    return json_is_object(schemas);
}

static bool check_keyword(const struct keyword *keyword, const json_t *value, const char *place,
                          int depth, char *why)
{
    char below[PLACE_BYTES];
    bool is_good = false;
    step(below, place, keyword->name);
    snprintf(why, MST_CONFIG_WHY_BYTES, "the schema of its configuration: '%s' has a wrong value",
             below);
    switch (keyword->value) {
    case ANY: is_good = true; break;
    case TEXT: is_good = json_is_string(value); break;
    case NUMBER: is_good = json_is_number(value); break;
    case COUNT: is_good = json_is_integer(value) && json_integer_value(value) >= 0; break;
    case LIST: is_good = json_is_array(value); break;
    case TEXTS: is_good = check_texts(value); break;
    case NOT: is_good = json_is_false(value); break;
    case SCHEMA: return check_schema(value, place, depth + 1, why);
    case SCHEMAS: return check_schemas(value, place, depth + 1, why);
    }
    return is_good;
}

static const struct keyword *find_keyword(const char *name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}

static const struct type *find_type(const json_t *schema)
{
    const char *name = json_string_value(json_object_get(schema, "type"));
    for (size_t i = 0; name && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

static bool check_schema(const json_t *schema, const char *place, int depth, char *why)
{
    const char *key;
    json_t *value;
    if (!json_is_object(schema) || depth > DEPTH_MAX)
        return REFUSE(why, "the schema of its configuration: '%s' is no schema", place);
    json_object_foreach((json_t *)(uintptr_t)schema, key, value)
    {
        const struct keyword *keyword = find_keyword(key);
        if (!keyword)
            return REFUSE(why,
                          "the schema of its configuration has the keyword '%s', which muster does "
                          "not check",
                          key);
        if (!check_keyword(keyword, value, place, depth, why))
            return false;
    }
    if (!find_type(schema))
        return REFUSE(why, "the schema of its configuration: '%s' has no type that muster knows",
                      place);
    return true;
}

bool mst_config_check_schema(const char *schema, char why[MST_CONFIG_WHY_BYTES])
{
    json_error_t error;
    json_t *root = json_loads(schema, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return REFUSE(why, "the schema of its configuration is not JSON: line %d, column %d: %s",
                      error.line, error.column, error.text);
    bool is_good = check_schema(root, "", 0, why);
    if (is_good && strcmp(json_string_value(json_object_get(root, "type")), "object") != 0)
        is_good = REFUSE(why, "the schema of its configuration is not of an object");
    json_decref(root);
    return is_good;
}

/* ---- configurations ---------------------------------------------------------------------- */

static bool check_value(const json_t *schema, const json_t *value, const char *place, char *why);

static bool is_of_type(const struct type *type, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: return strcmp(type->name, "object") == 0;
    case JSON_ARRAY: return strcmp(type->name, "array") == 0;
    case JSON_STRING: return strcmp(type->name, "string") == 0;
    case JSON_INTEGER:
        return strcmp(type->name, "integer") == 0 || strcmp(type->name, "number") == 0;
    case JSON_REAL: return strcmp(type->name, "number") == 0;
    case JSON_TRUE:
    case JSON_FALSE: return strcmp(type->name, "boolean") == 0;
    case JSON_NULL: break;
    }
    return false;
}

/* The names that an object may have, for a message. */
static void list_names(const json_t *properties, char *text, size_t size)
{
    const char *key;
    json_t *value;
    size_t len = 0;
    *text = '\0';
    json_object_foreach((json_t *)(uintptr_t)properties, key, value)
    {
        if (len < size)
            len += (size_t)snprintf(text + len, size - len, "%s%s", len > 0 ? ", " : "", key);
    }
}

static bool check_object(const json_t *schema, const json_t *object, const char *place, char *why)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *key;
    char below[PLACE_BYTES], names[512];
    json_t *value;
    size_t i;
    json_array_foreach(json_object_get(schema, "required"), i, value)
    {
        step(below, place, json_string_value(value));
        if (!json_object_get(object, json_string_value(value)))
            return REFUSE(why, "'%s' is missing", below);
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const json_t *one = json_object_get(properties, key);
        step(below, place, key);
        list_names(properties, names, sizeof names);
        if (!one && json_is_false(json_object_get(schema, "additionalProperties")))
            return REFUSE(why, "there is no setting '%s'; there are %s", below, names);
        if (one && !check_value(one, value, below, why))
            return false;
    }
    return true;
}

static bool check_count(const json_t *schema, const char *least, const char *most, size_t count,
                        const char *what, const char *place, char *why)
{
    const json_t *minimum = json_object_get(schema, least),
                 *maximum = json_object_get(schema, most);
    if (minimum && count < (size_t)json_integer_value(minimum))
        return REFUSE(why, "'%s' has %zu %s; it needs at least %lld", place, count, what,
                      (long long)json_integer_value(minimum));
    if (maximum && count > (size_t)json_integer_value(maximum))
        return REFUSE(why, "'%s' has %zu %s; at most %lld are allowed", place, count, what,
                      (long long)json_integer_value(maximum));
    return true;
}

static bool check_range(const json_t *schema, const json_t *value, const char *place, char *why)
{
    const json_t *minimum = json_object_get(schema, "minimum");
    const json_t *maximum = json_object_get(schema, "maximum");
    if (minimum && json_number_value(value) < json_number_value(minimum))
        return REFUSE(why, "'%s' is %g; it is at least %g", place, json_number_value(value),
                      json_number_value(minimum));
    if (maximum && json_number_value(value) > json_number_value(maximum))
        return REFUSE(why, "'%s' is %g; it is at most %g", place, json_number_value(value),
                      json_number_value(maximum));
    return true;
}

static bool check_enum(const json_t *schema, const json_t *value, const char *place, char *why)
{
    const json_t *list = json_object_get(schema, "enum");
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) if (json_equal(item, value)) return true;
    if (!list)
        return true;
    char *names = json_dumps(list, JSON_ENCODE_ANY);
    (void)REFUSE(why, "'%s' is none of %s", place, names ? names : "the values allowed");
    free(names);
    return false;
}

static bool check_items(const json_t *schema, const json_t *list, const char *place, char *why)
{
    const json_t *of_items = json_object_get(schema, "items");
    char below[PLACE_BYTES], number[32];
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        snprintf(number, sizeof number, "%zu", i + 1);
        step(below, place, number);
        if (of_items && !check_value(of_items, item, below, why))
            return false;
    }
    return check_count(schema, "minItems", "maxItems", json_array_size(list), "elements", place,
                       why);
}

static bool check_value(const json_t *schema, const json_t *value, const char *place, char *why)
{
    const struct type *type = find_type(schema);
    if (!is_of_type(type, value))
        return REFUSE(why, "'%s' must be %s", place, type->what);
    if (!check_enum(schema, value, place, why))
        return false;
    switch (json_typeof(value)) {
    case JSON_OBJECT: return check_object(schema, value, place, why);
    case JSON_ARRAY: return check_items(schema, value, place, why);
    case JSON_STRING:
        return check_count(schema, "minLength", "maxLength", json_string_length(value), "bytes",
                           place, why);
    case JSON_INTEGER:
    case JSON_REAL: return check_range(schema, value, place, why);
    default: return true;
    }
}

bool mst_config_check(const char *schema, const char *config, size_t len,
                      char why[MST_CONFIG_WHY_BYTES])
{
    json_error_t error;
    json_t *wanted = json_loads(schema, 0, NULL);
    json_t *value = json_loadb(config, len, JSON_REJECT_DUPLICATES, &error);
    bool is_good = false;
    if (!wanted)
        snprintf(why, MST_CONFIG_WHY_BYTES, "the schema cannot be read");
    else if (!value)
        snprintf(why, MST_CONFIG_WHY_BYTES, "it is not JSON: line %d, column %d: %s", error.line,
                 error.column, error.text);
    else if (!json_is_object(value))
        snprintf(why, MST_CONFIG_WHY_BYTES, "it must be an object {...}");
    else
        is_good = check_object(wanted, value, "", why);
    json_decref(wanted);
    json_decref(value);
    return is_good;
}
