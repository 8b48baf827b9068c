/* SPDX-License-Identifier: Apache-2.0
 *
 * program.h - a checked program: all modules of a compilation with their names resolved and
 * everything that has a place in the image numbered. The checker fills it, lowering reads it.
 * All of it lives in the arena; order is declaration order (spec/language.md, section 3). */
#ifndef MST_LANG_PROGRAM_H
#define MST_LANG_PROGRAM_H

#include "arena.h"
#include "ast.h"
#include "atoms.h"
#include "diag.h"
#include "format/builtins.h"
#include "map.h"
#include "muster/lang.h"

/* ---- types: a kind, and above it an index in the program's list of that kind ------------- */

enum {
    MST_TYPE_ROW = 12,     /* a row of a table */
    MST_TYPE_TABLE = 13,   /* a table itself, after `in` */
    MST_TYPE_GROUP = 14,   /* a group of facts, before `.` */
    MST_TYPE_ZONE = 15,    /* an argument only */
    MST_TYPE_CLOCK = 16,   /* an argument only */
    MST_TYPE_SET = 17,     /* a named set, after `in` */
    MST_TYPE_MODULE = 18,  /* an alias, before `.` */
    MST_TYPE_ERROR = 19,   /* reported already: agrees with everything */
    MST_TYPE_ELEMENT = 20, /* an element of a list of records; index: the list's fact */
};

#define MST_TYPE_OF(kind, index) ((uint32_t)(kind) | (uint32_t)(index) << 8)
#define MST_TYPE_KIND(type) ((type)&0xffu)
#define MST_TYPE_INDEX(type) ((type) >> 8)

/* What a name, path or call means. */
enum mst_meaning {
    MST_REF_NONE,
    MST_REF_LOCAL, /* a quantifier's variable, a def's parameter, an earlier column */
    MST_REF_NOW,
    MST_REF_FACT,
    MST_REF_PART,   /* field of a record: number; the record is expr->a */
    MST_REF_COLUMN, /* cell of a row: number; the row is expr->a */
    MST_REF_MEMBER, /* an enum's member: number */
    MST_REF_LET,
    MST_REF_PARAM,
    MST_REF_SET,
    MST_REF_TABLE,
    MST_REF_GROUP,
    MST_REF_VERDICT, /* outcome of a policy or decision */
    MST_REF_CHECK,   /* policy.check */
    MST_REF_FIELD,   /* decision.field */
    MST_REF_ZONE,    /* number */
    MST_REF_BUILTIN, /* number of builtins.def */
    MST_REF_DEF,
};

#define MST_VECTOR(type)                                                                           \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count, capacity;                                                                    \
    }
/* Appends; does nothing once the arena has failed. */
#define MST_PUSH(arena, vector, item)                                                              \
    do {                                                                                           \
        void *grown = mst_arena_grow((arena), (vector)->items, (vector)->count,                    \
                                     &(vector)->capacity, sizeof *(vector)->items);                \
        if (grown != NULL) {                                                                       \
            (vector)->items = grown;                                                               \
            (vector)->items[(vector)->count++] = (item);                                           \
        }                                                                                          \
    } while (0)

/* ---- names ------------------------------------------------------------------------------- */

enum mst_symbol_kind {
    MST_SYMBOL_ENUM,
    MST_SYMBOL_RECORD,
    MST_SYMBOL_DEF,
    MST_SYMBOL_GROUP,
    MST_SYMBOL_SET,
    MST_SYMBOL_PARAM,
    MST_SYMBOL_TABLE,
    MST_SYMBOL_LET,
    MST_SYMBOL_POLICY,
    MST_SYMBOL_DECISION,
    MST_SYMBOL_FIXTURE,
    MST_SYMBOL_MODULE,
    MST_SYMBOL_FACT,
    MST_SYMBOL_LOCAL,
};

enum mst_progress { MST_TODO, MST_DOING, MST_DONE };

struct mst_cell;

struct mst_symbol {
    enum mst_symbol_kind kind;
    enum mst_progress progress; /* of finding its type: MST_DOING met again is a cycle */
    struct mst_name name;
    struct mst_unit *unit;
    struct mst_item *item;
    struct mst_decl *decl; /* fact, parameter */
    uint32_t type;
    uint32_t index; /* in the program's list of its kind; module: the unit's number */
    bool used;
    uint32_t depth;          /* how many items behind it read each other in a row */
    uint8_t moving;          /* of a let or def: 0 not known yet, 1 constant, 2 not */
    uint8_t slope;           /* of a let: 0 not known yet, else enum mst_slope + 1 */
    bool has_first_fact;     /* first_fact is known */
    uint32_t first_fact;     /* of a let, UINT32_MAX: none */
    struct mst_cell *cell;   /* of a constant let, once folded */
    struct mst_symbol *next; /* in its scope, in order of declaration */
};

/* Names of one name space of a module: a hash table by atom, and a list in order. */
struct mst_scope {
    struct mst_symbol **table;
    size_t count, capacity; /* capacity: a power of two or 0 */
    struct mst_symbol *first, *last;
};

struct mst_symbol *mst_scope_find(const struct mst_scope *scope, const char *atom);
/* Returns the one that is there already, or NULL when `symbol` is the first. */
struct mst_symbol *mst_scope_add(struct mst_arena *arena, struct mst_scope *scope,
                                 struct mst_symbol *symbol);

struct mst_import {
    struct mst_unit *unit;
    struct mst_item *item;
    bool qualified; /* import ... as x */
    bool used;
};

/* A module with its names. */
struct mst_unit {
    uint32_t number;
    struct mst_module *module;
    struct mst_scope types, functions, values;
    MST_VECTOR(struct mst_import) imports;
    enum mst_progress progress;
};

/* ---- things ------------------------------------------------------------------------------ */

struct mst_enum_spelling {
    const char *bytes;
    uint32_t len;
    uint32_t member; /* UINT32_MAX: unknown */
    struct mst_span span;
};

struct mst_enum_type {
    const char *name;
    struct mst_unit *unit; /* NULL: built in */
    bool has_other;        /* declared ones have; those of verdicts and weekday have not */
    MST_VECTOR(struct mst_name) members;
    MST_VECTOR(struct mst_enum_spelling) spellings;
};

struct mst_record_type {
    const char *name;
    struct mst_item *item;
    struct mst_decl_list *fields;
};

struct mst_list_type {
    uint32_t element; /* type */
    uint32_t capacity;
};

struct mst_group {
    struct mst_symbol *symbol;
    const char *path; /* dotted, in a record */
    int64_t stale_after_s;
    uint32_t observed; /* fact index or UINT32_MAX */
};

/* A fact, a field of a record fact, or the element of a list (runtime: mst_fact_info). */
struct mst_fact {
    const char *name, *path;
    struct mst_symbol *symbol; /* NULL for parts */
    struct mst_decl *decl;
    uint32_t type, group, slot, parent, stride, max_bytes;
    uint32_t part_count; /* facts that follow and belong to it */
    uint32_t cause;      /* of a fault in its default */
    bool expires;        /* its group goes stale and it is not exempt */
};

struct mst_cell {
    bool known;
    int64_t word;
    mst_text text;
};

struct mst_column {
    const char *name;
    struct mst_decl *decl;
    uint32_t type;
    bool may_be_unknown;
};

struct mst_table {
    struct mst_symbol *symbol;
    MST_VECTOR(struct mst_column) columns;
    struct mst_cell *cells; /* row by row, in the order of reading */
    uint32_t row_count, max_rows;
    uint32_t key, ordered_by; /* columns or UINT32_MAX */
    uint32_t cause;
    struct mst_span *row_spans; /* in the order of reading */
};

struct mst_set {
    struct mst_symbol *symbol;
    uint32_t type; /* of its members */
    MST_VECTOR(struct mst_cell) members;
    struct mst_map known; /* members by value, texts by atom */
};

struct mst_param_value {
    struct mst_symbol *symbol;
    struct mst_cell value;
    const char *text; /* as written */
};

/* A check or an advise of a policy, also an included one. */
struct mst_rule {
    struct mst_entry *entry;
    struct mst_unit *unit; /* whose names it sees */
    uint32_t cause;
};

struct mst_outcome_info {
    const char *name;
    struct mst_expr *label;
    uint32_t cause; /* of a decision's outcome */
};

struct mst_decision_field {
    const char *name;
    uint32_t type;
    struct mst_span span;
};

/* A policy or decision. */
/* Names of one place, which must differ from each other in more than case (names.h). All zero: none
 * yet. */
struct mst_name_set {
    struct mst_map exact, folded; /* by atom; numbers are those of `names` */
    MST_VECTOR(struct mst_name) names;
};

struct mst_rules {
    struct mst_symbol *symbol;
    uint32_t enum_type, check_enum; /* indices of enums; check_enum: policies only */
    MST_VECTOR(struct mst_rule) checks, advice;
    MST_VECTOR(struct mst_outcome_info) outcomes;
    MST_VECTOR(struct mst_decision_field) fields;
    struct mst_name_set outcome_names, check_names, field_names;
    uint32_t unknown_cause;  /* of `then unknown` */
    enum mst_progress shape; /* outcomes, checks and fields are known */
};

/* One step of a rule test as data: the records of the image's SELFTEST section. */
struct mst_test_step {
    uint32_t kind; /* enum mst_selftest_kind of format/layout.h */
    uint32_t a, c;
    struct mst_cell value;
    struct mst_expr *expr; /* HOLDS: what must be true */
    struct mst_unit *unit;
    struct mst_span span;
};

struct mst_program {
    struct mst_arena *arena;
    struct mst_atoms *atoms;
    struct mst_diags *diags;
    const mst_compile_options *options;

    MST_VECTOR(struct mst_unit *) units; /* imported before importing; the root is last */
    MST_VECTOR(struct mst_enum_type *) enums;
    MST_VECTOR(struct mst_record_type) records;
    MST_VECTOR(struct mst_list_type) lists;
    MST_VECTOR(struct mst_group) groups;
    MST_VECTOR(struct mst_fact) facts;
    MST_VECTOR(struct mst_table *) tables;
    MST_VECTOR(struct mst_set *) sets; /* type MST_TYPE_SET + index */
    MST_VECTOR(struct mst_param_value) params;
    MST_VECTOR(struct mst_symbol *) lets;
    MST_VECTOR(struct mst_rules *) verdicts;
    MST_VECTOR(const char *) causes;        /* names; numbered behind the facts in the image */
    MST_VECTOR(struct mst_zone) zones;      /* of zones.h, where folding has needed them */
    MST_VECTOR(struct mst_test_step) steps; /* of all tests of the root, in order */
    uint32_t subject;                       /* fact index or UINT32_MAX */
    struct mst_span subject_span;
    const struct mst_item *subject_item;
    uint32_t weekday_enum;
    uint32_t fact_slots;
    uint32_t fold_steps; /* so far */
    uint32_t nesting;    /* of the expressions that are being walked, see mst_program_enter */
    bool too_deep;       /* it was over the limit, which is reported once */
};

/* "windows.device.x", or "x" in the root module. */
const char *mst_program_full_name(struct mst_program *program, const struct mst_unit *unit,
                                  const char *name);
struct mst_unit *mst_program_root(const struct mst_program *program);

/* One expression deeper, seen through the lets and defs that it reads: false, and reported, where
 * one more could exhaust the C stack. Each walk that follows names calls it; each success is paired
 * with mst_program_leave. */
bool mst_program_enter(struct mst_program *program, struct mst_span span);
void mst_program_leave(struct mst_program *program);

#endif
