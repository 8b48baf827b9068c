/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an image: what the verifier lets through must run, for every set of facts, within
 * the memory that it asks for. Bytes behind the image choose the facts; those that begin with `{`
 * are also read as a record. New inputs are made by mutate_image.h. The empty input stands for the
 * seed images themselves and MST_MUTANTS (10,000) mutants of them, with a table of why they were
 * refused if that is set; MST_MUTANT_FILE keeps the mutant that runs, to be replayed. */
#include <stdint.h>

#include "exercise.h"
#include "mutate_image.h"

#define MAX_FAULTS 128
#define MAX_MUTANT_BYTES (256u << 10)

/* How often each fault was found; 0 stands for accepted. */
static uint64_t outcomes[MAX_FAULTS];

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
    outcomes[status == MST_OK ? 0 : why.id]++;
    free(bytes);
}

static void print_outcomes(uint64_t count)
{
    static const char *const texts[MAX_FAULTS] = {
        "accepted, and ran",
#define MST_FAULT(number, name, text) [number] = text,
#include "format/fault.def"
#undef MST_FAULT
    };
    (void)fprintf(stderr, "%llu mutants\n", (unsigned long long)count);
    for (uint32_t i = 0; i < MAX_FAULTS; i++)
        if (texts[i])
            (void)fprintf(stderr, "%10llu %3u %s\n", (unsigned long long)outcomes[i], i, texts[i]);
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
        size = mutate_image(data, goes_on ? size : 0, MAX_MUTANT_BYTES, &dice);
        keep_mutant(data, size);
        run_image(data, size, false);
    }
    free(data);
    if (wanted)
        print_outcomes(count);
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
    return mutate_image(data, size, max_size, &dice);
}
