/* SPDX-License-Identifier: Apache-2.0
 *
 * What is kept of subjects, in each kind of store: batches, names, the history of changes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fault/scratch.h"
#include "state.h"

/* Each test runs over every kind of store. */
enum store_kind { IN_MEMORY, IN_FILE, STORE_KINDS };

static char folder[SCRATCH_BYTES], path[96];
static mst_state *state;

static void open_state(enum store_kind kind, uint32_t history_max)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    mst_state_why why = {""};
    options.history_max = history_max;
    options.path = kind == IN_MEMORY ? NULL : path;
    cr_assert_eq(mst_state_open(&state, &options, &why), MST_STATE_OK, "%s", why.text);
}

static void begin_store(enum store_kind kind, uint32_t history_max)
{
    cr_assert(scratch_make(folder));
    snprintf(path, sizeof path, "%s/muster.db", folder);
    open_state(kind, history_max);
}

static void end_store(void)
{
    mst_state_close(state);
    cr_assert(scratch_remove(folder));
}

#define GOOD(call) cr_assert_eq((call), MST_STATE_OK, "%s: %s", #call, mst_state_message(state))

static mst_text text_of(const char *text)
{
    return (mst_text){text, (uint32_t)strlen(text)};
}

static uint32_t name_of(const char *name)
{
    uint32_t number;
    GOOD(mst_state_name(state, name, strlen(name), &number));
    return number;
}

/* ---- what is shown, as text -------------------------------------------------------------- */

static char shown[65536];

static void append(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void append(const char *format, ...)
{
    size_t at = strlen(shown);
    va_list args;
    va_start(args, format);
    vsnprintf(shown + at, sizeof shown - at, format, args);
    va_end(args);
}

static void append_name(uint32_t number)
{
    mst_text name = mst_state_name_text(state, number);
    append("%.*s", (int)name.len, name.ptr);
}

static void append_subject(const mst_state_subject *subject)
{
    append("%u %.*s", subject->slot, (int)subject->id.len, subject->id.ptr);
    for (uint32_t i = 0; i < subject->group_count; i++) {
        const mst_state_group *group = &subject->groups[i];
        append(" ");
        append_name(group->name);
        append("@%lld=%.*s", (long long)group->observed, (int)group->text.len, group->text.ptr);
    }
    for (uint32_t i = 0; i < subject->verdict_count; i++) {
        const mst_state_verdict *verdict = &subject->verdicts[i];
        append(" [");
        append_name(verdict->name);
        append(" ");
        append_name(verdict->outcome);
        append("/");
        append_name(verdict->check);
        append(" ");
        append_name(verdict->rules);
        append(" %u %lld..", verdict->kind, (long long)verdict->since);
        if (verdict->valid_until != MST_NEVER)
            append("%lld", (long long)verdict->valid_until);
        append("]");
    }
    append("\n");
}

static bool visit_subject(void *context, const mst_state_subject *subject)
{
    (void)context;
    append_subject(subject);
    return true;
}

static const char *all_subjects(void)
{
    shown[0] = '\0';
    for (uint32_t at = 0; at != MST_STATE_END;)
        GOOD(mst_state_scan(state, at, 3, visit_subject, NULL, &at));
    return shown;
}

static const char *one_subject(uint32_t slot)
{
    mst_state_subject subject;
    shown[0] = '\0';
    GOOD(mst_state_read(state, slot, &subject));
    append_subject(&subject);
    return shown;
}

static bool visit_change(void *context, uint64_t sequence, mst_text event)
{
    (void)context;
    append("%llu:%.*s ", (unsigned long long)sequence, (int)event.len, event.ptr);
    return true;
}

static const char *changes_after(uint64_t after, uint32_t max_count)
{
    shown[0] = '\0';
    GOOD(mst_state_read_changes(state, after, max_count, visit_change, NULL));
    return shown;
}

/* ---- subjects ---------------------------------------------------------------------------- */

static mst_state_verdict verdict_of(const char *name, const char *outcome, const char *check,
                                    int64_t since, int64_t valid_until)
{
    return (mst_state_verdict){
        name_of(name), name_of(outcome), name_of(check), name_of("hotpatch@1"), 1,
        since,         valid_until};
}

static void put_two_subjects(void)
{
    mst_state_verdict verdicts[] = {
        verdict_of("readiness", "ready", "", 1700000000, MST_NEVER),
        verdict_of("ring", "fail", "mdm", -5, 1800000000),
    };
    GOOD(mst_state_begin(state));
    GOOD(mst_state_put_subject(state, 0, text_of("D-0")));
    GOOD(mst_state_put_group(state, 0, name_of("os"), 100, text_of("{\"build\":1}")));
    GOOD(mst_state_put_verdicts(state, 0, verdicts, 2));
    GOOD(mst_state_put_subject(state, 7, text_of("D-7")));
    GOOD(mst_state_commit(state));
}

#define TWO_SUBJECTS                                                                               \
    "0 D-0 os@100={\"build\":1} [readiness ready/ hotpatch@1 1 1700000000..]"                      \
    " [ring fail/mdm hotpatch@1 1 -5..1800000000]\n"                                               \
    "7 D-7\n"

static void keeps_subjects(enum store_kind kind)
{
    cr_assert_str_eq(all_subjects(), "");
    put_two_subjects();
    cr_assert_str_eq(all_subjects(), TWO_SUBJECTS);
    if (kind != IN_MEMORY) {
        mst_state_close(state);
        open_state(kind, 10);
        cr_assert_str_eq(all_subjects(), TWO_SUBJECTS);
    }
}

static void replaces_and_clears_groups(enum store_kind kind)
{
    (void)kind;
    put_two_subjects();
    GOOD(mst_state_begin(state));
    GOOD(mst_state_put_group(state, 7, name_of("os"), 1, text_of("{}")));
    for (int i = 0; i < 9; i++) {
        char name[] = {(char)('a' + i), '\0'};
        GOOD(mst_state_put_group(state, 7, name_of(name), i, text_of(name)));
    }
    GOOD(mst_state_put_group(state, 7, name_of("b"), 11, text_of("")));
    GOOD(mst_state_clear_group(state, 7, name_of("os")));
    GOOD(mst_state_clear_group(state, 7, name_of("none")));
    GOOD(mst_state_put_verdicts(state, 0, NULL, 0));
    cr_assert_str_eq(one_subject(7),
                     "7 D-7 i@8=i a@0=a b@11= c@2=c d@3=d e@4=e f@5=f g@6=g h@7=h\n",
                     "the open batch is seen: %s", shown);
    cr_assert_str_eq(all_subjects(), TWO_SUBJECTS, "but not by a scan");
    GOOD(mst_state_commit(state));
    cr_assert_str_eq(all_subjects(),
                     "0 D-0 os@100={\"build\":1}\n"
                     "7 D-7 i@8=i a@0=a b@11= c@2=c d@3=d e@4=e f@5=f g@6=g h@7=h\n");
}

static void deletes_and_uses_slots_again(enum store_kind kind)
{
    (void)kind;
    put_two_subjects();
    GOOD(mst_state_begin(state));
    GOOD(mst_state_delete_subject(state, 0));
    mst_state_subject subject;
    cr_assert_eq(mst_state_read(state, 0, &subject), MST_STATE_NOT_FOUND);
    cr_assert_eq(mst_state_put_group(state, 0, name_of("os"), 1, text_of("{}")),
                 MST_STATE_NOT_FOUND);
    GOOD(mst_state_put_subject(state, 0, text_of("E-0")));
    GOOD(mst_state_delete_subject(state, 7));
    GOOD(mst_state_delete_subject(state, 5000));
    GOOD(mst_state_commit(state));
    cr_assert_str_eq(all_subjects(), "0 E-0\n");
    cr_assert_eq(mst_state_read(state, 7, &subject), MST_STATE_NOT_FOUND);
    cr_assert_str_eq(mst_state_message(state), "slot 7 is empty");
}

static void forgets_what_is_rolled_back(enum store_kind kind)
{
    (void)kind;
    uint64_t sequence;
    mst_text value;
    put_two_subjects();
    GOOD(mst_state_begin(state));
    GOOD(mst_state_put_subject(state, 1, text_of("D-1")));
    GOOD(mst_state_put_group(state, 0, name_of("new"), 1, text_of("{}")));
    GOOD(mst_state_delete_subject(state, 7));
    GOOD(mst_state_append_change(state, text_of("x"), &sequence));
    cr_assert_eq(sequence, 1);
    GOOD(mst_state_put_meta(state, "rules", text_of("x")));
    mst_state_rollback(state);
    cr_assert_str_eq(all_subjects(), TWO_SUBJECTS);
    cr_assert_eq(mst_state_get_meta(state, "rules", &value), MST_STATE_NOT_FOUND);
    GOOD(mst_state_begin(state));
    GOOD(mst_state_append_change(state, text_of("y"), &sequence));
    cr_assert_eq(sequence, 1, "a number that was not kept is given again");
    GOOD(mst_state_put_group(state, 7, name_of("new"), 1, text_of("{}")));
    GOOD(mst_state_commit(state));
    cr_assert_str_eq(one_subject(7), "7 D-7 new@1={}\n");
    if (kind != IN_MEMORY) {
        mst_state_close(state);
        open_state(kind, 10);
        cr_assert_str_eq(one_subject(7), "7 D-7 new@1={}\n", "a name seen in a batch that failed");
    }
}

static void keeps_many_in_one_batch(enum store_kind kind)
{
    (void)kind;
    char id[32];
    mst_state_subject subject;
    for (uint32_t round = 0; round < 2; round++) {
        GOOD(mst_state_begin(state));
        for (uint32_t i = 0; i < 5000; i++) {
            uint32_t slot = i * 7 % 5000;
            snprintf(id, sizeof id, "D-%u", slot);
            if (round == 0)
                GOOD(mst_state_put_subject(state, slot, text_of(id)));
            GOOD(mst_state_put_group(state, slot, name_of("os"), (int64_t)slot, text_of(id)));
        }
        GOOD(mst_state_commit(state));
    }
    for (uint32_t slot = 0; slot < 5000; slot += 13) {
        snprintf(id, sizeof id, "D-%u", slot);
        GOOD(mst_state_read(state, slot, &subject));
        cr_assert_eq(subject.group_count, 1);
        cr_assert_eq(subject.groups[0].observed, slot);
        cr_assert_eq(subject.id.len, strlen(id));
        cr_assert_arr_eq(subject.id.ptr, id, strlen(id));
        cr_assert_arr_eq(subject.groups[0].text.ptr, id, strlen(id));
    }
}

static void refuses_what_is_too_much(enum store_kind kind)
{
    (void)kind;
    static char large[MST_STATE_GROUP_MAX_BYTES + 1];
    uint32_t number;
    memset(large, 'x', sizeof large);
    GOOD(mst_state_begin(state));
    cr_assert_eq(mst_state_put_subject(state, 16000000, text_of("x")), MST_STATE_LIMIT);
    cr_assert_eq(mst_state_put_subject(state, 0, text_of("")), MST_STATE_LIMIT);
    cr_assert_eq(mst_state_put_subject(state, 0, (mst_text){large, MST_STATE_ID_MAX_BYTES + 1}),
                 MST_STATE_LIMIT);
    GOOD(mst_state_put_subject(state, 0, (mst_text){large, MST_STATE_ID_MAX_BYTES}));
    cr_assert_eq(mst_state_put_group(state, 0, name_of("os"), 0, (mst_text){large, sizeof large}),
                 MST_STATE_LIMIT);
    GOOD(mst_state_put_group(state, 0, name_of("os"), 0, (mst_text){large, sizeof large - 1}));
    cr_assert_eq(mst_state_name(state, large, MST_STATE_NAME_MAX_BYTES + 1, &number),
                 MST_STATE_LIMIT);
    GOOD(mst_state_commit(state));
    mst_state_subject subject;
    GOOD(mst_state_read(state, 0, &subject));
    cr_assert_eq(subject.groups[0].text.len, MST_STATE_GROUP_MAX_BYTES);
}

/* ---- changes and meta -------------------------------------------------------------------- */

static void append_changes(uint32_t count, char letter)
{
    char event[] = {letter, '\0'};
    uint64_t sequence;
    GOOD(mst_state_begin(state));
    for (uint32_t i = 0; i < count; i++)
        GOOD(mst_state_append_change(state, text_of(event), &sequence));
    GOOD(mst_state_commit(state));
}

static void assert_history(uint64_t first, uint64_t last)
{
    uint64_t kept_first, kept_last;
    GOOD(mst_state_history(state, &kept_first, &kept_last));
    cr_assert_eq(kept_first, first, "first is %llu", (unsigned long long)kept_first);
    cr_assert_eq(kept_last, last, "last is %llu", (unsigned long long)kept_last);
}

static void bounds_the_history(enum store_kind kind)
{
    assert_history(1, 0);
    cr_assert_str_eq(changes_after(0, 100), "");
    append_changes(3, 'a');
    assert_history(1, 3);
    cr_assert_str_eq(changes_after(0, 2), "1:a 2:a ");
    append_changes(9, 'b');
    assert_history(3, 12);
    cr_assert_str_eq(changes_after(2, 100), "3:a 4:b 5:b 6:b 7:b 8:b 9:b 10:b 11:b 12:b ");
    cr_assert_str_eq(changes_after(12, 100), "");
    cr_assert_eq(mst_state_read_changes(state, 1, 100, visit_change, NULL), MST_STATE_GONE);
    cr_assert_eq(mst_state_read_changes(state, 13, 100, visit_change, NULL), MST_STATE_GONE,
                 "never given: another state's");
    append_changes(1000, 'c');
    assert_history(1003, 1012);
    cr_assert_str_eq(changes_after(1010, 100), "1011:c 1012:c ");
    if (kind != IN_MEMORY) {
        mst_state_close(state);
        open_state(kind, 4);
        append_changes(1, 'd');
        assert_history(1010, 1013);
        cr_assert_str_eq(changes_after(1009, 100), "1010:c 1011:c 1012:c 1013:d ");
    }
}

static void keeps_meta(enum store_kind kind)
{
    mst_text value;
    GOOD(mst_state_probe(state));
    GOOD(mst_state_begin(state));
    GOOD(mst_state_put_meta(state, "rules", text_of("a")));
    GOOD(mst_state_put_meta(state, "cursor", text_of("17")));
    GOOD(mst_state_put_meta(state, "empty", text_of("")));
    GOOD(mst_state_commit(state));
    GOOD(mst_state_begin(state));
    GOOD(mst_state_put_meta(state, "rules", text_of("bc")));
    GOOD(mst_state_delete_meta(state, "cursor"));
    GOOD(mst_state_delete_meta(state, "nothing"));
    GOOD(mst_state_commit(state));
    if (kind != IN_MEMORY) {
        mst_state_close(state);
        open_state(kind, 10);
    }
    GOOD(mst_state_get_meta(state, "rules", &value));
    cr_assert_eq(value.len, 2);
    cr_assert_arr_eq(value.ptr, "bc", 2);
    GOOD(mst_state_get_meta(state, "empty", &value));
    cr_assert_eq(value.len, 0);
    cr_assert_eq(mst_state_get_meta(state, "cursor", &value), MST_STATE_NOT_FOUND);
}

static void numbers_names(enum store_kind kind)
{
    char name[32];
    cr_assert_eq(name_of(""), 0);
    for (uint32_t i = 1; i <= 2000; i++) {
        snprintf(name, sizeof name, "name-%u", i);
        cr_assert_eq(name_of(name), i);
    }
    GOOD(mst_state_begin(state));
    GOOD(mst_state_commit(state));
    GOOD(mst_state_begin(state));
    GOOD(mst_state_put_subject(state, 0, text_of("D")));
    GOOD(mst_state_commit(state));
    if (kind != IN_MEMORY) {
        mst_state_close(state);
        open_state(kind, 10);
    }
    cr_assert_eq(name_of("name-1234"), 1234);
    cr_assert_eq(name_of("name-2001"), 2001);
    cr_assert_null(mst_state_name_text(state, 2002).ptr);
}

#define OVER_EACH_STORE(function)                                                                  \
    Test(state, function)                                                                          \
    {                                                                                              \
        for (int kind = IN_MEMORY; kind < STORE_KINDS; kind++) {                                   \
            begin_store((enum store_kind)kind, 10);                                                \
            function((enum store_kind)kind);                                                       \
            end_store();                                                                           \
        }                                                                                          \
    }

OVER_EACH_STORE(keeps_subjects)
OVER_EACH_STORE(replaces_and_clears_groups)
OVER_EACH_STORE(deletes_and_uses_slots_again)
OVER_EACH_STORE(forgets_what_is_rolled_back)
OVER_EACH_STORE(keeps_many_in_one_batch)
OVER_EACH_STORE(refuses_what_is_too_much)
OVER_EACH_STORE(bounds_the_history)
OVER_EACH_STORE(keeps_meta)
OVER_EACH_STORE(numbers_names)
