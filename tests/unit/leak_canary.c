/* SPDX-License-Identifier: Apache-2.0
 *
 * A unit test that leaks on purpose, built only with AddressSanitizer.
 *
 * Criterion ignores the exit status of its workers, so a leak would pass unseen but for
 * abort_on_error=1. ctest requires that this program fails and names LeakSanitizer: if it ever
 * passes, the leak checks of all other tests have stopped working. */
#include <criterion/criterion.h>
#include <stdlib.h>

static void *volatile leaked;

Test(leak_canary, forgets_its_memory)
{
    leaked = malloc(42);
    cr_assert_not_null(leaked);
    leaked = NULL;
}
