/* SPDX-License-Identifier: Apache-2.0
 *
 * Replays a fuzzing corpus as an ordinary test: main() for a libFuzzer target built without
 * libFuzzer.
 *
 * Arguments are files and folders (not nested). Each input is copied into a block of exactly its
 * size, so that AddressSanitizer sees a read past its end. The empty input is always tried first.
 * A folder that does not exist counts as empty. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long run_count;

static void run_bytes(const uint8_t *data, size_t size)
{
    (void)LLVMFuzzerTestOneInput(data, size);
    run_count++;
}

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return -1;
    int status = -1;
    uint8_t *data = NULL;
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0)
        goto done;
    data = malloc(size > 0 ? (size_t)size : 1);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size)
        goto done;
    run_bytes(data, (size_t)size);
    status = 0;
done:
    free(data);
    (void)fclose(file);
    return status;
}

static int replay_folder(const char *path, DIR *folder)
{
    int status = 0;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof name || replay_file(name) != 0) {
            (void)fprintf(stderr, "cannot read %s/%s\n", path, entry->d_name);
            status = -1;
        }
    }
    return status;
}

static int replay_path(const char *path)
{
    DIR *folder = opendir(path);
    if (folder) {
        int status = replay_folder(path, folder);
        (void)closedir(folder);
        return status;
    }
    if (errno == ENOENT)
        return 0;
    if (replay_file(path) == 0)
        return 0;
    (void)fprintf(stderr, "cannot read %s\n", path);
    return -1;
}

int main(int argc, char **argv)
{
    int status = 0;
    uint8_t nothing = 0;
    run_bytes(&nothing, 0);
    for (int i = 1; i < argc; i++)
        if (replay_path(argv[i]) != 0)
            status = 1;
    printf("%lu inputs replayed\n", run_count);
    return status;
}
