// Linux headers that Swift's Glibc module leaves out, and functions whose declarations glibc keeps behind _GNU_SOURCE.
#ifndef APUS_CLINUX_SHIM_H
#define APUS_CLINUX_SHIM_H

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// accept4(2); the peer's address is asked for elsewhere, so both pointers are NULL.
int apus_accept(int descriptor, void *address, void *length, int flags) __asm__("accept4");

// The XSI variant of strerror_r, which fills the buffer that it is given.
int apus_error_text(int code, char *text, size_t size) __asm__("__xpg_strerror_r");

// pthread_setname_np for a thread known by its pthread_t.
int apus_name_thread(unsigned long thread, const char *name) __asm__("pthread_setname_np");

#endif
