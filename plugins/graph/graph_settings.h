/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_settings.h - how a plugin reaches Microsoft Graph: the part of the configuration that all
 * plugins which ask Graph have in common. */
#ifndef MST_GRAPH_SETTINGS_H
#define MST_GRAPH_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Members of "properties" in the schema of a configuration. */
#define GRAPH_SCHEMA                                                                               \
    "\"tenant\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":256,"                           \
    "\"description\":\"The tenant: its id or a domain of it\"},"                                   \
    "\"client_id\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":256,"                        \
    "\"description\":\"Application (client) id of the app registration\"},"                        \
    "\"client_secret_file\":{\"type\":\"string\",\"minLength\":1,"                                 \
    "\"description\":\"File with the client secret, which only the service may read\"},"           \
    "\"client_secret_env\":{\"type\":\"string\",\"minLength\":1,"                                  \
    "\"description\":\"Environment variable with the client secret\"},"                            \
    "\"authority\":{\"type\":\"string\",\"default\":\"https://login.microsoftonline.com\","        \
    "\"description\":\"Where tokens come from; national clouds have hosts of their own\"},"        \
    "\"graph\":{\"type\":\"string\",\"default\":\"https://graph.microsoft.com\","                  \
    "\"description\":\"Where Graph is\"},"                                                         \
    "\"scope\":{\"type\":\"string\",\"default\":\"https://graph.microsoft.com/.default\","         \
    "\"description\":\"What a token is asked for\"},"                                              \
    "\"ca_file\":{\"type\":\"string\",\"minLength\":1,"                                            \
    "\"description\":\"Certificates to trust instead of the system's, in PEM\"},"                  \
    "\"requests\":{\"type\":\"integer\",\"minimum\":10,\"maximum\":100000,\"default\":1000,"       \
    "\"description\":\"Requests in a window at most; Graph documents 2000 for an app\"},"          \
    "\"window_s\":{\"type\":\"number\",\"minimum\":0.1,\"maximum\":3600,\"default\":20,"           \
    "\"description\":\"The window\"},"                                                             \
    "\"connections\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":32,\"default\":16,"           \
    "\"description\":\"Requests at the same time at most\"},"                                      \
    "\"timeout_s\":{\"type\":\"number\",\"minimum\":0.1,\"maximum\":600,\"default\":100,"          \
    "\"description\":\"For one request, its answer included\"},"                                   \
    "\"backoff_s\":{\"type\":\"number\",\"minimum\":0.01,\"maximum\":60,\"default\":1,"            \
    "\"description\":\"Before what failed is tried again; doubles with each failure\"}"

/* A number of a configuration that fits its schema. */
double graph_number(const json_t *config, const char *name, double otherwise);

struct graph_settings {
    char *graph;     /* "https://graph.microsoft.com", without a slash at the end */
    char *token_url; /* of the tenant */
    char *form;      /* what is posted there: it holds the secret */
    char *ca_file;   /* NULL: the system's */
    double requests, window_s, timeout_s, backoff_s;
    unsigned connections;
};

/* Reads what GRAPH_SCHEMA describes, and the secret. False, with `why` (MST_SOURCE_WHY_BYTES) in
 * words, if something is wrong; then nothing is left behind. */
bool graph_settings_read(struct graph_settings *settings, const json_t *config, char *why);
void graph_settings_free(struct graph_settings *settings);

#endif
