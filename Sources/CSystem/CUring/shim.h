// What Swift needs of liburing 2.3. The functions here are thin: they exist because the importer leaves out
// what is a macro (the ring's atomics) or ends in a flexible array (a completion entry), and because one call
// that fills a whole submission entry inlines into the caller's loop.
#ifndef APUS_CURING_SHIM_H
#define APUS_CURING_SHIM_H

// First, so that liburing.h cannot switch on _XOPEN_SOURCE and _GNU_SOURCE any more: with them glibc's types differ from
// those of Swift's Glibc module, and the compiler refuses two definitions of one type.
#include <features.h>

#include <liburing.h>
#include <string.h>

struct apus_uring_completion {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
};

// Takes the oldest completion off the queue; false when there is none.
static inline bool apus_uring_next(struct io_uring *ring, struct apus_uring_completion *out) {
    unsigned head = *ring->cq.khead;
    if (head == io_uring_smp_load_acquire(ring->cq.ktail)) return false;
    const struct io_uring_cqe *entry = &ring->cq.cqes[head & ring->cq.ring_mask];
    out->user_data = entry->user_data;
    out->result = entry->res;
    out->flags = entry->flags;
    io_uring_smp_store_release(ring->cq.khead, head + 1);
    return true;
}

static inline unsigned apus_uring_ready(const struct io_uring *ring) { return io_uring_cq_ready(ring); }

static inline unsigned apus_uring_space(const struct io_uring *ring) { return io_uring_sq_space_left(ring); }

static inline bool apus_uring_unsubmitted(const struct io_uring *ring) { return io_uring_sq_ready(ring) != 0; }

// The calls below want a free entry: the caller has checked apus_uring_space().

static inline void apus_uring_accept(struct io_uring *ring, int fd, uint64_t user_data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    io_uring_prep_multishot_accept(entry, fd, NULL, NULL, SOCK_CLOEXEC);
    entry->user_data = user_data;
}

static inline void apus_uring_receive(struct io_uring *ring, int fd, uint16_t group, uint64_t user_data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    io_uring_prep_recv_multishot(entry, fd, NULL, 0, 0);
    entry->flags = IOSQE_BUFFER_SELECT;
    entry->buf_group = group;
    entry->user_data = user_data;
}

static inline void apus_uring_send(struct io_uring *ring, int fd, const void *bytes, size_t count, uint64_t user_data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    io_uring_prep_send(entry, fd, bytes, count, MSG_NOSIGNAL);
    entry->user_data = user_data;
}

static inline void apus_uring_send_message(struct io_uring *ring, int fd, const struct msghdr *message, uint64_t user_data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    io_uring_prep_sendmsg(entry, fd, message, MSG_NOSIGNAL);
    entry->user_data = user_data;
}

static inline void apus_uring_read(struct io_uring *ring, int fd, void *bytes, unsigned count, uint64_t user_data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    io_uring_prep_read(entry, fd, bytes, count, 0);
    entry->user_data = user_data;
}

// Completes whenever the socket is reset or shut down on a side: the kernel adds POLLERR, POLLHUP and POLLRDHUP to
// whatever is asked for. Multishot, because the peer's FIN would use up a single one and count for ever after.
static inline void apus_uring_await_hang_up(struct io_uring *ring, int fd, uint64_t user_data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    io_uring_prep_poll_multishot(entry, fd, 0);
    entry->user_data = user_data;
}

static inline void apus_uring_cancel(struct io_uring *ring, uint64_t target, uint64_t user_data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    io_uring_prep_cancel64(entry, target, 0);
    entry->user_data = user_data;
}

static inline void apus_uring_cancel_descriptor(struct io_uring *ring, int fd, uint64_t user_data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    io_uring_prep_cancel_fd(entry, fd, IORING_ASYNC_CANCEL_ALL);
    entry->user_data = user_data;
}

// liburing 2.3 has no io_uring_setup_buf_ring. `memory` is page-aligned and holds `count` entries of 16 bytes.
static inline int apus_uring_register_buffers(struct io_uring *ring, void *memory, unsigned count, uint16_t group) {
    struct io_uring_buf_reg registration;
    memset(&registration, 0, sizeof registration);
    registration.ring_addr = (uint64_t)(uintptr_t)memory;
    registration.ring_entries = count;
    registration.bgid = group;
    int result = io_uring_register_buf_ring(ring, &registration, 0);
    if (result == 0) io_uring_buf_ring_init((struct io_uring_buf_ring *)memory);
    return result;
}

// Gives one buffer to the kernel.
static inline void apus_uring_provide(void *memory, void *bytes, unsigned length, uint16_t id, unsigned count) {
    struct io_uring_buf_ring *buffers = (struct io_uring_buf_ring *)memory;
    io_uring_buf_ring_add(buffers, bytes, length, id, io_uring_buf_ring_mask(count), 0);
    io_uring_buf_ring_advance(buffers, 1);
}

// Sleeps until a completion is there or the time is over; carries everything that was prepared. Negative errno.
static inline int apus_uring_enter(struct io_uring *ring, int64_t nanoseconds) {
    if (nanoseconds < 0) return io_uring_submit_and_wait(ring, 1);
    if (nanoseconds == 0) return io_uring_submit_and_get_events(ring);
    struct __kernel_timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    struct io_uring_cqe *entry = NULL;
    return io_uring_submit_and_wait_timeout(ring, &entry, 1, &time, NULL);
}

#endif
