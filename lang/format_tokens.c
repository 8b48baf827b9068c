/* SPDX-License-Identifier: Apache-2.0
 *
 * format_tokens.c - the tokens of a module as the formatter walks them: each with the comments
 * that belong to it and with the empty lines before it. */
#include <string.h>

#include "format.h"
#include "grammar.h"

/* ---- reading ----------------------------------------------------------------------------- */

/* Where in the source something begins or ends, going forward only. */
struct place {
    const char *text;
    uint32_t at, line;
};

static void go_to(struct place *place, uint32_t at)
{
    for (; place->at < at; place->at++) {
        char c = place->text[place->at];
        place->line += c == '\n' || (c == '\r' && place->text[place->at + 1] != '\n');
    }
}

/* The one spelling of what may be written with any white space inside: `not in`, `7 days`. */
static void set_spelling(struct mst_format *f, struct mst_layout_token *token, const char *source)
{
    bool may_have_blanks =
        token->kind == TOK_NOT_IN || token->kind == TOK_IS_NOT || token->kind == TOK_LITERAL;
    char *text = may_have_blanks ? mst_arena_copy(f->arena, source, token->len) : NULL;
    token->text = text != NULL ? text : source;
    if (text == NULL)
        return;
    uint32_t len = 0;
    for (uint32_t i = 0; i < token->len; i++) {
        bool is_blank = strchr(" \t\r\n", text[i]) != NULL;
        if (!is_blank)
            text[len++] = text[i];
        else if (text[len - 1] != ' ')
            text[len++] = ' ';
    }
    token->len = len;
}

static uint32_t add_comment(struct mst_format *f, const char *source, struct mst_span span,
                            uint32_t number, bool blank_before)
{
    uint32_t len = span.len;
    while (len > 0 && strchr(" \t\f\v", source[span.at + len - 1]) != NULL)
        len--;
    f->layout.comments[number] = (struct mst_layout_comment){
        mst_arena_copy(f->arena, source + span.at, len), len, blank_before};
    return number;
}

/* The comments between the token before and this one. */
static uint32_t take_comments(struct mst_format *f, const struct mst_lexer *lexer, uint32_t number,
                              struct place *place, struct mst_layout_token *before,
                              struct mst_layout_token *token, uint32_t token_at)
{
    token->first_comment = number;
    token->trailing = MST_LAYOUT_NONE;
    for (; number < lexer->comment_count && lexer->comments[number].span.at < token_at; number++) {
        const struct mst_comment *comment = &lexer->comments[number];
        uint32_t line = place->line;
        go_to(place, comment->span.at);
        add_comment(f, place->text, comment->span, number, place->line > line + 1);
        if (comment->own_line || before == NULL) {
            token->comment_count++;
        } else {
            before->trailing = number;
            token->first_comment = number + 1;
        }
        go_to(place, comment->span.at + comment->span.len);
    }
    return number;
}

/* How many tokens there are; the comments lie in the lexer then. */
static uint32_t count_tokens(struct mst_lexer *lexer)
{
    struct mst_token token;
    uint32_t count = 1;
    for (mst_lex_next(lexer, &token); token.kind != TOK_END; mst_lex_next(lexer, &token))
        count++;
    return count;
}

bool mst_format_read(struct mst_format *f, struct mst_atoms *atoms, struct mst_diags *diags,
                     uint32_t source)
{
    struct mst_lexer counted, lexer;
    mst_lex_init(&counted, atoms, diags, source);
    f->token_count = count_tokens(&counted);
    struct mst_layout *layout = &f->layout;
    layout->arena = f->arena;
    layout->tokens = MST_NEW_ARRAY(f->arena, f->token_count, struct mst_layout_token);
    layout->shown = MST_NEW_ARRAY(f->arena, f->token_count, bool);
    layout->comments =
        MST_NEW_ARRAY(f->arena, counted.comment_count + 1, struct mst_layout_comment);
    if (f->arena->failed)
        return false;
    struct place place = {diags->sources[source].text, 0, 0};
    uint32_t comment = 0;
    mst_lex_init(&lexer, atoms, diags, source);
    for (uint32_t i = 0; i < f->token_count && !f->arena->failed; i++) {
        struct mst_token token;
        struct mst_layout_token *t = &layout->tokens[i];
        mst_lex_next(&lexer, &token);
        comment =
            take_comments(f, &counted, comment, &place, i > 0 ? t - 1 : NULL, t, token.span.at);
        uint32_t line = place.line;
        go_to(&place, token.span.at);
        t->kind = token.kind;
        t->len = token.span.len;
        t->at = token.span.at;
        t->line = place.line;
        t->blank_before = place.line > line + 1;
        go_to(&place, token.span.at + token.span.len);
        t->end_line = place.line;
        set_spelling(f, t, place.text + token.span.at);
    }
    return !f->arena->failed;
}

/* ---- walking ----------------------------------------------------------------------------- */

int mst_format_kind(const struct mst_format *f)
{
    return f->layout.tokens[f->at].kind;
}

struct mst_layout_token *mst_format_token(const struct mst_format *f)
{
    return &f->layout.tokens[f->at];
}

void mst_format_take(struct mst_format *f, struct mst_doc *to)
{
    mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_TOKEN, f->at));
    if (f->at + 1 < f->token_count)
        f->at++;
}

static bool is_opening(int kind)
{
    return kind == '{' || kind == '(' || kind == '[';
}

static bool is_closing(int kind)
{
    return kind == '}' || kind == ')' || kind == ']';
}

bool mst_format_take_comma(struct mst_format *f, struct mst_doc *to)
{
    if (mst_format_kind(f) != ',')
        return false;
    struct mst_layout_token *comma = mst_format_token(f);
    if (!is_closing(comma[1].kind)) {
        mst_format_take(f, to);
        return true;
    }
    bool is_in_the_way = comma->comment_count > 0 || (comma->trailing != MST_LAYOUT_NONE &&
                                                      comma[-1].trailing != MST_LAYOUT_NONE);
    if (is_in_the_way) {
        mst_format_take(f, to);
        return false;
    }
    if (comma->trailing != MST_LAYOUT_NONE)
        comma[-1].trailing = comma->trailing;
    f->at++;
    return false;
}

uint32_t mst_format_closing(const struct mst_format *f, uint32_t open)
{
    uint32_t depth = 0, at = open;
    for (; at + 1 < f->token_count; at++) {
        depth += is_opening(f->layout.tokens[at].kind);
        depth -= is_closing(f->layout.tokens[at].kind);
        if (depth == 0)
            break;
    }
    return at;
}

bool mst_format_is_one_line(const struct mst_format *f, uint32_t from, uint32_t to)
{
    const struct mst_layout_token *tokens = f->layout.tokens;
    for (uint32_t i = from; i < to; i++)
        if (tokens[i].trailing != MST_LAYOUT_NONE || tokens[i + 1].comment_count > 0)
            return false;
    return tokens[from].line == tokens[to].end_line;
}

/* ---- describing -------------------------------------------------------------------------- */

void mst_format_space(struct mst_format *f, struct mst_doc *to)
{
    mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_SPACES, 1));
}

void mst_format_loose_space(struct mst_format *f, struct mst_doc *to)
{
    struct mst_doc *space = mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_SPACES, 1));
    if (space != NULL)
        space->is_loose = true;
}

void mst_format_line(struct mst_format *f, struct mst_doc *to)
{
    if (f->in_one_line)
        mst_format_space(f, to);
    else
        mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_LINE, 0));
}

void mst_format_next(struct mst_format *f, struct mst_doc *to)
{
    if (f->in_one_line)
        mst_format_space(f, to);
    else
        mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_LINE, 1));
}

void mst_format_soft(struct mst_format *f, struct mst_doc *to)
{
    if (!f->in_one_line)
        mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_SOFT, 0));
}

struct mst_doc *mst_format_sequence(struct mst_format *f, struct mst_doc *to, uint32_t indent)
{
    return mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_SEQUENCE, indent));
}

struct mst_doc *mst_format_group(struct mst_format *f, struct mst_doc *to, uint32_t indent)
{
    struct mst_doc *group = mst_format_sequence(f, to, indent);
    if (group != NULL)
        group->is_group = true;
    return group;
}

struct mst_doc *mst_format_align(struct mst_format *f, struct mst_doc *to)
{
    struct mst_doc *group = mst_format_group(f, to, 0);
    if (group != NULL)
        group->is_align = true;
    return group;
}
