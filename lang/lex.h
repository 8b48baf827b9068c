/* SPDX-License-Identifier: Apache-2.0
 *
 * lex.h - from the bytes of a source to tokens. Each call of mst_lex_next() yields one; what is
 * wrong with a token is reported here, once, and a usable token is handed on so that the grammar
 * can go on. Comments are collected on the side. */
#ifndef MST_LANG_LEX_H
#define MST_LANG_LEX_H

#include "atoms.h"
#include "diag.h"

/* The reserved words, in alphabetical order: MST_RESERVED(TOKEN, "spelling", class). A class says
 * where the parser may take up its work again after an error:
 *   ITEM    begins an item, hence ends whatever was open
 *   ENTRY   begins an entry of a policy
 *   CASE    begins a case of a decision
 *   CLAUSE  begins a clause of a test
 * VALUE words are values, so they are names in fewer places than the others (spec/language.md,
 * section 1). grammar.y declares a token for each. */
#define MST_RESERVED_WORDS(MST_RESERVED)                                                           \
    MST_RESERVED(ADVISE, "advise", ENTRY)                                                          \
    MST_RESERVED(AFTER, "after", PLAIN)                                                            \
    MST_RESERVED(ALL, "all", PLAIN)                                                                \
    MST_RESERVED(AND, "and", PLAIN)                                                                \
    MST_RESERVED(ANY, "any", PLAIN)                                                                \
    MST_RESERVED(AS, "as", PLAIN)                                                                  \
    MST_RESERVED(AT, "at", CLAUSE)                                                                 \
    MST_RESERVED(BECAUSE, "because", PLAIN)                                                        \
    MST_RESERVED(BY, "by", PLAIN)                                                                  \
    MST_RESERVED(CHECK, "check", ENTRY)                                                            \
    MST_RESERVED(CITE, "cite", PLAIN)                                                              \
    MST_RESERVED(COUNT, "count", PLAIN)                                                            \
    MST_RESERVED(DECISION, "decision", ITEM)                                                       \
    MST_RESERVED(DEF, "def", ITEM)                                                                 \
    MST_RESERVED(EFFECTIVE, "effective", PLAIN)                                                    \
    MST_RESERVED(ELSE, "else", PLAIN)                                                              \
    MST_RESERVED(ENUM, "enum", ITEM)                                                               \
    MST_RESERVED(EXCEPT, "except", PLAIN)                                                          \
    MST_RESERVED(EXPECT, "expect", CLAUSE)                                                         \
    MST_RESERVED(FACTS, "facts", ITEM)                                                             \
    MST_RESERVED(FAIL, "fail", PLAIN)                                                              \
    MST_RESERVED(FALSE, "false", VALUE)                                                            \
    MST_RESERVED(FIRST, "first", PLAIN)                                                            \
    MST_RESERVED(FIXTURE, "fixture", ITEM)                                                         \
    MST_RESERVED(FOR, "for", PLAIN)                                                                \
    MST_RESERVED(FROM, "from", PLAIN)                                                              \
    MST_RESERVED(GIVEN, "given", CLAUSE)                                                           \
    MST_RESERVED(HAS, "has", PLAIN)                                                                \
    MST_RESERVED(IF, "if", PLAIN)                                                                  \
    MST_RESERVED(IMPORT, "import", ITEM)                                                           \
    MST_RESERVED(IN, "in", PLAIN)                                                                  \
    MST_RESERVED(INCLUDE, "include", ENTRY)                                                        \
    MST_RESERVED(IS, "is", PLAIN)                                                                  \
    MST_RESERVED(KEY, "key", PLAIN)                                                                \
    MST_RESERVED(LAST, "last", PLAIN)                                                              \
    MST_RESERVED(LET, "let", ITEM)                                                                 \
    MST_RESERVED(LIKE, "like", PLAIN)                                                              \
    MST_RESERVED(MAX, "max", PLAIN)                                                                \
    MST_RESERVED(MIN, "min", PLAIN)                                                                \
    MST_RESERVED(MODULE, "module", ITEM)                                                           \
    MST_RESERVED(MOST, "most", PLAIN)                                                              \
    MST_RESERVED(NOT, "not", PLAIN)                                                                \
    MST_RESERVED(NOW, "now", VALUE)                                                                \
    MST_RESERVED(OBSERVED, "observed", PLAIN)                                                      \
    MST_RESERVED(OPTIONAL, "optional", PLAIN)                                                      \
    MST_RESERVED(OR, "or", PLAIN)                                                                  \
    MST_RESERVED(ORDERED, "ordered", PLAIN)                                                        \
    MST_RESERVED(OTHERWISE, "otherwise", CASE)                                                     \
    MST_RESERVED(PARAM, "param", ITEM)                                                             \
    MST_RESERVED(PASS, "pass", PLAIN)                                                              \
    MST_RESERVED(POLICY, "policy", ITEM)                                                           \
    MST_RESERVED(RAW, "raw", PLAIN)                                                                \
    MST_RESERVED(REASON, "reason", PLAIN)                                                          \
    MST_RESERVED(RECORD, "record", ITEM)                                                           \
    MST_RESERVED(REMEDY, "remedy", PLAIN)                                                          \
    MST_RESERVED(REQUIRE, "require", PLAIN)                                                        \
    MST_RESERVED(ROWS, "rows", PLAIN)                                                              \
    MST_RESERVED(SET, "set", ITEM)                                                                 \
    MST_RESERVED(STALE, "stale", PLAIN)                                                            \
    MST_RESERVED(SUBJECT, "subject", ITEM)                                                         \
    MST_RESERVED(SUM, "sum", PLAIN)                                                                \
    MST_RESERVED(TABLE, "table", ITEM)                                                             \
    MST_RESERVED(TEST, "test", ITEM)                                                               \
    MST_RESERVED(THEN, "then", PLAIN)                                                              \
    MST_RESERVED(TRUE, "true", VALUE)                                                              \
    MST_RESERVED(UNDECIDED, "undecided", PLAIN)                                                    \
    MST_RESERVED(UNKNOWN, "unknown", VALUE)                                                        \
    MST_RESERVED(VERSION, "version", PLAIN)                                                        \
    MST_RESERVED(WHEN, "when", CASE)                                                               \
    MST_RESERVED(WHERE, "where", PLAIN)                                                            \
    MST_RESERVED(WITHIN, "within", PLAIN)

enum mst_word_class {
    MST_CLASS_NONE, /* not a reserved word */
    MST_CLASS_PLAIN,
    MST_CLASS_VALUE,
    MST_CLASS_ITEM,
    MST_CLASS_ENTRY,
    MST_CLASS_CASE,
    MST_CLASS_CLAUSE,
};

struct mst_token {
    int kind; /* a token of grammar.y */
    struct mst_span span;
    const char *text;    /* of a name: its atom; of a text: its bytes, unescaped */
    uint32_t byte_count; /* of a text */
    uint8_t literal;     /* enum mst_literal_kind */
    uint8_t parts;       /* of a version: as many as were written */
    bool reported;       /* something is wrong with it and the author has been told */
    int64_t word;        /* value of a literal */
};

struct mst_lexer {
    struct mst_arena *arena;
    struct mst_atoms *atoms;
    struct mst_diags *diags;
    uint32_t source;
    const unsigned char *start, *cursor, *limit;
    int previous;         /* kind of the token before */
    bool in_hole;         /* of a text, between { and } */
    struct mst_span hole; /* its { */
    bool in_list;         /* what comes next stands between commas: told by the parser, */
    bool in_enum;         /* as is this: for the words of an error */
    struct mst_comment *comments;
    size_t comment_count, comment_capacity;
};

/* Starts at the beginning of a source that mst_source_check() has passed. */
void mst_lex_init(struct mst_lexer *lexer, struct mst_atoms *atoms, struct mst_diags *diags,
                  uint32_t source);

/* The next token; kind is END for ever once the source is used up. */
void mst_lex_next(struct mst_lexer *lexer, struct mst_token *token);

/* The class of a token kind: MST_CLASS_NONE if it is not a reserved word. */
enum mst_word_class mst_lex_class(int kind);
/* How a reserved word is spelt; NULL for every other token. */
const char *mst_lex_spelling(int kind);

#endif
