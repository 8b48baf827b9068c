/* SPDX-License-Identifier: Apache-2.0
 *
 * ast.h - a module as written: what the grammar builds and the checker annotates. Nodes live in
 * the compilation's arena and keep their spans; comments are kept beside them for the formatter.
 * Nothing here knows types, slots or code. */
#ifndef MST_LANG_AST_H
#define MST_LANG_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes of a source: spans are offsets, places are worked out when a person needs them. */
struct mst_span {
    uint32_t source; /* number of the source in the compilation */
    uint32_t at, len;
};

/* An identifier. `text` is interned (atoms.h): equal names are equal pointers. NULL: absent. */
struct mst_name {
    const char *text;
    struct mst_span span;
};

enum mst_expr_kind {
    MST_EXPR_LITERAL, /* `literal` says of what; value in `word` */
    MST_EXPR_TEXT,    /* args: parts, each an MST_EXPR_PIECE or an interpolated expression; a text
                         without holes is one piece and has its bytes here, too */
    MST_EXPR_PIECE,   /* plain text between interpolations: bytes, byte_count (unescaped) */
    MST_EXPR_UNKNOWN, /* the word `unknown` where a value stands */
    MST_EXPR_NAME,    /* name */
    MST_EXPR_MEMBER,  /* a . name */
    MST_EXPR_INDEX,   /* a [ b ] */
    MST_EXPR_CALL,    /* name ( args ); where qualified, a is the path before the name */
    MST_EXPR_UNARY,   /* op a */
    MST_EXPR_BINARY,  /* a op b */
    MST_EXPR_IS,      /* a is unknown; op: MST_WORD_IS or MST_WORD_IS_NOT */
    MST_EXPR_IN,      /* a in b; op: MST_WORD_IN or MST_WORD_NOT_IN; b: SET, named set, table */
    MST_EXPR_SET,     /* { args } */
    MST_EXPR_LIST,    /* [ args ] */
    MST_EXPR_RECORD,  /* { name: value, ... } : args, each with its field_name */
    MST_EXPR_IF,      /* if a then b else c */
    MST_EXPR_QUANTIFIER, /* op(name in a where b : c); any/all/count: b is the condition */
    MST_EXPR_ERROR,      /* what could not be parsed; already reported */
};

enum mst_literal_kind {
    MST_LITERAL_BOOL,
    MST_LITERAL_INT,
    MST_LITERAL_VERSION, /* word: MST_VERSION() bits; parts: how many were written */
    MST_LITERAL_DATE,
    MST_LITERAL_MONTH,
    MST_LITERAL_TIME,
    MST_LITERAL_CLOCK, /* seconds of the day */
    MST_LITERAL_DURATION,
};

enum mst_word {
    MST_WORD_NONE,
    MST_WORD_OR,
    MST_WORD_AND,
    MST_WORD_NOT,
    MST_WORD_EQ,
    MST_WORD_NE,
    MST_WORD_LT,
    MST_WORD_LE,
    MST_WORD_GT,
    MST_WORD_GE,
    MST_WORD_IN,
    MST_WORD_NOT_IN,
    MST_WORD_LIKE,
    MST_WORD_WITHIN,
    MST_WORD_IS,
    MST_WORD_IS_NOT,
    MST_WORD_ELSE, /* ?? */
    MST_WORD_ADD,
    MST_WORD_SUB,
    MST_WORD_MUL,
    MST_WORD_DIV,
    MST_WORD_MOD,
    MST_WORD_NEG,
    MST_WORD_ANY,
    MST_WORD_ALL,
    MST_WORD_COUNT,
    MST_WORD_FIRST,
    MST_WORD_LAST,
    MST_WORD_MIN,
    MST_WORD_MAX,
    MST_WORD_SUM,
    MST_WORD_RAW, /* within the grammar only: of a text behind `raw`, until its clause is made */
};

struct mst_expr_list {
    struct mst_expr *first, *last;
    uint32_t count;
};

struct mst_symbol;

struct mst_expr {
    uint8_t kind, literal, op, parts;
    struct mst_span span;
    struct mst_name name;       /* NAME, MEMBER, CALL; QUANTIFIER: its variable */
    struct mst_name field_name; /* as an entry of a RECORD */
    struct mst_expr *a, *b, *c;
    struct mst_expr_list args;
    struct mst_expr *next; /* in the list it is part of */
    int64_t word;
    const char *bytes;
    uint32_t byte_count;
    uint16_t depth; /* 1 + that of the deepest part; at most MST_MAX_EXPR_DEPTH of parse.h */
    bool in_parentheses;

    /* by the checker */
    uint8_t ref;   /* enum mst_meaning of program.h: what a name, path or call means */
    uint32_t type; /* type code of program.h */
    struct mst_symbol *symbol;
    uint32_t number; /* of a member, column, overload, ... */
};

/* A type as written: bool, text<64>, Edition, list<Update, 20>. */
struct mst_type_syntax {
    struct mst_span span;
    struct mst_name name, module; /* module: of alias.Name */
    struct mst_type_syntax *element;
    struct mst_expr *size; /* N */
};

struct mst_spelling {
    struct mst_expr *text;
    struct mst_spelling *next;
};

struct mst_member {
    struct mst_name name; /* the word `unknown`: spellings read as absent */
    bool is_unknown;
    struct mst_spelling *spellings, *last_spelling;
    struct mst_member *next;
};

/* A fact of a group, a field of a record, a column of a table, a parameter of a def. */
struct mst_decl {
    struct mst_name name;
    struct mst_span span;
    struct mst_type_syntax *type;
    struct mst_expr *from;  /* text, or NULL */
    struct mst_expr *value; /* default or computed column, or NULL */
    struct mst_expr *doc;
    bool is_key, is_optional;
    struct mst_decl *next;
    struct mst_symbol *symbol; /* by the checker */
};

struct mst_decl_list {
    struct mst_decl *first, *last;
    uint32_t count;
};

struct mst_row {
    struct mst_span span;
    struct mst_expr_list cells;
    struct mst_row *next;
};

struct mst_row_list {
    struct mst_row *first, *last;
    uint32_t count;
};

enum mst_clause_kind {
    MST_CLAUSE_REQUIRE,   /* expr */
    MST_CLAUSE_UNDECIDED, /* expr, text: because */
    MST_CLAUSE_REASON,    /* text */
    MST_CLAUSE_REMEDY,
    MST_CLAUSE_CITE,
};

struct mst_clause {
    enum mst_clause_kind kind;
    struct mst_span span;
    struct mst_expr *expr, *text;
    struct mst_clause *next;
};

enum mst_entry_kind { MST_ENTRY_CHECK, MST_ENTRY_ADVISE, MST_ENTRY_INCLUDE };

/* What stands in a policy. */
struct mst_entry {
    enum mst_entry_kind kind;
    struct mst_span span;
    struct mst_name name;
    struct mst_expr *title, *when;
    struct mst_clause *clauses, *last_clause;
    struct mst_expr *path;       /* include: the policy */
    struct mst_expr_list except; /* include: names */
    struct mst_entry *next;
};

struct mst_outcome_syntax {
    struct mst_name name;
    struct mst_expr *label;
    struct mst_span span;
};

/* `when a then outcome "label" { fields } because "..."` or `otherwise ...` */
struct mst_case {
    struct mst_span span;
    struct mst_expr *when; /* NULL: otherwise */
    struct mst_name outcome;
    bool is_unknown; /* then unknown */
    bool has_fields; /* its braces stand there, with or without fields */
    struct mst_expr *label;
    struct mst_expr_list fields; /* each with its field_name */
    struct mst_expr *because;
    struct mst_case *next;
};

enum mst_test_kind {
    MST_TEST_AT,         /* expr: a time, or a name of `for` */
    MST_TEST_FIXTURE,    /* given FIXTURE: target */
    MST_TEST_GIVEN,      /* target = expr */
    MST_TEST_RAW,        /* target = raw "JSON": expr is the text */
    MST_TEST_OBSERVED,   /* given GROUP observed TIME: target, expr */
    MST_TEST_EXPECT,     /* expr */
    MST_TEST_EXPECT_HAS, /* target has NAME: expr */
};

struct mst_test_clause {
    enum mst_test_kind kind;
    struct mst_span span;
    struct mst_expr *target, *expr;
    struct mst_test_clause *next;
};

enum mst_item_kind {
    MST_ITEM_IMPORT,
    MST_ITEM_ENUM,
    MST_ITEM_RECORD,
    MST_ITEM_FACTS,
    MST_ITEM_SUBJECT,
    MST_ITEM_SET,
    MST_ITEM_PARAM,
    MST_ITEM_TABLE,
    MST_ITEM_LET,
    MST_ITEM_DEF,
    MST_ITEM_POLICY,
    MST_ITEM_DECISION,
    MST_ITEM_FIXTURE,
    MST_ITEM_TEST,
};

struct mst_item {
    enum mst_item_kind kind;
    struct mst_span span; /* of the whole item */
    struct mst_name name; /* import: its last part, or the alias */
    struct mst_expr *doc; /* or the title of a policy, decision or test */
    struct mst_item *next;
    bool is_doubtful; /* what follows could not be read: perhaps it ends too early */

    struct mst_expr *path;         /* import: dotted name; subject: the fact */
    bool has_alias;                /* import ... as name */
    struct mst_type_syntax *type;  /* set, param, let, def */
    struct mst_expr *value;        /* param, let, def */
    struct mst_expr_list elements; /* set */
    struct mst_member *members, *last_member;
    struct mst_decl_list decls; /* record, facts, table columns, parameters of a def */
    struct mst_expr *from;      /* facts: path; table: CSV file */
    struct mst_expr *observed, *stale_after;
    struct mst_name ordered_by;
    struct mst_expr *max_rows;
    struct mst_row_list rows; /* table; test: rows of `for` */
    bool has_rows;
    struct mst_outcome_syntax pass, fail, unknown; /* policy */
    struct mst_entry *entries, *last_entry;
    struct mst_case *cases, *last_case;
    struct mst_expr_list names;                    /* test: for (a, b) */
    struct mst_test_clause *clauses, *last_clause; /* fixture, test */

    struct mst_symbol *symbol; /* by the checker */
    uint32_t let_cause;        /* likewise: what a fault in a let names */
};

struct mst_comment {
    struct mst_span span;
    bool own_line; /* nothing but white space before it */
};

struct mst_module {
    uint32_t source;
    struct mst_expr *path;    /* dotted name as NAME or MEMBER */
    const char *name;         /* "windows.hotpatch", interned */
    struct mst_expr *version; /* VERSION or INT literal, or NULL; kept as written in its span */
    struct mst_expr *effective_from;
    struct mst_expr *doc;
    struct mst_span span; /* of the header */
    struct mst_item *items, *last_item;
    struct mst_comment *comments;
    uint32_t comment_count;
    bool is_test; /* it has tests, or its name ends in _test */
};

/* ---- making them --------------------------------------------------------------------------
 * For the grammar. All take memory from the arena and return NULL once it has failed; all accept
 * NULL for a part and for a node to add to. */

struct mst_arena;
struct mst_atoms;

/* From the beginning of `first` to the end of `last`. */
struct mst_span mst_ast_join(struct mst_span first, struct mst_span last);

struct mst_expr *mst_ast_expr(struct mst_arena *arena, enum mst_expr_kind kind,
                              struct mst_span span);
/* An expression of up to three parts: sets a, b, c and depth. */
struct mst_expr *mst_ast_operation(struct mst_arena *arena, enum mst_expr_kind kind,
                                   enum mst_word op, struct mst_span span,
                                   struct mst_expr *const parts[3]);
struct mst_expr *mst_ast_name(struct mst_arena *arena, struct mst_name name);
struct mst_expr *mst_ast_member(struct mst_arena *arena, struct mst_expr *of, struct mst_name name,
                                struct mst_span span);
/* NAME(args), or of.NAME(args). */
struct mst_expr *mst_ast_call(struct mst_arena *arena, struct mst_expr *of, struct mst_name name,
                              struct mst_expr_list args, struct mst_span span);
/* A SET, LIST, RECORD or TEXT of the elements. */
struct mst_expr *mst_ast_sequence(struct mst_arena *arena, enum mst_expr_kind kind,
                                  struct mst_expr_list elements, struct mst_span span);
struct mst_expr *mst_ast_piece(struct mst_arena *arena, const char *bytes, uint32_t byte_count,
                               struct mst_span span);
struct mst_expr_list mst_ast_append(struct mst_expr_list list, struct mst_expr *expr);

struct mst_type_syntax *mst_ast_type(struct mst_arena *arena, struct mst_name module,
                                     struct mst_name name, struct mst_span span);
struct mst_decl *mst_ast_decl(struct mst_arena *arena, struct mst_name name,
                              struct mst_type_syntax *type, struct mst_span span);
struct mst_decl_list mst_ast_append_decl(struct mst_decl_list list, struct mst_decl *decl);
struct mst_row_list mst_ast_append_row(struct mst_arena *arena, struct mst_row_list list,
                                       struct mst_expr_list cells, struct mst_span span);

struct mst_item *mst_ast_item(struct mst_arena *arena, enum mst_item_kind kind,
                              struct mst_name name, struct mst_span span);
void mst_ast_add_item(struct mst_module *module, struct mst_item *item);
void mst_ast_add_member(struct mst_item *item, struct mst_member *member);
struct mst_member *mst_ast_member_of_enum(struct mst_arena *arena, struct mst_name name,
                                          bool is_unknown);
void mst_ast_add_spelling(struct mst_arena *arena, struct mst_member *member,
                          struct mst_expr *text);
struct mst_entry *mst_ast_entry(struct mst_arena *arena, enum mst_entry_kind kind,
                                struct mst_name name, struct mst_span span);
void mst_ast_add_entry(struct mst_item *item, struct mst_entry *entry);
/* One of expr and text may be NULL. */
void mst_ast_add_clause(struct mst_arena *arena, struct mst_entry *entry,
                        const struct mst_clause *clause);
bool mst_ast_has_clause(const struct mst_entry *entry, enum mst_clause_kind kind);
struct mst_case *mst_ast_case(struct mst_arena *arena, struct mst_name outcome, bool is_unknown,
                              struct mst_span span);
void mst_ast_add_case(struct mst_item *item, struct mst_case *added);
void mst_ast_add_test_clause(struct mst_arena *arena, struct mst_item *item,
                             const struct mst_test_clause *clause);

/* "a.b.c", interned, of a NAME or a MEMBER of such; NULL for anything else. */
const char *mst_ast_dotted(struct mst_atoms *atoms, const struct mst_expr *path);

#endif
