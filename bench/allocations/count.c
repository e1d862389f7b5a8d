// Counts what each thread allocates, for a program that is started with this in LD_PRELOAD.
//
// COUNT_FILE names a file of 256 slots of two 64-bit numbers each: the thread's id, and how often it called malloc,
// calloc, realloc, or one of the aligned ones. Other threads' slots are never written, so nothing is locked.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

enum { SLOTS = 256 };
struct slot { int64_t thread, count; };

static struct slot *slots;
static int taken;
static __thread struct slot *own;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("COUNT_FILE");
    int file = path ? open(path, O_RDWR) : -1;
    if (file < 0) return;
    void *map = mmap(NULL, SLOTS * sizeof(struct slot), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (map != MAP_FAILED) slots = map;
}

static void count(void) {
    if (!slots) return;
    if (!own) {
        int index = __atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);
        own = &slots[index < SLOTS ? index : SLOTS - 1];
        own->thread = syscall(SYS_gettid);
    }
    own->count++;
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    count();
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count();
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
