/* SPDX-License-Identifier: Apache-2.0
 *
 * check_fact.c - groups of facts and the subject: each fact gets its path in a record and its
 * slots. A record takes a slot (is it there?) and one for each field, a list one for its length
 * and then those of an element for every element that it may have. */
#include "check.h"

#include <string.h>

#include "format/limits.h"

static uint32_t take_slots(struct mst_program *program, uint32_t count)
{
    uint32_t first = program->fact_slots;
    program->fact_slots += count;
    return first;
}

static void add_part(struct mst_program *program, const struct mst_fact *of, uint32_t parent,
                     const struct mst_decl *field, uint32_t slot)
{
    struct mst_fact part = *of;
    part.name = field != NULL
                    ? mst_arena_printf(program->arena, "%s.%s", of->name, field->name.text)
                    : of->name;
    part.path = "";
    if (field != NULL) {
        part.path = mst_check_plain(program, field->from);
        part.path = part.path != NULL ? part.path : field->name.text;
        part.type = field->symbol != NULL ? field->symbol->type : (uint32_t)MST_TYPE_ERROR;
        part.max_bytes = field->symbol != NULL ? field->symbol->index : MST_DEFAULT_TEXT_BYTES;
    }
    part.symbol = NULL;
    part.decl = (struct mst_decl *)(uintptr_t)field;
    part.slot = slot;
    part.parent = parent;
    part.part_count = 0;
    MST_PUSH(program->arena, &program->facts, part);
}

/* The fields of a record behind the fact or element `parent`; returns how many slots they take. */
static uint32_t add_fields(struct mst_program *program, const struct mst_fact *of, uint32_t parent,
                           uint32_t type, uint32_t first_slot)
{
    const struct mst_record_type *record = &program->records.items[MST_TYPE_INDEX(type)];
    uint32_t count = 0;
    for (const struct mst_decl *d = record->fields->first; d != NULL; d = d->next)
        add_part(program, of, parent, d, first_slot + count++);
    return count;
}

static uint32_t field_count(const struct mst_program *program, uint32_t type)
{
    return MST_TYPE_KIND(type) == MST_TYPE_RECORD
               ? program->records.items[MST_TYPE_INDEX(type)].fields->count
               : 1;
}

static void add_element(struct mst_program *program, uint32_t list, uint32_t capacity,
                        uint32_t element)
{
    bool is_record = MST_TYPE_KIND(element) == MST_TYPE_RECORD;
    uint32_t stride = field_count(program, element) + is_record;
    struct mst_fact of = program->facts.items[list];
    uint32_t first = take_slots(program, stride * capacity);
    of.type = element;
    of.stride = stride;
    uint32_t index = (uint32_t)program->facts.count;
    add_part(program, &of, list, NULL, first);
    if (is_record)
        add_fields(program, &of, index, element, first + 1);
}

static void lay_out_fact(struct mst_program *program, struct mst_fact *fact)
{
    uint32_t index = (uint32_t)program->facts.count;
    uint32_t kind = MST_TYPE_KIND(fact->type);
    if (kind == MST_TYPE_RECORD) {
        fact->slot = take_slots(program, 1);
        MST_PUSH(program->arena, &program->facts, *fact);
        uint32_t count = field_count(program, fact->type);
        add_fields(program, fact, index, fact->type, take_slots(program, count));
    } else {
        fact->slot = take_slots(program, 1);
        MST_PUSH(program->arena, &program->facts, *fact);
        if (kind == MST_TYPE_LIST) {
            struct mst_list_type list = program->lists.items[MST_TYPE_INDEX(fact->type)];
            add_element(program, index, list.capacity, list.element);
        }
    }
    if (index < program->facts.count)
        program->facts.items[index].part_count = (uint32_t)program->facts.count - index - 1;
}

static void report_observed_key(struct mst_program *program, const struct mst_decl *d)
{
    struct mst_diag *diag = mst_diag_report(
        program->diags, MST_DIAG_FACT_KEY, d->span,
        "No fact is read from `observed`: there a record says how old its groups are.");
    mst_diag_help(program->diags, diag, "give it another key, with `from \"…\"` behind its type");
}

static void report_default(struct mst_program *program, const struct mst_decl *d)
{
    struct mst_diag *diag = mst_diag_report(program->diags, MST_DIAG_DEFAULT_WHAT, d->value->span,
                                            "A record or list has no default.");
    mst_diag_help(program->diags, diag, "delete it; where it is read, ask for `… is unknown`");
}

static void add_fact(struct mst_program *program, struct mst_symbol *group, struct mst_decl *d)
{
    struct mst_symbol *symbol = MST_NEW(program->arena, struct mst_symbol);
    uint32_t max_bytes;
    if (symbol == NULL || d->name.text == NULL)
        return;
    symbol->kind = MST_SYMBOL_FACT;
    symbol->name = d->name;
    symbol->unit = group->unit;
    symbol->item = group->item;
    symbol->decl = d;
    symbol->type = mst_check_type(program, group->unit, d->type, &max_bytes);
    symbol->index = (uint32_t)program->facts.count;
    d->symbol = symbol;
    struct mst_fact fact = {.symbol = symbol,
                            .decl = d,
                            .type = symbol->type,
                            .group = group->index,
                            .parent = UINT32_MAX,
                            .max_bytes = max_bytes,
                            .cause = UINT32_MAX};
    fact.name = mst_arena_printf(program->arena, "%s.%s", group->name.text, d->name.text);
    fact.path = mst_check_plain(program, d->from);
    fact.path = fact.path != NULL ? fact.path : d->name.text;
    const char *base = program->groups.items[group->index].path;
    if (base[0] != '\0')
        fact.path = mst_arena_printf(program->arena, "%s.%s", base, fact.path);
    if (strcmp(fact.path, "observed") == 0 || strncmp(fact.path, "observed.", 9) == 0)
        report_observed_key(program, d);
    if (d->value != NULL && !mst_check_is_scalar(symbol->type))
        report_default(program, d);
    lay_out_fact(program, &fact);
}

static void check_fact_names(struct mst_program *program, struct mst_symbol *group)
{
    struct mst_name_set names = {.names = {.count = 0}};
    for (struct mst_decl *d = group->item->decls.first; d != NULL; d = d->next)
        (void)mst_name_set_add(program, &names, d->name, "group");
}

static bool report_twin_group(struct mst_program *program, struct mst_symbol *symbol)
{
    for (size_t i = 0; i < program->groups.count; i++) {
        struct mst_symbol *other = program->groups.items[i].symbol;
        if (other->name.text != symbol->name.text || other->unit == symbol->unit)
            continue;
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_GROUP_TWICE, symbol->name.span,
                            "The group `%s` is declared by two modules.", symbol->name.text);
        mst_diag_other(program->diags, d, other->name.span, "the other one is here");
        mst_diag_help(program->diags, d,
                      "facts are named GROUP.FACT everywhere: rename one, and keep its place in "
                      "records with `from \"%s\"`",
                      symbol->name.text);
        return true;
    }
    return false;
}

/* The fact of this group that its age counts from. */
static void check_observed(struct mst_program *program, struct mst_symbol *symbol)
{
    struct mst_group *group = &program->groups.items[symbol->index];
    struct mst_expr *observed = symbol->item->observed;
    if (observed == NULL)
        return;
    for (struct mst_decl *d = symbol->item->decls.first; d != NULL; d = d->next) {
        if (observed->kind != MST_EXPR_NAME || d->name.text != observed->name.text ||
            d->symbol == NULL)
            continue;
        group->observed = d->symbol->index;
        struct mst_diag *diag = NULL;
        if (d->value != NULL)
            diag = mst_diag_report(program->diags, MST_DIAG_OBSERVED_WHAT, d->value->span,
                                   "The fact `%s`, from which the age of its group counts, has a "
                                   "default.",
                                   d->name.text);
        else if (!mst_check_agree(d->symbol->type, MST_TYPE_TIME))
            diag = mst_diag_report(program->diags, MST_DIAG_OBSERVED_WHAT, observed->span,
                                   "The age of a group counts from a time, but `%s` is %s.",
                                   d->name.text, mst_check_type_name(program, d->symbol->type));
        if (diag != NULL)
            mst_diag_help(program->diags, diag, "declare it as `%s: time`", d->name.text);
        return;
    }
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_OBSERVED_WHAT, observed->span,
                                         "`observed` names a fact of this group.");
    mst_diag_help(program->diags, d, "declare one of type time in `%s`", symbol->name.text);
}

static void report_too_many(struct mst_program *program, const struct mst_symbol *symbol)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_TOO_MANY_FACTS, symbol->name.span,
                                         "The facts take more than %d places.", MST_MAX_SLOTS / 2);
    mst_diag_help(program->diags, d,
                  "shorten the lists: list<Update, 20> takes 20 places for each field of Update");
}

void mst_check_group(struct mst_program *program, struct mst_symbol *symbol)
{
    const struct mst_item *item = symbol->item;
    const char *path = mst_check_plain(program, item->from);
    struct mst_group group = {symbol, path != NULL ? path : symbol->name.text, 0, UINT32_MAX};
    report_twin_group(program, symbol);
    if (item->stale_after != NULL)
        group.stale_after_s = item->stale_after->word;
    if (item->stale_after != NULL && item->stale_after->kind == MST_EXPR_LITERAL &&
        (group.stale_after_s <= 0 || item->stale_after->literal != MST_LITERAL_DURATION)) {
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_STALE_WHAT, item->stale_after->span,
                            "Facts can only go stale after some time.");
        mst_diag_help(program->diags, d, "write a number and a unit, as in `stale after 7 days`");
    }
    symbol->index = (uint32_t)program->groups.count;
    symbol->type = MST_TYPE_OF(MST_TYPE_GROUP, symbol->index);
    MST_PUSH(program->arena, &program->groups, group);
    uint32_t first = (uint32_t)program->facts.count;
    for (struct mst_decl *d = item->decls.first; d != NULL; d = d->next)
        add_fact(program, symbol, d);
    check_fact_names(program, symbol);
    if (symbol->index >= program->groups.count)
        return;
    check_observed(program, symbol);
    uint32_t observed = program->groups.items[symbol->index].observed;
    for (size_t i = first; i < program->facts.count; i++)
        program->facts.items[i].expires = group.stale_after_s > 0 && i != observed;
    if (program->fact_slots > MST_MAX_SLOTS / 2)
        report_too_many(program, symbol);
}

void mst_check_group_defaults(struct mst_program *program, struct mst_symbol *symbol)
{
    struct mst_context context = {.program = program, .unit = symbol->unit};
    for (struct mst_decl *d = symbol->item->decls.first; d != NULL; d = d->next)
        if (d->symbol != NULL)
            mst_check_symbol(&context, d->symbol, d->name.span);
}

static void report_subject(struct mst_program *program, const struct mst_expr *path)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_SUBJECT_WHAT, path->span,
                                         "The subject is a fact of type text, not %s.",
                                         mst_check_type_name(program, path->type));
    mst_diag_help(program->diags, d, "name the fact that names the device: `subject device.id`");
}

/* `subject group.fact` stands in the root or in one module that it imports. */
void mst_check_subject(struct mst_program *program, struct mst_unit *unit, struct mst_item *item)
{
    struct mst_context context = {.program = program, .unit = unit};
    if (item->path == NULL)
        return;
    mst_check_expr(&context, item->path, 0);
    if (item->path->ref == MST_REF_FACT && item->path->symbol->decl->value != NULL) {
        struct mst_diag *d = mst_diag_report(
            program->diags, MST_DIAG_SUBJECT_WHAT, item->path->symbol->decl->value->span,
            "The subject has no default: whose record it is must be known before any rule runs.");
        mst_diag_other(program->diags, d, item->span, "it is the subject by this line");
        mst_diag_help(program->diags, d, "delete the default");
        return;
    }
    if (item->path->ref != MST_REF_FACT || item->path->type != MST_TYPE_TEXT) {
        if (MST_TYPE_KIND(item->path->type) != MST_TYPE_ERROR)
            report_subject(program, item->path);
        return;
    }
    bool is_root = unit == mst_program_root(program);
    if (program->subject_item == item)
        return; /* the root's comes first, and once more with everything else */
    if (program->subject != UINT32_MAX &&
        (!is_root || program->subject_span.source == item->span.source)) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_SUBJECT_TWICE, item->span,
                                             "The subject is declared twice.");
        mst_diag_other(program->diags, d, program->subject_span, "the other one is here");
        mst_diag_help(program->diags, d, "keep one of the two");
        return;
    }
    program->subject = item->path->symbol->index;
    program->subject_span = item->span;
    program->subject_item = item;
    if (program->subject < program->facts.count)
        program->facts.items[program->subject].expires = false;
}
