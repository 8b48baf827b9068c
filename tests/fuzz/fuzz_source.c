/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as rules. The input is the root module, then any number of files that it may import or
 * read, each after a line `#@ NAME`. What compiles must be an image that opens, and whose verdicts
 * keep their promise; what does not compile must be told with diagnostics that can be rendered; and
 * a compilation that runs out of memory must say so. What can be read can be formatted, and
 * formatting that again changes nothing. */
#include <stdint.h>

#include "exercise.h"
#include "muster/lang.h"

#define MARK "#@ "

/* ---- the input as a tree of files ---------------------------------------------------------- */

struct input {
    const char *text;
    size_t len;
};

/* Where the next marked line begins, at or after `at`; the end if there is none. */
static size_t find_mark(const struct input *in, size_t at)
{
    for (; at + sizeof MARK - 1 <= in->len; at++)
        if ((at == 0 || in->text[at - 1] == '\n') && memcmp(in->text + at, MARK, 3) == 0)
            return at;
    return in->len;
}

static char *copy_text(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    FUZZ_EXPECT(copy);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static mst_status load_file(void *context, mst_load_kind kind, const char *name, const char *from,
                            mst_source_text *found)
{
    const struct input *in = context;
    FUZZ_EXPECT(kind <= MST_LOAD_TABLE && from);
    for (size_t at = find_mark(in, 0); at < in->len; at = find_mark(in, at + 1)) {
        const char *begin = in->text + at + sizeof MARK - 1;
        const char *end = memchr(begin, '\n', in->len - (size_t)(begin - in->text));
        if (!end || strlen(name) != (size_t)(end - begin) || memcmp(name, begin, strlen(name)) != 0)
            continue;
        const size_t body = (size_t)(end + 1 - in->text);
        found->path = copy_text(name, strlen(name));
        found->len = find_mark(in, body) - body;
        found->text = malloc(found->len > 0 ? found->len : 1);
        FUZZ_EXPECT(found->text);
        memcpy(found->text, in->text + body, found->len);
        return MST_OK;
    }
    return MST_ERR_NOT_FOUND;
}

static void release_file(void *context, mst_source_text *found)
{
    (void)context;
    free(found->path);
    free(found->text);
}

/* ---- memory that runs out ------------------------------------------------------------------ */

struct budget {
    mst_allocator allocator; /* it is used until the compilation is freed */
    uint32_t left;           /* requests that are granted */
    uint32_t blocks;
};

static void *resize_in_budget(void *context, void *old, size_t old_size, size_t size)
{
    struct budget *budget = context;
    (void)old_size;
    if (size == 0) {
        budget->blocks -= old != NULL;
        free(old);
        return NULL;
    }
    if (budget->left == 0)
        return NULL;
    budget->left--;
    budget->blocks += old == NULL;
    return realloc(old, size);
}

/* ---- which diagnostics were shown ---------------------------------------------------------- */

#define MAX_CODES 2000 /* numbers of diag.def are below */

static bool is_shown[MAX_CODES];

static void print_shown(void)
{
    static const uint16_t codes[] = {
#define MST_DIAG(number, severity, name, doc) number,
#include "diag.def"
#undef MST_DIAG
    };
    const size_t count = sizeof codes / sizeof *codes;
    size_t shown = 0;
    for (size_t i = 0; i < count; i++)
        shown += is_shown[codes[i]];
    (void)fprintf(stderr, "diagnostics: %zu of %zu\n", shown, count);
}

static void note_shown(const char *code)
{
    static bool is_registered;
    const unsigned long number = strtoul(code + 1, NULL, 10);
    if (!is_registered)
        is_registered = atexit(print_shown) == 0;
    FUZZ_EXPECT(number < MAX_CODES);
    is_shown[number] = true;
}

/* ---- the target ---------------------------------------------------------------------------- */

/* Source lines are shown in diagnostics, but none may speak to the terminal. */
static void check_rendered(const char *text, size_t len, bool color)
{
    FUZZ_EXPECT(mst_utf8_valid(text, len));
    for (size_t i = 0; i < len; i++)
        FUZZ_EXPECT((unsigned char)text[i] >= 0x20 || text[i] == '\n' ||
                    (color && text[i] == '\x1b'));
}

static void render_diagnostics(const mst_compilation *compilation)
{
    for (size_t i = 0; i < mst_diagnostic_count(compilation); i++) {
        mst_diagnostic d = MST_DIAGNOSTIC_INIT;
        FUZZ_EXPECT(mst_diagnostic_at(compilation, i, &d) == MST_OK);
        FUZZ_EXPECT(d.code && d.message && d.place.path && d.place.line > 0);
        FUZZ_EXPECT(mst_utf8_valid(d.message, strlen(d.message)));
        note_shown(d.code);
        for (int color = 0; color < 2; color++) {
            size_t len = 0;
            size_t again = 0;
            char nothing = 'x';
            (void)mst_diagnostic_render(compilation, i, color != 0, &nothing, 0, &len);
            char *text = malloc(len > 0 ? len : 1);
            FUZZ_EXPECT(text);
            FUZZ_EXPECT(mst_diagnostic_render(compilation, i, color != 0, text, len, &again) ==
                            MST_OK &&
                        again == len);
            check_rendered(text, len, color != 0);
            free(text);
        }
    }
}

static void run_image(const mst_compilation *compilation, struct dice *dice)
{
    size_t size = 0;
    const unsigned char *bytes = mst_compilation_image(compilation, &size);
    mst_image image;
    mst_fault why = MST_FAULT_INIT;
    const mst_limits limits = {sizeof limits, 1u << 20, 1000000, 4u << 20, 100000000};
    const mst_status status = mst_image_open(&image, bytes, size, &limits, &why);
    if (status == MST_ERR_IMAGE)
        (void)fprintf(stderr, "the compiler's image is refused: %s (fault %u at %llu)\n", why.text,
                      why.id, (unsigned long long)why.offset);
    FUZZ_EXPECT(status == MST_OK || status == MST_ERR_LIMIT);
    if (status == MST_OK)
        exercise_image(&image, dice, "{}", 2, true);
}

static mst_status compile(struct input *in, struct budget *budget, bool with_sites,
                          mst_compilation **compilation)
{
    budget->allocator = (mst_allocator){sizeof budget->allocator, 0, resize_in_budget, budget};
    const mst_loader loader = {sizeof loader, 0, load_file, release_file, in};
    mst_compile_options options = MST_COMPILE_OPTIONS_INIT;
    options.allocator = &budget->allocator;
    options.loader = &loader;
    options.max_errors = 20;
    options.with_sites = with_sites;
    *compilation = NULL;
    return mst_compile(compilation, "root.muster", in->text, find_mark(in, 0), &options);
}

/* The same with `granted` requests for memory, fewer than are needed: it ends, and nothing is left
 * behind. */
static void compile_short_of_memory(struct input *in, uint32_t granted)
{
    struct budget budget = {.left = granted};
    mst_compilation *compilation = NULL;
    const mst_status status = compile(in, &budget, false, &compilation);
    FUZZ_EXPECT((status == MST_ERR_MEMORY) == !compilation);
    mst_compilation_free(compilation);
    FUZZ_EXPECT(budget.blocks == 0);
}

/* All verdicts over some facts that the dice choose; a hash of their JSON forms, 0 where the image
 * is over the limits. */
static uint64_t judge(const mst_compilation *compilation, struct dice dice)
{
    size_t size = 0;
    const unsigned char *bytes = mst_compilation_image(compilation, &size);
    mst_image image;
    void *block = NULL;
    uint64_t hash = 0;
    if (mst_image_open(&image, bytes, size, NULL, NULL) != MST_OK)
        return 0;
    mst_vm *vm = make_vm(&image, &block);
    for (uint32_t round = 0; round < 3 * FUZZ_ROUNDS; round++) {
        set_facts(vm, &image, &dice);
        for (uint32_t i = 0; i < mst_verdict_count(&image) && i < FUZZ_MAX_VERDICTS; i++) {
            mst_verdict verdict = MST_VERDICT_INIT;
            begin_counting(UINT64_MAX);
            FUZZ_EXPECT(mst_eval(vm, i, 1786752000, &verdict) == MST_OK);
            (void)mst_eval_all_checks(vm);
            hash = hash * 31 + exercise_json(vm, &image, &verdict);
        }
    }
    free(block);
    return hash;
}

/* Operations that are one instruction together find what they find one by one. */
static void check_fused(struct input *in, const mst_compilation *fused, struct dice dice)
{
    struct budget budget = {.left = UINT32_MAX};
    mst_compilation *compilation = NULL;
    FUZZ_EXPECT(compile(in, &budget, true, &compilation) == MST_OK);
    const uint64_t hash = judge(compilation, dice);
    FUZZ_EXPECT(hash == 0 || hash == judge(fused, dice));
    mst_compilation_free(compilation);
    FUZZ_EXPECT(budget.blocks == 0);
}

/* A text that can be read, formatted; NULL for another. To be freed with the compilation. */
static const char *format(const char *text, size_t len, mst_compilation **compilation,
                          size_t *formatted_len)
{
    const mst_status status = mst_format(compilation, "root.muster", text, len, NULL);
    FUZZ_EXPECT(status == MST_OK || status == MST_ERR_RULES);
    const char *formatted = mst_compilation_text(*compilation, formatted_len);
    FUZZ_EXPECT((status == MST_OK) == (formatted != NULL));
    return formatted;
}

static void check_format(const struct input *in)
{
    mst_compilation *first = NULL, *second = NULL;
    size_t first_len = 0, second_len = 0;
    const char *once = format(in->text, find_mark(in, 0), &first, &first_len);
    if (once) {
        const char *twice = format(once, first_len, &second, &second_len);
        FUZZ_EXPECT(twice && second_len == first_len && memcmp(once, twice, first_len) == 0);
    }
    mst_compilation_free(second);
    mst_compilation_free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {(const char *)data, size};
    struct dice dice = dice_from(data, size);
    struct budget budget = {.left = UINT32_MAX};
    mst_compilation *compilation = NULL;
    const mst_status status = compile(&in, &budget, false, &compilation);
    const uint32_t granted = UINT32_MAX - budget.left;
    FUZZ_EXPECT(compilation && (status == MST_OK || status == MST_ERR_RULES));
    FUZZ_EXPECT(status == MST_OK || mst_diagnostic_count(compilation) > 0);
    render_diagnostics(compilation);
    check_format(&in);
    if (status == MST_OK) {
        check_fused(&in, compilation, dice);
        run_image(compilation, &dice);
    }
    mst_compilation_free(compilation);
    FUZZ_EXPECT(budget.blocks == 0);
    if (dice_below(&dice, 4) == 0)
        compile_short_of_memory(&in, dice_below(&dice, granted));
    return 0;
}
