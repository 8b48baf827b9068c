/* SPDX-License-Identifier: Apache-2.0
 *
 * parse.c - drives the grammar: takes tokens from the scanner, keeps the open brackets, and after
 * an error drops what lies before the next word that takes up the thread. */
#include "parse.h"

#include <string.h>

#include "grammar.h"
#include "parse_state.h"
#include "source.h"

struct driver {
    struct mst_parser *parser;
    mst_grammar_pstate *state;
    bool is_done;
};

static bool is_opening(int kind)
{
    return kind == '{' || kind == '(' || kind == '[';
}

static bool is_closing(int kind)
{
    return kind == '}' || kind == ')' || kind == ']';
}

/* Do commas separate what stands between the innermost brackets? */
static bool is_in_list(const struct mst_parser *parser)
{
    if (parser->bracket_count == 0)
        return false;
    const struct mst_bracket *open = &parser->brackets[parser->bracket_count - 1];
    bool is_block = open->kind == '{' && parser->bracket_count == 1;
    if (is_block && parser->item_word == TOK_ENUM)
        return true;
    bool is_set = open->after == '=' || open->after == TOK_IN || open->after == TOK_NOT_IN;
    return open->kind != '{' || is_set || (!is_block && parser->item_word == TOK_DECISION);
}

/* Keeps the brackets that are open, for messages; what has no partner is left to the grammar. */
static void follow_brackets(struct mst_parser *parser, const struct mst_token *token)
{
    if (is_opening(token->kind) && parser->bracket_count < MST_MAX_OPEN_BRACKETS)
        parser->brackets[parser->bracket_count++] =
            (struct mst_bracket){token->kind, parser->previous.kind, token->span};
    else if (is_opening(token->kind))
        mst_parse_error_too_deep(
            parser, token->span,
            "More than " MST_LIMIT_TEXT(
                MST_MAX_OPEN_BRACKETS) " brackets are nested in each other here.");
    else if (is_closing(token->kind) && parser->bracket_count > 0)
        parser->bracket_count--;
    else
        return;
    parser->lexer.in_list = is_in_list(parser);
    parser->lexer.in_enum = parser->item_word == TOK_ENUM && parser->bracket_count == 1;
}

static void follow_if(struct mst_parser *parser, const struct mst_token *token)
{
    parser->else_ifs = parser->previous.kind == TOK_ELSE ? parser->else_ifs + 1 : 0;
    if (parser->else_ifs > MST_MAX_ELSE_IFS)
        mst_parse_error_too_deep(
            parser, token->span,
            "More than " MST_LIMIT_TEXT(MST_MAX_ELSE_IFS) " `else if` stand in a row here.");
}

static void follow_words(struct mst_parser *parser, const struct mst_token *token)
{
    enum mst_word_class class = mst_lex_class(token->kind);
    if (class == MST_CLASS_ITEM) {
        parser->item_word = token->kind;
        parser->item_span = token->span;
        parser->clause_word = 0;
        parser->has_otherwise = false;
    }
    if (token->kind == TOK_OTHERWISE)
        parser->has_otherwise = true;
    if (token->kind == TOK_IF)
        follow_if(parser, token);
    if (token->kind == TOK_EQ || token->kind == TOK_NE || token->kind == TOK_IN ||
        token->kind == TOK_NOT_IN)
        parser->comparison = *token;
    if (class == MST_CLASS_PLAIN || class == MST_CLASS_VALUE || class == MST_CLASS_NONE)
        return;
    parser->clause_word = token->kind;
    parser->clause_span = token->span;
}

static int push_token(struct driver *driver, int kind, const struct mst_token *token)
{
    MST_GRAMMAR_STYPE value = {.token = *token};
    struct mst_span span = token->span;
    return mst_grammar_push_parse(driver->state, kind, &value, &span, driver->parser);
}

/* Where the grammar has given up (in a header, or too deep) it begins anew among the items, as
 * after an error: NO_MODULE takes the header's place, BAD is the error. */
static void restart(struct driver *driver, const struct mst_token *token)
{
    driver->parser->is_silent = true;
    (void)push_token(driver, TOK_NO_MODULE, token);
    (void)push_token(driver, TOK_BAD, token);
    driver->parser->is_silent = false;
    driver->parser->recovering = true;
}

static void push(struct driver *driver, int kind, const struct mst_token *token)
{
    int status = push_token(driver, kind, token);
    if (status == YYPUSH_MORE)
        return;
    driver->is_done = status == 0;
    if (!driver->is_done)
        restart(driver, token);
}

/* The token with which the driver tells the grammar that a word of this class takes up the
 * thread; 0 if it does not. */
static int find_resync(int kind)
{
    switch (mst_lex_class(kind)) {
    case MST_CLASS_ITEM: return TOK_RESYNC;
    case MST_CLASS_ENTRY: return TOK_RESYNC_ENTRY;
    case MST_CLASS_CASE: return TOK_RESYNC_CASE;
    case MST_CLASS_CLAUSE: return TOK_RESYNC_CLAUSE;
    case MST_CLASS_NONE:
    case MST_CLASS_PLAIN:
    case MST_CLASS_VALUE: break;
    }
    return kind == TOK_END ? TOK_RESYNC : 0;
}

/* Offers the grammar, which is looking for its thread, a place to take it up. */
static void offer_resync(struct driver *driver, const struct mst_token *token)
{
    int resync = find_resync(token->kind);
    if (resync != 0)
        push(driver, resync, token);
}

static void feed(struct driver *driver, const struct mst_token *token)
{
    struct mst_parser *parser = driver->parser;
    if (parser->recovering)
        offer_resync(driver, token);
    if (parser->recovering || driver->is_done)
        return;
    parser->token = *token;
    parser->begins_nothing = false;
    push(driver, token->kind, token);
    if (parser->recovering && !driver->is_done && !parser->begins_nothing) {
        /* the word that was not expected may itself begin the next item */
        offer_resync(driver, token);
        if (!parser->recovering && !driver->is_done)
            push(driver, token->kind, token);
    }
    follow_brackets(parser, token);
    follow_words(parser, token);
    parser->earlier = parser->previous;
    parser->previous = *token;
}

static void report_no_module(struct mst_parser *parser, const struct mst_token *token)
{
    struct mst_diag *diag = mst_diag_report(parser->diags, MST_DIAG_NO_MODULE, token->span,
                                            "A file begins with `module` and its name.");
    mst_diag_help(parser->diags, diag,
                  token->kind == TOK_TEXT
                      ? "move this text behind the name: `module a.b version 1.0 \"…\"`"
                      : "write `module windows.example version 1.0` at the beginning");
    parser->lacks_module = true;
}

static void drive(struct driver *driver)
{
    struct mst_parser *parser = driver->parser;
    struct mst_token token;
    mst_lex_next(&parser->lexer, &token);
    if (token.kind != TOK_MODULE) {
        /* a misspelt `module` is the same mistake: nothing but an item is worth reading on */
        report_no_module(parser, &token);
        restart(driver, &token);
    }
    while (!parser->arena->failed) { /* a token that found no memory may lack its text */
        feed(driver, &token);
        if (driver->is_done || token.kind == TOK_END || mst_diags_full(parser->diags) ||
            parser->gives_up)
            return;
        mst_lex_next(&parser->lexer, &token);
    }
}

static bool is_too_large(struct mst_diags *diags, uint32_t source)
{
    if (diags->sources[source].len <= MST_MAX_MODULE_BYTES)
        return false;
    struct mst_diag *diag =
        mst_diag_report(diags, MST_DIAG_FILE_TOO_LARGE, (struct mst_span){source, 0, 0},
                        "This file has more than %u MiB.", (unsigned)(MST_MAX_MODULE_BYTES >> 20));
    mst_diag_help(diags, diag, "keep data in tables read from CSV files");
    return true;
}

static void finish_module(struct mst_parser *parser)
{
    struct mst_module *module = parser->module;
    static const char suffix[] = "_test";
    size_t len = module->name != NULL ? strlen(module->name) : 0, end = sizeof suffix - 1;
    if (len > end && strcmp(module->name + len - end, suffix) == 0)
        module->is_test = true;
    module->comments = parser->lexer.comments;
    module->comment_count = (uint32_t)parser->lexer.comment_count;
}

static void parse_text(struct mst_parser *parser, uint32_t source)
{
    struct driver driver = {.parser = parser, .state = mst_grammar_pstate_new()};
    if (driver.state == NULL) {
        parser->arena->failed = true;
        return;
    }
    mst_lex_init(&parser->lexer, parser->atoms, parser->diags, source);
    drive(&driver);
    mst_grammar_pstate_delete(driver.state);
    finish_module(parser);
}

struct mst_module *mst_parse(struct mst_arena *arena, struct mst_atoms *atoms,
                             struct mst_diags *diags, uint32_t source)
{
    struct mst_parser *parser = MST_NEW(arena, struct mst_parser);
    struct mst_module *module = MST_NEW(arena, struct mst_module);
    if (parser == NULL || module == NULL)
        return NULL;
    parser->arena = arena;
    parser->atoms = atoms;
    parser->diags = diags;
    parser->module = module;
    module->source = source;
    module->span.source = source;
    if (!is_too_large(diags, source) && mst_source_check(diags, source))
        parse_text(parser, source);
    return arena->failed ? NULL : module;
}
