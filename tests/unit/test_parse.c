/* SPDX-License-Identifier: Apache-2.0
 *
 * The parser on right sources: whole trees, as ast_dump.h writes them. Wrong ones are in
 * test_parse_error.c. */
#include "parse_cases.h"

static struct dump dump;

/* The tree of the items behind a module header; fails on any diagnostic. */
static const char *tree(const char *items)
{
    struct mst_arena arena;
    struct mst_atoms atoms;
    struct mst_diags diags;
    char source[4096];
    int len = snprintf(source, sizeof source, "module a.b version 1.0\n%s", items);
    mst_arena_init(&arena, NULL);
    mst_atoms_init(&atoms, &arena);
    mst_diags_init(&diags, &arena, 0);
    uint32_t number = mst_diags_add_source(&diags, "t.muster", source, (size_t)len);
    struct mst_module *module = mst_parse(&arena, &atoms, &diags, number);
    dump.len = 0;
    for (const struct mst_item *item = module->items; item != NULL; item = item->next)
        dump_item(&dump, item);
    render_all(&diags);
    cr_assert_str_eq(parse_result, "");
    mst_arena_free(&arena);
    return dump.text;
}

/* The tree of one expression. */
static const char *value(const char *expr)
{
    static char source[1024];
    snprintf(source, sizeof source, "let x = %s", expr);
    const char *text = tree(source);
    static char copy[1024];
    snprintf(copy, sizeof copy, "%s", text + strlen("let x = "));
    copy[strlen(copy) - 1] = '\0';
    return copy;
}

Test(parse, operators_bind_as_the_table_says)
{
    cr_assert_str_eq(value("a or b and not c == d"), "(or a (and b (not (== c d))))");
    cr_assert_str_eq(value("a ?? b + c * -d % e"), "(?? a (+ b (% (* c (neg d)) e)))");
    cr_assert_str_eq(value("a - b - c"), "(- (- a b) c)");
    cr_assert_str_eq(value("(a or b) and c"), "(and (or a b) c)");
    cr_assert_str_eq(value("not not a.b[c].d"), "(not (not ([] a.b c).d))");
    cr_assert_str_eq(value("if a then b else if c then d else e"), "(if a b (if c d e))");
    cr_assert_str_eq(value("a in {b, c,} and d not in e"), "(and (in a {b c}) (not in d e))");
    cr_assert_str_eq(value("a is unknown or b is not unknown"), "(or (is a) (is not b))");
    cr_assert_str_eq(value("a like \"W*\" or b within 26100"),
                     "(or (like a \"W*\") (within b 26100))");
}

Test(parse, calls_and_quantifiers)
{
    cr_assert_str_eq(value("f()"), "f()");
    cr_assert_str_eq(value("m.f(a, 10:00)"), "m.f(a clock 36000)");
    cr_assert_str_eq(value("at(version(1, 2), x.at)"), "at(version(1 2) x.at)");
    cr_assert_str_eq(value("any(v in xs.y: v > 1)"), "(any v in xs.y where (> v 1))");
    cr_assert_str_eq(value("last(v in xs where v.at <= now)"),
                     "(last v in xs where (<= v.at now))");
    cr_assert_str_eq(value("max(v in xs where v.at <= now: v.n)"),
                     "(max v in xs where (<= v.at now) : v.n)");
    cr_assert_str_eq(value("sum(v in xs: v.n)"), "(sum v in xs : v.n)");
    cr_assert_str_eq(value("count(v in xs: v is unknown)"), "(count v in xs where (is v))");
}

Test(parse, header_and_imports)
{
    cr_assert_str_eq(tree("import a.b\nimport c as d"), "import b path a.b\nimport d of c\n");
    cr_assert_str_eq(parse_errors("module a.b", 10), "");
    static const char full[] = "module w.hotpatch_test version 2026.11 \"doc\"\n"
                               "effective from 2026-11-10T18:00:00Z";
    cr_assert_str_eq(parse_errors(full, sizeof full - 1), "");
}

Test(parse, declarations)
{
    cr_assert_str_eq(tree("enum E { A, B = \"x\" | \"y\", unknown = \"\" }"),
                     "enum E A B = \"x\" = \"y\" UNKNOWN unknown = \"\"\n");
    cr_assert_str_eq(tree("record R { kb: text  version: version from \"v\" \"doc\" }"),
                     "record R\n  kb: text\n  version: version from \"v\" doc \"doc\"\n");
    cr_assert_str_eq(tree("facts os from \"a.b\" observed sync stale after 7 days \"doc\" {\n"
                          "  xs: list<R, 20>  t: text<64> = a ?? b \"doc\"  now: m.T }"),
                     "facts os from \"a.b\" observed sync stale 604800 s doc \"doc\"\n"
                     "  xs: list<: R> size 20\n"
                     "  t: text size 64 = (?? a b) doc \"doc\"\n"
                     "  now: m.T\n");
    cr_assert_str_eq(tree("subject d.id set s: E = {A, t} param p: duration = 28 days \"doc\""),
                     "subject  path d.id\nset s: E = {A t}\n"
                     "param p: duration = 2419200 s doc \"doc\"\n");
    cr_assert_str_eq(tree("let a: bool = true def f(x: int, y: version): bool = x == 1"),
                     "let a: bool = true\ndef f: bool = (== x 1)\n  x: int\n  y: version\n");
}

Test(parse, tables)
{
    cr_assert_str_eq(tree("table t (key kb: text, day: date from \"date\", p: bool optional,\n"
                          "  r: time = at(day, 10:00, utc)) ordered by r at most 500 rows\n"
                          "  from \"t.csv\""),
                     "table t from \"t.csv\" by r most 500\n  key kb: text\n"
                     "  day: date from \"date\"\n  p: bool optional\n"
                     "  r: time = at(day clock 36000 utc)\n");
    cr_assert_str_eq(tree("table t (key: text, n: int) { (\"a\", -1) (\"b\", unknown) }"),
                     "table t\n  key: text\n  n: int\n  (\"a\" (neg 1))\n  (\"b\" unknown)\n");
}

Test(parse, policies)
{
    cr_assert_str_eq(
        tree("policy p \"P\" {\n  pass a \"A\"\n  fail b \"B ({check})\"\n  unknown c\n"
             "  check d \"D\" when x == y {\n"
             "    undecided when z because \"Why {z}?\"\n    require u\n    require v\n"
             "    reason \"r\" remedy \"m\" cite \"c\"\n  }\n"
             "  advise e { require w }\n  include m.q except f, g\n  include r\n}"),
        "policy p doc \"P\"\n  pass a label \"A\"\n  fail b label \"B ( check )\"\n  unknown c\n"
        "  check d title \"D\" when (== x y)\n    undecided  z  \"Why  z ?\"\n    require  u\n"
        "    require  v\n    reason  \"r\"\n    remedy  \"m\"\n    cite  \"c\"\n"
        "  advise e\n    require  w\n  include  path m.q except f g\n  include  path r\n");
}

Test(parse, decisions)
{
    cr_assert_str_eq(tree("decision d \"D\" {\n  when a then b \"B\" { x: 1, version: v }\n"
                          "       because \"Since {a}.\"\n"
                          "  when c then unknown because \"?\"\n  otherwise e { }\n}"),
                     "decision d doc \"D\"\n  when  a then b label \"B\" {x: 1 version: v}"
                     " because \"Since  a .\"\n  when  c then UNKNOWN unknown because \"?\"\n"
                     "  otherwise then e\n");
}

Test(parse, fixtures_and_tests)
{
    cr_assert_str_eq(tree("fixture f { os.a = B  os.version = 1.2\n"
                          "  os observed 2026-01-01T00:00:00Z }"),
                     "fixture f\n  given  os.a = B\n  given  os.version = 1.2/2\n"
                     "  observed  os = 2026-01-01T00:00:00Z\n");
    cr_assert_str_eq(
        tree("test \"t\" for (a, b) in { (1, unknown) ([x, {k: 1}], []) } {\n"
             "  at 2026-01-01T00:00:00Z\n  given f\n  given os.a = a\n  given os.b = unknown\n"
             "  given os.c = raw \"[{{}}]\"\n  given os observed now\n  expect p == b\n"
             "  expect p.missing has os.a\n}"),
        "test  doc \"t\" for (a b)\n  (1 unknown)\n  ([x record{k: 1}] [])\n"
        "  at = 2026-01-01T00:00:00Z\n  fixture  f\n  given  os.a = a\n  given  os.b = unknown\n"
        "  raw  os.c = \"[{}]\"\n  observed  os = now\n  expect = (== p b)\n"
        "  expect has  p.missing = os.a\n");
}

Test(parse, comments_are_kept)
{
    struct mst_arena arena;
    struct mst_atoms atoms;
    struct mst_diags diags;
    static const char source[] = "# one\nmodule a.b # two\n  # three\r\nlet x = \"# no\"";
    mst_arena_init(&arena, NULL);
    mst_atoms_init(&atoms, &arena);
    mst_diags_init(&diags, &arena, 0);
    uint32_t number = mst_diags_add_source(&diags, "t.muster", source, sizeof source - 1);
    const struct mst_module *module = mst_parse(&arena, &atoms, &diags, number);
    cr_assert_eq(module->comment_count, 3);
    cr_assert(module->comments[0].own_line && !module->comments[1].own_line &&
              module->comments[2].own_line);
    cr_assert_eq(module->comments[2].span.len, 7);
    mst_arena_free(&arena);
}

/* Fails the n-th block, for every n until parsing gets through. */
struct failing {
    size_t until_failure;
};

static void *resize_or_fail(void *context, void *old, size_t old_size, size_t size)
{
    struct failing *failing = context;
    (void)old_size;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return failing->until_failure-- == 0 ? NULL : malloc(size);
}

static bool parse_with(struct failing *failing, const char *source, size_t len)
{
    mst_allocator allocator = {sizeof allocator, 0, resize_or_fail, failing};
    struct mst_arena arena;
    struct mst_atoms atoms;
    struct mst_diags diags;
    mst_arena_init(&arena, &allocator);
    mst_atoms_init(&atoms, &arena);
    mst_diags_init(&diags, &arena, 0);
    uint32_t number = mst_diags_add_source(&diags, "t.muster", source, len);
    bool done = number != UINT32_MAX && mst_parse(&arena, &atoms, &diags, number) != NULL;
    mst_arena_free(&arena);
    return done;
}

Test(parse, survives_every_failing_allocation)
{
    static char source[200000] = "module a.b version 1.0\npolicy p { pass a fail b unknown c\n";
    size_t len = strlen(source);
    for (int i = 0; len < sizeof source - 200; i++)
        len += (size_t)snprintf(source + len, sizeof source - len,
                                "check c%d \"t\" when a in {b, c} { require f(x, 1) ?? any(v in "
                                "xs: v == 2) reason \"r {x} s\" } # c\n",
                                i);
    source[len++] = '}';
    size_t n = 0;
    struct failing failing = {0};
    while (!parse_with(&failing, source, len)) {
        cr_assert_lt(++n, 1000);
        failing.until_failure = n;
    }
    cr_assert_gt(n, 5);
}
