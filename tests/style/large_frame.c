/* SPDX-License-Identifier: Apache-2.0
 *
 * large_frame.c - a function that takes more stack than the runtime may: with the options that the
 * runtime is compiled with, this must not compile. */

void mst_fill(char *bytes);
int mst_take_stack(void);

int mst_take_stack(void)
{
    char bytes[2100];
    mst_fill(bytes);
    return bytes[0];
}
