// Linux headers that Swift's Glibc module leaves out, and functions whose declarations glibc keeps behind _GNU_SOURCE.
#ifndef APUS_CLINUX_SHIM_H
#define APUS_CLINUX_SHIM_H

#include <stddef.h>
#include <sys/epoll.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

// accept4(2); the peer's address is asked for elsewhere, so both pointers are NULL.
int apus_accept(int descriptor, void *address, void *length, int flags) __asm__("accept4");

// The XSI variant of strerror_r, which fills the buffer that it is given.
int apus_error_text(int code, char *text, size_t size) __asm__("__xpg_strerror_r");

// pthread_setname_np for a thread known by its pthread_t.
int apus_name_thread(unsigned long thread, const char *name) __asm__("pthread_setname_np");

// syscall(2), without <unistd.h> and its types.
long apus_syscall(long number, ...) __asm__("syscall");

// epoll_wait with a limit in nanoseconds; below 0 none. Limits under 2 ms are kept to the microsecond where the kernel
// has epoll_pwait2 (5.11); otherwise, and above, they are rounded up to milliseconds: a timer must not be looked for too
// early, which would only cost another turn.
static inline int apus_epoll_wait(int descriptor, struct epoll_event *events, int count, long long nanoseconds) {
    static int coarse = 0;
#ifdef SYS_epoll_pwait2
    if (nanoseconds > 0 && nanoseconds < 2000000 && !__atomic_load_n(&coarse, __ATOMIC_RELAXED)) {
        // A __kernel_timespec; <time.h> would make this module the owner of its types.
        long long limit[2] = {0, nanoseconds};
        long result = apus_syscall(SYS_epoll_pwait2, descriptor, events, count, limit, (void *)0, (size_t)0);
        if (result >= 0 || (errno != ENOSYS && errno != EPERM)) return (int)result;
        __atomic_store_n(&coarse, 1, __ATOMIC_RELAXED);
    }
#endif
    long long milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
    return epoll_wait(descriptor, events, count, milliseconds > 2147483647 ? 2147483647 : (int)milliseconds);
}

#endif
