/* SPDX-License-Identifier: Apache-2.0
 *
 * check_rules.c - policies and decisions: their shape (outcomes, checks, fields), conditions, and
 * last their messages. */
#include "check.h"

#include <string.h>

#include "format/limits.h"

struct mst_rules *mst_check_rules_of(struct mst_program *program, const struct mst_symbol *symbol)
{
    return symbol->index < program->verdicts.count ? program->verdicts.items[symbol->index] : NULL;
}

static struct mst_enum_type *add_enum(struct mst_program *program, const char *name,
                                      struct mst_unit *unit, uint32_t *index)
{
    struct mst_enum_type *type = MST_NEW(program->arena, struct mst_enum_type);
    if (type == NULL)
        return NULL;
    type->name = name;
    type->unit = unit;
    *index = (uint32_t)program->enums.count;
    MST_PUSH(program->arena, &program->enums, type);
    return type;
}

/* ---- the shape of policies ----------------------------------------------------------------- */

static struct mst_symbol *find_included(struct mst_program *program, struct mst_unit *unit,
                                        struct mst_expr *path)
{
    struct mst_symbol *symbol = NULL;
    if (path->kind == MST_EXPR_NAME) {
        symbol = mst_names_find(program, unit, MST_SPACE_VALUES, path->name);
    } else if (path->kind == MST_EXPR_MEMBER && path->a->kind == MST_EXPR_NAME) {
        struct mst_symbol *alias = mst_names_find(program, unit, MST_SPACE_VALUES, path->a->name);
        if (alias != NULL && alias->kind == MST_SYMBOL_MODULE)
            symbol = mst_names_find_in(program, alias, MST_SPACE_VALUES, path->name);
    }
    for (size_t i = 0; i < unit->imports.count && symbol == NULL; i++) {
        struct mst_unit *imported = unit->imports.items[i].unit;
        const char *name = path->name.text;
        size_t len = strlen(imported->module->name);
        struct mst_source *source = &program->diags->sources[path->span.source];
        if (path->span.len == len + 1 + strlen(name) &&
            memcmp(source->text + path->span.at, imported->module->name, len) == 0) {
            unit->imports.items[i].used = true;
            symbol = name[0] == '_' ? NULL : mst_scope_find(&imported->values, name);
        }
    }
    return symbol != NULL && symbol->kind == MST_SYMBOL_POLICY ? symbol : NULL;
}

static bool is_excepted(const struct mst_entry *include, const char *name)
{
    for (const struct mst_expr *e = include->except.first; e != NULL; e = e->next)
        if (e->name.text == name)
            return true;
    return false;
}

static void add_rule(struct mst_program *program, struct mst_rules *rules, struct mst_entry *entry,
                     struct mst_unit *unit, const struct mst_entry *include)
{
    struct mst_rule rule = {entry, unit, UINT32_MAX};
    struct mst_enum_type *checks = program->enums.items[rules->check_enum];
    for (size_t i = 0; i < rules->checks.count + rules->advice.count; i++) {
        const struct mst_rule *r = i < rules->checks.count
                                       ? &rules->checks.items[i]
                                       : &rules->advice.items[i - rules->checks.count];
        if (r->entry->name.text != entry->name.text)
            continue;
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_CHECK_TWICE,
                            include != NULL ? include->span : entry->name.span,
                            "The check `%s` stands twice in the policy.", entry->name.text);
        mst_diag_other(program->diags, d, r->entry->name.span, "the first one is here");
        mst_diag_help(program->diags, d,
                      include != NULL ? "leave the included one out with `except`"
                                      : "rename one of the two");
        return;
    }
    (void)mst_name_set_note(program, &rules->check_names, entry->name, "policy");
    if (entry->kind == MST_ENTRY_ADVISE) {
        MST_PUSH(program->arena, &rules->advice, rule);
    } else {
        MST_PUSH(program->arena, &checks->members, entry->name);
        MST_PUSH(program->arena, &rules->checks, rule);
    }
}

static void report_except(struct mst_program *program, const struct mst_rules *included,
                          const struct mst_expr *e)
{
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < included->checks.count && count < 64; i++)
        names[count++] = included->checks.items[i].entry->name.text;
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_EXCEPT_UNKNOWN, e->span, "%s has no check `%s`.",
                        included->symbol->name.text, e->name.text);
    const char *nearest = mst_diag_nearest(e->name.text, names, count);
    if (nearest != NULL)
        mst_diag_help(program->diags, d, "did you mean `%s`?", nearest);
    else if (count > 0)
        mst_diag_help(program->diags, d, "its checks are %s%s%s%s%s", names[0],
                      count > 1 ? ", " : "", count > 1 ? names[1] : "", count > 2 ? ", " : "",
                      count > 2 ? "…" : "");
}

static void check_except(struct mst_program *program, const struct mst_rules *included,
                         const struct mst_entry *include)
{
    for (const struct mst_expr *e = include->except.first; e != NULL; e = e->next) {
        bool found = false;
        for (size_t i = 0; i < included->checks.count; i++)
            found = found || included->checks.items[i].entry->name.text == e->name.text;
        for (size_t i = 0; i < included->advice.count; i++)
            found = found || included->advice.items[i].entry->name.text == e->name.text;
        if (!found)
            report_except(program, included, e);
    }
}

static void include_rules(struct mst_context *context, struct mst_rules *rules,
                          struct mst_unit *unit, struct mst_entry *include)
{
    struct mst_program *program = context->program;
    struct mst_symbol *symbol = find_included(program, unit, include->path);
    if (symbol == NULL) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_INCLUDE_WHAT,
                                             include->path->span, "There is no policy `%s` here.",
                                             mst_check_quote(program, include->path));
        const char *name =
            mst_names_suggest(program, unit, MST_SPACE_VALUES, include->path->name.text);
        struct mst_name near = {name, include->path->span};
        const struct mst_symbol *other = name != NULL && include->path->kind == MST_EXPR_NAME
                                             ? mst_names_find(program, unit, MST_SPACE_VALUES, near)
                                             : NULL;
        if (other != NULL && other->kind == MST_SYMBOL_POLICY)
            mst_diag_help(program->diags, d, "did you mean `%s`?", name);
        else
            mst_diag_help(program->diags, d, "import its module, and write the policy's name");
        return;
    }
    mst_check_shape(context, symbol);
    struct mst_rules *included = mst_check_rules_of(program, symbol);
    if (included == NULL || included->shape != MST_DONE) {
        include->path = NULL; /* a circle, reported */
        return;
    }
    check_except(program, included, include);
    for (size_t i = 0; i < included->checks.count; i++)
        if (!is_excepted(include, included->checks.items[i].entry->name.text))
            add_rule(program, rules, included->checks.items[i].entry,
                     included->checks.items[i].unit, include);
    for (size_t i = 0; i < included->advice.count; i++)
        if (!is_excepted(include, included->advice.items[i].entry->name.text))
            add_rule(program, rules, included->advice.items[i].entry,
                     included->advice.items[i].unit, include);
}

static void add_outcome(struct mst_program *program, struct mst_rules *rules,
                        const struct mst_outcome_syntax *outcome, const char *word, bool is_member)
{
    struct mst_outcome_info info = {outcome->name.text, outcome->label, UINT32_MAX};
    if (outcome->name.text == NULL) {
        struct mst_diag *d = mst_diag_report(
            program->diags, MST_DIAG_OUTCOME_MISSING, rules->symbol->name.span,
            "The policy `%s` does not say what `%s` is called.", rules->symbol->name.text, word);
        mst_diag_help(program->diags, d,
                      "begin it with `pass NAME`, `fail NAME` and `unknown NAME`");
        info.name = word;
    }
    (void)mst_name_set_add(program, &rules->outcome_names, outcome->name, "policy");
    struct mst_name name = {info.name, outcome->span};
    if (is_member)
        MST_PUSH(program->arena, &program->enums.items[rules->enum_type]->members, name);
    MST_PUSH(program->arena, &rules->outcomes, info);
}

static void shape_policy(struct mst_context *context, struct mst_rules *rules)
{
    struct mst_program *program = context->program;
    struct mst_symbol *symbol = rules->symbol;
    struct mst_item *item = symbol->item;
    if (add_enum(program, mst_arena_printf(program->arena, "%s.check", symbol->name.text),
                 symbol->unit, &rules->check_enum) == NULL)
        return;
    add_outcome(program, rules, &item->pass, "pass", true);
    add_outcome(program, rules, &item->fail, "fail", true);
    add_outcome(program, rules, &item->unknown, "unknown", false);
    for (struct mst_entry *e = item->entries; e != NULL; e = e->next) {
        if (e->kind == MST_ENTRY_INCLUDE && e->path != NULL)
            include_rules(context, rules, symbol->unit, e);
        else if (e->kind != MST_ENTRY_INCLUDE && e->name.text != NULL)
            add_rule(program, rules, e, symbol->unit, NULL);
    }
    if (rules->checks.count > MST_MAX_ENUM_MEMBERS)
        mst_diag_help(program->diags,
                      mst_diag_report(program->diags, MST_DIAG_PROGRAM_TOO_LARGE, symbol->name.span,
                                      "A policy has at most %d checks.", MST_MAX_ENUM_MEMBERS),
                      "make two policies of it");
}

/* ---- the shape of decisions ---------------------------------------------------------------- */

static void add_case_outcome(struct mst_program *program, struct mst_rules *rules,
                             const struct mst_case *c)
{
    struct mst_enum_type *type = program->enums.items[rules->enum_type];
    for (size_t i = 0; i < rules->outcomes.count; i++) {
        struct mst_outcome_info *o = &rules->outcomes.items[i];
        if (o->name != c->outcome.text)
            continue;
        const char *a = mst_check_plain(program, o->label);
        const char *b = mst_check_plain(program, c->label);
        if (a != NULL && b != NULL && strcmp(a, b) != 0) {
            struct mst_diag *d =
                mst_diag_report(program->diags, MST_DIAG_LABEL_DIFFERS, c->label->span,
                                "The outcome `%s` already has another label.", o->name);
            mst_diag_other(program->diags, d, o->label->span, "its label is here");
            mst_diag_help(program->diags, d,
                          "write the label once, or give this outcome another name");
        }
        o->label = o->label != NULL ? o->label : c->label;
        return;
    }
    struct mst_outcome_info info = {c->outcome.text, c->label, UINT32_MAX};
    (void)mst_name_set_note(program, &rules->outcome_names, c->outcome, "decision");
    MST_PUSH(program->arena, &type->members, c->outcome);
    MST_PUSH(program->arena, &rules->outcomes, info);
}

static void report_nested_field(struct mst_program *program, const struct mst_expr *e,
                                uint32_t type)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_TYPE_NESTED, e->span,
                                         "A field is a plain value or an enum, not %s.",
                                         mst_check_type_name(program, type));
    mst_diag_help(program->diags, d, "write a single value of it, such as `%s.NAME`",
                  mst_check_quote(program, e));
}

static void report_field_name(struct mst_program *program, const struct mst_expr *e)
{
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_FIELD_NAME, e->field_name.span,
                        "A field cannot be called `%s`: tests use the word.", e->field_name.text);
    mst_diag_help(program->diags, d, "choose another name, such as `%s_`", e->field_name.text);
}

static void check_field(struct mst_context *context, struct mst_rules *rules, struct mst_expr *e)
{
    static const char *const taken[] = {"valid_until", "missing",   "invalid",
                                        "stale",       "undecided", "fault"};
    struct mst_program *program = context->program;
    struct mst_decision_field field = {e->field_name.text, 0, e->field_name.span};
    struct mst_decision_field *there = NULL;
    if (field.name == NULL)
        return;
    for (size_t i = 0; i < rules->fields.count; i++)
        if (rules->fields.items[i].name == field.name)
            there = &rules->fields.items[i];
    field.type = mst_check_expr(context, e, there != NULL ? there->type : 0);
    if (!mst_check_is_scalar(field.type))
        report_nested_field(program, e, field.type);
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (strcmp(taken[i], field.name) == 0)
            report_field_name(program, e);
    (void)mst_name_set_note(program, &rules->field_names, e->field_name, "decision");
    if (there == NULL) {
        MST_PUSH(program->arena, &rules->fields, field);
    } else if (!mst_check_agree(there->type, field.type)) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_FIELD_TYPE, e->span,
                                             "The field `%s` is %s here.", field.name,
                                             mst_check_type_name(program, field.type));
        mst_diag_other(program->diags, d, there->span, "but %s here",
                       mst_check_type_name(program, there->type));
        mst_diag_help(program->diags, d,
                      "a field has one type in all cases: rename one, or write the same type");
    }
}

static void shape_decision(struct mst_context *context, struct mst_rules *rules)
{
    for (struct mst_case *c = rules->symbol->item->cases; c != NULL; c = c->next)
        if (!c->is_unknown && c->outcome.text != NULL)
            add_case_outcome(context->program, rules, c);
}

void mst_check_shape(struct mst_context *context, struct mst_symbol *symbol)
{
    struct mst_program *program = context->program;
    struct mst_rules *rules = mst_check_rules_of(program, symbol);
    if (rules == NULL || rules->shape == MST_DONE)
        return;
    if (rules->shape == MST_DOING) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_CYCLE, symbol->name.span,
                                             "The policy `%s` includes itself.", symbol->name.text);
        mst_diag_help(program->diags, d, "take the `include` out of one of the policies");
        return;
    }
    rules->shape = MST_DOING;
    if (add_enum(program, symbol->name.text, symbol->unit, &rules->enum_type) != NULL) {
        symbol->type = MST_TYPE_OF(MST_TYPE_ENUM, rules->enum_type);
        if (symbol->kind == MST_SYMBOL_POLICY)
            shape_policy(context, rules);
        else
            shape_decision(context, rules);
    }
    rules->shape = MST_DONE;
}

/* ---- conditions ---------------------------------------------------------------------------- */

static void check_rule(struct mst_context *context, const struct mst_rule *rule)
{
    struct mst_context inner = *context;
    inner.unit = rule->unit;
    bool decides = false;
    if (rule->entry->when != NULL)
        mst_check_expect(&inner, rule->entry->when, MST_TYPE_BOOL, "`when`");
    for (struct mst_clause *c = rule->entry->clauses; c != NULL; c = c->next) {
        if (c->kind != MST_CLAUSE_REQUIRE && c->kind != MST_CLAUSE_UNDECIDED)
            continue;
        decides = true;
        mst_check_expect(&inner, c->expr, MST_TYPE_BOOL,
                         c->kind == MST_CLAUSE_REQUIRE ? "`require`" : "`undecided when`");
    }
    if (decides)
        return;
    struct mst_diag *d =
        mst_diag_report(context->program->diags, MST_DIAG_NO_REQUIRE, rule->entry->name.span,
                        "The check `%s` requires nothing.", rule->entry->name.text);
    mst_diag_help(context->program->diags, d, "write `require CONDITION`");
}

static void check_policy(struct mst_context *context, struct mst_rules *rules)
{
    for (size_t i = 0; i < rules->checks.count; i++)
        if (rules->checks.items[i].unit == rules->symbol->unit)
            check_rule(context, &rules->checks.items[i]);
    for (size_t i = 0; i < rules->advice.count; i++)
        if (rules->advice.items[i].unit == rules->symbol->unit)
            check_rule(context, &rules->advice.items[i]);
    for (const struct mst_entry *e = rules->symbol->item->entries; e != NULL; e = e->next) {
        struct mst_symbol *included =
            e->kind == MST_ENTRY_INCLUDE && e->path != NULL
                ? find_included(context->program, rules->symbol->unit, e->path)
                : NULL;
        if (included != NULL)
            mst_check_symbol(context, included, e->span);
    }
}

static void report_field_twice(struct mst_program *program, const struct mst_expr *f)
{
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_NAME_TWICE, f->field_name.span,
                        "The field `%s` stands twice in the case.", f->field_name.text);
    mst_diag_help(program->diags, d, "delete or rename one of the two");
}

static void check_decision(struct mst_context *context, struct mst_rules *rules)
{
    for (struct mst_case *c = rules->symbol->item->cases; c != NULL; c = c->next) {
        if (c->when != NULL)
            mst_check_expect(context, c->when, MST_TYPE_BOOL, "`when`");
        for (struct mst_expr *f = c->fields.first; f != NULL; f = f->next) {
            check_field(context, rules, f);
            for (struct mst_expr *g = c->fields.first; g != f; g = g->next)
                if (g->field_name.text == f->field_name.text)
                    report_field_twice(context->program, f);
        }
    }
}

void mst_check_rules(struct mst_context *context, struct mst_symbol *symbol)
{
    struct mst_rules *rules = mst_check_rules_of(context->program, symbol);
    if (rules == NULL)
        return;
    mst_check_shape(context, symbol);
    if (symbol->kind == MST_SYMBOL_POLICY)
        check_policy(context, rules);
    else
        check_decision(context, rules);
}

/* ---- messages ------------------------------------------------------------------------------ */

/* Labels hold {check} at most. */
static void check_label(struct mst_program *program, struct mst_expr *label, bool may_hold_check)
{
    if (label == NULL)
        return;
    label->type = MST_TYPE_TEXT;
    for (struct mst_expr *part = label->args.first; part != NULL; part = part->next) {
        if (part->kind == MST_EXPR_PIECE)
            continue;
        if (may_hold_check && part->kind == MST_EXPR_NAME && part->name.text != NULL &&
            strcmp(part->name.text, "check") == 0)
            continue;
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_LABEL_HOLE, part->span,
                                             may_hold_check ? "A label can hold {check} only."
                                                            : "This label can hold no value.");
        mst_diag_help(program->diags, d, "values stand in reason, remedy, cite and because");
    }
}

static void check_rule_texts(struct mst_context *context, const struct mst_rule *rule)
{
    struct mst_context inner = *context;
    inner.unit = rule->unit;
    mst_check_plain(context->program, rule->entry->title);
    for (const struct mst_clause *c = rule->entry->clauses; c != NULL; c = c->next)
        for (const struct mst_clause *d = rule->entry->clauses; d != c; d = d->next)
            if (c->kind == d->kind && c->kind >= MST_CLAUSE_REASON)
                mst_diag_help(
                    context->program->diags,
                    mst_diag_report(context->program->diags, MST_DIAG_WRITTEN_TWICE, c->span,
                                    "A check has one text of each kind; this one stands twice."),
                    "join the two texts, or delete one");
    for (struct mst_clause *c = rule->entry->clauses; c != NULL; c = c->next)
        mst_check_text(&inner, c->text);
}

void mst_check_messages(struct mst_program *program, struct mst_symbol *symbol)
{
    struct mst_context context = {.program = program, .unit = symbol->unit};
    struct mst_rules *rules = mst_check_rules_of(program, symbol);
    const struct mst_item *item = symbol->item;
    mst_check_plain(program, item->doc);
    check_label(program, item->pass.label, false);
    check_label(program, item->fail.label, true);
    check_label(program, item->unknown.label, true);
    for (size_t i = 0; i < rules->checks.count; i++)
        if (rules->checks.items[i].unit == symbol->unit)
            check_rule_texts(&context, &rules->checks.items[i]);
    for (size_t i = 0; i < rules->advice.count; i++)
        if (rules->advice.items[i].unit == symbol->unit)
            check_rule_texts(&context, &rules->advice.items[i]);
    for (struct mst_case *c = item->cases; c != NULL; c = c->next) {
        check_label(program, c->label, false);
        mst_check_text(&context, c->because);
    }
}
