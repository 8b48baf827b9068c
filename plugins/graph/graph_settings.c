/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_settings.c - the configuration of a Graph client, and its secret. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph_settings.h"
#include "muster_source.h"

#define SECRET_MAX_BYTES 4096

#define HTTPS "https://"

static bool refuse(char *why, const char *name, const char *value, const char *what)
{
    snprintf(why, MST_SOURCE_WHY_BYTES, "%s: %s%s", name, value, what);
    return false;
}

static bool refuse_memory(char *why)
{
    snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory");
    return false;
}

static const char *text_of(const json_t *config, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(config, name));
    return text ? text : otherwise;
}

double graph_number(const json_t *config, const char *name, double otherwise)
{
    const json_t *number = json_object_get(config, name);
    return number ? json_number_value(number) : otherwise;
}

/* The file's text without the newline at its end. Without stdio, whose buffer would keep a copy. */
static bool read_secret_file(const char *path, char secret[SECRET_MAX_BYTES], char *why)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would be waited for */
    if (fd < 0)
        return refuse(why, "client_secret_file", path, " cannot be opened");
    bool is_file = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    ssize_t len = is_file ? read(fd, secret, SECRET_MAX_BYTES) : -1;
    close(fd);
    if (len < 0)
        return refuse(why, "client_secret_file", path, is_file ? " cannot be read" : " is no file");
    if (info.st_mode & (S_IROTH | S_IWOTH))
        return refuse(why, "client_secret_file", path, " may be read by everybody: chmod o-rw");
    if (len == SECRET_MAX_BYTES)
        return refuse(why, "client_secret_file", path, " is too long for a secret");
    secret[len] = '\0';
    secret[strcspn(secret, "\r\n")] = '\0';
    return secret[0] ? true : refuse(why, "client_secret_file", path, " is empty");
}

static bool read_secret(const json_t *config, char secret[SECRET_MAX_BYTES], char *why)
{
    const char *path = text_of(config, "client_secret_file", NULL);
    const char *variable = text_of(config, "client_secret_env", NULL);
    if (!path == !variable)
        return refuse(why, "client_secret_file, client_secret_env", "", "give one of the two");
    if (path)
        return read_secret_file(path, secret, why);
    const char *value = getenv(variable);
    size_t len = value ? strlen(value) : 0;
    if (len == 0 || len >= SECRET_MAX_BYTES)
        return refuse(why, "client_secret_env", variable, " is not set, or is no secret");
    memcpy(secret, value, len + 1);
    return true;
}

/* An address of https with a host and no path, without the slash at its end. */
static char *read_origin(const json_t *config, const char *name, const char *otherwise, char *why)
{
    const char *text = text_of(config, name, otherwise);
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == '/')
        len--;
    if (strncmp(text, HTTPS, strlen(HTTPS)) != 0 || len <= strlen(HTTPS) ||
        memchr(text + strlen(HTTPS), '/', len - strlen(HTTPS)) || strpbrk(text, "?#@ ")) {
        refuse(why, name, "", "write https:// and a host");
        return NULL;
    }
    return strndup(text, len);
}

/* "prefix", then `text` so that it is safe in an address or a form; appended to what is there. */
static bool append_escaped(char **whole, const char *prefix, const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, 0);
    size_t before = *whole ? strlen(*whole) : 0;
    size_t size = before + strlen(prefix) + (escaped ? strlen(escaped) : 0) + 1;
    char *made = escaped ? malloc(size) : NULL;
    if (made)
        snprintf(made, size, "%s%s%s", *whole ? *whole : "", prefix, escaped);
    if (*whole)
        explicit_bzero(*whole, before);
    if (escaped)
        explicit_bzero(escaped, strlen(escaped));
    free(*whole);
    curl_free(escaped);
    *whole = made;
    return made != NULL;
}

static bool make_form(struct graph_settings *settings, const json_t *config, char *why)
{
    char secret[SECRET_MAX_BYTES];
    if (!read_secret(config, secret, why))
        return false;
    const char *scope = text_of(config, "scope", "https://graph.microsoft.com/.default");
    bool made = append_escaped(&settings->form, "grant_type=client_credentials&client_id=",
                               text_of(config, "client_id", "")) &&
                append_escaped(&settings->form, "&scope=", scope) &&
                append_escaped(&settings->form, "&client_secret=", secret);
    explicit_bzero(secret, sizeof secret);
    return made ? true : refuse_memory(why);
}

static bool make_token_url(struct graph_settings *settings, const json_t *config, char *why)
{
    char *url = read_origin(config, "authority", "https://login.microsoftonline.com", why);
    if (!url)
        return false;
    settings->token_url = url;
    if (!append_escaped(&settings->token_url, "/", text_of(config, "tenant", "")) ||
        !append_escaped(&settings->token_url, "/oauth2/v2.0/token", ""))
        return refuse_memory(why);
    return true;
}

bool graph_settings_read(struct graph_settings *settings, const json_t *config, char *why)
{
    const char *ca_file = text_of(config, "ca_file", NULL);
    *settings = (struct graph_settings){
        .requests = graph_number(config, "requests", 1000),
        .window_s = graph_number(config, "window_s", 20),
        .timeout_s = graph_number(config, "timeout_s", 100),
        .backoff_s = graph_number(config, "backoff_s", 1),
        .connections = (unsigned)graph_number(config, "connections", 16),
    };
    settings->graph = read_origin(config, "graph", "https://graph.microsoft.com", why);
    bool good = settings->graph && make_token_url(settings, config, why) &&
                make_form(settings, config, why);
    if (good && ca_file && !(settings->ca_file = strdup(ca_file)))
        good = refuse_memory(why);
    if (!good)
        graph_settings_free(settings);
    return good;
}

void graph_settings_free(struct graph_settings *settings)
{
    if (settings->form)
        explicit_bzero(settings->form, strlen(settings->form));
    free(settings->form);
    free(settings->graph);
    free(settings->token_url);
    free(settings->ca_file);
    *settings = (struct graph_settings){0};
}
