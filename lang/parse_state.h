/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_state.h - what the grammar's actions, the driver (parse.c) and the composer of syntax
 * errors (parse_error.c) share. Private to them. */
#ifndef MST_LANG_PARSE_STATE_H
#define MST_LANG_PARSE_STATE_H

#include "lex.h"
#include "parse.h"

/* Of the grammar's stack. It is not cleared, so its unused part costs nothing. A bracket, a sign or
 * `not` takes one or two places, an `else if` five. */
#define MST_MAX_PARSE_DEPTH 1300
#define MST_MAX_OPEN_BRACKETS 256

#define MST_MAX_REFUSED 16
#define MST_MAX_ELSE_IFS 250 /* in a row; each takes five places of the grammar's stack */

/* A limit as text. */
#define MST_LIMIT_TEXT(limit) MST_LIMIT_WORD(limit)
#define MST_LIMIT_WORD(limit) #limit

struct mst_bracket {
    int kind;  /* '{', '(' or '[' */
    int after; /* kind of the token before */
    struct mst_span span;
};

struct mst_parser {
    struct mst_arena *arena;
    struct mst_atoms *atoms;
    struct mst_diags *diags;
    struct mst_module *module;
    struct mst_lexer lexer;
    struct mst_token token;                             /* the one the grammar is looking at */
    struct mst_token previous, earlier;                 /* the one before, and before that */
    struct mst_token comparison;                        /* the last `==`, `in` or the like */
    struct mst_bracket brackets[MST_MAX_OPEN_BRACKETS]; /* those open */
    uint32_t bracket_count;
    uint32_t item_count;
    int item_word; /* the word that began the item, and where */
    struct mst_span item_span;
    int clause_word; /* the last word that began a clause, and where: what the author is at */
    struct mst_span clause_span;
    int refused[MST_MAX_REFUSED]; /* reserved words that were written as names, and reported */
    uint32_t refused_count;
    uint32_t else_ifs;   /* since the last `if` that stands alone */
    bool has_otherwise;  /* the decision */
    bool lacks_module;   /* which is reported */
    bool recovering;     /* after an error, until a word that takes up the thread again */
    bool is_silent;      /* the driver knows of the error that it is making */
    bool begins_nothing; /* the word that was not expected is no place to take up the thread */
    bool depth_reported;
    bool is_second_module; /* in a header that is one too many */
    bool gives_up;         /* too much of something: reading on would only cost memory */
};

/* ---- errors (parse_error.c) -------------------------------------------------------------- */

/* Reports that parser->token cannot stand where it does; `expected` are names of the grammar's
 * symbols that can. */
void mst_parse_error_report(struct mst_parser *parser, const char *const *expected, size_t count);
/* "a name, `,` or `}`"; empty if there is too much or nothing to name. (parse_expected.c) */
void mst_parse_expected_list(const char *const *expected, size_t expected_count,
                             bool drop_operators, char *list, size_t size);
/* Of one module once: what follows from it says nothing new. */
void mst_parse_error_too_deep(struct mst_parser *parser, struct mst_span span, const char *message);

/* ---- actions that look at what they build (parse_check.c) --------------------------------- */

struct mst_name mst_parse_name(const struct mst_token *token);
struct mst_expr *mst_parse_literal(struct mst_parser *p, const struct mst_token *token);
struct mst_expr *mst_parse_piece(struct mst_parser *p, const struct mst_token *token);
/* Reports a label or fields behind what they stand before. */
void mst_parse_case_part(struct mst_parser *p, const struct mst_case *to, const char *what,
                         bool is_label, struct mst_span span);
/* The fields in braces of an outcome, which may be none; reports a second time. */
void mst_parse_case_fields(struct mst_parser *p, struct mst_case *to,
                           const struct mst_expr_list *fields, struct mst_span span);
/* A text that may have no holes: reports them. */
struct mst_expr *mst_parse_plain_text(struct mst_parser *p, struct mst_expr *text);
/* What stands between the braces of a text: reports all but a name, path, lookup or call. */
struct mst_expr *mst_parse_hole(struct mst_parser *p, struct mst_expr *expr);

struct mst_expr *mst_parse_binary(struct mst_parser *p, enum mst_word op, struct mst_expr *a,
                                  struct mst_expr *b, struct mst_span span);
/* A comparison, also `in`, `like`, `within`, `is`: reports chains. b is NULL for `is`. */
struct mst_expr *mst_parse_comparison(struct mst_parser *p, enum mst_word op, struct mst_expr *a,
                                      struct mst_expr *b, struct mst_span span);
/* `a = b` as a condition: reports it and takes it for `a == b`. */
struct mst_expr *mst_parse_assignment(struct mst_parser *p, struct mst_expr *a, struct mst_expr *b,
                                      struct mst_span sign);
struct mst_expr *mst_parse_unary(struct mst_parser *p, enum mst_word op, struct mst_expr *a,
                                 struct mst_span span);
struct mst_expr *mst_parse_if(struct mst_parser *p, struct mst_expr *const parts[3],
                              struct mst_span span);
struct mst_expr *mst_parse_member(struct mst_parser *p, struct mst_expr *of,
                                  const struct mst_token *name, struct mst_span span);
struct mst_expr *mst_parse_index(struct mst_parser *p, struct mst_expr *of, struct mst_expr *key,
                                 struct mst_span span);
/* A call of NAME, or of the path `of` and NAME. */
struct mst_expr *mst_parse_call(struct mst_parser *p, struct mst_expr *of,
                                const struct mst_token *name, struct mst_expr_list args,
                                struct mst_span span);
/* op(variable in source where condition : value); condition or value may be NULL: reports a form
 * that the op does not have. */
struct mst_expr *mst_parse_quantifier(struct mst_parser *p, const struct mst_token *op,
                                      const struct mst_token *variable,
                                      struct mst_expr *const parts[3], struct mst_span span);
/* How this one is written: "any(x in xs: condition)". */
const char *mst_parse_quantifier_form(int kind);
/* `a == b or == c`: reports what `or` or `and` does not repeat. */
struct mst_expr *mst_parse_repeated(struct mst_parser *p, enum mst_word join, struct mst_expr *a,
                                    enum mst_word op, struct mst_expr *b, struct mst_span span);
/* An element more; reports once a list is too long. */
struct mst_expr_list mst_parse_append(struct mst_parser *p, struct mst_expr_list list,
                                      struct mst_expr *expr);
struct mst_expr *mst_parse_field(const struct mst_token *name, struct mst_expr *value);
/* A type by its path, with size and element where written. */
struct mst_type_syntax *mst_parse_type(struct mst_parser *p, struct mst_expr *path,
                                       struct mst_type_syntax *element, struct mst_expr *size,
                                       struct mst_span span);
/* A clause that stands once: false, and a report, if it has been written already. */
bool mst_parse_once(struct mst_parser *p, bool is_written, const char *what, struct mst_span span);
void mst_parse_outcome(struct mst_parser *p, struct mst_item *policy, int word,
                       const struct mst_token *name, struct mst_expr *label, struct mst_span span);
void mst_parse_row(struct mst_parser *p, struct mst_row_list *rows, struct mst_expr_list cells,
                   struct mst_span span);
void mst_parse_end_item(struct mst_parser *p, struct mst_item *item, struct mst_span span);
void mst_parse_module_path(struct mst_parser *p, struct mst_expr *path, struct mst_span span);
void mst_parse_second_module(struct mst_parser *p, struct mst_span span);
/* `expect a.b has c`: reports if the left side is no path. */
struct mst_expr *mst_parse_path(struct mst_parser *p, struct mst_expr *expr);

/* After an error: the rest of the bracket stack that still counts, and no more silence. */
void mst_parse_resume(struct mst_parser *p, uint32_t bracket_count);

#endif
