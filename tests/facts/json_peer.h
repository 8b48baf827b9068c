/* SPDX-License-Identifier: Apache-2.0
 *
 * json_peer.h - jansson as the second opinion on what is JSON. Loaded at run time, so that only
 * the tests that ask for it need it; where it is not installed, json_peer_open() says so. */
#ifndef MST_TESTS_JSON_PEER_H
#define MST_TESTS_JSON_PEER_H

#include <dlfcn.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

struct json_peer {
    void *library;
    json_t *(*load)(const char *, size_t, size_t, json_error_t *);
    void (*free_value)(json_t *);
    const char *(*string_value)(const json_t *);
    size_t (*string_length)(const json_t *);
    json_int_t (*integer_value)(const json_t *);
    double (*real_value)(const json_t *);
    size_t (*array_size)(const json_t *);
    json_t *(*array_get)(const json_t *, size_t);
    size_t (*object_size)(const json_t *);
    json_t *(*object_get)(const json_t *, const char *);
};

enum json_opinion {
    PEER_REFUSES,
    PEER_ACCEPTS,
    PEER_CANNOT_TELL, /* well-formed, but beyond what it can hold */
};

/* A function's address by way of memcpy: ISO C has no cast from an object's pointer. */
static inline bool json_peer_symbol(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static inline bool json_peer_open(struct json_peer *peer)
{
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
    return false; /* it is not instrumented */
#endif
#endif
    void *library = dlopen("libjansson.so.4", RTLD_NOW | RTLD_LOCAL);
    peer->library = library;
    return library && json_peer_symbol(library, "json_loadb", (void *)&peer->load) &&
           json_peer_symbol(library, "json_delete", (void *)&peer->free_value) &&
           json_peer_symbol(library, "json_string_value", (void *)&peer->string_value) &&
           json_peer_symbol(library, "json_string_length", (void *)&peer->string_length) &&
           json_peer_symbol(library, "json_integer_value", (void *)&peer->integer_value) &&
           json_peer_symbol(library, "json_real_value", (void *)&peer->real_value) &&
           json_peer_symbol(library, "json_array_size", (void *)&peer->array_size) &&
           json_peer_symbol(library, "json_array_get", (void *)&peer->array_get) &&
           json_peer_symbol(library, "json_object_size", (void *)&peer->object_size) &&
           json_peer_symbol(library, "json_object_get", (void *)&peer->object_get);
}

static inline void json_peer_drop(const struct json_peer *peer, json_t *value)
{
    if (value && value->refcount != (size_t)-1 && --value->refcount == 0)
        peer->free_value(value);
}

/* *value (may be NULL) is to be dropped by the caller. */
static inline enum json_opinion json_peer_ask(const struct json_peer *peer, const char *text,
                                              size_t len, json_t **value)
{
    json_error_t error;
    json_t *loaded = peer->load(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (value)
        *value = loaded;
    else
        json_peer_drop(peer, loaded);
    if (loaded && memchr(text, 0, len))
        return PEER_CANNOT_TELL; /* it passes over a zero byte behind a number or a word */
    if (loaded)
        return PEER_ACCEPTS;
    enum json_error_code code = json_error_code(&error);
    bool is_beyond = code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
                     code == json_error_stack_overflow;
    return is_beyond ? PEER_CANNOT_TELL : PEER_REFUSES;
}

#endif
