/* SPDX-License-Identifier: Apache-2.0
 *
 * listen.h - network addresses as settings have them. */
#ifndef MST_SERVICE_LISTEN_H
#define MST_SERVICE_LISTEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#define MST_LISTEN_HOST_BYTES 64

/* "127.0.0.1:7412", "[::1]:7412", "localhost:7412". False where it is none of them. */
bool mst_listen_split(const char *address, char host[MST_LISTEN_HOST_BYTES], int *port);
bool mst_listen_address(const char *host, int port, struct sockaddr_storage *address);
bool mst_listen_is_loopback(const struct sockaddr_storage *address);

#endif
