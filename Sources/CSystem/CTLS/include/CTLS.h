// The part of OpenSSL 3 that serving TLS takes, declared without its headers.
//
// Those headers include glibc's, and a Clang module that has them beside Swift's own Glibc module makes Swift take a type
// such as timespec for the other module's, in whichever file is compiled behind it. Here is therefore nothing but
// OpenSSL's own words. CTLS.c includes this file and the real headers: a declaration that differs does not compile.
#ifndef APUS_CTLS_H
#define APUS_CTLS_H

#include <stddef.h>
#include <stdint.h>

typedef struct bio_st BIO;
typedef struct bio_method_st BIO_METHOD;
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
typedef struct evp_mac_ctx_st EVP_MAC_CTX;
typedef struct evp_pkey_st EVP_PKEY;
typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_method_st SSL_METHOD;
typedef struct x509_st X509;
typedef int pem_password_cb(char *buffer, int size, int writing, void *note);

// Bytes in and out.
#define BIO_TYPE_SOURCE_SINK 0x0400
#define BIO_FLAGS_READ 0x01
#define BIO_FLAGS_SHOULD_RETRY 0x08
#define BIO_CTRL_FLUSH 11
int BIO_get_new_index(void);
BIO_METHOD *BIO_meth_new(int type, const char *name);
int BIO_meth_set_create(BIO_METHOD *method, int (*create)(BIO *));
int BIO_meth_set_read(BIO_METHOD *method, int (*read)(BIO *, char *, int));
int BIO_meth_set_write(BIO_METHOD *method, int (*write)(BIO *, const char *, int));
int BIO_meth_set_ctrl(BIO_METHOD *method, long (*ctrl)(BIO *, int, long, void *));
BIO *BIO_new(const BIO_METHOD *method);
BIO *BIO_new_mem_buf(const void *bytes, int count);
int BIO_free(BIO *bio);
void BIO_set_init(BIO *bio, int init);
void BIO_set_data(BIO *bio, void *data);
void *BIO_get_data(BIO *bio);
void BIO_set_flags(BIO *bio, int flags);
void BIO_clear_flags(BIO *bio, int flags);

// Certificates and keys.
#define PEM_R_NO_START_LINE 108
X509 *PEM_read_bio_X509(BIO *bio, X509 **into, pem_password_cb *passphrase, void *note);
X509 *PEM_read_bio_X509_AUX(BIO *bio, X509 **into, pem_password_cb *passphrase, void *note);
EVP_PKEY *PEM_read_bio_PrivateKey(BIO *bio, EVP_PKEY **into, pem_password_cb *passphrase, void *note);
int X509_check_private_key(const X509 *certificate, const EVP_PKEY *key);
int X509_up_ref(X509 *certificate);
void X509_free(X509 *certificate);
void EVP_PKEY_free(EVP_PKEY *key);

// What went wrong, a list for each thread.
#define SSL_R_NO_SUITABLE_KEY_SHARE 101
#define SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM 118
#define SSL_R_HTTPS_PROXY_REQUEST 155
#define SSL_R_HTTP_REQUEST 156
#define SSL_R_VERSION_TOO_HIGH 166
#define SSL_R_NO_SHARED_CIPHER 193
#define SSL_R_NO_APPLICATION_PROTOCOL 235
#define SSL_R_UNSUPPORTED_PROTOCOL 258
#define SSL_R_NO_SUITABLE_GROUPS 295
#define SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS 376
#define SSL_R_VERSION_TOO_LOW 396
#define SSL_R_NO_SHARED_GROUPS 410
#define SSL_AD_REASON_OFFSET 1000
unsigned long ERR_peek_error(void);
unsigned long ERR_peek_last_error(void);
void ERR_clear_error(void);
const char *ERR_reason_error_string(unsigned long code);

// A context: what all connections of a certificate share.
#define TLS1_2_VERSION 0x0303
#define TLS1_3_VERSION 0x0304
#define SSL_TLSEXT_ERR_OK 0
#define SSL_TLSEXT_ERR_ALERT_FATAL 2
#define EVP_MAX_IV_LENGTH 16
const SSL_METHOD *TLS_server_method(void);
SSL_CTX *SSL_CTX_new(const SSL_METHOD *method);
void SSL_CTX_free(SSL_CTX *context);
int SSL_CTX_set_cipher_list(SSL_CTX *context, const char *suites);
int SSL_CTX_use_certificate(SSL_CTX *context, X509 *certificate);
int SSL_CTX_use_PrivateKey(SSL_CTX *context, EVP_PKEY *key);
void SSL_CTX_set_alpn_select_cb(SSL_CTX *context,
                                int (*choose)(SSL *connection, const unsigned char **chosen, unsigned char *chosen_length,
                                              const unsigned char *offers, unsigned int length, void *argument),
                                void *argument);
int SSL_CTX_set_session_id_context(SSL_CTX *context, const unsigned char *name, unsigned int length);
long SSL_CTX_set_timeout(SSL_CTX *context, long seconds);
int SSL_CTX_set_ex_data(SSL_CTX *context, int index, void *data);
void *SSL_CTX_get_ex_data(const SSL_CTX *context, int index);
int SSL_CTX_set_tlsext_ticket_key_evp_cb(SSL_CTX *context, int (*key)(SSL *connection, unsigned char *name,
                                                                    unsigned char *iv, EVP_CIPHER_CTX *cipher,
                                                                    EVP_MAC_CTX *mac, int seal));
int RAND_bytes(unsigned char *bytes, int count);

// A connection.
#define SSL_ERROR_WANT_READ 2
#define SSL_ERROR_ZERO_RETURN 6
SSL *SSL_new(SSL_CTX *context);
void SSL_free(SSL *connection);
void SSL_set_bio(SSL *connection, BIO *reading, BIO *writing);
void SSL_set_accept_state(SSL *connection);
SSL_CTX *SSL_get_SSL_CTX(const SSL *connection);
int SSL_read(SSL *connection, void *bytes, int count);
int SSL_write(SSL *connection, const void *bytes, int count);
int SSL_shutdown(SSL *connection);
int SSL_get_error(const SSL *connection, int result);
int SSL_is_init_finished(const SSL *connection);
int SSL_version(const SSL *connection);
int SSL_session_reused(const SSL *connection);

// What OpenSSL has as macros, or wants told by a list of parameters.

// No renegotiation, no compression, the server's order of suites, except that a client which puts ChaCha20 first gets it.
void apus_tls_set_options(SSL_CTX *context);
int apus_tls_set_minimum_version(SSL_CTX *context, int version);
int apus_tls_set_groups(SSL_CTX *context, const char *groups);
// A connection at rest keeps no buffer for records.
void apus_tls_release_idle_buffers(SSL_CTX *context);
void apus_tls_keep_no_sessions(SSL_CTX *context);
// Takes over one reference of the certificate where it returns 1.
int apus_tls_add_issuer(SSL_CTX *context, X509 *certificate);
int apus_tls_error_reason(unsigned long code);
// When the certificate begins and ends to be good, in seconds since 1970; 0 where it does not say so.
int apus_tls_read_period(const X509 *certificate, int64_t *begin, int64_t *end);
// `secret` is 32 bytes for AES-256 and behind them 32 for the HMAC.
int apus_tls_key_ticket(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const unsigned char *secret, const unsigned char *iv,
                        int seal);

#endif
