// Tells ThreadSanitizer what it cannot see of Swift's Mutex: preloaded into hubs built with it.
//
// Locking without contention is inlined into the hub and seen. Under contention libswiftSynchronization locks and unlocks
// through futex(2), and since that library is built without the sanitizer, whatever a lock handed from one thread to the next
// looked like a race now and then. These are its two slow paths, with the order they bring about said aloud. That makes
// suppressions unnecessary, which would hide true races of the same functions.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall)) void
#define SELF __attribute__((swift_context)) void *

__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

SWIFT mutex_lock_slow(uint32_t thread, SELF mutex) __asm__(LOCK);
SWIFT mutex_unlock_slow(SELF mutex) __asm__(UNLOCK);

static void *library(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

SWIFT mutex_lock_slow(uint32_t thread, SELF mutex) {
    ((SWIFT (*)(uint32_t, SELF))library(LOCK))(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT mutex_unlock_slow(SELF mutex) {
    if (__tsan_release) __tsan_release(mutex);
    ((SWIFT (*)(SELF))library(UNLOCK))(mutex);
}
