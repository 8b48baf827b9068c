/* SPDX-License-Identifier: Apache-2.0
 *
 * check_test.c - fixtures and tests: each row of a test becomes steps (facts to set, what must
 * hold) that the image can carry as data (spec/language.md, section 11). */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "clone.h"
#include "format/builtins.h"
#include "format/layout.h"
#include "format/limits.h"

/* A test, or one row of it, while its clauses are turned into steps. */
struct testing {
    struct mst_program *program;
    struct mst_unit *unit;
    const struct mst_expr_list *names, *cells; /* of `for`; NULL without */
    const struct mst_item *item;
};

static struct mst_context context_of(const struct testing *t)
{
    return (struct mst_context){.program = t->program, .unit = t->unit, .in_expect = true};
}

static void report(const struct testing *t, enum mst_diag_id id, struct mst_span span,
                   const char *message, const char *help)
{
    struct mst_diag *d = mst_diag_report(t->program->diags, id, span, "%s", message);
    mst_diag_help(t->program->diags, d, "%s", help);
}

static struct mst_test_step *add_step(struct testing *t, uint32_t kind, uint32_t a,
                                      struct mst_span span)
{
    static struct mst_test_step spare;
    struct mst_test_step step = {.kind = kind, .a = a, .unit = t->unit, .span = span};
    size_t before = t->program->steps.count;
    MST_PUSH(t->program->arena, &t->program->steps, step);
    return t->program->steps.count > before ? &t->program->steps.items[before] : &spare;
}

/* ---- values that are given ----------------------------------------------------------------- */

static uint32_t element_fact(uint32_t list)
{
    return list + 1;
}

static const struct mst_fact *fact_at(const struct testing *t, uint32_t index)
{
    return &t->program->facts.items[index];
}

static void give_value(struct testing *t, uint32_t fact, uint32_t offset, struct mst_expr *value);

static void give_state(struct testing *t, uint32_t slot, uint32_t state, struct mst_span span)
{
    add_step(t, MST_SELFTEST_STATE, slot, span)->c = state;
}

/* A fact that is missing (0) or invalid (1), the parts of a record with it. */
static void give_lost(struct testing *t, uint32_t fact, uint32_t offset, uint32_t state,
                      struct mst_span span)
{
    const struct mst_fact *whole = fact_at(t, fact);
    give_state(t, whole->slot + offset, state, span);
    if (MST_TYPE_KIND(whole->type) != MST_TYPE_RECORD)
        return;
    uint32_t parts = t->program->records.items[MST_TYPE_INDEX(whole->type)].fields->count;
    for (uint32_t part = fact + 1; part <= fact + parts; part++)
        give_state(t, fact_at(t, part)->slot + offset, state, span);
}

static void give_list(struct testing *t, uint32_t fact, struct mst_expr *value)
{
    uint32_t type = fact_at(t, fact)->type;
    uint32_t capacity = t->program->lists.items[MST_TYPE_INDEX(type)].capacity;
    uint32_t stride = fact_at(t, element_fact(fact))->stride, i = 0;
    for (struct mst_expr *e = value->args.first; e != NULL && i < capacity; e = e->next, i++)
        give_value(t, element_fact(fact), i * stride, e);
    struct mst_test_step *step =
        add_step(t, MST_SELFTEST_LIST, fact_at(t, fact)->slot, value->span);
    step->value.word = i;
    step->c = value->args.count > capacity;
}

static void give_record(struct testing *t, uint32_t fact, uint32_t offset, struct mst_expr *value)
{
    const struct mst_fact *whole = fact_at(t, fact);
    const struct mst_record_type *record = &t->program->records.items[MST_TYPE_INDEX(whole->type)];
    uint32_t part = fact + 1;
    add_step(t, MST_SELFTEST_PRESENT, whole->slot + offset, value->span);
    for (const struct mst_decl *d = record->fields->first; d != NULL; d = d->next, part++) {
        struct mst_expr *given = NULL;
        for (struct mst_expr *e = value->args.first; e != NULL; e = e->next)
            if (e->field_name.text == d->name.text)
                given = e;
        if (given != NULL)
            give_value(t, part, offset, given);
        else
            give_state(t, fact_at(t, part)->slot + offset, 0, value->span);
    }
    for (struct mst_expr *e = value->args.first; e != NULL; e = e->next) {
        bool found = false;
        for (const struct mst_decl *d = record->fields->first; d != NULL; d = d->next)
            found = found || d->name.text == e->field_name.text;
        if (found || e->field_name.text == NULL)
            continue;
        struct mst_diag *diag =
            mst_diag_report(t->program->diags, MST_DIAG_PART_UNKNOWN, e->field_name.span,
                            "%s has no field `%s`.", record->name, e->field_name.text);
        mst_diag_help(t->program->diags, diag, "its first field is `%s`",
                      record->fields->first != NULL ? record->fields->first->name.text : "");
    }
}

static void give_cell(struct testing *t, uint32_t slot, uint32_t type, struct mst_cell cell,
                      struct mst_span span)
{
    const struct mst_enum_type *e =
        MST_TYPE_KIND(type) == MST_TYPE_ENUM ? t->program->enums.items[MST_TYPE_INDEX(type)] : NULL;
    bool is_other = e != NULL && (size_t)cell.word == e->members.count;
    struct mst_test_step *step =
        add_step(t, is_other ? MST_SELFTEST_OTHER : MST_SELFTEST_FACT, slot, span);
    step->value = cell;
    step->c = MST_TYPE_KIND(type) == MST_TYPE_TEXT;
    if (is_other)
        step->value.text = (mst_text){"other", 5};
}

static void give_value(struct testing *t, uint32_t fact, uint32_t offset, struct mst_expr *value)
{
    struct mst_context context = context_of(t);
    uint32_t type = fact_at(t, fact)->type, slot = fact_at(t, fact)->slot + offset;
    if (value->kind == MST_EXPR_UNKNOWN) {
        give_lost(t, fact, offset, 0, value->span);
        return;
    }
    if (value->kind == MST_EXPR_LIST && MST_TYPE_KIND(type) == MST_TYPE_LIST) {
        give_list(t, fact, value);
        return;
    }
    if (value->kind == MST_EXPR_RECORD && MST_TYPE_KIND(type) == MST_TYPE_RECORD) {
        give_record(t, fact, offset, value);
        return;
    }
    if (!mst_check_expect(&context, value, type, "the fact") ||
        !mst_check_constant(t->program, value, "A given value"))
        return;
    struct mst_cell cell = mst_fold(t->program, value, NULL);
    if (cell.known)
        give_cell(t, slot, type, cell, value->span);
    else if (MST_TYPE_KIND(value->type) != MST_TYPE_ERROR)
        report(t, MST_DIAG_CELL_EMPTY, value->span, "This value cannot be computed.",
               "a number is out of range here, or there is no such day");
}

/* ---- raw values ---------------------------------------------------------------------------- */

/* A JSON string without its quotes; false where it has escapes, which are not read here. */
static bool unquote(const char *raw, size_t len, mst_text *text)
{
    *text = (mst_text){raw + 1, (uint32_t)(len - 2)};
    return len >= 2 && raw[len - 1] == '"' && memchr(raw, '\\', len) == NULL;
}

static bool read_number(uint32_t kind, mst_text text, struct mst_cell *cell)
{
    char *end;
    double number = strtod(text.ptr, &end);
    bool is_integral =
        *end == '\0' && number >= -9e15 && number <= 9e15 && number == (double)(int64_t)number;
    cell->known = true;
    if (kind == MST_TYPE_INT && !mst_parse_int(text, &cell->word))
        cell->word = (int64_t)number;
    else if (kind == MST_TYPE_BOOL)
        cell->word = (int64_t)number;
    if (kind == MST_TYPE_BOOL)
        return is_integral && (cell->word == 0 || cell->word == 1);
    return kind == MST_TYPE_INT && is_integral;
}

/* By the reading table, for a scalar that is no string. */
static enum mst_reading read_plain(struct testing *t, uint32_t type, uint32_t max_bytes,
                                   mst_text text, struct mst_cell *cell)
{
    uint32_t kind = MST_TYPE_KIND(type);
    bool is_word = text.ptr[0] == 't' || text.ptr[0] == 'f';
    if (kind == MST_TYPE_TEXT || kind == MST_TYPE_ENUM || (kind == MST_TYPE_BOOL && is_word))
        return mst_fold_read(t->program, type, max_bytes, text, cell);
    if (!is_word && read_number(kind, text, cell))
        return MST_READ_OK;
    return MST_READ_INVALID;
}

static bool is_plain_json(const char *raw)
{
    return strcmp(raw, "true") == 0 || strcmp(raw, "false") == 0 || raw[0] == '-' ||
           (raw[0] >= '0' && raw[0] <= '9');
}

/* Letters, digits, points and the like, as one who forgot the quotes of JSON would write them. */
static bool is_bare(const char *raw)
{
    return raw[0] != '\0' && raw[0] != '"' && strpbrk(raw, "\\[]{},:") == NULL;
}

static void report_raw(struct testing *t, const char *raw, struct mst_span span)
{
    struct mst_diag *d = mst_diag_report(t->program->diags, MST_DIAG_TEST_RAW, span,
                                         "This raw value cannot be read in a test.");
    if (raw[0] == '[' || raw[0] == '{')
        mst_diag_help(
            t->program->diags, d,
            "write a list as in `[1, 2]` and a record as in `{ kb: \"KB1\" }`, without `raw`");
    else if (is_bare(raw))
        mst_diag_help(t->program->diags, d,
                      "a JSON string has quotes of its own: "
                      "`raw \"\"\"%s\"\"\"`",
                      raw);
    else
        mst_diag_help(t->program->diags, d,
                      "write a JSON string without escapes, a number, true, false or null");
}

/* The value of a list that is no array: as the data would make it a list of one. */
static uint32_t only_element(struct testing *t, uint32_t fact, struct mst_span span)
{
    struct mst_test_step *step = add_step(t, MST_SELFTEST_LIST, fact_at(t, fact)->slot, span);
    step->value.word = 1;
    return element_fact(fact);
}

static void give_raw(struct testing *t, uint32_t fact, struct mst_expr *value)
{
    const char *raw = mst_check_plain(t->program, value);
    struct mst_cell cell = {false, 0, {NULL, 0}};
    enum mst_reading reading = MST_READ_INVALID;
    mst_text text = {raw, raw != NULL ? (uint32_t)strlen(raw) : 0};
    if (raw == NULL)
        return;
    if (strcmp(raw, "null") == 0) {
        give_lost(t, fact, 0, 0, value->span);
        return;
    }
    bool is_string = raw[0] == '"' && unquote(raw, text.len, &text);
    if (!is_string && !is_plain_json(raw)) {
        report_raw(t, raw, value->span);
        return;
    }
    if (MST_TYPE_KIND(fact_at(t, fact)->type) == MST_TYPE_LIST)
        fact = only_element(t, fact, value->span);
    const struct mst_fact *f = fact_at(t, fact);
    if (is_string)
        reading = mst_fold_read(t->program, f->type, f->max_bytes, text, &cell);
    else
        reading = read_plain(t, f->type, f->max_bytes, text, &cell);
    if (reading == MST_READ_INVALID && MST_TYPE_KIND(f->type) == MST_TYPE_ENUM &&
        text.len <= MST_MAX_OTHER_BYTES)
        add_step(t, MST_SELFTEST_OTHER, f->slot, value->span)->value.text = text;
    else if (reading == MST_READ_OK)
        give_cell(t, f->slot, f->type, cell, value->span);
    else
        give_lost(t, fact, 0, reading == MST_READ_INVALID, value->span);
}

/* ---- clauses ------------------------------------------------------------------------------- */

/* The fact that `given` names; UINT32_MAX where it names none (reported). */
static uint32_t given_fact(struct testing *t, struct mst_expr *target)
{
    struct mst_context context = context_of(t);
    uint32_t type = mst_check_expr(&context, target, 0);
    if (target->ref == MST_REF_FACT)
        return target->symbol->index;
    if (target->ref == MST_REF_PART && target->a->ref == MST_REF_FACT)
        return target->a->symbol->index + 1 + target->number;
    if (MST_TYPE_KIND(type) != MST_TYPE_ERROR)
        report(t, MST_DIAG_TEST_GIVEN, target->span, "A test can give facts only.",
               "write it as in `given os.build = 26100.9106`; verdicts are what it expects");
    return UINT32_MAX;
}

static bool constant_time(struct testing *t, struct mst_expr *e, const char *what, int64_t *time)
{
    struct mst_context context = context_of(t);
    if (!mst_check_expect(&context, e, MST_TYPE_TIME, what) ||
        !mst_check_constant(t->program, e, what))
        return false;
    struct mst_cell cell = mst_fold(t->program, e, NULL);
    *time = cell.word;
    return cell.known;
}

static void give_observed(struct testing *t, struct mst_expr *target, struct mst_expr *value)
{
    struct mst_context context = context_of(t);
    int64_t time;
    uint32_t type = mst_check_expr(&context, target, 0);
    if (MST_TYPE_KIND(type) != MST_TYPE_GROUP) {
        if (MST_TYPE_KIND(type) != MST_TYPE_ERROR)
            report(t, MST_DIAG_TEST_GIVEN, target->span,
                   "`observed` says how old a group of facts is.",
                   "name the group alone, as in `given os observed 2026-08-01T00:00:00Z`");
        return;
    }
    if (constant_time(t, value, "the observation", &time))
        add_step(t, MST_SELFTEST_OBSERVED, target->symbol->index, target->span)->value.word = time;
}

static void give_clauses(struct testing *t, const struct mst_item *item);

static void give_fixture(struct testing *t, const struct mst_expr *target)
{
    struct mst_symbol *symbol =
        target->kind == MST_EXPR_NAME && target->name.text != NULL
            ? mst_names_find(t->program, t->unit, MST_SPACE_VALUES, target->name)
            : NULL;
    if (symbol == NULL || symbol->kind != MST_SYMBOL_FIXTURE) {
        struct mst_diag *d = mst_diag_report(t->program->diags, MST_DIAG_TEST_GIVEN, target->span,
                                             "There is no such fixture.");
        mst_diag_help(t->program->diags, d, "for a fact write `given GROUP.FACT = value`");
        return;
    }
    struct testing inner = *t;
    inner.names = inner.cells = NULL;
    inner.unit = symbol->unit;
    give_clauses(&inner, symbol->item);
}

static struct mst_expr *placed(const struct testing *t, const struct mst_expr *e)
{
    return mst_clone_expr(t->program->arena, e, t->names, t->cells);
}

static void give_clause(struct testing *t, const struct mst_test_clause *c)
{
    struct mst_expr *target = placed(t, c->target), *value = placed(t, c->expr);
    uint32_t fact = UINT32_MAX;
    if (c->kind == MST_TEST_FIXTURE && target != NULL)
        give_fixture(t, target);
    else if (c->kind == MST_TEST_OBSERVED && target != NULL && value != NULL)
        give_observed(t, target, value);
    else if ((c->kind == MST_TEST_GIVEN || c->kind == MST_TEST_RAW) && target != NULL)
        fact = given_fact(t, target);
    if (fact == UINT32_MAX || value == NULL)
        return;
    if (c->kind == MST_TEST_GIVEN)
        give_value(t, fact, 0, value);
    else
        give_raw(t, fact, value);
}

static void give_clauses(struct testing *t, const struct mst_item *item)
{
    for (const struct mst_test_clause *c = item->clauses; c != NULL; c = c->next)
        give_clause(t, c);
}

/* ---- expectations -------------------------------------------------------------------------- */

/* The verdict whose `.name` an expression asks for; UINT32_MAX if it is nothing of that kind. */
static uint32_t asked_verdict(struct testing *t, struct mst_expr *e, const char *name)
{
    struct mst_context context = context_of(t);
    if (e->kind != MST_EXPR_MEMBER || e->name.text == NULL || strcmp(e->name.text, name) != 0)
        return UINT32_MAX;
    mst_check_expr(&context, e->a, 0);
    return e->a->ref == MST_REF_VERDICT ? e->a->symbol->index : UINT32_MAX;
}

static bool is_until(const struct mst_expr *e)
{
    return e->kind == MST_EXPR_BINARY && e->op == MST_WORD_EQ && e->a != NULL && e->b != NULL &&
           e->a->kind == MST_EXPR_MEMBER && e->a->name.text != NULL &&
           strcmp(e->a->name.text, "valid_until") == 0;
}

static void expect_until(struct testing *t, struct mst_expr *e)
{
    uint32_t verdict = asked_verdict(t, e->a, "valid_until");
    int64_t time = INT64_MAX;
    bool is_never = e->b->kind == MST_EXPR_NAME && e->b->name.text != NULL &&
                    strcmp(e->b->name.text, "never") == 0;
    if (verdict == UINT32_MAX)
        report(t, MST_DIAG_TEST_VERDICT, e->a->span,
               "Only a policy or decision has a `valid_until`.",
               "name one, as in `expect readiness.valid_until == never`");
    else if (is_never || constant_time(t, e->b, "valid_until", &time))
        add_step(t, MST_SELFTEST_UNTIL, verdict, e->span)->value.word = time;
}

static bool is_named(const char *full, const char *name)
{
    size_t full_len = strlen(full), len = strlen(name);
    if (full_len == len)
        return strcmp(full, name) == 0;
    return full_len > len && full[full_len - len - 1] == '.' &&
           strcmp(full + full_len - len, name) == 0;
}

static const char *dotted(struct mst_program *program, const struct mst_expr *e)
{
    if (e->kind == MST_EXPR_MEMBER && e->a != NULL && e->name.text != NULL) {
        const char *base = dotted(program, e->a);
        return base != NULL ? mst_arena_printf(program->arena, "%s.%s", base, e->name.text) : NULL;
    }
    return e->kind == MST_EXPR_NAME ? e->name.text : NULL;
}

/* Is there anything that verdicts could list under this name, or by the end of its name? */
static bool is_cause(const struct mst_program *program, const char *name)
{
    for (uint32_t i = 0; i < program->facts.count; i++)
        if (program->facts.items[i].symbol != NULL && is_named(program->facts.items[i].name, name))
            return true;
    for (uint32_t i = 0; i < program->causes.count; i++)
        if (is_named(program->causes.items[i], name))
            return true;
    return false;
}

static void expect_has(struct testing *t, struct mst_expr *target, struct mst_expr *named)
{
    static const char *const kinds[] = {"missing", "invalid", "stale", "undecided", "fault"};
    uint32_t verdict = UINT32_MAX, kind = 0;
    for (uint32_t k = 0; k < sizeof kinds / sizeof kinds[0] && verdict == UINT32_MAX; k++) {
        verdict = asked_verdict(t, target, kinds[k]);
        kind = k;
    }
    const char *name = dotted(t->program, named);
    if (verdict == UINT32_MAX) {
        report(t, MST_DIAG_TEST_VERDICT, target->span, "`has` asks a verdict for its causes.",
               "write it as in `expect readiness.missing has os.build`");
    } else if (name == NULL || !is_cause(t->program, name)) {
        report(t, MST_DIAG_TEST_HAS, named->span, "Nothing that could be a cause is called so.",
               "name a fact, check, case, let or table as verdicts print it");
    } else {
        struct mst_test_step *step = add_step(t, MST_SELFTEST_CAUSE, verdict, named->span);
        step->value.text = (mst_text){name, (uint32_t)strlen(name)};
        step->c = kind;
    }
}

static void expect_clause(struct testing *t, const struct mst_test_clause *c)
{
    struct mst_context context = context_of(t);
    struct mst_expr *target = placed(t, c->target), *expr = placed(t, c->expr);
    if (expr == NULL)
        return;
    if (c->kind == MST_TEST_EXPECT_HAS && target != NULL) {
        expect_has(t, target, expr);
    } else if (c->kind == MST_TEST_EXPECT && is_until(expr)) {
        expect_until(t, expr);
    } else if (c->kind == MST_TEST_EXPECT &&
               mst_check_expect(&context, expr, MST_TYPE_BOOL, "what is expected")) {
        struct mst_test_step *step = add_step(t, MST_SELFTEST_HOLDS, 0, c->span);
        step->expr = expr;
    }
}

/* ---- tests --------------------------------------------------------------------------------- */

static bool find_instant(struct testing *t, int64_t *at)
{
    const struct mst_test_clause *found = NULL;
    for (const struct mst_test_clause *c = t->item->clauses; c != NULL; c = c->next) {
        if (c->kind != MST_TEST_AT)
            continue;
        if (found != NULL)
            report(t, MST_DIAG_TEST_AT, c->span, "A test has one instant.",
                   "write a test for each");
        found = c;
    }
    if (found != NULL) {
        struct mst_expr *e = placed(t, found->expr);
        return e != NULL && constant_time(t, e, "the instant of the test", at);
    }
    struct mst_diag *d = mst_diag_report(t->program->diags, MST_DIAG_TEST_AT, t->item->span,
                                         "The test does not say at which instant it happens.");
    mst_diag_help(t->program->diags, d, "begin it with `at 2026-08-15T00:00:00Z`");
    return false;
}

/* "editions (Core, not_eligible)": a row is told by its cells as they are written. */
static const char *test_name(struct testing *t, const struct mst_row *row)
{
    const char *title = mst_check_plain(t->program, t->item->doc);
    title = title != NULL ? title : "";
    if (row == NULL)
        return title;
    const struct mst_source *source = &t->program->diags->sources[row->span.source];
    return mst_arena_printf(t->program->arena, "%s %.*s", title, (int)row->span.len,
                            source->text + row->span.at);
}

static void check_run(struct testing *t, const struct mst_row *row)
{
    int64_t at;
    if (!find_instant(t, &at))
        return;
    const char *name = test_name(t, row);
    struct mst_test_step *step =
        add_step(t, MST_SELFTEST_TEST, 0, row != NULL ? row->span : t->item->span);
    step->value.word = at;
    step->value.text = (mst_text){name, name != NULL ? (uint32_t)strlen(name) : 0};
    give_clauses(t, t->item);
    for (const struct mst_test_clause *c = t->item->clauses; c != NULL; c = c->next)
        expect_clause(t, c);
}

static void report_row(const struct testing *t, const struct mst_row *row)
{
    struct mst_diag *d = mst_diag_report(t->program->diags, MST_DIAG_TEST_ROW, row->span,
                                         "This row has %u cell%s for %u name%s.", row->cells.count,
                                         row->cells.count == 1 ? "" : "s", t->item->names.count,
                                         t->item->names.count == 1 ? "" : "s");
    mst_diag_help(t->program->diags, d, "write one cell for each name; `unknown` is one too");
}

static void check_rows(struct testing *t)
{
    t->names = &t->item->names;
    for (const struct mst_row *row = t->item->rows.first; row != NULL; row = row->next) {
        t->cells = &row->cells;
        if (row->cells.count == t->item->names.count)
            check_run(t, row);
        else
            report_row(t, row);
    }
}

/* A test that can only pass is none. */
static void check_test(struct testing *t)
{
    bool expects = false;
    for (const struct mst_test_clause *c = t->item->clauses; c != NULL; c = c->next)
        expects = expects || c->kind == MST_TEST_EXPECT || c->kind == MST_TEST_EXPECT_HAS;
    if (!expects)
        report(t, MST_DIAG_CLAUSE_MISSING, t->item->span, "This test expects nothing.",
               "write what is to come of it, as in `expect readiness == ready`");
    if (t->item->names.count == 0)
        check_run(t, NULL);
    else if (t->item->rows.first == NULL)
        report(t, MST_DIAG_CLAUSE_MISSING, t->item->span, "This test has no rows.",
               "write at least one between the braces behind `in`");
    else
        check_rows(t);
}

/* A fixture that no test uses is checked all the same; its steps are thrown away. */
static void check_fixture(struct testing *t)
{
    size_t before = t->program->steps.count;
    give_clauses(t, t->item);
    t->program->steps.count = before;
}

void mst_check_tests(struct mst_program *program, struct mst_unit *unit)
{
    for (const struct mst_item *item = unit->module->items; item != NULL; item = item->next) {
        struct testing t = {.program = program, .unit = unit, .item = item};
        if (item->kind == MST_ITEM_FIXTURE)
            check_fixture(&t);
        else if (item->kind == MST_ITEM_TEST)
            check_test(&t);
    }
}
