/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an image: what the verifier lets through must run, for every set of facts, within
 * the memory that it asks for. Bytes behind the image choose the facts; those that begin with `{`
 * are also read as a record. New inputs are made by mutate_image.h. The empty input stands for the
 * seed images themselves and MST_MUTANTS (10,000) mutants of them: if that is set with two tables,
 * what became of mutants of each kind, and why they were refused. One in twenty at least must pass
 * the verifier, else what lies behind it is not tested. MST_MUTANT_FILE keeps the mutant that runs,
 * to be replayed. */
#include <stdint.h>
#include <unistd.h>

#include "exercise.h"
#include "mutate_image.h"

#define MAX_FAULTS 128
#define MAX_MUTANT_BYTES (256u << 10)

#define MOST_SECONDS 60 /* for one input; then the program is ended: it would run for ever */

/* How often each fault was found in mutants of a kind; 0 stands for accepted. */
static uint64_t outcomes[MUTATION_COUNT][MAX_FAULTS];
static enum mutation kind_now;

static void run_image(const uint8_t *data, size_t size, bool is_ours)
{
    const mst_limits limits = {sizeof limits, 1u << 16, 200000, 1u << 20, 2000000};
    const size_t used =
        size >= MST_HEADER_BYTES ? mst_load_u32(data + MST_HEADER_BYTE_COUNT) : size;
    const size_t image_size = used < size ? used : size;
    struct dice dice = dice_from(data + image_size, size - image_size);
    uint8_t *bytes = malloc(image_size > 0 ? image_size : 1);
    FUZZ_EXPECT(bytes);
    memcpy(bytes, data, image_size);
    (void)alarm(MOST_SECONDS);
    mst_image image;
    mst_fault why = MST_FAULT_INIT;
    const mst_status status = mst_image_open(&image, bytes, image_size, &limits, &why);
    if (status == MST_OK) {
        exercise_image(&image, &dice, (const char *)data + image_size, size - image_size, is_ours);
    } else {
        FUZZ_EXPECT(status == MST_ERR_IMAGE || status == MST_ERR_LIMIT);
        FUZZ_EXPECT(why.id > 0 && why.id < MAX_FAULTS && why.text[0] != '\0');
        FUZZ_EXPECT(why.offset <= image_size);
    }
    (void)alarm(0);
    outcomes[kind_now][status == MST_OK ? 0 : why.id]++;
    free(bytes);
}

struct fault_name {
    const char *name, *text;
};

static const struct fault_name fault_names[MAX_FAULTS] = {
    {"RAN", "accepted, and ran"},
#define MST_FAULT(number, name, text) [number] = {#name, text},
#include "format/fault.def"
#undef MST_FAULT
};

static uint64_t sum_kind(enum mutation kind)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < MAX_FAULTS; i++)
        sum += outcomes[kind][i];
    return sum;
}

static uint64_t sum_fault(uint32_t fault)
{
    uint64_t sum = 0;
    for (uint32_t kind = 0; kind < MUTATION_COUNT; kind++)
        sum += outcomes[kind][fault];
    return sum;
}

/* The fault that refused most mutants of a kind. */
static uint32_t find_most(enum mutation kind)
{
    uint32_t most = 1;
    for (uint32_t i = 1; i < MAX_FAULTS; i++)
        most = outcomes[kind][i] > outcomes[kind][most] ? i : most;
    return most;
}

static void print_outcomes(uint64_t count)
{
    (void)fprintf(stderr, "%-20s %10s %10s %10s  most by\n", "mutants", "all", "refused", "ran");
    for (uint32_t kind = 0; kind < MUTATION_COUNT; kind++) {
        const uint64_t all = sum_kind((enum mutation)kind);
        const uint64_t ran = outcomes[kind][0];
        (void)fprintf(stderr, "%-20s %10llu %10llu %10llu  %s\n",
                      name_mutation((enum mutation)kind), (unsigned long long)all,
                      (unsigned long long)(all - ran), (unsigned long long)ran,
                      fault_names[find_most((enum mutation)kind)].name);
    }
    const uint64_t ran = sum_fault(0);
    (void)fprintf(stderr, "%-20s %10llu %10llu %10llu\n\n", "together", (unsigned long long)count,
                  (unsigned long long)(count - ran), (unsigned long long)ran);
    for (uint32_t i = 0; i < MAX_FAULTS; i++)
        if (fault_names[i].name)
            (void)fprintf(stderr, "%10llu %3u %-18s %s\n", (unsigned long long)sum_fault(i), i,
                          fault_names[i].name, fault_names[i].text);
}

static void keep_mutant(const uint8_t *data, size_t size)
{
    const char *path = getenv("MST_MUTANT_FILE");
    FILE *file = path ? fopen(path, "wb") : NULL;
    if (!file)
        return;
    FUZZ_EXPECT(fwrite(data, 1, size, file) == size);
    FUZZ_EXPECT(fclose(file) == 0);
}

/* The images as they are, then mutants of them, the same ones each time. */
static void run_mutants(void)
{
    static bool is_done;
    const struct seed_images *seeds = seed_images();
    const char *wanted = getenv("MST_MUTANTS");
    const uint64_t count = wanted ? strtoull(wanted, NULL, 10) : 10000;
    struct dice dice = {1};
    if (is_done)
        return;
    is_done = true;
    uint8_t *data = malloc(MAX_MUTANT_BYTES);
    FUZZ_EXPECT(data);
    for (uint32_t i = 0; i < seeds->count; i++)
        run_image(seeds->list[i].bytes, seeds->list[i].size, true);
    memset(outcomes, 0, sizeof outcomes);
    size_t size = 0;
    for (uint64_t i = 0; i < count; i++) {
        const bool goes_on = size > 0 && dice_below(&dice, 4) == 0; /* a mutant of the mutant */
        kind_now = pick_mutation(&dice);
        size = mutate_image(data, goes_on ? size : 0, MAX_MUTANT_BYTES, &dice, kind_now);
        keep_mutant(data, size);
        run_image(data, size, false);
    }
    free(data);
    if (wanted)
        print_outcomes(count);
    FUZZ_EXPECT(count < 1000 || sum_fault(0) >= count / 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        run_mutants();
    run_image(data, size, false);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    struct dice dice = {seed};
    return mutate_image(data, size, max_size, &dice, pick_mutation(&dice));
}
