// Watches what a process does to the files of one folder, so that a power cut can be played afterwards.
//
// Loaded with LD_PRELOAD. Every write goes to the file as usual; before that, what the sectors held is noted in a
// journal. A sync that succeeded is noted behind it. After the process has been killed, cut.py reads the journal and
// takes back any choice of the sectors written since the last sync of their file, and any of the newest changes of
// the folder since its last sync. A note stands in the journal before the deed (after it for syncs), so a death
// between the two can only make more look unsynced than was.
//
//     POWER_FOLDER   the folder, absolute        POWER_JOURNAL   the file of notes, outside of it
//     POWER_GRAVE    a folder where files that are removed keep a link, on the same file system
//     POWER_DIE      "NAME:N": dies by SIGKILL before the N-th write, truncation or sync of that file; "*" is any
//     POWER_FAIL     "NAME:N:M": from the N-th sync of that file on, M fail with EIO. As in Linux, what they should
//                    have synced counts as clean from then on: a later sync does not bring it to the disk, only
//                    writing it again does.
//
// Not watched: shared memory files (never synced, rebuilt by who opens the database first) and lock files.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SECTOR = 512, DESCRIPTORS = 65536, FILES = 64, NAME = 200 };

// One note: this head, then `length` bytes. cut.py reads the same layout.
struct note {
    char kind;  // N a file's name; W what a write replaced; T what a truncation replaced; S synced; F failed to;
                // C created, L linked, U unlinked, R renamed (names, each with its NUL); D the folder synced
    char unused[3];
    uint32_t file;
    uint64_t offset;  // of the first byte, a multiple of SECTOR
    uint64_t span;    // how many bytes are replaced from there; more than `length` where the file ended before
    uint64_t length;
};

enum { UNWATCHED = 0, FOLDER = FILES + 1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t watched[DESCRIPTORS];  // 0, or 1 + the number of a file, or FOLDER
static char names[FILES][NAME];
static int count;
static int journal = -1;
static char folder[PATH_MAX];
static size_t folder_length;
static const char *grave;
static char die_in[NAME];
static long die_after;
static char fail_in[NAME];
static long fail_from, fail_times;

#define REAL(result, name, ...) static result (*real_##name)(__VA_ARGS__)
REAL(int, open64, const char *, int, ...);
REAL(int, openat64, int, const char *, int, ...);
REAL(int, close, int);
REAL(ssize_t, write, int, const void *, size_t);
REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
REAL(int, ftruncate64, int, off64_t);
REAL(int, fsync, int);
REAL(int, fdatasync, int);
REAL(int, unlink, const char *);
REAL(int, rename, const char *, const char *);
REAL(int, link, const char *, const char *);

__attribute__((constructor)) static void begin(void) {
#define FIND(name) real_##name = dlsym(RTLD_NEXT, #name)
    FIND(open64), FIND(openat64), FIND(close), FIND(write), FIND(pwrite64), FIND(ftruncate64);
    FIND(fsync), FIND(fdatasync), FIND(unlink), FIND(rename), FIND(link);
    const char *path = getenv("POWER_FOLDER"), *notes = getenv("POWER_JOURNAL"), *die = getenv("POWER_DIE");
    grave = getenv("POWER_GRAVE");
    if (!path || !notes || !grave) return;
    snprintf(folder, sizeof folder, "%s", path);
    folder_length = strlen(folder);
    if (die && sscanf(die, "%199[^:]:%ld", die_in, &die_after) != 2) die_after = 0;
    const char *fail = getenv("POWER_FAIL");
    if (fail && sscanf(fail, "%199[^:]:%ld:%ld", fail_in, &fail_from, &fail_times) != 3) fail_times = 0;
    journal = real_open64(notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

// -- notes

static void broken(const char *what) {
    dprintf(2, "cut.c: %s: %s\n", what, strerror(errno));
    abort();
}

static void note(char kind, uint32_t file, uint64_t offset, uint64_t span, const void *bytes, size_t length) {
    struct note head = {.kind = kind, .file = file, .offset = offset, .span = span, .length = length};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, length}};
    if (writev(journal, parts, 2) != (ssize_t)(sizeof head + length)) broken("the journal cannot be written");
}

static off64_t size_of(int fd) {
    struct stat64 status;
    if (fstat64(fd, &status) != 0) broken("a file has no size");
    return status.st_size;
}

// What the sectors from `from` to `to` hold, as far as the file goes. Writing behind the end also fills what is between.
static void note_sectors(char kind, int fd, uint64_t from, uint64_t to) {
    uint64_t end = size_of(fd);
    if (from > end) from = end;
    from -= from % SECTOR;
    to += (SECTOR - to % SECTOR) % SECTOR;
    char *bytes = malloc(to - from + 1);
    ssize_t length = bytes ? pread64(fd, bytes, to - from, from) : -1;
    if (length < 0) broken("a sector cannot be read");
    note(kind, watched[fd] - 1, from, to - from, bytes, length);
    free(bytes);
}

static void count_down(int fd) {
    const char *name = watched[fd] == FOLDER ? "." : names[watched[fd] - 1];
    if (die_after > 0 && (die_in[0] == '*' || strcmp(name, die_in) == 0) && --die_after == 0) kill(getpid(), SIGKILL);
}

// -- which files

// The part of a path behind the folder; NULL where it is not in it or not watched.
static const char *inside(const char *path) {
    if (journal < 0 || !path || strncmp(path, folder, folder_length) != 0 || path[folder_length] != '/') return NULL;
    const char *name = path + folder_length + 1;
    size_t length = strlen(name);
    if (length == 0 || length >= NAME || strchr(name, '/')) return NULL;
    if (length > 4 && strcmp(name + length - 4, "-shm") == 0) return NULL;
    if (length > 5 && strcmp(name + length - 5, ".lock") == 0) return NULL;
    return name;
}

static int number_of(const char *name) {
    for (int index = 0; index < count; index++)
        if (strcmp(names[index], name) == 0) return index;
    if (count == FILES) broken("more files than foreseen");
    strcpy(names[count], name);
    note('N', count, 0, 0, name, strlen(name));
    return count++;
}

static int is_watched(int fd) { return fd >= 0 && fd < DESCRIPTORS && watched[fd] != UNWATCHED; }
static int is_file(int fd) { return is_watched(fd) && watched[fd] != FOLDER; }

// Size of the file if it is there, else -1.
static off64_t size_at(const char *path) {
    struct stat64 status;
    return stat64(path, &status) == 0 ? status.st_size : -1;
}

static int opened(const char *path, int flags, mode_t mode) {
    const char *name = inside(path);
    if (!name) {
        int fd = real_open64(path, flags, mode);
        if (journal >= 0 && fd >= 0 && fd < DESCRIPTORS && strcmp(path, folder) == 0) watched[fd] = FOLDER;
        return fd;
    }
    pthread_mutex_lock(&lock);
    off64_t before = size_at(path);
    uint32_t file = number_of(name);
    if (before < 0 && (flags & O_CREAT)) note('C', 0, 0, 0, name, strlen(name) + 1);
    // What a write replaces must be readable.
    if ((flags & O_ACCMODE) == O_WRONLY) flags = (flags & ~O_ACCMODE) | O_RDWR;
    int fd = real_open64(path, flags & ~O_TRUNC, mode);
    if (fd >= DESCRIPTORS) broken("more descriptors than foreseen");
    if (fd >= 0) {
        watched[fd] = 1 + file;
        if ((flags & O_TRUNC) && before > 0) {
            note_sectors('T', fd, 0, before);
            if (real_ftruncate64(fd, 0) != 0) broken("a file cannot be truncated");
        }
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE_OF(flags) ({ mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); \
    mode = va_arg(more, mode_t); va_end(more); } mode; })

int open(const char *path, int flags, ...) { return opened(path, flags, MODE_OF(flags)); }
int open64(const char *path, int flags, ...) { return opened(path, flags, MODE_OF(flags)); }
int openat(int at, const char *path, int flags, ...) {
    mode_t mode = MODE_OF(flags);
    return path[0] == '/' ? opened(path, flags, mode) : real_openat64(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
    mode_t mode = MODE_OF(flags);
    return path[0] == '/' ? opened(path, flags, mode) : real_openat64(at, path, flags, mode);
}

int close(int fd) {
    if (is_watched(fd)) {
        pthread_mutex_lock(&lock);
        watched[fd] = UNWATCHED;
        pthread_mutex_unlock(&lock);
    }
    return real_close(fd);
}

// -- writes

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    if (!is_file(fd)) return real_pwrite64(fd, bytes, length, offset);
    pthread_mutex_lock(&lock);
    count_down(fd);
    note_sectors('W', fd, offset, offset + length);
    ssize_t written = real_pwrite64(fd, bytes, length, offset);
    pthread_mutex_unlock(&lock);
    return written;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!is_file(fd)) return real_write(fd, bytes, length);
    pthread_mutex_lock(&lock);
    count_down(fd);
    off64_t offset = lseek64(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    note_sectors('W', fd, offset, offset + length);
    ssize_t written = real_write(fd, bytes, length);
    pthread_mutex_unlock(&lock);
    return written;
}

int ftruncate64(int fd, off64_t size) {
    if (!is_file(fd)) return real_ftruncate64(fd, size);
    pthread_mutex_lock(&lock);
    count_down(fd);
    off64_t before = size_of(fd);
    if (size != before) note_sectors('T', fd, size < before ? size : before, size < before ? before : size);
    int result = real_ftruncate64(fd, size);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

// -- syncs

static int fails(int fd) {
    if (fail_times == 0 || !is_file(fd) || strcmp(names[watched[fd] - 1], fail_in) != 0) return 0;
    if (fail_from > 1) return fail_from--, 0;
    return fail_times--, 1;
}

static int synced(int fd, int (*sync)(int)) {
    if (!is_watched(fd)) return sync(fd);
    pthread_mutex_lock(&lock);
    count_down(fd);
    int failed = fails(fd), result = failed ? -1 : sync(fd);
    if (failed) note('F', watched[fd] - 1, 0, 0, "", 0);
    if (result == 0 && watched[fd] == FOLDER) note('D', 0, 0, 0, "", 0);
    if (result == 0 && watched[fd] != FOLDER) note('S', watched[fd] - 1, 0, 0, "", 0);
    pthread_mutex_unlock(&lock);
    if (failed) errno = EIO;
    return result;
}
int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

// -- the folder

static void note_names(char kind, const char *one, const char *two, const char *three) {
    char all[3 * NAME];
    int length = snprintf(all, sizeof all, "%s%c%s%c%s", one, 0, two, 0, three);
    note(kind, 0, 0, 0, all, length + 1);
}

// Keeps a link to what loses its name; gives the link's name.
static void bury(const char *path, char *name) {
    static int graves;
    char kept[PATH_MAX];
    snprintf(name, NAME, "%d-%d", getpid(), ++graves);
    snprintf(kept, sizeof kept, "%s/%s", grave, name);
    if (real_link(path, kept) != 0) broken("a file cannot be kept");
}

int unlink(const char *path) {
    const char *name = inside(path);
    if (!name || size_at(path) < 0) return real_unlink(path);
    pthread_mutex_lock(&lock);
    char kept[NAME];
    bury(path, kept);
    note_names('U', name, kept, "");
    int result = real_unlink(path);
    pthread_mutex_unlock(&lock);
    return result;
}

int link(const char *from, const char *to) {
    const char *name = inside(to);
    if (!name || size_at(to) >= 0) return real_link(from, to);
    pthread_mutex_lock(&lock);
    note('L', 0, 0, 0, name, strlen(name) + 1);
    int result = real_link(from, to);
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) {
    const char *before = inside(from), *after = inside(to);
    if (!before || !after) return real_rename(from, to);
    pthread_mutex_lock(&lock);
    char kept[NAME] = "";
    if (size_at(to) >= 0) bury(to, kept);
    note_names('R', before, after, kept);
    int result = real_rename(from, to);
    pthread_mutex_unlock(&lock);
    return result;
}
