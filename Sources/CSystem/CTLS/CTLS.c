// Checks the declarations of CTLS.h against OpenSSL's own, and calls what Swift cannot.
#define _DEFAULT_SOURCE
#pragma clang diagnostic error "-Wmacro-redefined"
#pragma clang diagnostic error "-Wincompatible-library-redeclaration"

#include "CTLS.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <time.h>

void apus_tls_set_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
}

int apus_tls_set_minimum_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

int apus_tls_set_groups(SSL_CTX *context, const char *groups) { return (int)SSL_CTX_set1_groups_list(context, groups); }

void apus_tls_release_idle_buffers(SSL_CTX *context) { SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); }

void apus_tls_keep_no_sessions(SSL_CTX *context) { SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); }

int apus_tls_add_issuer(SSL_CTX *context, X509 *certificate) { return (int)SSL_CTX_add0_chain_cert(context, certificate); }

int apus_tls_error_reason(unsigned long code) { return ERR_GET_REASON(code); }

int apus_tls_read_period(const X509 *certificate, int64_t *begin, int64_t *end) {
    struct tm first, last;
    if (ASN1_TIME_to_tm(X509_get0_notBefore(certificate), &first) != 1) return 0;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &last) != 1) return 0;
    *begin = timegm(&first);
    *end = timegm(&last);
    return 1;
}

int apus_tls_key_ticket(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const unsigned char *secret, const unsigned char *iv,
                        int seal) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(secret + 32), 32),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, secret, iv, seal) == 1 &&
        EVP_MAC_CTX_set_params(mac, parameters) == 1;
}
