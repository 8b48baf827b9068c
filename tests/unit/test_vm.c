/* SPDX-License-Identifier: Apache-2.0
 *
 * test_vm.c - the loop: opcodes on known and unknown operands, verdicts, messages, time, causes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "image_builder.c" /* the helpers of this test and of test_image.c */

static struct builder b;
static mst_image image;
static mst_vm *vm;
static _Alignas(8) unsigned char block[1 << 20];

#define T0 1786752000 /* 2026-08-15T00:00:00Z */
#define DAY 86400

static void start(void)
{
    mst_fault why = MST_FAULT_INIT;
    builder_finish(&b);
    const mst_status status = mst_image_open(&image, b.image, b.image_len, NULL, &why);
    cr_assert_eq(status, MST_OK, "fault %u at %u: %s", why.id, (unsigned)why.offset, why.text);
    cr_assert(mst_vm_size(&image) <= sizeof block);
    cr_assert_eq(mst_vm_init(&vm, block, sizeof block, &image), MST_OK);
}

static mst_verdict eval_at(int64_t now)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    cr_assert_eq(mst_eval(vm, 0, now, &verdict), MST_OK);
    return verdict;
}

static const char *render(mst_part part)
{
    static char buffer[512];
    size_t len = 0;
    if (mst_render(vm, part, buffer, sizeof buffer - 1, &len) != MST_OK)
        return "(none)";
    buffer[len] = '\0';
    return buffer;
}

static const char *causes(void)
{
    static char buffer[512];
    static const char letters[] = "misuf";
    uint32_t cursor = 0;
    mst_cause cause = MST_CAUSE_INIT;
    buffer[0] = '\0';
    while (mst_cause_next(vm, &cursor, &cause) == MST_OK)
        snprintf(buffer + strlen(buffer), sizeof buffer - strlen(buffer), "%c:%.*s ",
                 letters[cause.kind], (int)cause.name.len, cause.name.ptr);
    return buffer;
}

/* ---- single instructions ------------------------------------------------------------------- */

static const char *const colours[] = {"red", "green", "blue"};

/* A decision with one field, whose value the last block computes as RESULT(0). */
static void finish_field(uint32_t type)
{
    (void)type;
    const uint32_t outcomes = builder_enum(&b, "outcome", colours, 1);
    const uint32_t decision = builder_block(&b, MST_BLOCK_DECISION, MST_CODE_ENUM + outcomes, 0);
    builder_op(&b, MST_OP_DECIDE, 0, 0, 0, 0);
    builder_u32(&b, MST_SECTION_FIELDS, builder_string(&b, "f"));
    builder_u32(&b, MST_SECTION_FIELDS, decision - 1);
    builder_case(&b, 0, NONE, 1, 0);
    builder_verdict(&b, &(struct builder_verdict){
                            .name = "d",
                            .block = decision,
                            .advise = NONE,
                            .case_count = 1,
                            .outcomes_enum = outcomes,
                            .labels = {NONE, NONE, NONE},
                            .check_enum = NONE,
                        });
    start();
}

static mst_field field_at(int64_t now)
{
    mst_field field = MST_FIELD_INIT;
    eval_at(now);
    cr_assert_eq(mst_field_at(vm, 0, &field), MST_OK);
    return field;
}

struct trial {
    enum mst_opcode op;
    uint32_t x, type, type_c, result;
    int64_t left, right, expected;
    bool fault;
};

#define V(a, c) ((int64_t)MST_VERSION(a, c, 0, 0))

static const struct trial trials[] = {
    {MST_OP_EQ, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_BOOL, 3, 3, 1, false},
    {MST_OP_EQ, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_BOOL, 3, 4, 0, false},
    {MST_OP_LT, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_BOOL, -1, 0, 1, false},
    {MST_OP_LE, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_BOOL, 1, 0, 0, false},
    {MST_OP_LT_VERSION, 0, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL, V(1, 0), V(40000, 0),
     1, false},
    {MST_OP_LE_VERSION, 0, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL, V(2, 1), V(2, 0), 0,
     false},
    {MST_OP_WITHIN, 1, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL, V(26100, 5), V(26100, 0),
     1, false},
    {MST_OP_WITHIN, 2, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL, V(26100, 5), V(26100, 0),
     0, false},
    {MST_OP_IN_PART, 1, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL, V(26100, 5),
     (int64_t)MST_VERSION(1, 26200, 26100, 9), 1, false},
    {MST_OP_IN_PART, 1, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL, V(26100, 5),
     (int64_t)MST_VERSION(26101, 26099, 5, 0), 0, false},
    {MST_OP_IN_PART, 2, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL, V(1, 0),
     (int64_t)MST_VERSION(1, 1, 1, 0), 1, false},
    {MST_OP_IN_PART, 2, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL, V(7, 1),
     (int64_t)MST_VERSION(0, 2, 0, 32769), 0, false},
    {MST_OP_IN_PART, 3, MST_TYPE_VERSION, MST_TYPE_VERSION, MST_TYPE_BOOL,
     (int64_t)MST_VERSION(1, 2, 65535, 4), (int64_t)MST_VERSION(65535, 0, 0, 0), 1, false},
    {MST_OP_ADD, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, 2, 3, 5, false},
    {MST_OP_ADD, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, INT64_MAX, 1, 0, true},
    {MST_OP_SUB, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, INT64_MIN, 1, 0, true},
    {MST_OP_MUL, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, -4, 5, -20, false},
    {MST_OP_DIV, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, -7, 2, -3, false},
    {MST_OP_DIV, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, INT64_MIN, -1, 0, true},
    {MST_OP_DIV, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, 1, 0, 0, true},
    {MST_OP_MOD, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, -7, 2, -1, false},
    {MST_OP_MOD, 0, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT, 7, 0, 0, true},
    {MST_OP_ADD, 0, MST_TYPE_DURATION, MST_TYPE_DURATION, MST_TYPE_DURATION, 60, 1, 61, false},
    {MST_OP_ADD, 0, MST_TYPE_DURATION, MST_TYPE_DURATION, MST_TYPE_DURATION, INT64_MAX, 1, 0, true},
    {MST_OP_SUB, 0, MST_TYPE_DURATION, MST_TYPE_DURATION, MST_TYPE_DURATION, 60, 61, -1, false},
    {MST_OP_MUL_DURATION, 0, MST_TYPE_DURATION, MST_TYPE_INT, MST_TYPE_DURATION, DAY, 3, 3 * DAY,
     false},
    {MST_OP_ADD_TIME, 0, MST_TYPE_TIME, MST_TYPE_DURATION, MST_TYPE_TIME, T0, 5, T0 + 5, false},
    {MST_OP_ADD_TIME, 0, MST_TYPE_TIME, MST_TYPE_DURATION, MST_TYPE_TIME, 253402300799, 1, 0, true},
    {MST_OP_SUB_TIME, 0, MST_TYPE_TIME, MST_TYPE_DURATION, MST_TYPE_TIME, T0, 5, T0 - 5, false},
    {MST_OP_DIFF_TIME, 0, MST_TYPE_TIME, MST_TYPE_TIME, MST_TYPE_DURATION, T0, T0 - 9, 9, false},
    {MST_OP_ADD_DATE, 0, MST_TYPE_DATE, MST_TYPE_DURATION, MST_TYPE_DATE, 10, 2 * DAY, 12, false},
    {MST_OP_ADD_DATE, 0, MST_TYPE_DATE, MST_TYPE_DURATION, MST_TYPE_DATE, 10, 5, 0, true},
    {MST_OP_SUB_DATE, 0, MST_TYPE_DATE, MST_TYPE_DURATION, MST_TYPE_DATE, 10, DAY, 9, false},
    {MST_OP_DIFF_DATE, 0, MST_TYPE_DATE, MST_TYPE_DATE, MST_TYPE_DURATION, 10, 8, 2 * DAY, false},
    {MST_OP_ADD_MONTH, 0, MST_TYPE_MONTH, MST_TYPE_INT, MST_TYPE_MONTH, 100, 2, 102, false},
    {MST_OP_SUB_MONTH, 0, MST_TYPE_MONTH, MST_TYPE_INT, MST_TYPE_MONTH, 12, 1, 0, true},
    {MST_OP_DIFF_MONTH, 0, MST_TYPE_MONTH, MST_TYPE_MONTH, MST_TYPE_INT, 30, 20, 10, false},
    {MST_OP_ADD_BOOL, 0, MST_TYPE_INT, MST_TYPE_BOOL, MST_TYPE_INT, 4, 1, 5, false},
    {MST_OP_SET_PART, 2, MST_TYPE_VERSION, MST_TYPE_INT, MST_TYPE_VERSION, V(1, 9), 7, V(1, 7),
     false},
    {MST_OP_SET_PART, 2, MST_TYPE_VERSION, MST_TYPE_INT, MST_TYPE_VERSION, V(1, 9), 65536, 0, true},
};

static void put_fact(mst_slot slot, uint32_t type, int64_t value)
{
    mst_status status = MST_ERR_TYPE;
    switch (type) {
    case MST_TYPE_BOOL: status = mst_fact_bool(vm, slot, value != 0); break;
    case MST_TYPE_INT: status = mst_fact_int(vm, slot, value); break;
    case MST_TYPE_VERSION: status = mst_fact_version(vm, slot, (uint64_t)value); break;
    case MST_TYPE_DATE: status = mst_fact_date(vm, slot, value); break;
    case MST_TYPE_MONTH: status = mst_fact_month(vm, slot, value); break;
    case MST_TYPE_DURATION: status = mst_fact_duration(vm, slot, value); break;
    case MST_TYPE_TIME: status = mst_fact_time(vm, slot, value); break;
    default: break;
    }
    cr_assert_eq(status, MST_OK);
}

static void try_one(const struct trial *t)
{
    const char *name = "trial";
    builder_begin(&b);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.x", t->type);
    builder_fact(&b, "g.y", t->type_c);
    builder_u32(&b, MST_SECTION_CAUSES, builder_string(&b, "place"));
    builder_u32(&b, MST_SECTION_ORIGINS, 0);
    builder_u32(&b, MST_SECTION_ORIGINS, 2);
    builder_block(&b, MST_BLOCK_VALUE, t->result, 0);
    builder_op(&b, t->op, t->x, RESULT(0), FACT(0), FACT(1));
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    finish_field(t->result);
    put_fact(0, t->type, t->left);
    put_fact(1, t->type_c, t->right);
    mst_field field = field_at(T0);
    cr_assert_eq(field.known, !t->fault, "%s op %d", name, (int)t->op);
    if (t->fault)
        cr_assert_str_eq(causes(), "f:place ");
    else
        cr_assert_eq(field.value, t->expected, "op %d: %lld", (int)t->op, (long long)field.value);
    mst_fact_missing(vm, 0);
    cr_assert_not(field_at(T0).known);
    cr_assert_str_eq(causes(), "m:g.x ");
    mst_fact_invalid(vm, 1);
    cr_assert_not(field_at(T0).known);
    cr_assert_str_eq(causes(), "m:g.x i:g.y ");
}

Test(vm, strict_instructions)
{
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        try_one(&trials[i]);
}

/* 0 false, 1 true, 2 unknown */
static int kleene(enum mst_opcode op, int left, int right)
{
    builder_begin(&b);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.x", MST_TYPE_BOOL);
    builder_fact(&b, "g.y", MST_TYPE_BOOL);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_BOOL, 0);
    builder_op(&b, op, 0, RESULT(0), FACT(0), op == MST_OP_NOT ? 0 : FACT(1));
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    finish_field(MST_TYPE_BOOL);
    if (left < 2)
        mst_fact_bool(vm, 0, left == 1);
    if (right < 2)
        mst_fact_bool(vm, 1, right == 1);
    const mst_field field = field_at(T0);
    return field.known ? (int)field.value : 2;
}

Test(vm, kleene_logic)
{
    static const int and_table[3][3] = {{0, 0, 0}, {0, 1, 2}, {0, 2, 2}};
    static const int or_table[3][3] = {{0, 1, 2}, {1, 1, 1}, {2, 1, 2}};
    for (int l = 0; l < 3; l++)
        for (int r = 0; r < 3; r++) {
            cr_assert_eq(kleene(MST_OP_AND, l, r), and_table[l][r]);
            cr_assert_eq(kleene(MST_OP_OR, l, r), or_table[l][r]);
        }
    cr_assert_eq(kleene(MST_OP_NOT, 0, 0), 1);
    cr_assert_eq(kleene(MST_OP_NOT, 2, 0), 2);
}

Test(vm, enums_and_other)
{
    builder_begin(&b);
    const uint32_t type = MST_CODE_ENUM + builder_enum(&b, "colour", colours, 3);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.x", type);
    builder_fact(&b, "g.y", type);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_BOOL, 0);
    builder_op(&b, MST_OP_EQ_ENUM, 0, RESULT(0), FACT(0), FACT(1));
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    finish_field(MST_TYPE_BOOL);
    mst_fact_spelling(vm, 0, "GREEN", 5);
    mst_fact_spelling(vm, 1, "green", 5);
    cr_assert_eq(field_at(T0).value, 1);
    mst_fact_spelling(vm, 1, "mauve", 5);
    cr_assert(field_at(T0).known);
    cr_assert_eq(field_at(T0).value, 0);
    cr_assert_arr_eq(mst_fact_text_of(vm, 1).ptr, "mauve", 5);
    mst_fact_spelling(vm, 0, "mauve", 5);
    cr_assert_not(field_at(T0).known);
}

Test(vm, texts_and_builtins)
{
    builder_begin(&b);
    b.site_count = 1;
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.x", MST_TYPE_TEXT);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_TEXT, 0);
    builder_op(&b, MST_OP_BUILTIN, 2, RESULT(0), FACT(0), 1);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    finish_field(MST_TYPE_TEXT);
    char buffer[16];
    size_t len = 0;
    mst_fact_text(vm, 0, "aBc", 3);
    cr_assert(field_at(T0).known);
    cr_assert_eq(mst_field_render(vm, 0, buffer, sizeof buffer, &len), MST_OK);
    cr_assert_eq(len, 3);
    cr_assert_arr_eq(buffer, "ABC", 3);
    cr_assert_eq(mst_field_render(vm, 0, buffer, 2, &len), MST_ERR_SPACE);
    mst_facts_clear(vm);
    cr_assert_eq(mst_field_render(vm, 0, buffer, sizeof buffer, &len), MST_ERR_NOT_FOUND);
    cr_assert_not(field_at(T0).known);
}

/* ---- loops --------------------------------------------------------------------------------- */

/* sum of the elements: r0 the sum, r1 the element, r2 its value */
static void build_list_sum(void)
{
    builder_begin(&b);
    builder_group(&b, "g", NONE, 0);
    const uint32_t list = builder_list(&b, "g.xs", 3, MST_TYPE_INT);
    builder_const(&b, MST_TYPE_INT, 0);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_INT, 3);
    builder_op(&b, MST_OP_MOVE, 0, REG(0), CONST(0), 0);
    builder_op(&b, MST_OP_EACH_UP, 0, REG(1), list, 3);
    builder_op(&b, MST_OP_ELEMENT, 0, REG(2), REG(1), list + 1);
    builder_op(&b, MST_OP_ADD, 0, REG(0), REG(0), REG(2));
    builder_op(&b, MST_OP_MORE_UP, 0, REG(1), list, 2);
    builder_op(&b, MST_OP_MOVE, 0, RESULT(0), REG(0), 0);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    finish_field(MST_TYPE_INT);
}

Test(vm, lists)
{
    build_list_sum();
    cr_assert_eq(field_at(T0).value, 0); /* an unknown list is passed over: the caller asks first */
    mst_fact_list(vm, 0, 3, false);
    mst_fact_int(vm, 1, 5);
    mst_fact_int(vm, 2, 6);
    mst_fact_int(vm, 3, 7);
    cr_assert_eq(field_at(T0).value, 18);
    mst_fact_list(vm, 0, 2, false);
    cr_assert_eq(field_at(T0).value, 11);
    mst_fact_list(vm, 0, 3, true);
    cr_assert_not(field_at(T0).known);
    cr_assert_str_eq(causes(), "i:g.xs ");
    cr_assert_eq(mst_fact_list(vm, 0, 4, false), MST_ERR_ARGUMENT);
}

/* table (key int, value int optional); field: value of the row whose key is the fact */
static void build_lookup(void)
{
    static const uint64_t keys[] = {30, 10, 20};
    static const uint64_t values[] = {300, 100, 0};
    static const uint32_t order[] = {1, 2, 0};
    builder_begin(&b);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.k", MST_TYPE_INT);
    const uint32_t table[] = {builder_string(&b, "t"), 3, 5, 0, 2, 0, 0};
    builder_record(&b, MST_SECTION_TABLES, 32, table, 7);
    const uint32_t key[] = {builder_string(&b, "key"), MST_TYPE_INT, 0, NONE, 0};
    const uint32_t value[] = {builder_string(&b, "value"), MST_TYPE_INT, 3, 0, 0};
    builder_record(&b, MST_SECTION_COLUMNS, 20, key, 5);
    builder_record(&b, MST_SECTION_COLUMNS, 20, value, 5);
    for (int i = 0; i < 3; i++)
        builder_u64(&b, MST_SECTION_CELLS, keys[i]);
    for (int i = 0; i < 3; i++)
        builder_u64(&b, MST_SECTION_CELLS, values[i]);
    for (int i = 0; i < 3; i++)
        builder_u32(&b, MST_SECTION_ORDERS, order[i]);
    b.section[MST_SECTION_KNOWN].bytes[0] = 3;
    b.section[MST_SECTION_KNOWN].len = 1;
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_INT, 1);
    builder_op(&b, MST_OP_FIND, 0, REG(0), FACT(0), 0);
    builder_op(&b, MST_OP_COLUMN, 0, RESULT(0), REG(0), 1);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    finish_field(MST_TYPE_INT);
}

/* What a look-up costs depends on its key: it may not pass for one of the other kind. */
Test(vm, a_look_up_says_whether_its_key_is_a_text)
{
    mst_fault why = MST_FAULT_INIT;
    build_lookup();
    b.image[builder_offset(&b, MST_SECTION_CODE) + 1] = 1;
    cr_assert_eq(mst_image_open(&image, b.image, b.image_len, NULL, &why), MST_ERR_IMAGE);
    cr_assert_str_eq(why.text, "an immediate is out of range");
}

Test(vm, tables)
{
    build_lookup();
    mst_fact_int(vm, 0, 30);
    cr_assert_eq(field_at(T0).value, 300);
    mst_fact_int(vm, 0, 10);
    cr_assert_eq(field_at(T0).value, 100);
    mst_fact_int(vm, 0, 20);
    cr_assert_not(field_at(T0).known); /* an empty cell */
    mst_fact_int(vm, 0, 25);
    cr_assert_not(field_at(T0).known); /* no such row */
}

/* ---- policies ------------------------------------------------------------------------------ */

/* checks a, b, c over three bools; advice on the third; reasons that print them */
static void build_policy(int64_t stale_after_s)
{
    static const char *const outcomes[] = {"passed", "failed"};
    static const char *const names[] = {"a", "b", "c"};
    builder_begin(&b);
    const uint32_t outcome = builder_enum(&b, "p", outcomes, 2);
    const uint32_t check_enum = builder_enum(&b, "p.check", names, 3);
    builder_group(&b, "g", NONE, stale_after_s);
    for (int i = 0; i < 3; i++)
        builder_fact(&b, (const char *[]){"g.a", "g.b", "g.c"}[i], MST_TYPE_BOOL);
    const uint32_t policy = builder_block(&b, MST_BLOCK_POLICY, MST_CODE_ENUM + outcome, 1);
    for (uint32_t i = 0; i < 3; i++) {
        builder_op(&b, MST_OP_FRESH, 0, REG(0), FACT(i), 0);
        builder_op(&b, MST_OP_CHECK, 0, REG(0), i, 0);
    }
    builder_op(&b, MST_OP_PASS, 0, 0, 0, 0);
    const uint32_t label = builder_block(&b, MST_BLOCK_MESSAGE, 0, 1);
    builder_wide(&b, MST_OP_EMIT_TEXT, 0, builder_string(&b, "check "));
    builder_call(&b, REG(0), MST_RESULT_NAMED, policy);
    builder_op(&b, MST_OP_EMIT, 0, REG(0), 0, MST_CODE_ENUM + check_enum);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    const uint32_t reason = builder_block(&b, MST_BLOCK_MESSAGE, 0, 0);
    builder_wide(&b, MST_OP_EMIT_TEXT, 0, builder_string(&b, "b is "));
    builder_op(&b, MST_OP_EMIT, 0, FACT(1), 0, MST_TYPE_BOOL);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    const uint32_t advise = builder_block(&b, MST_BLOCK_ADVICE, 0, 0);
    builder_op(&b, MST_OP_ADVISE, 0, FACT(2), 0, 0);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    for (int i = 0; i < 3; i++)
        builder_check(&b, names[i], reason, NONE);
    builder_check(&b, "hint", reason, NONE);
    builder_verdict(&b, &(struct builder_verdict){
                            .name = "p",
                            .flags = 3,
                            .block = policy,
                            .advise = advise,
                            .check_count = 3,
                            .advice_count = 1,
                            .outcomes_enum = outcome,
                            .labels = {NONE, label, label},
                            .check_enum = check_enum,
                        });
    start();
}

static void set_three(int a, int bb, int c)
{
    const int values[] = {a, bb, c};
    mst_facts_clear(vm);
    for (uint32_t i = 0; i < 3; i++)
        if (values[i] < 2)
            mst_fact_bool(vm, i, values[i] == 1);
}

Test(vm, policy_passes)
{
    build_policy(0);
    set_three(1, 1, 1);
    const mst_verdict v = eval_at(T0);
    cr_assert_eq(v.kind, MST_KIND_PASS);
    cr_assert_eq(v.check, MST_INDEX_NONE);
    cr_assert_eq(v.valid_until, MST_NEVER);
    cr_assert_eq(v.advice_count, 0);
    cr_assert_str_eq(render(MST_PART_LABEL), "passed");
    cr_assert_str_eq(render(MST_PART_REASON), "(none)");
    cr_assert_str_eq(causes(), "");
}

Test(vm, policy_fails_by_first_false_check)
{
    build_policy(0);
    set_three(2, 0, 0);
    const mst_verdict v = eval_at(T0);
    cr_assert_eq(v.kind, MST_KIND_FAIL);
    cr_assert_eq(v.check, 1);
    cr_assert_eq(v.unknown_count, 1);
    cr_assert_eq(v.advice_count, 1);
    cr_assert_eq(mst_unknown_check(vm, 0), 0);
    cr_assert_eq(mst_unknown_check(vm, 1), MST_INDEX_NONE);
    cr_assert_str_eq(render(MST_PART_LABEL), "check b");
    cr_assert_str_eq(render(MST_PART_REASON), "b is false");
    cr_assert_str_eq(causes(), "m:g.a ");
    cr_assert_eq(mst_advice_name(vm, 0).len, 4);
    cr_assert_eq(mst_unknown_check(vm, 0), 0); /* also after the causes */
}

Test(vm, all_checks_beside_the_verdict)
{
    build_policy(0);
    set_three(2, 0, 0);
    const mst_verdict v = eval_at(T0);
    cr_assert_eq(mst_failed_check(vm, 0), MST_INDEX_NONE); /* nobody has asked */
    cr_assert_eq(mst_eval_all_checks(vm), MST_OK);
    for (int after_causes = 0; after_causes < 2; after_causes++) {
        cr_assert_eq(mst_failed_check(vm, 0), 1);
        cr_assert_eq(mst_failed_check(vm, 1), 2);
        cr_assert_eq(mst_failed_check(vm, 2), MST_INDEX_NONE);
        cr_assert_eq(mst_unknown_check(vm, 0), 0);
        cr_assert_eq(mst_unknown_check(vm, 1), MST_INDEX_NONE);
        cr_assert_str_eq(render(MST_PART_LABEL), "check b");
        cr_assert_str_eq(causes(), "m:g.a ");
    }
    const mst_verdict again = eval_at(T0);
    cr_assert_eq(again.check, v.check);
    cr_assert_eq(mst_failed_check(vm, 0), MST_INDEX_NONE);
    cr_assert_eq(mst_eval_all_checks(vm), MST_OK);
    set_three(1, 1, 1);
    cr_assert_eq(mst_failed_check(vm, 0), MST_INDEX_NONE); /* a fact was set */
    eval_at(T0);
    cr_assert_eq(mst_eval_all_checks(vm), MST_ERR_NOT_FOUND);
}

Test(vm, policy_unknown_by_first_unknown_check)
{
    build_policy(0);
    set_three(1, 2, 2);
    mst_fact_invalid(vm, 2);
    const mst_verdict v = eval_at(T0);
    cr_assert_eq(v.kind, MST_KIND_UNKNOWN);
    cr_assert_eq(v.check, 1);
    cr_assert_eq(v.unknown_count, 2);
    cr_assert_str_eq(render(MST_PART_LABEL), "check b");
    cr_assert_str_eq(render(MST_PART_REASON), "(none)");
    cr_assert_str_eq(causes(), "m:g.b i:g.c ");
    set_three(1, 1, 1);
    cr_assert_eq(eval_at(T0).kind, MST_KIND_PASS);
}

Test(vm, facts_go_stale)
{
    build_policy(DAY);
    set_three(1, 1, 1);
    mst_observed(vm, MST_INDEX_NONE, T0);
    cr_assert_eq(eval_at(T0 + 5).valid_until, T0 + DAY);
    cr_assert_eq(eval_at(T0 + DAY - 1).kind, MST_KIND_PASS);
    const mst_verdict v = eval_at(T0 + DAY);
    cr_assert_eq(v.kind, MST_KIND_UNKNOWN);
    cr_assert_eq(v.valid_until, MST_NEVER);
    cr_assert_str_eq(causes(), "s:g.a s:g.b s:g.c ");
    mst_observed(vm, 0, T0 + DAY);
    cr_assert_eq(eval_at(T0 + DAY).valid_until, T0 + 2 * DAY);
}

/* ---- time ---------------------------------------------------------------------------------- */

static int64_t flip_until(enum mst_flip flip, int64_t target)
{
    builder_begin(&b);
    builder_const(&b, MST_TYPE_TIME, (uint64_t)target);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_BOOL, 0);
    builder_op(&b, MST_OP_FLIP, flip, 0, NOW, CONST(0));
    builder_op(&b, MST_OP_LT, 0, RESULT(0), NOW, CONST(0));
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    finish_field(MST_TYPE_BOOL);
    return eval_at(T0).valid_until;
}

Test(vm, flips)
{
    cr_assert_eq(flip_until(MST_FLIP_AT, T0 + 10), T0 + 10);
    cr_assert_eq(flip_until(MST_FLIP_AT, T0), MST_NEVER);
    cr_assert_eq(flip_until(MST_FLIP_AFTER, T0), T0 + 1);
    cr_assert_eq(flip_until(MST_FLIP_AFTER, T0 - 1), MST_NEVER);
    cr_assert_eq(flip_until(MST_FLIP_BOTH, T0 + 10), T0 + 10);
    cr_assert_eq(flip_until(MST_FLIP_BOTH, T0), T0 + 1);
    cr_assert_eq(flip_until(MST_FLIP_BOTH, T0 - 1), MST_NEVER);
    cr_assert_eq(flip_until(MST_FLIP_AFTER, 253402300799), MST_NEVER);
}

/* A called block counts for its caller, also when it had run before. */
Test(vm, calls_are_remembered_with_their_time)
{
    builder_begin(&b);
    builder_const(&b, MST_TYPE_TIME, T0 + 10);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_BOOL, 0);
    builder_op(&b, MST_OP_FLIP, MST_FLIP_AT, 0, NOW, CONST(0));
    builder_op(&b, MST_OP_LT, 0, RESULT(0), NOW, CONST(0));
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_BOOL, 1);
    builder_call(&b, REG(0), 0, 0);
    builder_call(&b, REG(0), 0, 0);
    builder_op(&b, MST_OP_NOT, 0, RESULT(1), REG(0), 0);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    finish_field(MST_TYPE_BOOL);
    cr_assert_eq(field_at(T0).value, 0);
    cr_assert_eq(eval_at(T0).valid_until, T0 + 10);
    cr_assert_eq(eval_at(T0).valid_until, T0 + 10);
    cr_assert_eq(field_at(T0 + 10).value, 1);
    char line[128];
    size_t len = 0;
    for (uint32_t pc = 0; mst_disassemble(&image, pc, line, sizeof line, &len) == MST_OK; pc++)
        cr_assert(len > 6);
    cr_assert_eq(mst_disassemble(&image, 0, line, sizeof line, &len), MST_OK);
    cr_assert_arr_eq(line, "0     flip          at, now, c0=2026-08-15T00:00:10Z", 51);
}
