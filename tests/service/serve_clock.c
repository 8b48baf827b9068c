/* SPDX-License-Identifier: Apache-2.0
 *
 * serve_clock.c - the service with a clock that a test holds: the seconds since 1970 lie as eight
 * bytes in a file that is mapped. What it serves is a compiled image, read again on SIGHUP.
 *
 *     serve_clock CLOCK_FILE IMAGE [name=value...] */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "service/service.h"

static int64_t read_clock(void *context)
{
    return atomic_load((_Atomic int64_t *)context);
}

static bool read_image(void *context, unsigned char **bytes, size_t *byte_count,
                       char why[MST_SERVICE_WHY_BYTES])
{
    FILE *file = fopen(context, "rb");
    if (!file) {
        snprintf(why, MST_SERVICE_WHY_BYTES, "cannot open the image: %s", strerror(errno));
        return false;
    }
    *bytes = malloc((size_t)1 << 24);
    *byte_count = fread(*bytes, 1, (size_t)1 << 24, file);
    fclose(file);
    return true;
}

int main(int argc, char **argv)
{
    mst_settings settings;
    char why[MST_SETTING_WHY_BYTES];
    if (argc < 3)
        return 2;
    int fd = open(argv[1], O_RDONLY);
    void *clock = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
    if (fd < 0 || clock == MAP_FAILED)
        return 3;
    mst_settings_init(&settings);
    for (int i = 3; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            return 2;
        *equals = '\0';
        if (!mst_settings_set(&settings, argv[i], equals + 1, MST_FROM_OPTION, why)) {
            fprintf(stderr, "%s\n", why);
            return 2;
        }
    }
    const mst_service_options options = {.settings = &settings,
                                         .clock = {read_clock, clock},
                                         .compile = read_image,
                                         .context = argv[2]};
    int code = (int)mst_service_run(&options);
    mst_settings_free(&settings);
    munmap(clock, 8);
    close(fd);
    return code;
}
