// A disk that can be told to fail, in front of the C library (LD_PRELOAD); the test tells it through a shared page.
//
//     DISK_FOLDER    the folder whose files are on that disk, absolute
//     DISK_FILES     how the names of those that are meant begin; apus.sqlite where it is not set
//     DISK_CONTROL   a file with the page below, made by the test; disk.py has the same layout
//
// Other files of the folder, shared memory among them, work as ever.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 65536 };

struct page {
    int32_t write_error;  // errno of every write and truncation; 0: they succeed
    int32_t sync_error;   // … of every sync
    int32_t read_error;   // … of every read
    int32_t is_full;      // writes that make a file longer get ENOSPC
    int32_t sync_delay;   // ms that a sync takes
    int32_t unused;
    int64_t failed;       // operations that have failed so far
    int64_t slowed;       // syncs that were delayed so far
};

static volatile struct page *page;
static uint8_t is_ours[DESCRIPTORS];
static char prefix[PATH_MAX];

#define REAL(result, name, ...) static result (*real_##name)(__VA_ARGS__)
REAL(int, open64, const char *, int, ...);
REAL(int, close, int);
REAL(ssize_t, pread64, int, void *, size_t, off64_t);
REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
REAL(int, ftruncate64, int, off64_t);
REAL(int, fsync, int);
REAL(int, fdatasync, int);

__attribute__((constructor)) static void begin(void) {
#define FIND(name) real_##name = dlsym(RTLD_NEXT, #name)
    FIND(open64), FIND(close), FIND(pread64), FIND(pwrite64), FIND(ftruncate64), FIND(fsync), FIND(fdatasync);
    const char *folder = getenv("DISK_FOLDER"), *control = getenv("DISK_CONTROL");
    if (!folder || !control) return;
    const char *files = getenv("DISK_FILES");
    snprintf(prefix, sizeof prefix, "%s/%s", folder, files ? files : "apus.sqlite");
    int fd = real_open64(control, O_RDWR | O_CLOEXEC);
    void *shared = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) {
        dprintf(2, "disk.c: %s: %s\n", control, strerror(errno));
        abort();
    }
    real_close(fd);
    page = shared;
}

static int opened(const char *path, int flags, mode_t mode) {
    int fd = real_open64(path, flags, mode);
    if (page && fd >= 0 && fd < DESCRIPTORS && strncmp(path, prefix, strlen(prefix)) == 0)
        is_ours[fd] = strcmp(path + strlen(prefix), "-shm") != 0;
    return fd;
}

#define MODE_OF(flags) ({ mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); \
    mode = va_arg(more, mode_t); va_end(more); } mode; })

int open(const char *path, int flags, ...) { return opened(path, flags, MODE_OF(flags)); }
int open64(const char *path, int flags, ...) { return opened(path, flags, MODE_OF(flags)); }

int close(int fd) {
    if (fd >= 0 && fd < DESCRIPTORS) is_ours[fd] = 0;
    return real_close(fd);
}

static int ours(int fd) { return fd >= 0 && fd < DESCRIPTORS && is_ours[fd]; }

static int fail(int error) {
    __atomic_add_fetch(&page->failed, 1, __ATOMIC_RELAXED);
    errno = error;
    return -1;
}

static int is_beyond_the_end(int fd, off64_t end) {
    struct stat64 status;
    return fstat64(fd, &status) == 0 && end > status.st_size;
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
    if (ours(fd) && page->read_error) return fail(page->read_error);
    return real_pread64(fd, bytes, length, offset);
}
ssize_t pread(int fd, void *bytes, size_t length, off_t offset) { return pread64(fd, bytes, length, offset); }

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    if (ours(fd) && page->write_error) return fail(page->write_error);
    if (ours(fd) && page->is_full && is_beyond_the_end(fd, offset + length)) return fail(ENOSPC);
    return real_pwrite64(fd, bytes, length, offset);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

int ftruncate64(int fd, off64_t size) {
    if (ours(fd) && page->write_error) return fail(page->write_error);
    if (ours(fd) && page->is_full && is_beyond_the_end(fd, size)) return fail(ENOSPC);
    return real_ftruncate64(fd, size);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

// A signal does not shorten it.
static void take_ms(int64_t delay) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + delay;
    while (delay > 0) {
        poll(NULL, 0, delay);
        clock_gettime(CLOCK_MONOTONIC, &now);
        delay = end - (now.tv_sec * 1000 + now.tv_nsec / 1000000);
    }
}

static int synced(int fd, int (*sync)(int)) {
    if (!ours(fd)) return sync(fd);
    int32_t delay = page->sync_delay;
    if (delay) {
        take_ms(delay);
        __atomic_add_fetch(&page->slowed, 1, __ATOMIC_RELAXED);
    }
    return page->sync_error ? fail(page->sync_error) : sync(fd);
}
int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }
