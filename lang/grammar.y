/* SPDX-License-Identifier: Apache-2.0
 *
 * grammar.y - the grammar of rules (Bison): which words stand where. Nodes are made by ast.c, what
 * must be looked at on the way by parse_check.c.
 *
 * Items collect their clauses from left to right: `facts_head: facts_head OBSERVED NAME` adds to
 * the item that it has in hand, so no rule needs a list of optional parts, and order is free where
 * nothing hangs on it.
 *
 * Recovery: the driver feeds RESYNC before a word that begins an item, RESYNC_ENTRY before one
 * that begins an entry of a policy, and so on, but only after an error. Everything between the
 * error and that word is dropped by the driver, so a broken item costs one message. */
%require "3.8"
%define api.pure full
%define api.push-pull push
%define api.prefix {mst_grammar_}
%define api.token.prefix {TOK_}
%define api.location.type {struct mst_span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct mst_parser *p}

%code requires {
#include "ast.h"
#include "lex.h"
#include "parse_state.h"
}

%union {
    struct mst_token token;
    struct mst_expr *expr;
    struct mst_expr_list exprs;
    struct mst_type_syntax *type;
    struct mst_decl *decl;
    struct mst_decl_list decls;
    struct mst_row_list rows;
    struct mst_member *member;
    struct mst_entry *entry;
    struct mst_case *result;
    struct mst_item *item;
    enum mst_word op;
}

%code {
#define YYMAXDEPTH MST_MAX_PARSE_DEPTH
#define YYINITDEPTH YYMAXDEPTH

#define YYLLOC_DEFAULT(Current, Rhs, N)                                                            \
    ((Current) = (N) != 0 ? mst_ast_join(YYRHSLOC(Rhs, 1), YYRHSLOC(Rhs, N))                       \
                          : (struct mst_span){YYRHSLOC(Rhs, 0).source,                             \
                                              YYRHSLOC(Rhs, 0).at + YYRHSLOC(Rhs, 0).len, 0})

#define PARTS(a, b, c) ((struct mst_expr *const[3]){(a), (b), (c)})

/* Sets a part of a node that may be missing once the arena has failed. */
#define PUT(node, part, value)                                                                     \
    do {                                                                                           \
        if ((node) != NULL)                                                                        \
            (node)->part = (value);                                                                \
    } while (0)

/* The same for a part that is written at most once. */
#define PUT_ONCE(node, part, what, where, value)                                                   \
    do {                                                                                           \
        if ((node) != NULL && mst_parse_once(p, (node)->part != NULL, (what), (where)))            \
            (node)->part = (value);                                                                \
    } while (0)

static struct mst_item *new_item(struct mst_parser *p, enum mst_item_kind kind,
                                 const struct mst_token *name, struct mst_span span)
{
    struct mst_name none = {NULL, span};
    return mst_ast_item(p->arena, kind, name != NULL ? mst_parse_name(name) : none, span);
}

static void add_clause(struct mst_parser *p, struct mst_entry *entry, enum mst_clause_kind kind,
                       struct mst_span span, struct mst_expr *expr, struct mst_expr *text)
{
    mst_ast_add_clause(p->arena, entry,
                       &(struct mst_clause){
                           .kind = kind, .span = span, .expr = expr, .text = text});
}

static void add_test(struct mst_parser *p, struct mst_item *item, enum mst_test_kind kind,
                     struct mst_span span, struct mst_expr *target, struct mst_expr *expr)
{
    /* a raw text comes through the same rules as any other value */
    if (kind == MST_TEST_GIVEN && expr != NULL && expr->op == MST_WORD_RAW) {
        kind = MST_TEST_RAW;
        expr->op = MST_WORD_NONE;
    }
    mst_ast_add_test_clause(
        p->arena, item,
        &(struct mst_test_clause){.kind = kind, .span = span, .target = target, .expr = expr});
}

static void mst_grammar_error(const struct mst_span *span, struct mst_parser *p,
                              const char *message)
{
    (void)message; /* the only one left is "memory exhausted": the stack's end is reached */
    mst_parse_error_too_deep(p, *span, "Brackets, `not` and `if` are nested too deeply here.");
}
}

%token END 0 "end of the file"
%token <token> NAME "name" TEXT "text" TEXT_HEAD "text with a hole"
%token <token> TEXT_MID "end of a hole" TEXT_TAIL "end of the hole"
%token <token> INT "whole number" VERSION_NUMBER "version number" LITERAL "literal"
%token <token> BAD "bad literal"
%token NO_MODULE "no module" RESYNC "next item" RESYNC_ENTRY "next entry"
%token RESYNC_CASE "next case" RESYNC_CLAUSE "next clause"

%token <token> ADVISE "advise" AFTER "after" ALL "all" AND "and" ANY "any" AS "as" AT "at"
%token <token> BECAUSE "because" BY "by" CHECK "check" CITE "cite" COUNT "count"
%token <token> DECISION "decision" DEF "def" EFFECTIVE "effective" ELSE "else" ENUM "enum"
%token <token> EXCEPT "except" EXPECT "expect" FACTS "facts" FAIL "fail" FALSE "false"
%token <token> FIRST "first" FIXTURE "fixture" FOR "for" FROM "from" GIVEN "given" HAS "has"
%token <token> IF "if" IMPORT "import" IN "in" INCLUDE "include" IS "is" KEY "key" LAST "last"
%token <token> LET "let" LIKE "like" MAX "max" MIN "min" MODULE "module" MOST "most" NOT "not"
%token <token> NOW "now" OBSERVED "observed" OPTIONAL "optional" OR "or" ORDERED "ordered"
%token <token> OTHERWISE "otherwise" PARAM "param" PASS "pass" POLICY "policy" RAW "raw"
%token <token> REASON "reason" RECORD "record" REMEDY "remedy" REQUIRE "require" ROWS "rows"
%token <token> SET "set" STALE "stale" SUBJECT "subject" SUM "sum" TABLE "table" TEST "test"
%token <token> THEN "then" TRUE "true" UNDECIDED "undecided" UNKNOWN "unknown"
%token <token> VERSION "version" WHEN "when" WHERE "where" WITHIN "within"
%token <token> NOT_IN "not in" IS_NOT "is not"
%token <token> EQ "==" NE "!=" LE "<=" GE ">=" OTHER_VALUE "??"

%type <token> entry_name type_word outcome_word quantifier_word
%type <expr> path text opt_text message open_message hole literal
%type <expr> expr disjunction conjunction negation comparison coalesce sum product unary postfix
%type <expr> primary quantifier opt_where opt_value braces opt_when value element field operand
%type <exprs> exprs elements args case_fields fields names
%type <type> type
%type <decl> decl decl_head decl_with_value column column_head column_with_value
%type <decl> parameter
%type <decls> decls columns parameters parameter_list
%type <rows> rows test_rows
%type <member> member spelt_member
%type <entry> check_open entry
%type <result> result outcome
%type <item> item import_item enum_open facts_head table_head policy_head policy_open
%type <item> decision_head decision_cases decision_open fixture_open test_head test_open
%type <op> compare_word in_word is_word

%%

file: head items END ;

head:
    module_head             { p->module->span = @$; }
  | MODULE error RESYNC     { yyerrok; mst_parse_resume(p, 0); }
  | NO_MODULE
  ;

module_head:
    MODULE path             { mst_parse_module_path(p, $path, @$); }
  | module_head VERSION literal
                            { PUT_ONCE(p->module, version, "version", @2, $literal); }
  | module_head text        { PUT_ONCE(p->module, doc, "description", @text, $text); }
  | module_head EFFECTIVE FROM literal
                            { PUT_ONCE(p->module, effective_from, "effective from", @2, $literal); }
  ;

items:
    %empty
  | items item              { mst_parse_end_item(p, $item, @item); }
  | items module_head       { mst_parse_second_module(p, @module_head); }
  | items error RESYNC      { yyerrok; mst_parse_resume(p, 0); }
  ;

item:
    import_item
  | enum_open '}'
  | enum_open ',' '}'
  | RECORD NAME '{' decls '}'
                            {
                                $$ = new_item(p, MST_ITEM_RECORD, &$NAME, @$);
                                PUT($$, decls, $decls);
                            }
  | facts_head '{' decls '}'
                            { $$ = $facts_head; PUT($$, decls, $decls); }
  | SUBJECT path            { $$ = new_item(p, MST_ITEM_SUBJECT, NULL, @$); PUT($$, path, $path); }
  | SET NAME ':' type '=' braces
                            {
                                $$ = new_item(p, MST_ITEM_SET, &$NAME, @$);
                                PUT($$, type, $type);
                                if ($braces != NULL)
                                    PUT($$, elements, $braces->args);
                            }
  | PARAM NAME ':' type '=' expr opt_text
                            {
                                $$ = new_item(p, MST_ITEM_PARAM, &$NAME, @$);
                                PUT($$, type, $type);
                                PUT($$, value, $expr);
                                PUT($$, doc, $opt_text);
                            }
  | table_head
  | LET NAME '=' expr       { $$ = new_item(p, MST_ITEM_LET, &$NAME, @$); PUT($$, value, $expr); }
  | LET NAME ':' type '=' expr
                            {
                                $$ = new_item(p, MST_ITEM_LET, &$NAME, @$);
                                PUT($$, type, $type);
                                PUT($$, value, $expr);
                            }
  | DEF NAME '(' parameters ')' ':' type '=' expr
                            {
                                $$ = new_item(p, MST_ITEM_DEF, &$NAME, @$);
                                PUT($$, decls, $parameters);
                                PUT($$, type, $type);
                                PUT($$, value, $expr);
                            }
  | policy_open '}'
  | policy_open error RESYNC
                            { $$ = $policy_open; yyerrok; mst_parse_resume(p, 0); }
  | decision_open '}'
  | decision_open error RESYNC
                            { $$ = $decision_open; yyerrok; mst_parse_resume(p, 0); }
  | decision_cases error RESYNC
                            { $$ = $decision_cases; yyerrok; mst_parse_resume(p, 0); }
  | fixture_open '}'
  | fixture_open error RESYNC
                            { $$ = $fixture_open; yyerrok; mst_parse_resume(p, 0); }
  | test_open '}'
  | test_open error RESYNC  { $$ = $test_open; yyerrok; mst_parse_resume(p, 0); }
  ;

/* ---- names, texts, types ----------------------------------------------------------------- */

path:
    NAME                    { $$ = mst_ast_name(p->arena, mst_parse_name(&$NAME)); }
  | path '.' NAME           { $$ = mst_parse_member(p, $1, &$NAME, @$); }
  ;

names:
    NAME                    {
                                $$ = mst_parse_append(p, (struct mst_expr_list){0},
                                                      mst_ast_name(p->arena,
                                                                   mst_parse_name(&$NAME)));
                            }
  | names ',' NAME          {
                                $$ = mst_parse_append(p, $1,
                                                      mst_ast_name(p->arena,
                                                                   mst_parse_name(&$NAME)));
                            }
  ;

/* Before a colon the words for values are names as well; the scanner sees to all others. */
entry_name: NAME | NOW | TRUE | FALSE | UNKNOWN ;

message:
    TEXT                    {
                                $$ = mst_ast_sequence(
                                    p->arena, MST_EXPR_TEXT,
                                    mst_ast_append((struct mst_expr_list){0},
                                                   mst_parse_piece(p, &$TEXT)),
                                    @$);
                            }
  | open_message TEXT_TAIL  {
                                struct mst_expr_list parts = {0};
                                if ($open_message != NULL)
                                    parts = $open_message->args;
                                if ($TEXT_TAIL.byte_count != 0)
                                    parts = mst_parse_append(p, parts,
                                                             mst_parse_piece(p, &$TEXT_TAIL));
                                $$ = mst_ast_sequence(p->arena, MST_EXPR_TEXT, parts, @$);
                            }
  ;

open_message:
    TEXT_HEAD hole          {
                                struct mst_expr_list parts = {0};
                                if ($TEXT_HEAD.byte_count != 0)
                                    parts = mst_ast_append(parts, mst_parse_piece(p, &$TEXT_HEAD));
                                parts = mst_ast_append(parts, $hole);
                                $$ = mst_ast_sequence(p->arena, MST_EXPR_TEXT, parts, @$);
                            }
  | open_message TEXT_MID hole
                            {
                                $$ = $1;
                                struct mst_expr_list parts = {0};
                                if ($$ != NULL)
                                    parts = $$->args;
                                if ($TEXT_MID.byte_count != 0)
                                    parts = mst_parse_append(p, parts,
                                                             mst_parse_piece(p, &$TEXT_MID));
                                parts = mst_parse_append(p, parts, $hole);
                                PUT($$, args, parts);
                            }
  ;

hole: expr                  { $$ = mst_parse_hole(p, $expr); } ;
text: message               { $$ = mst_parse_plain_text(p, $message); } ;
opt_text: %empty            { $$ = NULL; } | text ;

literal:
    INT                     { $$ = mst_parse_literal(p, &$1); }
  | VERSION_NUMBER          { $$ = mst_parse_literal(p, &$1); }
  | LITERAL                 { $$ = mst_parse_literal(p, &$1); }
  | BAD                     { $$ = mst_parse_literal(p, &$1); }
  ;

/* The dots of `alias.Name` are a path; `version` is the one type named by a reserved word. */
type:
    path                    { $$ = mst_parse_type(p, $path, NULL, NULL, @$); }
  | type_word               {
                                $$ = mst_parse_type(
                                    p, mst_ast_name(p->arena, mst_parse_name(&$type_word)), NULL,
                                    NULL, @$);
                            }
  | path '<' literal '>'    { $$ = mst_parse_type(p, $path, NULL, $literal, @$); }
  | path '<' type ',' literal '>'
                            { $$ = mst_parse_type(p, $path, $3, $literal, @$); }
  ;
type_word: VERSION ;

/* ---- imports, enums, facts --------------------------------------------------------------- */

import_item:
    IMPORT path             {
                                $$ = new_item(p, MST_ITEM_IMPORT, NULL, @$);
                                PUT($$, path, $path);
                                if ($path != NULL)
                                    PUT($$, name, $path->name);
                            }
  | IMPORT path AS NAME     {
                                $$ = new_item(p, MST_ITEM_IMPORT, &$NAME, @$);
                                PUT($$, path, $path);
                                PUT($$, has_alias, true);
                            }
  ;

enum_open:
    ENUM NAME '{' member    {
                                $$ = new_item(p, MST_ITEM_ENUM, &$NAME, @$);
                                mst_ast_add_member($$, $member);
                            }
  | enum_open ',' member    { $$ = $1; mst_ast_add_member($$, $member); }
  ;

member:
    NAME                    {
                                $$ = mst_ast_member_of_enum(p->arena, mst_parse_name(&$NAME),
                                                            false);
                            }
  | spelt_member
  ;

spelt_member:
    NAME '=' text           {
                                $$ = mst_ast_member_of_enum(p->arena, mst_parse_name(&$NAME),
                                                            false);
                                mst_ast_add_spelling(p->arena, $$, $text);
                            }
  | UNKNOWN '=' text        {
                                $$ = mst_ast_member_of_enum(p->arena, mst_parse_name(&$UNKNOWN),
                                                            true);
                                mst_ast_add_spelling(p->arena, $$, $text);
                            }
  | spelt_member '|' text   { $$ = $1; mst_ast_add_spelling(p->arena, $$, $text); }
  ;

facts_head:
    FACTS NAME              { $$ = new_item(p, MST_ITEM_FACTS, &$NAME, @$); }
  | facts_head FROM text    { $$ = $1; PUT_ONCE($$, from, "from", @FROM, $text); }
  | facts_head OBSERVED NAME
                            {
                                $$ = $1;
                                PUT_ONCE($$, observed, "observed", @OBSERVED,
                                         mst_ast_name(p->arena, mst_parse_name(&$NAME)));
                            }
  | facts_head STALE AFTER literal
                            { $$ = $1; PUT_ONCE($$, stale_after, "stale after", @STALE, $literal); }
  | facts_head text         { $$ = $1; PUT_ONCE($$, doc, "description", @text, $text); }
  ;

decls:
    %empty                  { $$ = (struct mst_decl_list){0}; }
  | decls decl              { $$ = mst_ast_append_decl($1, $decl); PUT($decl, span, @decl); }
  ;

/* What follows a value cannot hold a second one: its `=` would be one for `==`. */
decl: decl_head | decl_with_value ;

decl_head:
    entry_name ':' type     {
                                $$ = mst_ast_decl(p->arena, mst_parse_name(&$entry_name), $type,
                                                  @$);
                            }
  | decl_head FROM text     { $$ = $1; PUT_ONCE($$, from, "from", @FROM, $text); }
  | decl_head text          { $$ = $1; PUT_ONCE($$, doc, "description", @text, $text); }
  ;

decl_with_value:
    decl_head '=' expr      { $$ = $1; PUT($$, value, $expr); }
  | decl_with_value FROM text
                            { $$ = $1; PUT_ONCE($$, from, "from", @FROM, $text); }
  | decl_with_value text    { $$ = $1; PUT_ONCE($$, doc, "description", @text, $text); }
  ;

/* ---- tables and defs --------------------------------------------------------------------- */

table_head:
    TABLE NAME '(' columns ')'
                            {
                                $$ = new_item(p, MST_ITEM_TABLE, &$NAME, @$);
                                PUT($$, decls, $columns);
                            }
  | TABLE NAME '(' columns ',' ')'
                            {
                                $$ = new_item(p, MST_ITEM_TABLE, &$NAME, @$);
                                PUT($$, decls, $columns);
                            }
  | table_head ORDERED BY NAME
                            {
                                $$ = $1;
                                PUT_ONCE($$, ordered_by.text, "ordered by", @ORDERED, $NAME.text);
                                PUT($$, ordered_by.span, @NAME);
                            }
  | table_head AT MOST literal ROWS
                            { $$ = $1; PUT_ONCE($$, max_rows, "at most", @AT, $literal); }
  | table_head FROM text    { $$ = $1; PUT_ONCE($$, from, "from", @FROM, $text); }
  | table_head '{' rows '}' {
                                $$ = $1;
                                PUT($$, rows, $rows);
                                PUT($$, has_rows, true);
                            }
  ;

columns:
    column                  { $$ = mst_ast_append_decl((struct mst_decl_list){0}, $column); }
  | columns ',' column      { $$ = mst_ast_append_decl($1, $column); }
  ;

column:
    column_head             { PUT($$, span, @$); }
  | column_with_value       { PUT($$, span, @$); }
  ;

column_head:
    entry_name ':' type     {
                                $$ = mst_ast_decl(p->arena, mst_parse_name(&$entry_name), $type,
                                                  @$);
                            }
  | KEY entry_name ':' type {
                                $$ = mst_ast_decl(p->arena, mst_parse_name(&$entry_name), $type,
                                                  @$);
                                PUT($$, is_key, true);
                            }
  | column_head OPTIONAL    { $$ = $1; PUT($$, is_optional, true); }
  | column_head FROM text   { $$ = $1; PUT_ONCE($$, from, "from", @FROM, $text); }
  ;

column_with_value:
    column_head '=' expr    { $$ = $1; PUT($$, value, $expr); }
  | column_with_value OPTIONAL
                            { $$ = $1; PUT($$, is_optional, true); }
  | column_with_value FROM text
                            { $$ = $1; PUT_ONCE($$, from, "from", @FROM, $text); }
  ;

rows:
    %empty                  { $$ = (struct mst_row_list){0}; }
  | rows '(' exprs ')'      { $$ = $1; mst_parse_row(p, &$$, $exprs, mst_ast_join(@2, @4)); }
  ;

test_rows:
    %empty                  { $$ = (struct mst_row_list){0}; }
  | test_rows '(' elements ')'
                            { $$ = $1; mst_parse_row(p, &$$, $elements, mst_ast_join(@2, @4)); }
  ;

parameters: %empty          { $$ = (struct mst_decl_list){0}; } | parameter_list ;

parameter_list:
    parameter               { $$ = mst_ast_append_decl((struct mst_decl_list){0}, $parameter); }
  | parameter_list ',' parameter
                            { $$ = mst_ast_append_decl($1, $parameter); }
  ;

parameter:
    NAME ':' type           { $$ = mst_ast_decl(p->arena, mst_parse_name(&$NAME), $type, @$); }
  ;

/* ---- policies ---------------------------------------------------------------------------- */

policy_head:
    POLICY NAME opt_text    {
                                $$ = new_item(p, MST_ITEM_POLICY, &$NAME, @$);
                                PUT($$, doc, $opt_text);
                            }
  ;

policy_open:
    policy_head '{'
  | policy_open outcome_word NAME
                            { $$ = $1; mst_parse_outcome(p, $$, $2.kind, &$NAME, NULL, @2); }
  | policy_open outcome_word NAME message
                            { $$ = $1; mst_parse_outcome(p, $$, $2.kind, &$NAME, $message, @2); }
  | policy_open entry       {
                                $$ = $1;
                                mst_ast_add_entry($$, $entry);
                                PUT($entry, span, @entry);
                            }
  | policy_open error RESYNC_ENTRY
                            { $$ = $1; yyerrok; mst_parse_resume(p, 1); }
  ;

outcome_word: PASS | FAIL | UNKNOWN ;

entry:
    check_open '}'
  | INCLUDE path            {
                                $$ = mst_ast_entry(p->arena, MST_ENTRY_INCLUDE,
                                                   (struct mst_name){NULL, @path}, @$);
                                PUT($$, path, $path);
                            }
  | INCLUDE path EXCEPT names
                            {
                                $$ = mst_ast_entry(p->arena, MST_ENTRY_INCLUDE,
                                                   (struct mst_name){NULL, @path}, @$);
                                PUT($$, path, $path);
                                PUT($$, except, $names);
                            }
  ;

check_open:
    CHECK NAME opt_text opt_when '{'
                            {
                                $$ = mst_ast_entry(p->arena, MST_ENTRY_CHECK,
                                                   mst_parse_name(&$NAME), @$);
                                PUT($$, title, $opt_text);
                                PUT($$, when, $opt_when);
                            }
  | ADVISE NAME opt_text opt_when '{'
                            {
                                $$ = mst_ast_entry(p->arena, MST_ENTRY_ADVISE,
                                                   mst_parse_name(&$NAME), @$);
                                PUT($$, title, $opt_text);
                                PUT($$, when, $opt_when);
                            }
  | check_open UNDECIDED WHEN expr BECAUSE message
                            {
                                $$ = $1;
                                add_clause(p, $$, MST_CLAUSE_UNDECIDED, mst_ast_join(@2, @6),
                                           $expr, $message);
                            }
  | check_open REQUIRE expr {
                                $$ = $1;
                                add_clause(p, $$, MST_CLAUSE_REQUIRE, mst_ast_join(@2, @3), $expr,
                                           NULL);
                            }
  | check_open REASON message
                            {
                                $$ = $1;
                                add_clause(p, $$, MST_CLAUSE_REASON, mst_ast_join(@2, @3), NULL,
                                           $message);
                            }
  | check_open REMEDY message
                            {
                                $$ = $1;
                                add_clause(p, $$, MST_CLAUSE_REMEDY, mst_ast_join(@2, @3), NULL,
                                           $message);
                            }
  | check_open CITE message {
                                $$ = $1;
                                add_clause(p, $$, MST_CLAUSE_CITE, mst_ast_join(@2, @3), NULL,
                                           $message);
                            }
  ;

opt_when: %empty            { $$ = NULL; } | WHEN expr { $$ = $expr; } ;

/* ---- decisions --------------------------------------------------------------------------- */

decision_head:
    DECISION NAME opt_text  {
                                $$ = new_item(p, MST_ITEM_DECISION, &$NAME, @$);
                                PUT($$, doc, $opt_text);
                            }
  ;

decision_cases:
    decision_head '{'
  | decision_cases WHEN expr THEN result
                            {
                                $$ = $1;
                                PUT($result, when, $expr);
                                PUT($result, span, mst_ast_join(@2, @result));
                                mst_ast_add_case($$, $result);
                            }
  | decision_cases error RESYNC_CASE
                            { $$ = $1; yyerrok; mst_parse_resume(p, 1); }
  ;

decision_open:
    decision_cases OTHERWISE result
                            {
                                $$ = $1;
                                PUT($result, span, mst_ast_join(@2, @result));
                                mst_ast_add_case($$, $result);
                            }
  ;

result:
    outcome
  | UNKNOWN BECAUSE message {
                                $$ = mst_ast_case(p->arena, mst_parse_name(&$UNKNOWN), true, @$);
                                PUT($$, because, $message);
                            }
  ;

outcome:
    NAME                    { $$ = mst_ast_case(p->arena, mst_parse_name(&$NAME), false, @$); }
  | outcome text            {
                                $$ = $1;
                                mst_parse_case_part(p, $$, "label", true, @text);
                                PUT_ONCE($$, label, "label", @text, $text);
                            }
  | outcome '{' case_fields '}'
                            { $$ = $1; mst_parse_case_fields(p, $$, &$case_fields, @2); }
  | outcome BECAUSE message  { $$ = $1; PUT_ONCE($$, because, "because", @BECAUSE, $message); }
  ;

case_fields:
    %empty                  { $$ = (struct mst_expr_list){0}; }
  | fields
  | fields ','
  ;

fields:
    field                   { $$ = mst_parse_append(p, (struct mst_expr_list){0}, $field); }
  | fields ',' field        { $$ = mst_parse_append(p, $1, $field); }
  ;

field: entry_name ':' element
                            { $$ = mst_parse_field(&$entry_name, $element); }
  ;

/* ---- fixtures and tests ------------------------------------------------------------------ */

fixture_open:
    FIXTURE NAME '{'        { $$ = new_item(p, MST_ITEM_FIXTURE, &$NAME, @$); }
  | fixture_open path '=' value
                            {
                                $$ = $1;
                                add_test(p, $$, MST_TEST_GIVEN, mst_ast_join(@2, @4), $path,
                                         $value);
                            }
  | fixture_open path OBSERVED expr
                            {
                                $$ = $1;
                                add_test(p, $$, MST_TEST_OBSERVED, mst_ast_join(@2, @4), $path,
                                         $expr);
                            }
  ;

test_head:
    TEST text               { $$ = new_item(p, MST_ITEM_TEST, NULL, @$); PUT($$, doc, $text); }
  | TEST text FOR '(' names ')' IN '{' test_rows '}'
                            {
                                $$ = new_item(p, MST_ITEM_TEST, NULL, @$);
                                PUT($$, doc, $text);
                                PUT($$, names, $names);
                                PUT($$, rows, $test_rows);
                                PUT($$, has_rows, true);
                            }
  ;

test_open:
    test_head '{'
  | test_open AT expr       {
                                $$ = $1;
                                add_test(p, $$, MST_TEST_AT, mst_ast_join(@2, @3), NULL, $expr);
                            }
  | test_open GIVEN path    {
                                $$ = $1;
                                add_test(p, $$, MST_TEST_FIXTURE, mst_ast_join(@2, @3), $path,
                                         NULL);
                            }
  | test_open GIVEN path '=' value
                            {
                                $$ = $1;
                                add_test(p, $$, MST_TEST_GIVEN, mst_ast_join(@2, @5), $path,
                                         $value);
                            }
  | test_open GIVEN path OBSERVED expr
                            {
                                $$ = $1;
                                add_test(p, $$, MST_TEST_OBSERVED, mst_ast_join(@2, @5), $path,
                                         $expr);
                            }
  | test_open EXPECT expr   {
                                $$ = $1;
                                add_test(p, $$, MST_TEST_EXPECT, mst_ast_join(@2, @3), NULL, $expr);
                            }
  | test_open EXPECT expr HAS path
                            {
                                $$ = $1;
                                add_test(p, $$, MST_TEST_EXPECT_HAS, mst_ast_join(@2, @5),
                                         mst_parse_path(p, $expr), $path);
                            }
  | test_open error RESYNC_CLAUSE
                            { $$ = $1; yyerrok; mst_parse_resume(p, 1); }
  ;

value:
    element
  | RAW text                { $$ = $text; PUT($$, op, MST_WORD_RAW); }
  ;

element:
    expr
  | '[' ']'                 {
                                $$ = mst_ast_sequence(p->arena, MST_EXPR_LIST,
                                                      (struct mst_expr_list){0}, @$);
                            }
  | '[' elements ']'        { $$ = mst_ast_sequence(p->arena, MST_EXPR_LIST, $elements, @$); }
  | '{' fields '}'          { $$ = mst_ast_sequence(p->arena, MST_EXPR_RECORD, $fields, @$); }
  | '{' fields ',' '}'      { $$ = mst_ast_sequence(p->arena, MST_EXPR_RECORD, $fields, @$); }
  ;

elements:
    element                 { $$ = mst_parse_append(p, (struct mst_expr_list){0}, $element); }
  | elements ',' element    { $$ = mst_parse_append(p, $1, $element); }
  ;

/* ---- expressions, loosest first ---------------------------------------------------------- */

expr:
    disjunction
  | IF expr THEN expr ELSE expr
                            { $$ = mst_parse_if(p, PARTS($2, $4, $6), @$); }
  ;

disjunction:
    conjunction
  | disjunction OR conjunction
                            { $$ = mst_parse_binary(p, MST_WORD_OR, $1, $3, @$); }
  | disjunction OR compare_word coalesce
                            {
                                $$ = mst_parse_repeated(p, MST_WORD_OR, $1, $3, $4,
                                                        mst_ast_join(@3, @4));
                            }
  ;

conjunction:
    negation
  | conjunction AND negation
                            { $$ = mst_parse_binary(p, MST_WORD_AND, $1, $3, @$); }
  | conjunction AND compare_word coalesce
                            {
                                $$ = mst_parse_repeated(p, MST_WORD_AND, $1, $3, $4,
                                                        mst_ast_join(@3, @4));
                            }
  ;

negation:
    comparison
  | NOT negation            { $$ = mst_parse_unary(p, MST_WORD_NOT, $2, @$); }
  ;

comparison:
    coalesce
  | comparison compare_word coalesce
                            { $$ = mst_parse_comparison(p, $2, $1, $3, @$); }
  | comparison in_word operand
                            { $$ = mst_parse_comparison(p, $2, $1, $3, @$); }
  | comparison is_word UNKNOWN
                            { $$ = mst_parse_comparison(p, $2, $1, NULL, @$); }
  | comparison '=' coalesce { $$ = mst_parse_assignment(p, $1, $3, @2); }
  ;

compare_word:
    EQ                      { $$ = MST_WORD_EQ; }
  | NE                      { $$ = MST_WORD_NE; }
  | '<'                     { $$ = MST_WORD_LT; }
  | LE                      { $$ = MST_WORD_LE; }
  | '>'                     { $$ = MST_WORD_GT; }
  | GE                      { $$ = MST_WORD_GE; }
  | LIKE                    { $$ = MST_WORD_LIKE; }
  | WITHIN                  { $$ = MST_WORD_WITHIN; }
  ;
in_word: IN                 { $$ = MST_WORD_IN; } | NOT_IN { $$ = MST_WORD_NOT_IN; } ;
is_word: IS                 { $$ = MST_WORD_IS; } | IS_NOT { $$ = MST_WORD_IS_NOT; } ;

operand: braces | coalesce ;
braces:
    '{' exprs '}'           { $$ = mst_ast_sequence(p->arena, MST_EXPR_SET, $exprs, @$); }
  | '{' exprs ',' '}'       { $$ = mst_ast_sequence(p->arena, MST_EXPR_SET, $exprs, @$); }
  ;

exprs:
    expr                    { $$ = mst_parse_append(p, (struct mst_expr_list){0}, $expr); }
  | exprs ',' expr          { $$ = mst_parse_append(p, $1, $expr); }
  ;

coalesce:
    sum
  | coalesce OTHER_VALUE sum
                            { $$ = mst_parse_binary(p, MST_WORD_ELSE, $1, $3, @$); }
  ;

sum:
    product
  | sum '+' product         { $$ = mst_parse_binary(p, MST_WORD_ADD, $1, $3, @$); }
  | sum '-' product         { $$ = mst_parse_binary(p, MST_WORD_SUB, $1, $3, @$); }
  ;

product:
    unary
  | product '*' unary       { $$ = mst_parse_binary(p, MST_WORD_MUL, $1, $3, @$); }
  | product '/' unary       { $$ = mst_parse_binary(p, MST_WORD_DIV, $1, $3, @$); }
  | product '%' unary       { $$ = mst_parse_binary(p, MST_WORD_MOD, $1, $3, @$); }
  ;

unary:
    postfix
  | '-' unary               { $$ = mst_parse_unary(p, MST_WORD_NEG, $2, @$); }
  ;

postfix:
    primary
  | postfix '.' NAME        { $$ = mst_parse_member(p, $1, &$NAME, @$); }
  | postfix '.' NAME '(' args ')'
                            { $$ = mst_parse_call(p, $1, &$NAME, $args, @$); }
  | postfix '[' expr ']'    { $$ = mst_parse_index(p, $1, $expr, @$); }
  ;

primary:
    NAME                    { $$ = mst_ast_name(p->arena, mst_parse_name(&$1)); }
  | NOW                     { $$ = mst_ast_name(p->arena, mst_parse_name(&$1)); }
  | NAME '(' args ')'       { $$ = mst_parse_call(p, NULL, &$1, $args, @$); }
  | TRUE                    { $$ = mst_parse_literal(p, &$1); }
  | FALSE                   { $$ = mst_parse_literal(p, &$1); }
  | UNKNOWN                 { $$ = mst_ast_expr(p->arena, MST_EXPR_UNKNOWN, @$); }
  | literal
  | text
  | quantifier
  | '(' expr ')'            {
                                $$ = $2;
                                PUT($$, in_parentheses, true);
                            }
  ;

args: %empty                { $$ = (struct mst_expr_list){0}; } | exprs ;

quantifier:
    quantifier_word '(' NAME IN coalesce opt_where opt_value ')'
                            {
                                $$ = mst_parse_quantifier(p, &$1, &$NAME,
                                                          PARTS($coalesce, $opt_where, $opt_value),
                                                          @$);
                            }
  ;
quantifier_word: ANY | ALL | COUNT | FIRST | LAST | MIN | MAX | SUM ;
opt_where: %empty           { $$ = NULL; } | WHERE expr { $$ = $expr; } ;
opt_value: %empty           { $$ = NULL; } | ':' expr { $$ = $expr; } ;

%%

static int yyreport_syntax_error(const yypcontext_t *context, struct mst_parser *p)
{
    yysymbol_kind_t kinds[YYNTOKENS];
    const char *names[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    if (count < 0)
        return count;
    for (int i = 0; i < count; i++)
        names[i] = yysymbol_name(kinds[i]);
    mst_parse_error_report(p, names, (size_t)count);
    return 0;
}
