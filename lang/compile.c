/* SPDX-License-Identifier: Apache-2.0
 *
 * compile.c - mst_compile(): loads the root module and what it imports, checks, lowers, writes. All
 * of a compilation lives in one arena, the compilation itself included. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "check.h"
#include "format.h"
#include "format/bytes.h"
#include "image_write.h"
#include "outline.h"
#include "parse.h"
#include "sites.h"

struct mst_compilation {
    struct mst_arena arena;
    struct mst_atoms atoms;
    struct mst_diags diags;
    struct mst_program program;
    mst_compile_options options;
    struct mst_image_bytes image;
    struct mst_sites sites;
    struct mst_outline_nodes outline;
    const char *text; /* of mst_format() */
    size_t text_len;
};

/* ---- modules ------------------------------------------------------------------------------- */

static const char *path_name(struct mst_program *program, const struct mst_expr *path)
{
    if (path == NULL || path->name.text == NULL)
        return NULL;
    if (path->kind == MST_EXPR_NAME)
        return path->name.text;
    const char *base = path_name(program, path->a);
    if (base == NULL)
        return NULL;
    const char *name = mst_arena_printf(program->arena, "%s.%s", base, path->name.text);
    return name != NULL ? mst_atoms_intern(program->atoms, name, strlen(name)) : NULL;
}

/* Units on the way from the root, to see an import that comes back. */
struct loading {
    const char *name;
    const struct loading *by;
};

static struct mst_unit *load_unit(struct mst_program *program, uint32_t source,
                                  const struct loading *by, const char *asked);

static struct mst_unit *find_unit(struct mst_program *program, const char *name)
{
    for (size_t i = 0; i < program->units.count; i++)
        if (program->units.items[i]->module->name == name)
            return program->units.items[i];
    return NULL;
}

static struct mst_unit *load_by_name(struct mst_program *program, const struct mst_item *item,
                                     const char *name, const struct loading *by)
{
    const mst_loader *loader = program->options->loader;
    const char *asking = program->diags->sources[item->span.source].path;
    mst_source_text found = {NULL, NULL, 0};
    mst_status status = loader != NULL
                            ? loader->load(loader->context, MST_LOAD_MODULE, name, asking, &found)
                            : MST_ERR_NOT_FOUND;
    if (status != MST_OK) {
        struct mst_diag *d = mst_diag_report(
            program->diags, MST_DIAG_IMPORT_MISSING, item->path->span,
            "The module %s cannot be loaded: %s.", name,
            status == MST_ERR_NOT_FOUND ? "it is not on the search path" : mst_status_text(status));
        mst_diag_help(program->diags, d,
                      "a module a.b is the file a/b.muster below a folder of the search path; add "
                      "one with -I");
        return NULL;
    }
    uint32_t source = mst_diags_add_source(program->diags, found.path, found.text, found.len);
    loader->release(loader->context, &found);
    struct mst_unit *unit = source != UINT32_MAX ? load_unit(program, source, by, name) : NULL;
    if (unit != NULL && unit->module->name != name) {
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_IMPORT_NAME, unit->module->span,
                            "The file of module %s calls itself %s.", name, unit->module->name);
        mst_diag_other(program->diags, d, item->span, "it is imported here");
        mst_diag_help(program->diags, d,
                      "rename the file or the module: module a.b is the file a/b.muster");
    }
    return unit;
}

/* From the module down to the one that imports it again. */
static const char *name_circle(struct mst_program *program, const struct loading *here,
                               const char *name)
{
    const char *names = name;
    for (const struct loading *l = here; l != NULL && names != NULL && l->name != name; l = l->by)
        names = mst_arena_printf(program->arena, "%s, %s", l->name, names);
    return names != NULL ? names : name;
}

static void report_circle(struct mst_program *program, const struct mst_item *item,
                          const char *name, const struct loading *here)
{
    struct mst_diag *d =
        here->name == name
            ? mst_diag_report(program->diags, MST_DIAG_IMPORT_CYCLE, item->path->span,
                              "The module %s imports itself.", name)
            : mst_diag_report(program->diags, MST_DIAG_IMPORT_CYCLE, item->path->span,
                              "These modules import each other in a circle: %s, %s.", name,
                              name_circle(program, here, name));
    mst_diag_help(program->diags, d,
                  here->name == name ? "delete the import: a module sees its own names"
                                     : "move what both need to a third module, and import that");
}

static void load_import(struct mst_program *program, struct mst_unit *unit, struct mst_item *item,
                        const struct loading *here)
{
    const char *name = path_name(program, item->path);
    if (name == NULL)
        return;
    for (const struct loading *l = here; l != NULL; l = l->by)
        if (l->name == name) {
            report_circle(program, item, name, here);
            return;
        }
    struct mst_unit *imported = find_unit(program, name);
    if (imported == NULL)
        imported = load_by_name(program, item, name, here);
    if (imported == NULL)
        return;
    struct mst_import import = {imported, item, item->has_alias, false};
    MST_PUSH(program->arena, &unit->imports, import);
}

/* A source to a unit, everything that it imports first. A file with another name than the one it
 * was asked by imports nothing: two that import each other under false names would never end. */
static struct mst_unit *load_unit(struct mst_program *program, uint32_t source,
                                  const struct loading *by, const char *asked)
{
    struct mst_unit *unit = MST_NEW(program->arena, struct mst_unit);
    struct mst_module *module = mst_parse(program->arena, program->atoms, program->diags, source);
    if (unit == NULL || module == NULL)
        return NULL;
    if (module->name == NULL)
        module->name = mst_atoms_intern(program->atoms, "module", 6);
    unit->module = module;
    struct loading here = {module->name, by};
    for (struct mst_item *item = module->items; item != NULL; item = item->next)
        if (item->kind == MST_ITEM_IMPORT && (asked == NULL || asked == module->name))
            load_import(program, unit, item, &here);
    unit->number = (uint32_t)program->units.count;
    MST_PUSH(program->arena, &program->units, unit);
    return program->arena->failed ? NULL : unit;
}

/* ---- digest -------------------------------------------------------------------------------- */

static void add_digest(crypto_hash_sha256_state *state, const char *bytes, size_t len)
{
    unsigned char count[8];
    mst_store_u64(count, len);
    crypto_hash_sha256_update(state, count, sizeof count);
    crypto_hash_sha256_update(state, (const unsigned char *)bytes, len);
}

/* Of every source and table in the order of loading (each with its length before it), then of the
 * site's parameters. Where they lie on disk does not matter. */
static void make_digest(const struct mst_program *program, unsigned char digest[32])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < program->diags->source_count; i++)
        add_digest(&state, program->diags->sources[i].text, program->diags->sources[i].len);
    for (size_t i = 0; i < program->options->param_count; i++) {
        const mst_param *param = &program->options->params[i];
        add_digest(&state, param->name, strlen(param->name));
        add_digest(&state, param->value, strlen(param->value));
    }
    crypto_hash_sha256_final(&state, digest);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void report_setting(struct mst_program *program, const char *name)
{
    const char *names[256];
    size_t count = 0;
    for (size_t i = 0; i < program->params.count && count < 256; i++) {
        const struct mst_symbol *symbol = program->params.items[i].symbol;
        names[count] = mst_arena_printf(program->arena, "%s.%s", symbol->unit->module->name,
                                        symbol->name.text);
        count += names[count] != NULL;
    }
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_PARAM_UNKNOWN,
                                         mst_program_root(program)->module->span,
                                         "There is no param %s to be set.", name);
    const char *nearest = mst_diag_nearest(name, names, count);
    if (nearest != NULL)
        mst_diag_help(program->diags, d, "did you mean `%s`?", nearest);
    else if (count > 0)
        mst_diag_help(program->diags, d, "params are named as in `%s`", names[0]);
    else
        mst_diag_help(program->diags, d, "these rules declare no param");
}

static void check_settings(struct mst_program *program)
{
    for (size_t i = 0; i < program->options->param_count; i++) {
        const mst_param *param = &program->options->params[i];
        bool found = false;
        for (size_t k = 0; k < program->params.count && !found; k++) {
            const struct mst_symbol *symbol = program->params.items[k].symbol;
            const char *name = mst_arena_printf(program->arena, "%s.%s", symbol->unit->module->name,
                                                symbol->name.text);
            found = name != NULL && strcmp(name, param->name) == 0;
        }
        if (!found)
            report_setting(program, param->name);
    }
}

/* Everything behind the parser. */
static void check_and_write(struct mst_compilation *c)
{
    struct mst_program *program = &c->program;
    unsigned char digest[32];
    mst_check_program(program);
    if (c->diags.error_count > 0)
        return;
    check_settings(program);
    struct mst_lowered *lowered = mst_lower_program(program);
    if (lowered == NULL || c->diags.error_count > 0)
        return;
    make_digest(program, digest);
    c->image = mst_image_write(lowered, digest);
    if (program->options->with_sites && c->image.bytes != NULL)
        mst_sites_collect(&c->sites, lowered);
    if (c->options.with_outline)
        mst_outline_make(program, &c->outline);
}

static void run(struct mst_compilation *c, uint32_t source)
{
    jmp_buf escape;
    if (load_unit(&c->program, source, NULL, NULL) == NULL || mst_diags_full(&c->diags))
        return;
    c->diags.only_certain = c->diags.error_count > 0;
    if (setjmp(escape) == 0) {
        c->arena.escape = &escape;
        check_and_write(c);
    }
    c->arena.escape = NULL;
    if (c->diags.error_count > 0 || c->arena.failed)
        c->image.bytes = NULL;
}

static void *resize_with_libc(void *context, void *old, size_t old_size, size_t size)
{
    (void)context;
    (void)old_size;
    if (size != 0)
        return realloc(old, size);
    free(old);
    return NULL;
}

static const mst_allocator libc_allocator = {sizeof libc_allocator, 0, resize_with_libc, NULL};

/* A compilation with its one source so far; NULL without memory. */
static mst_compilation *start(const char *path, const char *text, size_t len,
                              const mst_compile_options *options, uint32_t *source)
{
    mst_compile_options chosen = MST_COMPILE_OPTIONS_INIT;
    if (options != NULL)
        memcpy(&chosen, options, options->size < sizeof chosen ? options->size : sizeof chosen);
    chosen.allocator = chosen.allocator != NULL ? chosen.allocator : &libc_allocator;
    mst_compilation *c = chosen.allocator->resize(chosen.allocator->context, NULL, 0, sizeof *c);
    if (c == NULL)
        return NULL;
    memset(c, 0, sizeof *c);
    c->options = chosen;
    mst_arena_init(&c->arena, chosen.allocator);
    mst_atoms_init(&c->atoms, &c->arena);
    mst_diags_init(&c->diags, &c->arena, chosen.max_errors != 0 ? chosen.max_errors : 100);
    c->program.arena = &c->arena;
    c->program.atoms = &c->atoms;
    c->program.diags = &c->diags;
    c->program.options = &c->options;
    c->program.subject = c->program.weekday_enum = UINT32_MAX;
    *source = mst_diags_add_source(&c->diags, path, text, len);
    return c;
}

/* Hands it over, unless memory ran out on the way. */
static mst_status finish(mst_compilation **compilation, mst_compilation *c, bool is_good)
{
    mst_diags_sort(&c->diags);
    *compilation = c;
    if (!c->arena.failed)
        return is_good ? MST_OK : MST_ERR_RULES;
    mst_compilation_free(c);
    *compilation = NULL;
    return MST_ERR_MEMORY;
}

mst_status mst_compile(mst_compilation **compilation, const char *path, const char *text,
                       size_t len, const mst_compile_options *options)
{
    uint32_t source;
    mst_compilation *c = *compilation = start(path, text, len, options, &source);
    if (c == NULL)
        return MST_ERR_MEMORY;
    if (source != UINT32_MAX)
        run(c, source);
    return finish(compilation, c, c->image.bytes != NULL);
}

mst_status mst_format(mst_compilation **compilation, const char *path, const char *text, size_t len,
                      const mst_compile_options *options)
{
    uint32_t source;
    mst_compilation *c = *compilation = start(path, text, len, options, &source);
    if (c == NULL)
        return MST_ERR_MEMORY;
    if (source != UINT32_MAX && mst_parse(&c->arena, &c->atoms, &c->diags, source) != NULL &&
        c->diags.error_count == 0)
        c->text = mst_format_module(&c->arena, &c->atoms, &c->diags, source, &c->text_len);
    return finish(compilation, c, c->text != NULL);
}

void mst_compilation_free(mst_compilation *c)
{
    if (c == NULL)
        return;
    const mst_allocator *allocator = c->options.allocator;
    mst_arena_free(&c->arena);
    allocator->resize(allocator->context, c, sizeof *c, 0);
}

const unsigned char *mst_compilation_image(const mst_compilation *c, size_t *byte_count)
{
    *byte_count = c->image.bytes != NULL ? c->image.count : 0;
    return c->image.bytes;
}

const char *mst_compilation_text(const mst_compilation *c, size_t *len)
{
    *len = c->text_len;
    return c->text;
}

/* ---- diagnostics --------------------------------------------------------------------------- */

size_t mst_diagnostic_count(const mst_compilation *c)
{
    return c->diags.count;
}

size_t mst_diagnostics_dropped(const mst_compilation *c)
{
    return c->diags.dropped;
}

static void fill_place(const mst_compilation *c, struct mst_span span, mst_place *place)
{
    struct mst_diags *diags = (struct mst_diags *)(uintptr_t)&c->diags;
    place->path = diags->sources[span.source].path;
    mst_source_place(diags, span.source, span.at, &place->line, &place->column);
    mst_source_place(diags, span.source, span.at + span.len, &place->end_line, &place->end_column);
}

mst_status mst_diagnostic_at(const mst_compilation *c, size_t index, mst_diagnostic *diagnostic)
{
    static const mst_diagnostic empty = MST_DIAGNOSTIC_INIT;
    mst_diagnostic full = empty;
    if (index >= c->diags.count)
        return MST_ERR_ARGUMENT;
    const struct mst_diag *d = &c->diags.list[index];
    uint32_t size = diagnostic->size < sizeof full ? diagnostic->size : (uint32_t)sizeof full;
    full.size = size;
    full.severity = d->is_warning ? MST_SEVERITY_WARNING : MST_SEVERITY_ERROR;
    full.code = d->code;
    full.message = d->message;
    full.help = d->help;
    full.other_message = d->other_message;
    fill_place(c, d->span, &full.place);
    if (d->other_message != NULL)
        fill_place(c, d->other, &full.other);
    memcpy(diagnostic, &full, size);
    return MST_OK;
}

/* ---- sites --------------------------------------------------------------------------------- */

uint32_t mst_site_count(const mst_compilation *c)
{
    return (uint32_t)c->sites.list.count;
}

static mst_text text_of(const mst_compilation *c, struct mst_span span)
{
    return (mst_text){c->diags.sources[span.source].text + span.at, span.len};
}

mst_status mst_site_at(const mst_compilation *c, uint32_t index, mst_site *site)
{
    if (index >= c->sites.list.count)
        return MST_ERR_ARGUMENT;
    struct mst_span span;
    mst_site full = mst_sites_describe(&c->sites, index, &span);
    const struct mst_source *source = &c->diags.sources[span.source];
    span = mst_sites_balance(span, source->text, source->len);
    full.size = site->size < sizeof full ? site->size : (uint32_t)sizeof full;
    full.text = text_of(c, span);
    full.offset = span.at;
    fill_place(c, span, &full.place);
    memcpy(site, &full, full.size);
    return MST_OK;
}

mst_status mst_row_site_at(const mst_compilation *c, uint32_t table, uint32_t row,
                           mst_row_site *site)
{
    static const mst_row_site empty = MST_ROW_SITE_INIT;
    mst_row_site full = empty;
    if (c->image.bytes == NULL || table >= c->program.tables.count)
        return MST_ERR_NOT_FOUND;
    const struct mst_table *t = c->program.tables.items[table];
    if (row >= t->row_count || t->row_spans == NULL)
        return MST_ERR_NOT_FOUND;
    const char *name = c->program.causes.items[t->cause];
    full.size = site->size < sizeof full ? site->size : (uint32_t)sizeof full;
    full.table = (mst_text){name, (uint32_t)strlen(name)};
    full.text = text_of(c, t->row_spans[row]);
    full.offset = t->row_spans[row].at;
    fill_place(c, t->row_spans[row], &full.place);
    memcpy(site, &full, full.size);
    return MST_OK;
}

/* ---- outline ------------------------------------------------------------------------------- */

size_t mst_outline_count(const mst_compilation *c)
{
    return c->image.bytes != NULL ? c->outline.count : 0;
}

mst_status mst_outline_at(const mst_compilation *c, size_t index, mst_outline *outline)
{
    static const mst_outline empty = MST_OUTLINE_INIT;
    mst_outline full = empty;
    if (index >= mst_outline_count(c))
        return MST_ERR_ARGUMENT;
    const struct mst_outline_node *node = &c->outline.items[index];
    uint32_t size = outline->size < sizeof full ? outline->size : (uint32_t)sizeof full;
    full.size = size;
    full.kind = node->kind;
    full.depth = node->depth;
    full.name = node->name;
    full.title = node->title;
    full.type = node->type;
    full.text = node->text;
    full.path = node->path;
    fill_place(c, node->span, &full.place);
    memcpy(outline, &full, size);
    return MST_OK;
}

mst_status mst_diagnostic_render(const mst_compilation *c, size_t index, bool color, char *buffer,
                                 size_t capacity, size_t *len)
{
    struct mst_diags *diags = (struct mst_diags *)(uintptr_t)&c->diags;
    *len = 0;
    if (index >= c->diags.count)
        return MST_ERR_ARGUMENT;
    *len = mst_diag_render(diags, &diags->list[index], color, buffer, capacity);
    return *len <= capacity ? MST_OK : MST_ERR_SPACE;
}
