/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_error_type.c - syntax errors in declarations: types as other languages write them, a type
 * before its name, words of another place, spellings of an enum. */
#include "parse_error.h"

#include <string.h>

static void report(const struct mst_mistake *m, const char *message, const char *help)
{
    mst_mistake_report(m, MST_DIAG_SYNTAX, m->token->span, message, help);
}

static bool is_name(const struct mst_token *token, const char *text)
{
    return token->kind == TOK_NAME && token->text != NULL && strcmp(token->text, text) == 0;
}

static bool is_type_name(const struct mst_token *token)
{
    static const char *const types[] = {"bool", "int",   "text",     "date",
                                        "time", "month", "duration", "list"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (is_name(token, types[i]))
            return true;
    return token->kind == TOK_VERSION;
}

/* What stands between the brackets that the wrong token opens, where that is short. */
static const char *quote_brackets(const struct mst_mistake *m)
{
    struct mst_shown inside =
        mst_mistake_show(m, (struct mst_span){m->token->span.source, m->token->span.at + 1, 40});
    const char *end = memchr(inside.bytes, ')', (size_t)inside.len);
    return end == NULL ? "…" : mst_mistake_text(m, "%.*s", (int)(end - inside.bytes), inside.bytes);
}

/* Update[], list(Update, 10), list<Update>, list of Update. */
static bool explain_list(const struct mst_mistake *m)
{
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    bool ends_type = mst_mistake_expects(m, "'<'") && !mst_mistake_expects_operator(m);
    if (ends_type && m->token->kind == '[') {
        report(m, "A list is not written with `[]`.",
               mst_mistake_text(m, "write `list<%.*s, 10>`, with the most that it may hold",
                                before.len, before.bytes));
    } else if (ends_type && m->token->kind == '(' && m->same_line) {
        report(
            m, "What belongs to a type stands between `<` and `>`.",
            mst_mistake_text(m, "write `%.*s<%s>`", before.len, before.bytes, quote_brackets(m)));
    } else if (ends_type && m->token->kind == '>' && mst_mistake_expects(m, "','")) {
        report(m, "A list says how many it holds at most.",
               mst_mistake_text(m, "write `list<%.*s, 10>`", before.len, before.bytes));
    } else if (mst_mistake_expects(m, "':'") && m->count == 1 && is_name(m->previous, "of") &&
               is_name(&m->parser->earlier, "list")) {
        report(m, "A list is not written with `of`.",
               mst_mistake_text(m, "write `list<%.*s, 10>`, with the most that it may hold",
                                token.len, token.bytes));
    } else {
        return false;
    }
    return true;
}

/* `version build`, `int ram`: the wrong token is the type where it is a reserved word. */
static bool explain_swapped(const struct mst_mistake *m)
{
    struct mst_token type = *m->token, name = *m->token;
    bool is_declared = IS_ONE_OF(m->parser->item_word, TOK_FACTS, TOK_RECORD, TOK_TABLE);
    if (is_declared && m->token->kind == TOK_VERSION && mst_mistake_expects_name(m))
        name = mst_mistake_next(m);
    else if (mst_mistake_expects(m, "':'") && m->count == 1)
        type = *m->previous;
    else
        return false;
    if (name.kind != TOK_NAME || !is_type_name(&type))
        return false;
    struct mst_shown first = mst_mistake_show(m, type.span);
    struct mst_shown second = mst_mistake_show(m, name.span);
    mst_mistake_report(m, MST_DIAG_SYNTAX, type.span, "The name stands before its type.",
                       mst_mistake_text(m, "write `%.*s: %.*s`", second.len, second.bytes,
                                        first.len, first.bytes));
    m->parser->begins_nothing = true;
    return true;
}

/* `build: version default 1.0`. */
static bool explain_default(const struct mst_mistake *m)
{
    if (!mst_mistake_expects(m, "':'") || m->count != 1 || !is_name(m->previous, "default"))
        return false;
    mst_mistake_report(m, MST_DIAG_SYNTAX, m->previous->span,
                       "A default is written with `=`, behind the type.",
                       "write `=` instead of `default`");
    return true;
}

bool mst_explain_type(const struct mst_mistake *m)
{
    return explain_list(m) || explain_swapped(m) || explain_default(m);
}

/* `optional` and `key` where they do not stand. */
bool mst_explain_optional(const struct mst_mistake *m)
{
    if (m->token->kind == TOK_KEY && m->parser->item_word == TOK_TABLE &&
        !mst_mistake_expects_name(m) && mst_mistake_expects(m, "optional")) {
        report(m, "`key` stands before the name of its column.", "write it as in `key kb: text`");
        return true;
    }
    if (m->token->kind != TOK_OPTIONAL)
        return false;
    if (m->parser->item_word == TOK_TABLE && m->previous->kind == ':') {
        struct mst_token type = mst_mistake_next(m);
        struct mst_shown shown = mst_mistake_show(m, type.span);
        report(m, "`optional` stands behind the type.",
               mst_mistake_text(m, "write `%.*s optional`", shown.len, shown.bytes));
        return true;
    }
    if (m->parser->item_word != TOK_FACTS && m->parser->item_word != TOK_RECORD)
        return false;
    report(m, "Only the columns of a table are `optional`: every fact may be unknown.",
           "delete `optional`; a value for where it is unknown is written behind `=`");
    m->parser->begins_nothing = true;
    return true;
}

/* Home = "Core", "101", or with `or` or nothing between: more than one spelling. */
bool mst_explain_spelling(const struct mst_mistake *m)
{
    const struct mst_parser *p = m->parser;
    if (p->item_word != TOK_ENUM || p->bracket_count != 1)
        return false;
    bool behind = m->previous->kind == TOK_TEXT;
    struct mst_token first = behind ? *m->previous : p->earlier, second = *m->token;
    if (behind && IS_ONE_OF(m->token->kind, TOK_OR, TOK_AND, '/', '+'))
        second = mst_mistake_next(m);
    else if (!behind && m->previous->kind != ',')
        return false;
    if (first.kind == TOK_TEXT && second.kind == TOK_TEXT) {
        struct mst_shown a = mst_mistake_show(m, first.span);
        struct mst_shown b = mst_mistake_show(m, second.span);
        report(m, "Spellings of one member are joined by `|`.",
               mst_mistake_text(m, "write `%.*s | %.*s`", a.len, a.bytes, b.len, b.bytes));
        return true;
    }
    return false;
}

bool mst_explain_missing_type(const struct mst_mistake *m)
{
    if (!mst_mistake_expects(m, "':'") || m->count != 1)
        return false;
    if (m->previous->kind == ')') {
        mst_mistake_report(m, MST_DIAG_SYNTAX, mst_mistake_gap(m),
                           "A def says of which type its result is.",
                           "write the type before `=`: `def f(…): int = …`");
        return true;
    }
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    mst_mistake_report(m, MST_DIAG_SYNTAX, mst_mistake_gap(m),
                       mst_mistake_text(m, "Expected `:` and a type or value after `%.*s`.",
                                        before.len, before.bytes),
                       mst_mistake_text(m, "write `%.*s: ...`", before.len, before.bytes));
    return true;
}
