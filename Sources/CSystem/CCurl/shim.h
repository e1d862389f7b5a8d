// What Swift needs of libcurl: its setters and getters are variadic, which the importer leaves out. One function a type
// of argument; which option takes which type is in curl_easy_setopt(3) and curl_multi_setopt(3).
#ifndef APUS_CCURL_SHIM_H
#define APUS_CCURL_SHIM_H

#include <features.h>

#include <curl/curl.h>
#include <stdbool.h>

typedef size_t (*apus_curl_bytes_callback)(char *bytes, size_t size, size_t count, void *user);

static inline CURLcode apus_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode apus_curl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode apus_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

// Copies the bytes, which need not live longer than the call.
static inline CURLcode apus_curl_set_body(CURL *easy, const void *bytes, long count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, count);
    return code ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

// The list stays the caller's and must live as long as the transfer.
static inline CURLcode apus_curl_set_headers(CURL *easy, struct curl_slist *list) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode apus_curl_on_bytes(CURL *easy, apus_curl_bytes_callback body, apus_curl_bytes_callback head, void *user) {
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, user);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, head);
    return curl_easy_setopt(easy, CURLOPT_HEADERDATA, user);
}

// Two looks at the address that a name has led to: before a socket is made, and before a request goes out over one.
static inline CURLcode apus_curl_on_address(CURL *easy, curl_opensocket_callback opening, curl_prereq_callback request, void *user) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, opening);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, user);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, request);
    return curl_easy_setopt(easy, CURLOPT_PREREQDATA, user);
}

static inline long apus_curl_response_code(CURL *easy) {
    long code = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

static inline void *apus_curl_private(CURL *easy) {
    char *user = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
    return user;
}

static inline CURLMcode apus_curl_multi_on_events(CURLM *multi, curl_socket_callback socket, curl_multi_timer_callback timer, void *user) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, user);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
    return curl_multi_setopt(multi, CURLMOPT_TIMERDATA, user);
}

static inline CURLMcode apus_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

struct apus_curl_completion {
    CURL *easy;
    CURLcode code;
};

// The next transfer that is over; false where there is none. A message's data is a union, which hides the code.
static inline bool apus_curl_next_completion(CURLM *multi, struct apus_curl_completion *out) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        out->easy = message->easy_handle;
        out->code = message->data.result;
        return true;
    }
    return false;
}

// CURL_SOCKET_TIMEOUT and CURL_SOCKET_BAD are casts, which the importer leaves out.
static inline curl_socket_t apus_curl_no_socket(void) { return -1; }

#endif
