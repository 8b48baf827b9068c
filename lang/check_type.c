/* SPDX-License-Identifier: Apache-2.0
 *
 * check_type.c - types as written to type codes; enums and records. */
#include "check.h"

#include <string.h>

#include "format/limits.h"

static const struct {
    const char *name;
    uint32_t type;
} simple_types[] = {
    {"bool", MST_TYPE_BOOL},         {"int", MST_TYPE_INT},   {"text", MST_TYPE_TEXT},
    {"version", MST_TYPE_VERSION},   {"date", MST_TYPE_DATE}, {"month", MST_TYPE_MONTH},
    {"duration", MST_TYPE_DURATION}, {"time", MST_TYPE_TIME},
};
enum { SIMPLE_TYPE_COUNT = sizeof simple_types / sizeof simple_types[0] };

static const char *const weekday_names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                            "friday", "saturday", "sunday"};

uint32_t mst_check_weekday_enum(struct mst_program *program)
{
    if (program->weekday_enum != UINT32_MAX)
        return program->weekday_enum;
    struct mst_enum_type *type = MST_NEW(program->arena, struct mst_enum_type);
    if (type == NULL)
        return 0;
    type->name = "weekday";
    for (size_t i = 0; i < 7; i++) {
        struct mst_name member = {
            mst_atoms_intern(program->atoms, weekday_names[i], strlen(weekday_names[i])),
            {0, 0, 0}};
        struct mst_enum_spelling spelling = {weekday_names[i], (uint32_t)strlen(weekday_names[i]),
                                             (uint32_t)i, member.span};
        MST_PUSH(program->arena, &type->members, member);
        MST_PUSH(program->arena, &type->spellings, spelling);
    }
    program->weekday_enum = (uint32_t)program->enums.count;
    MST_PUSH(program->arena, &program->enums, type);
    return program->weekday_enum;
}

const char *mst_check_type_name(struct mst_program *program, uint32_t type)
{
    uint32_t index = MST_TYPE_INDEX(type);
    for (size_t i = 0; i < SIMPLE_TYPE_COUNT; i++)
        if (simple_types[i].type == MST_TYPE_KIND(type))
            return simple_types[i].name;
    switch (MST_TYPE_KIND(type)) {
    case MST_TYPE_ENUM: return program->enums.items[index]->name;
    case MST_TYPE_RECORD: return program->records.items[index].name;
    case MST_TYPE_LIST:
        return mst_arena_printf(program->arena, "list<%s, %u>",
                                mst_check_type_name(program, program->lists.items[index].element),
                                program->lists.items[index].capacity);
    case MST_TYPE_ROW:
        return mst_arena_printf(program->arena, "a row of %s",
                                program->tables.items[index]->symbol->name.text);
    case MST_TYPE_ELEMENT:
        return mst_arena_printf(program->arena, "an element of %s",
                                program->facts.items[index].name);
    case MST_TYPE_TABLE: return "a table";
    case MST_TYPE_GROUP: return "a group of facts";
    case MST_TYPE_ZONE: return "a time zone";
    case MST_TYPE_CLOCK: return "a time of day";
    case MST_TYPE_SET: return "a set";
    case MST_TYPE_MODULE: return "a module";
    default: return "nothing";
    }
}

const char *mst_check_example(uint32_t type)
{
    static const char *const examples[] = {
        [MST_TYPE_BOOL] = "true",
        [MST_TYPE_INT] = "42",
        [MST_TYPE_VERSION] = "26100.4929",
        [MST_TYPE_DATE] = "2026-11-10",
        [MST_TYPE_MONTH] = "2026-11",
        [MST_TYPE_DURATION] = "28 days",
        [MST_TYPE_TIME] = "2026-11-10T18:00:00Z",
    };
    uint32_t kind = MST_TYPE_KIND(type);
    return kind < sizeof examples / sizeof examples[0] ? examples[kind] : NULL;
}

bool mst_check_is_scalar(uint32_t type)
{
    uint32_t kind = MST_TYPE_KIND(type);
    return (kind >= MST_TYPE_BOOL && kind <= MST_TYPE_ENUM) || kind == MST_TYPE_ERROR;
}

bool mst_check_is_ordered(uint32_t type)
{
    switch (MST_TYPE_KIND(type)) {
    case MST_TYPE_INT:
    case MST_TYPE_VERSION:
    case MST_TYPE_DATE:
    case MST_TYPE_MONTH:
    case MST_TYPE_DURATION:
    case MST_TYPE_TIME:
    case MST_TYPE_ERROR: return true;
    default: return false;
    }
}

bool mst_check_agree(uint32_t a, uint32_t b)
{
    return a == b || MST_TYPE_KIND(a) == MST_TYPE_ERROR || MST_TYPE_KIND(b) == MST_TYPE_ERROR;
}

static uint32_t check_text_size(struct mst_program *program, struct mst_type_syntax *syntax)
{
    if (syntax->size == NULL)
        return MST_DEFAULT_TEXT_BYTES;
    int64_t n = syntax->size->word;
    if (syntax->size->literal == MST_LITERAL_INT && n >= 1 && n <= MST_MAX_TEXT_BYTES)
        return (uint32_t)n;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_TYPE_SIZE, syntax->size->span,
                                         "A text holds 1 to %d bytes.", MST_MAX_TEXT_BYTES);
    mst_diag_help(program->diags, d, "write a number in that range, as in `text<1000>`");
    return MST_DEFAULT_TEXT_BYTES;
}

static uint32_t check_list_type(struct mst_program *program, struct mst_unit *unit,
                                struct mst_type_syntax *syntax, uint32_t *max_bytes)
{
    struct mst_list_type list = {0, 1};
    if (syntax->element == NULL || syntax->size == NULL)
        return MST_TYPE_ERROR;
    list.element = mst_check_type(program, unit, syntax->element, max_bytes);
    if (MST_TYPE_KIND(list.element) == MST_TYPE_LIST) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_TYPE_NESTED,
                                             syntax->element->span, "A list cannot hold lists.");
        mst_diag_help(program->diags, d, "its elements are plain values, enums or records");
        return MST_TYPE_ERROR;
    }
    if (syntax->size->literal != MST_LITERAL_INT || syntax->size->word < 1 ||
        syntax->size->word > MST_MAX_LIST_ELEMENTS) {
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_TYPE_SIZE, syntax->size->span,
                            "A list holds 1 to %d elements.", MST_MAX_LIST_ELEMENTS);
        mst_diag_help(program->diags, d, "write a number in that range, as in `list<int, 20>`");
        return MST_TYPE_ERROR;
    }
    list.capacity = (uint32_t)syntax->size->word;
    MST_PUSH(program->arena, &program->lists, list);
    return MST_TYPE_OF(MST_TYPE_LIST, program->lists.count - 1);
}

/* What other languages call a type. */
static const char *find_foreign_type(const char *name)
{
    static const char *const words[][2] = {
        {"integer", "int"},       {"number", "int"},   {"float", "int"},     {"string", "text"},
        {"str", "text"},          {"boolean", "bool"}, {"datetime", "time"}, {"timestamp", "time"},
        {"timespan", "duration"}, {"array", "list"},
    };
    char lower[16];
    size_t len = strlen(name);
    if (len >= sizeof lower)
        return NULL;
    for (size_t i = 0; i <= len; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], lower) == 0)
            return words[i][1];
    return NULL;
}

static uint32_t report_unknown_type(struct mst_program *program, struct mst_unit *unit,
                                    struct mst_name name)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_TYPE_UNKNOWN, name.span,
                                         "There is no type `%s`.", name.text);
    const char *names[SIMPLE_TYPE_COUNT + 1];
    for (size_t i = 0; i < SIMPLE_TYPE_COUNT; i++)
        names[i] = simple_types[i].name;
    names[SIMPLE_TYPE_COUNT] = "list";
    const char *nearest = mst_names_suggest(program, unit, MST_SPACE_TYPES, name.text);
    if (nearest == NULL)
        nearest = mst_diag_nearest(name.text, names, SIMPLE_TYPE_COUNT + 1);
    const char *foreign = find_foreign_type(name.text);
    if (foreign != NULL)
        mst_diag_help(program->diags, d, "write `%s`", foreign);
    else if (nearest != NULL)
        mst_diag_help(program->diags, d, "did you mean `%s`?", nearest);
    else
        mst_diag_help(
            program->diags, d,
            "the types are bool, int, text, version, date, month, duration, time, list<…>, "
            "and the enums and records of this module and its imports");
    return MST_TYPE_ERROR;
}

static uint32_t check_named_type(struct mst_program *program, struct mst_unit *unit,
                                 struct mst_type_syntax *syntax)
{
    struct mst_symbol *symbol = NULL;
    if (syntax->module.text != NULL) {
        struct mst_symbol *alias = mst_names_find(program, unit, MST_SPACE_VALUES, syntax->module);
        if (alias == NULL || alias->kind != MST_SYMBOL_MODULE)
            return report_unknown_type(program, unit, syntax->module);
        symbol = mst_names_find_in(program, alias, MST_SPACE_TYPES, syntax->name);
        if (symbol == NULL)
            return MST_TYPE_ERROR;
    } else {
        symbol = mst_names_find(program, unit, MST_SPACE_TYPES, syntax->name);
    }
    if (symbol != NULL)
        return symbol->type;
    return report_unknown_type(program, unit, syntax->name);
}

uint32_t mst_check_type(struct mst_program *program, struct mst_unit *unit,
                        struct mst_type_syntax *syntax, uint32_t *max_bytes)
{
    *max_bytes = MST_DEFAULT_TEXT_BYTES;
    if (syntax == NULL)
        return MST_TYPE_ERROR;
    if (syntax->element != NULL)
        return check_list_type(program, unit, syntax, max_bytes);
    if (syntax->name.text == NULL)
        return MST_TYPE_ERROR;
    if (syntax->size != NULL && strcmp(syntax->name.text, "text") != 0)
        mst_diag_help(program->diags,
                      mst_diag_report(program->diags, MST_DIAG_TYPE_SIZE, syntax->size->span,
                                      "Only texts and lists have a size."),
                      "delete the size between `<` and `>`");
    bool declared =
        syntax->module.text != NULL || mst_scope_find(&unit->types, syntax->name.text) != NULL;
    for (size_t i = 0; i < SIMPLE_TYPE_COUNT && !declared; i++) {
        if (strcmp(simple_types[i].name, syntax->name.text) != 0)
            continue;
        if (simple_types[i].type == MST_TYPE_TEXT)
            *max_bytes = check_text_size(program, syntax);
        return simple_types[i].type;
    }
    if (!declared && strcmp(syntax->name.text, "weekday") == 0)
        return MST_TYPE_OF(MST_TYPE_ENUM, mst_check_weekday_enum(program));
    return check_named_type(program, unit, syntax);
}

/* ---- enums -------------------------------------------------------------------------------- */

uint32_t mst_check_member(const struct mst_enum_type *type, const char *name)
{
    for (size_t i = 0; i < type->members.count; i++)
        if (type->members.items[i].text == name)
            return (uint32_t)i;
    if (type->has_other && strcmp(name, "other") == 0)
        return (uint32_t)type->members.count;
    return UINT32_MAX;
}

bool mst_check_same_spelling(const char *a, uint32_t a_len, const char *b, uint32_t b_len)
{
    if (a_len != b_len)
        return false;
    for (uint32_t i = 0; i < a_len; i++) {
        unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
        x = (unsigned char)(x >= 'A' && x <= 'Z' ? x + 32 : x);
        y = (unsigned char)(y >= 'A' && y <= 'Z' ? y + 32 : y);
        if (x != y)
            return false;
    }
    return true;
}

static void add_spelling(struct mst_program *program, struct mst_enum_type *type, const char *bytes,
                         uint32_t len, uint32_t member, struct mst_span span)
{
    for (size_t i = 0; i < type->spellings.count; i++) {
        const struct mst_enum_spelling *s = &type->spellings.items[i];
        if (!mst_check_same_spelling(s->bytes, s->len, bytes, len))
            continue;
        if (s->member == member)
            return; /* its own name written again */
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_ENUM_SPELLING_TWICE, span,
                            "The spelling \"%s\" already stands for another member.", bytes);
        mst_diag_other(program->diags, d, s->span, "here");
        mst_diag_help(program->diags, d, "spellings are compared ignoring case; keep one of them");
        return;
    }
    struct mst_enum_spelling spelling = {bytes, len, member, span};
    MST_PUSH(program->arena, &type->spellings, spelling);
}

static bool check_member_name(struct mst_program *program, struct mst_enum_type *type,
                              struct mst_member *member)
{
    if (strcmp(member->name.text, "other") == 0) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_ENUM_OTHER, member->name.span,
                                             "`other` cannot be declared: every enum has it.");
        mst_diag_help(program->diags, d, "it stands for every spelling that is not listed");
        return false;
    }
    for (size_t i = 0; i < type->members.count; i++) {
        if (type->members.items[i].text != member->name.text)
            continue;
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_NAME_TWICE, member->name.span,
                                             "The member `%s` stands twice.", member->name.text);
        mst_diag_other(program->diags, d, type->members.items[i].span, "the first one is here");
        mst_diag_help(program->diags, d, "delete or rename one of the two");
        return false;
    }
    return true;
}

static void add_member_spellings(struct mst_program *program, struct mst_enum_type *type,
                                 const struct mst_member *member, uint32_t number)
{
    for (struct mst_spelling *s = member->spellings; s != NULL; s = s->next) {
        const char *bytes = mst_check_plain(program, s->text);
        if (bytes != NULL)
            add_spelling(program, type, bytes, (uint32_t)strlen(bytes), number, s->text->span);
    }
}

static void report_enum_size(struct mst_program *program, const struct mst_symbol *symbol)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_ENUM_SIZE, symbol->name.span,
                                         "An enum has 1 to %d members.", MST_MAX_DECLARED_MEMBERS);
    mst_diag_help(program->diags, d, "list at least one name; `unknown` is none");
}

/* Names come first, so that a name always wins over a listed spelling of another member. */
void mst_check_enum(struct mst_program *program, struct mst_symbol *symbol)
{
    struct mst_enum_type *type = MST_NEW(program->arena, struct mst_enum_type);
    if (type == NULL)
        return;
    type->name = symbol->name.text;
    type->unit = symbol->unit;
    type->has_other = true;
    symbol->index = (uint32_t)program->enums.count;
    symbol->type = MST_TYPE_OF(MST_TYPE_ENUM, symbol->index);
    MST_PUSH(program->arena, &program->enums, type);
    uint32_t count = 0;
    for (struct mst_member *m = symbol->item->members; m != NULL; m = m->next)
        count++;
    if (count > MST_MAX_DECLARED_MEMBERS) {
        mst_diag_report(program->diags, MST_DIAG_ENUM_SIZE, symbol->name.span,
                        "An enum has 1 to %d members.", MST_MAX_DECLARED_MEMBERS);
        return;
    }
    for (struct mst_member *m = symbol->item->members; m != NULL; m = m->next) {
        if (m->is_unknown || m->name.text == NULL || !check_member_name(program, type, m))
            continue;
        add_spelling(program, type, m->name.text, (uint32_t)strlen(m->name.text),
                     (uint32_t)type->members.count, m->name.span);
        MST_PUSH(program->arena, &type->members, m->name);
    }
    for (struct mst_member *m = symbol->item->members; m != NULL; m = m->next) {
        uint32_t number = m->is_unknown || m->name.text == NULL
                              ? UINT32_MAX
                              : mst_check_member(type, m->name.text);
        if (m->is_unknown || number < type->members.count)
            add_member_spellings(program, type, m, number);
    }
    if (type->members.count == 0 || type->members.count > MST_MAX_DECLARED_MEMBERS)
        report_enum_size(program, symbol);
}

/* ---- records ------------------------------------------------------------------------------ */

void mst_check_record(struct mst_program *program, struct mst_symbol *symbol)
{
    struct mst_record_type record = {symbol->name.text, symbol->item, &symbol->item->decls};
    struct mst_name_set names = {.names = {.count = 0}};
    symbol->index = (uint32_t)program->records.count;
    symbol->type = MST_TYPE_OF(MST_TYPE_RECORD, symbol->index);
    MST_PUSH(program->arena, &program->records, record);
    for (struct mst_decl *d = symbol->item->decls.first; d != NULL; d = d->next) {
        uint32_t max_bytes;
        uint32_t type = mst_check_type(program, symbol->unit, d->type, &max_bytes);
        (void)mst_name_set_add(program, &names, d->name, "record");
        struct mst_symbol *field = MST_NEW(program->arena, struct mst_symbol);
        if (field == NULL)
            return;
        field->kind = MST_SYMBOL_FACT;
        field->name = d->name;
        field->unit = symbol->unit;
        field->decl = d;
        field->type = type;
        field->index = max_bytes;
        d->symbol = field;
        if (mst_check_is_scalar(type))
            continue;
        struct mst_diag *diag =
            mst_diag_report(program->diags, MST_DIAG_TYPE_NESTED, d->span,
                            "A field of a record is a plain value or an enum, not %s.",
                            mst_check_type_name(program, type));
        mst_diag_help(program->diags, diag, "make it a fact of its own");
    }
}
