#include "CTLSPeer.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

struct apus_peer {
    SSL_CTX *context;
    SSL *connection;
    BIO *in, *out;
    SSL_SESSION *session;
    int alert;
};

static void note_alert(const SSL *connection, int where, int value) {
    struct apus_peer *peer = SSL_get_ex_data(connection, 0);
    if (peer && where == SSL_CB_READ_ALERT && (value & 0xff) != SSL_AD_CLOSE_NOTIFY) peer->alert = value & 0xff;
}

static int note_session(SSL *connection, SSL_SESSION *session) {
    struct apus_peer *peer = SSL_get_ex_data(connection, 0);
    SSL_SESSION_free(peer->session);
    peer->session = session;
    return 1;
}

struct apus_peer *apus_peer_new(int version, const uint8_t *protocols, size_t length, void *session) {
    struct apus_peer *peer = calloc(1, sizeof *peer);
    peer->alert = -1;
    peer->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(peer->context, 0);
    SSL_CTX_set_cipher_list(peer->context, "ALL:@SECLEVEL=0");
    if (version) {
        SSL_CTX_set_min_proto_version(peer->context, version);
        SSL_CTX_set_max_proto_version(peer->context, version);
    }
    SSL_CTX_set_session_cache_mode(peer->context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(peer->context, note_session);
    SSL_CTX_set_info_callback(peer->context, note_alert);
    if (protocols) SSL_CTX_set_alpn_protos(peer->context, protocols, (unsigned)length);
    peer->connection = SSL_new(peer->context);
    SSL_set_ex_data(peer->connection, 0, peer);
    peer->in = BIO_new(BIO_s_mem());
    peer->out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(peer->in, -1);
    SSL_set_bio(peer->connection, peer->in, peer->out);
    SSL_set_tlsext_host_name(peer->connection, "localhost");
    if (session) SSL_set_session(peer->connection, session);
    SSL_set_connect_state(peer->connection);
    return peer;
}

void apus_peer_free(struct apus_peer *peer) {
    SSL_free(peer->connection);
    SSL_SESSION_free(peer->session);
    SSL_CTX_free(peer->context);
    free(peer);
}

static int needs_more(struct apus_peer *peer, int result) {
    return SSL_get_error(peer->connection, result) == SSL_ERROR_WANT_READ;
}

int apus_peer_handshake(struct apus_peer *peer) {
    ERR_clear_error();
    int result = SSL_do_handshake(peer->connection);
    return result == 1 ? 1 : needs_more(peer, result) ? 0 : -1;
}

int apus_peer_read(struct apus_peer *peer, uint8_t *bytes, int count) {
    ERR_clear_error();
    int result = SSL_read(peer->connection, bytes, count);
    if (result > 0) return result;
    if (needs_more(peer, result)) return 0;
    return SSL_get_error(peer->connection, result) == SSL_ERROR_ZERO_RETURN ? -1 : -2;
}

int apus_peer_write(struct apus_peer *peer, const uint8_t *bytes, int count) {
    ERR_clear_error();
    return SSL_write(peer->connection, bytes, count) == count;
}

int apus_peer_close_notify(struct apus_peer *peer) {
    ERR_clear_error();
    return SSL_shutdown(peer->connection) >= 0;
}

int apus_peer_update_keys(struct apus_peer *peer) {
    ERR_clear_error();
    return SSL_key_update(peer->connection, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(peer->connection) == 1;
}

int apus_peer_renegotiate(struct apus_peer *peer) {
    ERR_clear_error();
    if (SSL_renegotiate(peer->connection) != 1) return -1;
    return apus_peer_handshake(peer);
}

int apus_peer_take_in(struct apus_peer *peer, const uint8_t *bytes, int count) { return BIO_write(peer->in, bytes, count); }

int apus_peer_take_out(struct apus_peer *peer, uint8_t *bytes, int count) {
    int result = BIO_read(peer->out, bytes, count);
    return result > 0 ? result : 0;
}

int apus_peer_version(const struct apus_peer *peer) { return SSL_version(peer->connection); }
int apus_peer_is_resumed(const struct apus_peer *peer) { return SSL_session_reused(peer->connection); }
const char *apus_peer_cipher(const struct apus_peer *peer) { return SSL_get_cipher_name(peer->connection); }
int apus_peer_alert(const struct apus_peer *peer) { return peer->alert; }

int apus_peer_protocol(const struct apus_peer *peer, uint8_t *bytes, int count) {
    const unsigned char *name = NULL;
    unsigned length = 0;
    SSL_get0_alpn_selected(peer->connection, &name, &length);
    if ((int)length <= count && length) memcpy(bytes, name, length);
    return (int)length;
}

int64_t apus_peer_serial(const struct apus_peer *peer) {
    X509 *certificate = SSL_get0_peer_certificate(peer->connection);
    int64_t serial = -1;
    if (certificate) ASN1_INTEGER_get_int64(&serial, X509_get0_serialNumber(certificate));
    return serial;
}

void *apus_peer_session(struct apus_peer *peer) {
    if (peer->session) SSL_SESSION_up_ref(peer->session);
    return peer->session;
}

void apus_session_free(void *session) { SSL_SESSION_free(session); }

static int write_out(BIO *bio, char *text, int size) {
    int count = BIO_read(bio, text, size - 1);
    text[count > 0 ? count : 0] = 0;
    BIO_free(bio);
    return count > 0;
}

int apus_make_certificate(int64_t serial, long from, long to, const char *passphrase, char *certificate, char *key, int size) {
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set_int64(X509_get_serialNumber(made), serial);
    X509_gmtime_adj(X509_getm_notBefore(made), from);
    X509_gmtime_adj(X509_getm_notAfter(made), to);
    X509_set_pubkey(made, pair);
    X509_NAME *name = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(made, name);
    int worked = X509_sign(made, pair, EVP_sha256()) > 0;
    BIO *first = BIO_new(BIO_s_mem()), *second = BIO_new(BIO_s_mem());
    worked = worked && PEM_write_bio_X509(first, made) == 1;
    worked = worked && PEM_write_bio_PKCS8PrivateKey(second, pair, passphrase ? EVP_aes_256_cbc() : NULL, passphrase,
                                                     passphrase ? (int)strlen(passphrase) : 0, NULL, NULL) == 1;
    worked = write_out(first, certificate, size) && worked;
    worked = write_out(second, key, size) && worked;
    X509_free(made);
    EVP_PKEY_free(pair);
    return worked;
}
