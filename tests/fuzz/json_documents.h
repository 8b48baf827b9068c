/* SPDX-License-Identifier: Apache-2.0
 *
 * json_documents.h - JSON of any shape, chosen by chance and then perhaps damaged: objects that
 * repeat their keys as devices do, strings around the lengths at which the scanner takes its
 * steps, escapes and characters of all widths, numbers as odd as they may be written. */
#ifndef MST_TESTS_JSON_DOCUMENTS_H
#define MST_TESTS_JSON_DOCUMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../facts/json_cases.h"

enum { MOST_BYTES = 8192 };

struct document {
    unsigned char text[MOST_BYTES];
    size_t len;
    uint64_t chance;
    uint32_t shape;  /* of the keys that objects have */
    bool has_space;  /* white space between tokens */
    uint32_t values; /* that may still be begun */
};

#define PICK(document, list) (list)[draw(document, sizeof(list) / sizeof((list)[0]))]

/* 0 to below - 1. */
static uint32_t draw(struct document *document, uint64_t below)
{
    uint64_t x = document->chance;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    document->chance = x;
    return (uint32_t)((x >> 16) % below);
}

static void put(struct document *document, const void *bytes, size_t len)
{
    if (len > MOST_BYTES - document->len)
        return;
    memcpy(document->text + document->len, bytes, len);
    document->len += len;
}

static void put_word(struct document *document, const char *word)
{
    put(document, word, strlen(word));
}

static void put_space(struct document *document)
{
    static const char *const spaces[] = {" ", "\n", "\t", "\r\n", "  ", "                  "};
    if (document->has_space && draw(document, 3) == 0)
        put_word(document, PICK(document, spaces));
}

static void put_characters(struct document *document, uint32_t count)
{
    static const char *const rare[] = {"\\\"",
                                       "\\\\",
                                       "\\/",
                                       "\\b",
                                       "\\f",
                                       "\\n",
                                       "\\r",
                                       "\\t",
                                       "\\u0041",
                                       "\\u00e4",
                                       "\\u20AC",
                                       "\\ud834\\udd1e",
                                       "\\uDBFF\\uDFFF",
                                       "\\u0000",
                                       "\xc3\xa4",
                                       "\xdf\xbf",
                                       "\xe2\x82\xac",
                                       "\xef\xbf\xbf",
                                       "\xed\x9f\xbf",
                                       "\xf0\x9d\x84\x9e",
                                       "\xf4\x8f\xbf\xbf",
                                       "{",
                                       "]",
                                       ",",
                                       ":",
                                       "\x7f",
                                       "'",
                                       "//"};
    const uint32_t rarity = draw(document, 4) == 0 ? 4 : 40;
    while (count-- > 0) {
        const char letter = (char)('a' + draw(document, 26));
        if (draw(document, rarity) == 0)
            put_word(document, PICK(document, rare));
        else
            put(document, &letter, 1);
    }
}

static void put_string(struct document *document)
{
    static const uint32_t lengths[] = {0,  1,  2,  7,  8,  9,  14, 15, 16,
                                       17, 30, 31, 32, 33, 63, 64, 65};
    put_word(document, "\"");
    put_characters(document, PICK(document, lengths) + draw(document, 2));
    put_word(document, "\"");
}

static void put_digits(struct document *document, uint32_t most)
{
    for (uint32_t i = 1 + draw(document, most); i > 0; i--) {
        const char digit = (char)('0' + draw(document, draw(document, 3) == 0 ? 1 : 10));
        put(document, &digit, 1);
    }
}

static void put_number(struct document *document)
{
    static const char *const heads[] = {"0", "1", "9", "-0", "-1", "-9", "922337203685477580"};
    static const char *const exponents[] = {"e", "E", "e+", "e-", "E+0", "e-0"};
    const char *head = PICK(document, heads);
    put_word(document, head);
    if (strcmp(head, "0") != 0 && strcmp(head, "-0") != 0 && draw(document, 2) == 0)
        put_digits(document, draw(document, 8) == 0 ? 30 : 9);
    if (draw(document, 4) == 0) {
        put_word(document, ".");
        put_digits(document, 12);
    }
    if (draw(document, 6) == 0) {
        put_word(document, PICK(document, exponents));
        put_digits(document, draw(document, 20) == 0 ? 10 : 2);
    }
}

static void put_value(struct document *document, uint32_t depth);

/* The n-th key of a shape: the same each time, as long as a key of a device or longer. */
static void put_key(struct document *document, uint32_t shape, uint32_t n)
{
    static const char name[] = "\"installed_update_of_the_device_and_more\"";
    const uint32_t cut = (shape * 7 + n * 5) % (sizeof name - 4);
    if (draw(document, 12) == 0) {
        put_string(document);
        return;
    }
    char letter[2] = {(char)('a' + n), 0};
    put(document, name, 1);
    put_word(document, letter);
    put(document, name + 1, cut);
    put_word(document, draw(document, 40) == 0 ? "\\u0061\"" : "\"");
}

static void put_object(struct document *document, uint32_t depth, uint32_t shape)
{
    const uint32_t count = draw(document, 10) == 0 ? draw(document, 20) : shape % 7;
    put_word(document, "{");
    put_space(document);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            put_word(document, ",");
        put_space(document);
        put_key(document, shape, draw(document, 15) == 0 ? draw(document, count) : i);
        put_space(document);
        put_word(document, ":");
        put_value(document, depth + 1);
    }
    put_word(document, "}");
}

static void put_array(struct document *document, uint32_t depth)
{
    const uint32_t count = draw(document, 6), shape = draw(document, 20);
    const bool is_even = draw(document, 2) == 0;
    put_word(document, "[");
    put_space(document);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            put_word(document, ",");
        put_space(document);
        if (is_even)
            put_object(document, depth + 1, shape);
        else
            put_value(document, depth + 1);
        put_space(document);
    }
    put_word(document, "]");
}

static void put_value(struct document *document, uint32_t depth)
{
    static const char *const words[] = {"true", "false", "null"};
    const uint32_t kind =
        document->values > 0 && depth < 60 ? draw(document, 9) : draw(document, 5);
    document->values -= document->values > 0;
    put_space(document);
    if (kind < 2)
        put_string(document);
    else if (kind < 4)
        put_number(document);
    else if (kind == 4)
        put_word(document, PICK(document, words));
    else if (kind < 7)
        put_object(document, depth, draw(document, 3) == 0 ? draw(document, 20) : document->shape);
    else
        put_array(document, depth);
    put_space(document);
}

/* Brackets around it, up to a few more than there may be. */
static void bury(struct document *document)
{
    static unsigned char inner[MOST_BYTES];
    const size_t len = document->len;
    const uint32_t depth = 55 + draw(document, 14);
    memcpy(inner, document->text, len);
    if (len > MOST_BYTES - depth * 8)
        return;
    document->len = 0;
    for (uint32_t i = 0; i < depth; i++)
        put_word(document, i % 2 == 0 ? "[" : "{\"b\":");
    put(document, inner, len);
    for (uint32_t i = depth; i-- > 0;)
        put_word(document, i % 2 == 0 ? "]" : "}");
}

/* ---- damage ------------------------------------------------------------------------------ */

static void replace(struct document *document, size_t at, size_t count, const void *by, size_t len)
{
    static unsigned char behind[MOST_BYTES];
    const size_t rest = document->len - at - count;
    if (at + len + rest > MOST_BYTES)
        return;
    memcpy(behind, document->text + at + count, rest);
    memcpy(document->text + at, by, len);
    memcpy(document->text + at + len, behind, rest);
    document->len = at + len + rest;
}

static void damage(struct document *document)
{
    static const char bytes[] = "\"\"\\\\{}[],:0-1.eE+tfn \n\t\x01\x1f\x7f\x80\xbf\xc0\xc2\xe0\xed"
                                "\xf0\xf4\xf5\xff'/u";
    const size_t at = draw(document, document->len + 1);
    const size_t left = document->len - at;
    const size_t count = left == 0 ? 0 : draw(document, left < 4 ? left : 4);
    const char byte = bytes[draw(document, sizeof bytes)]; /* the zero byte behind included */
    const struct json_case *snippet =
        draw(document, 2) == 0 ? &PICK(document, bad_json) : &PICK(document, good_json);
    switch (draw(document, 8)) {
    case 0:
    case 1: replace(document, at, left > 0, &byte, 1); break;
    case 2:
    case 3: replace(document, at, 0, &byte, 1); break;
    case 4:
    case 5: replace(document, at, count, "", 0); break;
    case 6: replace(document, at, count, snippet->text, snippet->len); break;
    default: document->len = at; break;
    }
}

/* The document of a number: always the same. */
static void make_document(struct document *document, uint64_t number)
{
    document->chance = number * 0x9e3779b97f4a7c15u + 0x1234567;
    document->len = 0;
    document->shape = draw(document, 4);
    document->has_space = draw(document, 3) == 0;
    document->values = 1 + draw(document, draw(document, 10) == 0 ? 100 : 20);
    put_value(document, 0);
    if (draw(document, 50) == 0)
        bury(document);
    if (draw(document, 2) == 0)
        for (uint32_t i = 1 + draw(document, 3); i > 0; i--)
            damage(document);
}

#endif
