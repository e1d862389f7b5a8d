// A TLS client without a socket, and certificates made on the spot, on OpenSSL: what the tests' Swift side cannot import
// for the reason that CTLS.h gives.
#ifndef APUS_CTLSPEER_H
#define APUS_CTLSPEER_H

#include <stddef.h>
#include <stdint.h>

struct apus_peer;

// `version` is the only one spoken (0x0302 … 0x0304), 0 for any; `protocols` in the form of ALPN, or NULL; `session` of
// apus_peer_session, or NULL. Certificates are not checked.
struct apus_peer *apus_peer_new(int version, const uint8_t *protocols, size_t length, void *session);
void apus_peer_free(struct apus_peer *peer);

// Carries the handshake on: 1 done, 0 needs what the other side says, -1 failed.
int apus_peer_handshake(struct apus_peer *peer);
// Bytes read; 0 needs more from the other side, -1 close_notify, -2 failed.
int apus_peer_read(struct apus_peer *peer, uint8_t *bytes, int count);
// Seals; 1 where it worked.
int apus_peer_write(struct apus_peer *peer, const uint8_t *bytes, int count);
int apus_peer_close_notify(struct apus_peer *peer);
// Asks the other side for new keys, as TLS 1.3 allows.
int apus_peer_update_keys(struct apus_peer *peer);
// Begins a second handshake, as TLS 1.2 allows.
int apus_peer_renegotiate(struct apus_peer *peer);

// From the socket, and for it.
int apus_peer_take_in(struct apus_peer *peer, const uint8_t *bytes, int count);
int apus_peer_take_out(struct apus_peer *peer, uint8_t *bytes, int count);

int apus_peer_version(const struct apus_peer *peer);
int apus_peer_is_resumed(const struct apus_peer *peer);
// The suite's name in OpenSSL's spelling.
const char *apus_peer_cipher(const struct apus_peer *peer);
// The number of the alert the other side sent, or -1.
int apus_peer_alert(const struct apus_peer *peer);
// The protocol agreed on by ALPN; its length, 0 for none.
int apus_peer_protocol(const struct apus_peer *peer, uint8_t *bytes, int count);
// The serial number of the other side's certificate.
int64_t apus_peer_serial(const struct apus_peer *peer);
// To be resumed by another peer; freed with apus_session_free.
void *apus_peer_session(struct apus_peer *peer);
void apus_session_free(void *session);

// A P-256 key and a certificate for it, signed by itself, as PEM; `from` and `to` in seconds from now. With a passphrase
// the key is encrypted. 1 where it worked. The buffers hold `size` bytes each and are filled as C strings.
int apus_make_certificate(int64_t serial, long from, long to, const char *passphrase, char *certificate, char *key, int size);

#endif
