/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdict lines with a memo, as the service writes them, and without one: the same, byte for byte.
 *
 *     lines_differ COUNT
 *
 * So many times the rules are chosen at random (the shipped packages, the seeds of the fuzz
 * targets, and rules with more and longer texts than a memo has room for), with the facts of a
 * device of the sample fleet, random ones, or a mixture, and the instant. The memo of an image
 * lives as long as the program, so that what one device has left there meets all the others. */
#include "exercise.h"
#include "facts/verdict_line.h"
#include "seed_images.h"

#define PACKAGES MST_SOURCE_DIR "/stdlib-rules"
#define FLEET PACKAGES "/samples/fleet.ndjson"
#define NOW 1786752000 /* 2026-08-15T00:00:00Z */
#define DAY 86400
#define FLEET_MAX 1000
#define CHECKS 40 /* of each policy of make_large_rules() */

struct bench {
    mst_image image;
    mst_vm *vm;
    mst_reader *reader; /* or NULL: its keys are nested too deep */
    size_t room;
    char *plain, *kept;
    struct mst_line_memo memo;
};

static struct bench *benches;
static mst_text fleet[FLEET_MAX];
static uint32_t fleet_count;
static uint64_t line_count, whole_count, gap_count, cut_count;

/* ---- rules and devices --------------------------------------------------------------------- */

/* Three policies, of more checks together than a memo keeps, some with texts that are longer. */
static char *make_large_rules(void)
{
    static char text[1u << 18];
    size_t len = (size_t)snprintf(text, sizeof text,
                                  "module large version 1.0\n"
                                  "facts d { id: text  n: int  day: date }\nsubject d.id\n");
    for (int p = 0; p < 3; p++) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "policy p%d { pass ok \"\"\"Good\"\"\" fail bad \"Bad: {check}\" "
                                "unknown open\n",
                                p);
        for (int i = 0; i < CHECKS; i++)
            len += (size_t)snprintf(text + len, sizeof text - len,
                                    "  check c%d { require d.n != %d\n    reason \"%s%.*d\"\n"
                                    "    remedy \"r%d %.*d\"\n    cite \"%s\" }\n",
                                    i, p * CHECKS + i, i % 3 ? "It is \"\"so\"\"." : "Not {d.n}. ",
                                    i % 7 * 150, i, p, i % 5 * 240, p, i % 2 ? "{d.day}" : "docs");
        len += (size_t)snprintf(text + len, sizeof text - len, "}\n");
        FUZZ_EXPECT(len < sizeof text);
    }
    return text;
}

static void add_text_seed(struct seed_images *seeds, const char *text)
{
    mst_compilation *compilation = NULL;
    mst_compile_options options = MST_COMPILE_OPTIONS_INIT;
    FUZZ_EXPECT(mst_compile(&compilation, "large.muster", text, strlen(text), &options) == MST_OK);
    keep_seed(seeds, compilation);
    mst_compilation_free(compilation);
}

static void open_bench(struct bench *bench, const struct seed_image *seed)
{
    void *block = NULL; /* both are kept until the program ends */
    FUZZ_EXPECT(mst_image_open(&bench->image, seed->bytes, seed->size, NULL, NULL) == MST_OK);
    bench->vm = make_vm(&bench->image, &block);
    bench->reader = make_reader(&bench->image, &block);
    bench->room = mst_verdict_json_max(&bench->image);
    bench->plain = malloc(bench->room);
    bench->kept = malloc(bench->room);
    FUZZ_EXPECT(bench->plain && bench->kept);
}

static void read_fleet(void)
{
    size_t size = 0;
    FILE *file = fopen(FLEET, "rb");
    FUZZ_EXPECT(file && fseek(file, 0, SEEK_END) == 0);
    size = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(size);
    FUZZ_EXPECT(text && fread(text, 1, size, file) == size);
    (void)fclose(file);
    for (char *at = text, *end; fleet_count < FLEET_MAX; at = end + 1) {
        end = memchr(at, '\n', (size_t)(text + size - at));
        if (!end)
            break;
        fleet[fleet_count++] = (mst_text){at, (uint32_t)(end - at)};
    }
    FUZZ_EXPECT(fleet_count > 0);
}

/* ---- one device ---------------------------------------------------------------------------- */

/* Of a device of the fleet, with a few facts changed in every other; or all of them random. */
static void choose_facts(struct bench *bench, struct dice *dice)
{
    const uint32_t count = mst_fact_count(&bench->image);
    const mst_text record = fleet[dice_below(dice, fleet_count)];
    set_facts(bench->vm, &bench->image, dice);
    if (dice_below(dice, 3) == 0 || !bench->reader || count == 0 ||
        mst_read_record(bench->reader, bench->vm, record.ptr, record.len, NOW, NULL) != MST_OK)
        return;
    for (uint32_t changes = dice_below(dice, 2) * 3; changes > 0; changes--) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        FUZZ_EXPECT(mst_fact_info_at(&bench->image, dice_below(dice, count), &info) == MST_OK);
        if (info.slot != MST_SLOT_NONE)
            set_fact(bench->vm, &bench->image, &info, info.slot, dice);
    }
}

/* The checks of the large rules fail for numbers that nobody guesses. */
static void choose_number(struct bench *bench, struct dice *dice)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    FUZZ_EXPECT(mst_fact_info_at(&bench->image, 1, &info) == MST_OK);
    if (dice_below(dice, 8) != 0)
        FUZZ_EXPECT(mst_fact_int(bench->vm, info.slot, dice_below(dice, 3 * CHECKS)) == MST_OK);
}

static int64_t choose_instant(struct dice *dice)
{
    switch (dice_below(dice, 8)) {
    case 0: return pick_between(dice, MST_TIME_MIN, MST_TIME_MAX);
    case 1: return NOW;
    default: return NOW + ((int64_t)dice_below(dice, 400) - 100) * DAY + dice_below(dice, DAY);
    }
}

/* ---- one verdict --------------------------------------------------------------------------- */

static mst_status write_line(struct bench *bench, const mst_verdict *verdict, bool is_brief,
                             bool with_memo, size_t room, size_t *len)
{
    return with_memo ? mst_verdict_line(bench->vm, &bench->image, verdict, is_brief, &bench->memo,
                                        bench->kept, room, len)
                     : mst_verdict_json(bench->vm, &bench->image, verdict, is_brief, bench->plain,
                                        room, len);
}

static void compare_lines(struct bench *bench, const mst_verdict *verdict, struct dice *dice)
{
    const bool is_brief = dice_below(dice, 8) == 0;
    const bool memo_first = dice_below(dice, 2) == 0; /* what one renders the other finds done */
    const size_t room = dice_below(dice, 8) == 0 ? dice_below(dice, 2000) : bench->room;
    size_t len[2]; /* plain, with a memo */
    const mst_status first =
        write_line(bench, verdict, is_brief, memo_first, room, &len[memo_first]);
    const mst_status second =
        write_line(bench, verdict, is_brief, !memo_first, room, &len[!memo_first]);
    FUZZ_EXPECT(first == second && (first == MST_OK || first == MST_ERR_SPACE));
    line_count++;
    cut_count += first != MST_OK;
    if (first != MST_OK)
        return;
    if (len[0] != len[1] || memcmp(bench->plain, bench->kept, len[0]) != 0)
        (void)fprintf(stderr, "without: %.*s\nwith:    %.*s\n", (int)len[0], bench->plain,
                      (int)len[1], bench->kept);
    FUZZ_EXPECT(len[0] == len[1] && memcmp(bench->plain, bench->kept, len[0]) == 0);
}

static void compare_verdicts(struct bench *bench, struct dice *dice)
{
    const int64_t now = choose_instant(dice);
    for (uint32_t i = 0; i < mst_verdict_count(&bench->image); i++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        FUZZ_EXPECT(mst_eval(bench->vm, i, now, &verdict) == MST_OK);
        if (dice_below(dice, 8) == 0)
            (void)mst_eval_all_checks(bench->vm);
        compare_lines(bench, &verdict, dice);
    }
}

/* ---- all ----------------------------------------------------------------------------------- */

static void count_kept(const struct mst_line_memo *memo)
{
    for (size_t i = 0; i < MST_LINE_MIDDLES; i++) {
        whole_count += memo->middles[i].len > 0 && memo->middles[i].gap_count == 0;
        gap_count += memo->middles[i].len > 0 && memo->middles[i].gap_count > 0;
    }
}

int main(int argc, char **argv)
{
    static struct seed_images seeds;
    struct dice dice = {20261122};
    const unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (count == 0) {
        (void)fprintf(stderr, "usage: lines_differ COUNT\n");
        return 2;
    }
    seeds = *seed_images();
    const uint32_t first_package = seeds.count;
    add_seed_folder(&seeds, PACKAGES "/windows", PACKAGES);
    const uint32_t large = seeds.count;
    add_text_seed(&seeds, make_large_rules());
    FUZZ_EXPECT(first_package < large && large < MAX_SEEDS);
    read_fleet();
    benches = calloc(seeds.count, sizeof *benches);
    FUZZ_EXPECT(benches);
    for (uint32_t i = 0; i < seeds.count; i++)
        open_bench(&benches[i], &seeds.list[i]);
    for (unsigned long i = 0; i < count; i++) {
        /* the packages as often as all the others */
        const uint32_t chosen = i % 2 == 0
                                    ? dice_below(&dice, seeds.count)
                                    : first_package + dice_below(&dice, large + 1 - first_package);
        choose_facts(&benches[chosen], &dice);
        if (chosen == large)
            choose_number(&benches[chosen], &dice);
        compare_verdicts(&benches[chosen], &dice);
    }
    for (uint32_t i = 0; i < seeds.count; i++)
        count_kept(&benches[i].memo);
    printf("%llu lines, %llu of them cut; kept: %llu whole, %llu with gaps\n",
           (unsigned long long)line_count, (unsigned long long)cut_count,
           (unsigned long long)whole_count, (unsigned long long)gap_count);
    FUZZ_EXPECT(cut_count > 0 && whole_count > 0 && gap_count > 0);
    return 0;
}
