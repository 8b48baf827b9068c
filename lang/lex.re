/* SPDX-License-Identifier: Apache-2.0
 *
 * lex.re - the scanner (re2c). Two machines: one for tokens, one for the inside of a text; between
 * the braces of a text the first one runs again. Which words are names in which place is decided
 * here, by looking at the token before and the character behind, so that the grammar has no
 * special cases for them. Runs that begin with a digit are judged in lex_literal.c. */
#include "lex.h"

#include <string.h>

#include "format/limits.h"
#include "grammar.h"
#include "lex_literal.h"
#include "source.h"

#define MAX_NAME_BYTES 64

struct word {
    const char *spelling;
    int kind;
};

static const struct word words[] = {
#define MST_RESERVED(token, spelling, class) {spelling, TOK_##token},
    MST_RESERVED_WORDS(MST_RESERVED)
#undef MST_RESERVED
};
#define WORD_COUNT (sizeof words / sizeof *words)

enum mst_word_class mst_lex_class(int kind)
{
    switch (kind) {
#define MST_RESERVED(token, spelling, class)                                                       \
    case TOK_##token: return MST_CLASS_##class;
        MST_RESERVED_WORDS(MST_RESERVED)
#undef MST_RESERVED
    default: return MST_CLASS_NONE;
    }
}

const char *mst_lex_spelling(int kind)
{
    for (size_t i = 0; i < WORD_COUNT; i++)
        if (words[i].kind == kind)
            return words[i].spelling;
    return NULL;
}

static int compare_bytes(const unsigned char *bytes, size_t len, const char *spelling)
{
    int order = bytes[0] - (unsigned char)spelling[0]; /* decides nearly always */
    if (order == 0)
        order = strncmp((const char *)bytes, spelling, len);
    return order != 0 ? order : -(spelling[len] != '\0');
}

static const struct word *find_word(const unsigned char *bytes, size_t len)
{
    size_t low = 0, high = WORD_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_bytes(bytes, len, words[middle].spelling);
        if (order == 0)
            return &words[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void mst_lex_init(struct mst_lexer *lexer, struct mst_atoms *atoms, struct mst_diags *diags,
                  uint32_t source)
{
    const struct mst_source *s = &diags->sources[source];
    memset(lexer, 0, sizeof *lexer);
    lexer->arena = diags->arena;
    lexer->atoms = atoms;
    lexer->diags = diags;
    lexer->source = source;
    lexer->start = (const unsigned char *)s->text;
    lexer->cursor = lexer->start + mst_source_bom(s);
    lexer->limit = lexer->start + s->len;
}

static struct mst_span span_between(const struct mst_lexer *lexer, const unsigned char *from,
                                    const unsigned char *to)
{
    return (struct mst_span){lexer->source, (uint32_t)(from - lexer->start),
                             (uint32_t)(to - from)};
}

/* ---- words ------------------------------------------------------------------------------- */

static const unsigned char *skip_blanks(const struct mst_lexer *lexer, const unsigned char *at)
{
    while (at < lexer->limit && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

static bool is_word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The end of `spelling` as the next word behind blanks and line ends, or NULL. */
static const unsigned char *find_next_word(const struct mst_lexer *lexer, const char *spelling)
{
    const unsigned char *at = lexer->cursor;
    size_t len = strlen(spelling);
    while (at < lexer->limit && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    if (at == lexer->cursor || (size_t)(lexer->limit - at) < len ||
        memcmp(at, spelling, len) != 0 || is_word_byte(at[len]))
        return NULL;
    return at + len;
}

/* Is this reserved word a plain name, because of where it stands? */
static bool is_name_here(const struct mst_lexer *lexer, const struct word *word)
{
    if (lexer->previous == '.')
        return true;
    const unsigned char *behind = skip_blanks(lexer, lexer->cursor);
    if ((word->kind == TOK_AT || word->kind == TOK_VERSION) && *behind == '(')
        return true;
    if (mst_lex_class(word->kind) == MST_CLASS_VALUE)
        return false;
    if (lexer->previous != TOK_TEXT_HEAD && lexer->previous != TOK_TEXT_MID)
        return *behind == ':';
    /* alone between braces, also where the closing one was forgotten */
    return *behind == '}' || *behind == '"' || *behind == '\r' || *behind == '\n';
}

static int choose_word_kind(struct mst_lexer *lexer, const struct word *word)
{
    const unsigned char *end = NULL;
    if (word->kind == TOK_NOT && (end = find_next_word(lexer, "in")) != NULL) {
        lexer->cursor = end;
        return TOK_NOT_IN;
    }
    if (word->kind == TOK_IS && (end = find_next_word(lexer, "not")) != NULL) {
        lexer->cursor = end;
        return TOK_IS_NOT;
    }
    return word->kind;
}

static int scan_word(struct mst_lexer *lexer, const unsigned char *from, struct mst_token *token)
{
    size_t len = (size_t)(lexer->cursor - from);
    const struct word *word = find_word(from, len);
    if (len > MAX_NAME_BYTES) {
        struct mst_diag *diag =
            mst_diag_report(lexer->diags, MST_DIAG_NAME_TOO_LONG,
                            span_between(lexer, from, lexer->cursor),
                            "This name has %zu bytes; a name has at most %d.", len, MAX_NAME_BYTES);
        mst_diag_help(lexer->diags, diag, "shorten it");
        token->reported = true;
    }
    token->text = mst_atoms_intern(lexer->atoms, (const char *)from, len);
    if (word == NULL || is_name_here(lexer, word))
        return TOK_NAME;
    return choose_word_kind(lexer, word);
}

static void add_comment(struct mst_lexer *lexer, const unsigned char *from)
{
    const unsigned char *before = from;
    while (before > lexer->start && (before[-1] == ' ' || before[-1] == '\t'))
        before--;
    struct mst_comment *comments =
        mst_arena_grow(lexer->arena, lexer->comments, lexer->comment_count,
                       &lexer->comment_capacity, sizeof *comments);
    if (comments == NULL)
        return;
    lexer->comments = comments;
    bool own_line = before == lexer->start || before[-1] == '\n' || before[-1] == '\r' ||
                    before == lexer->start + mst_source_bom(&lexer->diags->sources[lexer->source]);
    comments[lexer->comment_count++] =
        (struct mst_comment){span_between(lexer, from, lexer->cursor), own_line};
}

/* ---- texts ------------------------------------------------------------------------------- */

struct text_buffer {
    uint32_t len;
    bool is_too_long;
    char bytes[MST_MAX_TEXT_BYTES];
};

static void append_bytes(struct text_buffer *buffer, const unsigned char *bytes, size_t len)
{
    if (len > sizeof buffer->bytes - buffer->len) {
        buffer->is_too_long = true;
        return;
    }
    memcpy(buffer->bytes + buffer->len, bytes, len);
    buffer->len += (uint32_t)len;
}

static void report_open_text(struct mst_lexer *lexer, const unsigned char *from,
                             struct mst_token *token)
{
    struct mst_diag *diag = mst_diag_report(
        lexer->diags, MST_DIAG_TEXT_NOT_CLOSED, span_between(lexer, from, lexer->cursor),
        "This text is not closed on its line.");
    mst_diag_help(lexer->diags, diag,
                  "end it with \"; a quote inside a text is written twice: \"\"");
    token->reported = true;
}

/* Said only where the text has its end: in one without, the brace is likely the block's. */
static void report_brace(struct mst_lexer *lexer, const unsigned char *behind)
{
    if (behind == NULL)
        return;
    struct mst_diag *diag = mst_diag_report(lexer->diags, MST_DIAG_STRAY_BRACE_IN_TEXT,
                                            span_between(lexer, behind - 1, behind),
                                            "This `}` closes nothing.");
    mst_diag_help(lexer->diags, diag, "write `}}` for a brace in a text");
}

static int end_text(struct mst_lexer *lexer, const struct text_buffer *buffer,
                    const unsigned char *from, struct mst_token *token, bool is_start, bool is_hole)
{
    token->text = mst_arena_copy(lexer->arena, buffer->bytes, buffer->len);
    token->byte_count = buffer->len;
    if (buffer->is_too_long) {
        struct mst_diag *diag = mst_diag_report(
            lexer->diags, MST_DIAG_TEXT_TOO_LONG, span_between(lexer, from, lexer->cursor),
            "This text is longer than %d bytes.", MST_MAX_TEXT_BYTES);
        mst_diag_help(lexer->diags, diag, "shorten it");
        token->reported = true;
    }
    lexer->in_hole = is_hole;
    if (is_hole)
        lexer->hole = span_between(lexer, lexer->cursor - 1, lexer->cursor);
    if (is_start)
        return is_hole ? TOK_TEXT_HEAD : TOK_TEXT;
    return is_hole ? TOK_TEXT_MID : TOK_TEXT_TAIL;
}

/* Scans on inside a text, up to its end or the next hole. `from` is where the token began: at the
 * opening quote (is_start) or at the brace that closed a hole. */
static int scan_text(struct mst_lexer *lexer, const unsigned char *from, struct mst_token *token,
                     bool is_start)
{
    struct text_buffer buffer;
    buffer.len = 0;
    buffer.is_too_long = false;
    const unsigned char *stray = NULL; /* behind a brace that closes nothing */
    for (;;) {
        const unsigned char *piece = lexer->cursor, *marker;
        /*!re2c
        re2c:api:style = free-form;
        re2c:define:YYCTYPE = "unsigned char";
        re2c:define:YYCURSOR = "lexer->cursor";
        re2c:define:YYLIMIT = "lexer->limit";
        re2c:define:YYMARKER = "marker";
        re2c:yyfill:enable = 0;
        re2c:eof = 0;
        re2c:flags:utf-8 = 1;
        re2c:flags:encoding-policy = fail;

        [^"{}\r\n\x00]+ {
            append_bytes(&buffer, piece, (size_t)(lexer->cursor - piece));
            continue;
        }
        "\"\"" | "{{" | "}}" {
            append_bytes(&buffer, piece, 1);
            continue;
        }
        "}" {
            stray = lexer->cursor;
            continue;
        }
        "{" {
            report_brace(lexer, stray);
            return end_text(lexer, &buffer, from, token, is_start, true);
        }
        ["] {
            report_brace(lexer, stray);
            return end_text(lexer, &buffer, from, token, is_start, false);
        }
        * {
            lexer->cursor = piece; /* the line's end */
            report_open_text(lexer, from, token);
            return end_text(lexer, &buffer, from, token, is_start, false);
        }
        $ {
            report_open_text(lexer, from, token);
            return end_text(lexer, &buffer, from, token, is_start, false);
        }
        */
    }
}

static void report_hole(struct mst_lexer *lexer, bool has_text)
{
    struct mst_diag *diag =
        has_text ? mst_diag_report(lexer->diags, MST_DIAG_HOLE_CONTENT, lexer->hole,
                                   "No text can stand between the braces of a text.")
                 : mst_diag_report(lexer->diags, MST_DIAG_HOLE_NOT_CLOSED, lexer->hole,
                                   "This `{` is not closed by `}` in its text.");
    mst_diag_help(
        lexer->diags, diag,
        has_text ? "give the value a name with `let`, and write that name here"
                 : "between braces stands a name, path, lookup or call; write `{{` for a brace");
}

/* A hole ends where its line or its text does: the rest of the text is given up. */
static int give_up_hole(struct mst_lexer *lexer, const unsigned char *from,
                        struct mst_token *token)
{
    const unsigned char *at = from;
    bool has_text = *from == '"' && from + 1 < lexer->limit && from[1] == '"';
    report_hole(lexer, has_text);
    while (at < lexer->limit && *at != '\n' && *at != '\r') {
        bool is_double = *at == '"' && at + 1 < lexer->limit && at[1] == '"';
        if (*at == '"' && !is_double)
            break;
        at += is_double ? 2 : 1;
    }
    lexer->cursor = at < lexer->limit && *at == '"' ? at + 1 : at;
    lexer->in_hole = false;
    token->reported = true;
    token->text = "";
    return TOK_TEXT_TAIL;
}

/* ---- what other languages write ---------------------------------------------------------- */

static int accept_foreign(struct mst_lexer *lexer, const unsigned char *from,
                          struct mst_token *token, int kind, const char *right)
{
    int len = (int)(lexer->cursor - from);
    struct mst_diag *diag = mst_diag_report(
        lexer->diags, MST_DIAG_FOREIGN_OPERATOR, span_between(lexer, from, lexer->cursor),
        "`%.*s` is not an operator here.", len, (const char *)from);
    mst_diag_help(lexer->diags, diag, "write `%s`", right);
    token->reported = true;
    return kind;
}

/* Of a case in other languages, where it does not compare. */
static int scan_arrow(struct mst_lexer *lexer, const unsigned char *from, struct mst_token *token)
{
    if (lexer->previous != TOK_OTHERWISE)
        return accept_foreign(lexer, from, token, TOK_GE, ">=");
    struct mst_diag *diag =
        mst_diag_report(lexer->diags, MST_DIAG_FOREIGN_OPERATOR,
                        span_between(lexer, from, lexer->cursor),
                        "No sign stands before an outcome.");
    mst_diag_help(lexer->diags, diag, "delete it: the outcome stands right behind `otherwise`");
    token->reported = true;
    return TOK_BAD;
}

static const struct {
    const char *dashed;
    int kind;
    const char *right;
} shell_operators[] = {
    {"-eq", TOK_EQ, "=="},         {"-ne", TOK_NE, "!="},      {"-lt", '<', "<"},
    {"-le", TOK_LE, "<="},         {"-gt", '>', ">"},          {"-ge", TOK_GE, ">="},
    {"-and", TOK_AND, "and"},      {"-or", TOK_OR, "or"},      {"-not", TOK_NOT, "not"},
    {"-in", TOK_IN, "in"},         {"-like", TOK_LIKE, "like"}, {"-notin", TOK_NOT_IN, "not in"},
    {"-contains", TOK_IN, "x in xs"}, {"-match", TOK_LIKE, "like"},
};

/* `a -eq b` has a space on both sides; `a -eq` without is a difference. */
static int scan_dash(struct mst_lexer *lexer, const unsigned char *from, struct mst_token *token)
{
    size_t len = (size_t)(lexer->cursor - from);
    bool apart = from > lexer->start && (from[-1] == ' ' || from[-1] == '\t' || from[-1] == '(') &&
                 (*lexer->cursor == ' ' || *lexer->cursor == '\t');
    for (size_t i = 0; apart && i < sizeof shell_operators / sizeof *shell_operators; i++)
        if (compare_bytes(from, len, shell_operators[i].dashed) == 0)
            return accept_foreign(lexer, from, token, shell_operators[i].kind,
                                  shell_operators[i].right);
    lexer->cursor = from + 1;
    return '-';
}

static int accept_quoted(struct mst_lexer *lexer, const unsigned char *from,
                         struct mst_token *token, size_t quote_bytes)
{
    struct mst_diag *diag = mst_diag_report(
        lexer->diags, MST_DIAG_FOREIGN_QUOTE, span_between(lexer, from, lexer->cursor),
        "Texts stand between straight double quotes.");
    const char *inner = (const char *)from + quote_bytes;
    int len = (int)(lexer->cursor - from) - 2 * (int)quote_bytes;
    if (len <= 40)
        mst_diag_help(lexer->diags, diag, "write \"%.*s\"", len, inner);
    else
        mst_diag_help(lexer->diags, diag, "write it with \" at both ends");
    token->reported = true;
    token->text = mst_arena_copy(lexer->arena, inner, (size_t)len);
    token->byte_count = (uint32_t)len;
    return TOK_TEXT;
}

static void report_stray(struct mst_lexer *lexer, const unsigned char *from, const char *what,
                         const char *help)
{
    struct mst_diag *diag = mst_diag_report(
        lexer->diags, MST_DIAG_STRAY_CHARACTER, span_between(lexer, from, lexer->cursor),
        "`%.*s` %s.", (int)(lexer->cursor - from), (const char *)from, what);
    mst_diag_help(lexer->diags, diag, "%s", help);
}

/* A semicolon stands for a comma, or for nothing. */
static bool is_comma(struct mst_lexer *lexer, const unsigned char *from)
{
    report_stray(lexer, from, "has no meaning here",
                 lexer->in_list ? "write `,`" : "delete it: nothing ends with a semicolon");
    return lexer->in_list;
}

static void report_invisible(struct mst_lexer *lexer, const unsigned char *from)
{
    struct mst_diag *diag = mst_diag_report(
        lexer->diags, MST_DIAG_STRAY_CHARACTER, span_between(lexer, from, lexer->cursor),
        "There is a blank here that is not a space.");
    mst_diag_help(lexer->diags, diag,
                  "replace it by a space; it often comes with text pasted from a document");
}

static void report_comment(struct mst_lexer *lexer, const unsigned char *from)
{
    struct mst_diag *diag = mst_diag_report(lexer->diags, MST_DIAG_FOREIGN_COMMENT,
                                            span_between(lexer, from, from + 2),
                                            "Comments begin with `#`.");
    mst_diag_help(lexer->diags, diag, "write `#` before each line of the comment");
}

static int scan_foreign_name(struct mst_lexer *lexer, const unsigned char *from,
                             struct mst_token *token)
{
    report_stray(lexer, from, "is not a name",
                 "names are made of the letters a-z and A-Z, digits and `_`");
    token->reported = true;
    token->text =
        mst_atoms_intern(lexer->atoms, (const char *)from, (size_t)(lexer->cursor - from));
    return TOK_NAME;
}

/* ---- tokens ------------------------------------------------------------------------------ */

static int scan_closing_brace(struct mst_lexer *lexer, const unsigned char *from,
                              struct mst_token *token)
{
    return lexer->in_hole ? scan_text(lexer, from, token, false) : '}';
}

static int scan_token(struct mst_lexer *lexer, const unsigned char **start,
                      struct mst_token *token)
{
    const unsigned char *marker;
    for (;;) {
        const unsigned char *from = lexer->cursor;
        *start = from;
        if (lexer->in_hole && (*from == '"' || *from == '\r' || *from == '\n' || *from == '{' ||
                               from == lexer->limit))
            return give_up_hole(lexer, from, token);
        /*!re2c
        digit = [0-9];
        letter = [A-Za-z_];
        name = letter (letter | digit)*;
        foreign_letter = [\u00AA-\u00AA\u00B5-\u00B5\u00C0-\u02AF\u0370-\u0619\u061D-\u1FFF]
                       | [\u3040-\uD7FF\uF900-\uFAFF];
        run = digit (letter | digit | [.\-] (letter | digit) | ":" digit)*;
        time = digit+ "-" digit+ "-" digit+ [Tt] [0-9:.]*
               ([Zz] (letter | digit)* | "+" digit+ (":" digit+)? | "-" digit+ ":" digit+)?;

        [ \t\r\n\x01-\x08\x0B\x0C\x0E-\x1F\x7F\u0080-\u009F\u200E\u200F\u061C]+ { continue; }
        [\u202A-\u202E\u2066-\u2069]+ { continue; }
        "#" [^\r\n\x00]* {
            add_comment(lexer, from);
            continue;
        }
        ("//" | "/*") [^\r\n\x00]* {
            report_comment(lexer, from);
            continue;
        }
        name { return scan_word(lexer, from, token); }
        (letter | digit)* foreign_letter (letter | digit | foreign_letter)* {
            return scan_foreign_name(lexer, from, token);
        }
        digit+ { return mst_lex_literal_int(lexer, from, token); }
        digit+ [ \t]+ name { return mst_lex_literal_duration(lexer, from, token); }
        run | time { return mst_lex_literal_run(lexer, from, token); }
        "v" digit+ ("." digit+)+ { return mst_lex_literal_v(lexer, from, token); }
        ["] { return scan_text(lexer, from, token, true); }
        "}" { return scan_closing_brace(lexer, from, token); }
        [{()[\],:.<>=|+*/%] | "-" { return *from; }
        "==" { return TOK_EQ; }
        "!=" { return TOK_NE; }
        "<=" { return TOK_LE; }
        ">=" { return TOK_GE; }
        "??" { return TOK_OTHER_VALUE; }
        "-" [a-z]+ { return scan_dash(lexer, from, token); }

        "&&" | "&" { return accept_foreign(lexer, from, token, TOK_AND, "and"); }
        "||" { return accept_foreign(lexer, from, token, TOK_OR, "or"); }
        "!" { return accept_foreign(lexer, from, token, TOK_NOT, "not"); }
        "<>" | "!==" | "\u2260" { return accept_foreign(lexer, from, token, TOK_NE, "!="); }
        "===" { return accept_foreign(lexer, from, token, TOK_EQ, "=="); }
        "=<" | "\u2264" { return accept_foreign(lexer, from, token, TOK_LE, "<="); }
        "=>" { return scan_arrow(lexer, from, token); }
        "\u2265" { return accept_foreign(lexer, from, token, TOK_GE, ">="); }
        ":=" { return accept_foreign(lexer, from, token, '=', "="); }
        "?" { return accept_foreign(lexer, from, token, TOK_BAD, "if c then a else b"); }
        [\u2010-\u2015\u2212] { return accept_foreign(lexer, from, token, '-', "-"); }

        ['] [^'"\r\n\x00]* ['] { return accept_quoted(lexer, from, token, 1); }
        [\u201C\u201D\u201E] [^\u201C\u201D\u201E"\r\n\x00]* [\u201C\u201D] {
            return accept_quoted(lexer, from, token, 3);
        }
        [\u2018\u2019] [^\u2018\u2019"\r\n\x00]* [\u2018\u2019] {
            return accept_quoted(lexer, from, token, 3);
        }
        ['\u2018\u2019\u201C\u201D\u201E] {
            report_stray(lexer, from, "is not the quote of a text", "write \"");
            continue;
        }
        ";" {
            if (is_comma(lexer, from)) return ',';
            continue;
        }
        [\u00A0\u00AD\u180E\u2000-\u200D\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+ {
            report_invisible(lexer, from);
            continue;
        }
        [`$@~^\\]+ {
            report_stray(lexer, from, "has no meaning in rules", "delete it");
            continue;
        }
        * {
            while (lexer->cursor < lexer->limit && (*lexer->cursor & 0xC0u) == 0x80u)
                lexer->cursor++;
            report_stray(lexer, from, "has no meaning in rules", "delete it");
            continue;
        }
        $ { return TOK_END; }
        */
    }
}

void mst_lex_next(struct mst_lexer *lexer, struct mst_token *token)
{
    const unsigned char *from = NULL;
    memset(token, 0, sizeof *token);
    token->kind = scan_token(lexer, &from, token);
    token->span = span_between(lexer, from, lexer->cursor);
    lexer->previous = token->kind;
}
