/* SPDX-License-Identifier: Apache-2.0
 *
 * lex_literal.h - runs that begin with a digit: each is one literal or one error. Private to the
 * scanner. Each function gets the run from `from` to lexer->cursor, fills the token's value and
 * returns its kind; BAD where it has reported. */
#ifndef MST_LANG_LEX_LITERAL_H
#define MST_LANG_LEX_LITERAL_H

#include "lex.h"

int mst_lex_literal_int(struct mst_lexer *lexer, const unsigned char *from,
                        struct mst_token *token);
/* Digits, blanks and a word. Where the word is no unit of time the cursor goes back behind the
 * digits: an int. */
int mst_lex_literal_duration(struct mst_lexer *lexer, const unsigned char *from,
                             struct mst_token *token);
/* Versions, dates, months, times, clocks, and everything that looks like none of them. */
int mst_lex_literal_run(struct mst_lexer *lexer, const unsigned char *from,
                        struct mst_token *token);
/* A version with a `v` before it. */
int mst_lex_literal_v(struct mst_lexer *lexer, const unsigned char *from, struct mst_token *token);

#endif
