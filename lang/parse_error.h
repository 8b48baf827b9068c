/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_error.h - what the files that compose syntax errors share: parse_error.c (the order in
 * which mistakes are tried, brackets, what is left), parse_error_word.c (names, clauses, items),
 * parse_error_type.c (declarations and their types), parse_error_value.c (conditions and values),
 * parse_error_set.c (several values). Private to them. */
#ifndef MST_LANG_PARSE_ERROR_H
#define MST_LANG_PARSE_ERROR_H

#include "grammar.h"
#include "parse_state.h"

struct mst_mistake {
    struct mst_parser *parser;
    const struct mst_token *token, *previous;
    const char *const *expected; /* names of symbols in grammar.y: words, and '(' in quotes */
    size_t count;
    bool same_line; /* as the token before */
};

/* What of a source is shown in a message, for "%.*s". */
struct mst_shown {
    int len;
    const char *bytes;
};

struct mst_shown mst_mistake_show(const struct mst_mistake *m, struct mst_span span);
/* One error at a place, with its help; `%s` are strings. */
void mst_mistake_report(const struct mst_mistake *m, enum mst_diag_id id, struct mst_span span,
                        const char *message, const char *help);
/* Text for the two above, in the arena; never NULL. */
const char *mst_mistake_text(const struct mst_mistake *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool mst_mistake_expects(const struct mst_mistake *m, const char *name);
bool mst_mistake_expects_value(const struct mst_mistake *m);    /* an expression may begin */
bool mst_mistake_expects_operator(const struct mst_mistake *m); /* an expression may go on */
bool mst_mistake_expects_name(const struct mst_mistake *m);
bool mst_mistake_expects_text(const struct mst_mistake *m); /* and nothing else */
/* The innermost open bracket; NULL if there is none. */
const struct mst_bracket *mst_mistake_bracket(const struct mst_mistake *m);
/* Where something is missing: at the token before if the line ends behind it. */
struct mst_span mst_mistake_gap(const struct mst_mistake *m);
bool mst_mistake_same_line(const struct mst_parser *p, struct mst_span a, struct mst_span b);
/* The token behind the wrong one. */
struct mst_token mst_mistake_next(const struct mst_mistake *m);
bool mst_mistake_is_one_of(int kind, const int *kinds, size_t count);
#define IS_ONE_OF(kind, ...)                                                                       \
    mst_mistake_is_one_of((kind), (const int[]){__VA_ARGS__},                                      \
                          sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

/* The word that the wrong token, a name, most likely was to be; NULL if there is none. */
const char *mst_mistake_near_word(const struct mst_mistake *m);
void mst_mistake_help_near(const struct mst_mistake *m, struct mst_diag *diag);

/* ---- explanations: each knows one kind of mistake and returns false if it is another --------- */

typedef bool mst_explain(const struct mst_mistake *m);

mst_explain mst_explain_refused, mst_explain_hyphen, mst_explain_reserved_word,
    mst_explain_wrong_clause, mst_explain_decision, mst_explain_next_word, mst_explain_clause,
    mst_explain_item, mst_explain_quoted_name, mst_explain_unquoted_text; /* ..._word.c */
mst_explain mst_explain_type, mst_explain_spelling, mst_explain_missing_type,
    mst_explain_optional; /* ..._type.c */
mst_explain mst_explain_is, mst_explain_quote_in_text, mst_explain_quantifier, mst_explain_sign,
    mst_explain_months, mst_explain_outcome, mst_explain_missing_value,
    mst_explain_missing_operator; /* ..._value.c */
mst_explain mst_explain_set;      /* ..._set.c */

#endif
