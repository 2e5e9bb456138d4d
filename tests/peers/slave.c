/* A PLC that speaks SORT-MAP 1.0 on libmodbus: an independent implementation of the map's other side.
 *
 * Written from the contract, not from plc/: what both sides agree on is then what the contract says. There is
 * no belt: every INTERVAL_MS a parcel is inducted, RIDE_MS later it leaves by the chute it was told, or by
 * the reject end. usage: slave PORT PARCELS INTERVAL_MS COUNTS_PER_M MIN_LEAD_MM POSITION...
 * Ends when every parcel has left and every event is acknowledged; prints what it saw as key=value.
 */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { S = 0, K = 256, P = 512, C = 1024, D = 1280, S_WORDS = 121, C_WORDS = 90, REGISTERS = 1536 };
enum { SCAN_MS = 10, TIMEOUT_MS = 500, RIDE_MS = 600, RING = 512, WINDOW = 8, SLOTS = 10, CHUTES = 256 };
enum { INDUCT = 1, RESULT = 2, ASSIGN = 3, STATE = 8, COMM = 9 };
enum { STOPPED = 2, IDLE = 4, SUSPENDED = 5, EXECUTE = 6, REJECT = 65535, MOST_PARCELS = 4096 };

typedef struct { uint16_t type_code, word; uint32_t pid, encoder, t_ms; } event;
typedef struct { uint32_t pid, due_ms; uint16_t told; int ordered; } parcel;

static uint16_t *hold; /* the holding registers */
static event ring[RING];
static unsigned tail, kept, lost; /* tail: newest acknowledged event */
static parcel belt[MOST_PARCELS];
static int inducted, left_belt, chutes, sorted, rejected, refused, blocks, torn;
static uint32_t now_ms, encoder;
static uint16_t session, hb_pc, ack, cmd_ack, cmd_result, state = STOPPED;
static uint32_t moved_ms;
static int alive, ready;

static uint32_t since_start(void)
{
    static struct timespec start;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!start.tv_sec)
        start = now;
    return (uint32_t)((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000);
}

static void put32(int at, uint32_t value)
{
    hold[at] = (uint16_t)(value >> 16);
    hold[at + 1] = (uint16_t)value;
}

static void tell(int type, int code, uint32_t pid, uint16_t word)
{
    if (kept == RING) {
        lost++;
        return;
    }
    ring[(tail + 1 + kept++) % RING] = (event){(uint16_t)(type << 8 | code), word, pid, encoder, now_ms};
}

static void enter(uint16_t next)
{
    state = next;
    tell(STATE, state, 0, 0);
}

/* ---------------------------------------------------------------- the PC's block */

static void take_slot(const uint16_t *slot)
{
    uint32_t pid = (uint32_t)slot[1] << 16 | slot[2];
    int verdict = 2;
    for (int n = left_belt; n < inducted; n++)
        if (belt[n].pid == pid) {
            verdict = belt[n].ordered ? (belt[n].told == slot[3] ? 6 : 7) : slot[3] != REJECT && slot[3] >= chutes ? 4 : 1;
            if (verdict == 1) {
                belt[n].ordered = 1;
                belt[n].told = slot[3];
            }
        }
    refused += verdict != 1;
    tell(ASSIGN, verdict, pid, slot[3]);
}

static void take_slots(const uint16_t *c)
{
    for (int again = 1; again;) {
        again = 0;
        for (int n = 0; n < SLOTS; n++) {
            const uint16_t *slot = c + 9 + 8 * n;
            uint16_t check = 0xA55A;
            for (int w = 0; w < 7; w++)
                check ^= slot[w];
            if (check == slot[7] && slot[0] == (uint16_t)(ack + 1)) {
                ack++;
                take_slot(slot);
                again = 1;
            }
        }
    }
}

static void obey(const uint16_t *c)
{
    if (c[3] == cmd_ack)
        return;
    cmd_ack = c[3];
    cmd_result = 1;
    if (c[2] == 1 && state == STOPPED)
        cmd_result = 0, enter(IDLE);
    else if (c[2] == 2 && state == IDLE)
        cmd_result = ready ? 0 : 2, ready ? enter(EXECUTE) : (void)0;
    else if (c[2] == 7 && state == SUSPENDED)
        cmd_result = ready ? 0 : 2, ready ? enter(EXECUTE) : (void)0;
    else if (c[2] == 3)
        cmd_result = 0, enter(STOPPED);
    else if (c[2] == 0)
        cmd_result = 0;
}

static void hear(const uint16_t *c)
{
    int was_alive = alive;
    blocks++;
    if (c[0] != c[89]) {
        torn++;
        return;
    }
    if (c[1] == 0 || c[7] != (0x0100 | 1))
        return;
    if (c[1] != session) {
        if (!alive || state == STOPPED || state == IDLE) {
            session = c[1];
            alive = 1, moved_ms = now_ms;
            tell(COMM, 3, 0, session);
        }
        return;
    }
    if (c[0] != hb_pc) {
        if (!alive)
            tell(COMM, 2, 0, session);
        alive = 1, moved_ms = now_ms, hb_pc = c[0];
    }
    ready = c[6] & 1;
    if ((uint16_t)(c[4] - tail) <= kept) {
        kept -= (uint16_t)(c[4] - tail);
        tail = c[4];
    }
    take_slots(c);
    if (was_alive)
        obey(c);
}

/* ---------------------------------------------------------------- the scan */

static void ride(int parcels, unsigned interval_ms)
{
    static uint32_t next_ms;
    if (state == EXECUTE && alive && inducted < parcels && now_ms >= next_ms && 4 * kept < 3 * RING) {
        next_ms = now_ms + interval_ms;
        belt[inducted] = (parcel){1u << 24 | (uint32_t)(inducted + 1), now_ms + RIDE_MS, REJECT, 0};
        tell(INDUCT, 1, belt[inducted++].pid, 300);
    }
    while (left_belt < inducted && now_ms >= belt[left_belt].due_ms && kept + 1 < RING) {
        parcel *one = &belt[left_belt++];
        one->ordered ? sorted++ : rejected++;
        if (one->told < CHUTES)
            hold[D + one->told]++;
        tell(RESULT, one->ordered ? 1 : 2, one->pid, one->ordered ? one->told : REJECT);
    }
}

static void show(void)
{
    uint16_t scan = (uint16_t)(now_ms / SCAN_MS);
    const uint16_t head[][2] = {{0, 0x534F}, {1, 0x0100}, {2, 1}, {3, scan}, {4, hb_pc}, {5, state},
        {12, 1600}, {13, ack}, {14, session}, {15, (uint16_t)(0x0F | alive << 4)}, {16, 1},
        {17, (uint16_t)(tail + kept)}, {18, (uint16_t)tail}, {19, (uint16_t)lost}, {20, 1}, {21, cmd_ack},
        {22, cmd_result}, {56, scan}};
    for (size_t n = 0; n < sizeof head / sizeof *head; n++)
        hold[S + head[n][0]] = head[n][1];
    put32(S + 6, 0x01020304);
    put32(S + 8, encoder);
    put32(S + 10, now_ms);
    for (unsigned n = 0; n < WINDOW; n++) {
        uint16_t *row = hold + S + 57 + 8 * n;
        const event *e = &ring[(tail + 1 + n) % RING];
        memset(row, 0, 16);
        if (n >= kept)
            continue;
        row[0] = (uint16_t)(tail + 1 + n), row[1] = e->type_code, row[4] = e->word, row[7] = (uint16_t)e->t_ms;
        put32((int)(row - hold) + 2, e->pid);
        put32((int)(row - hold) + 5, e->encoder);
    }
}

static void scan(int parcels, unsigned interval_ms)
{
    static uint16_t seen[C_WORDS];
    now_ms = since_start();
    encoder = now_ms * 16 / 5; /* 1600 mm/s, 2 counts a mm */
    if (alive && now_ms - moved_ms >= TIMEOUT_MS) {
        alive = 0;
        tell(COMM, 1, 0, session);
        if (state == EXECUTE)
            enter(SUSPENDED);
    }
    if (memcmp(seen, hold + C, sizeof seen)) {
        memcpy(seen, hold + C, sizeof seen);
        hear(seen);
    }
    ride(parcels, interval_ms);
    show();
}

/* ---------------------------------------------------------------- set-up and sockets */

static uint32_t crc32_of(const uint16_t *words, int count)
{
    uint32_t crc = ~0u;
    for (int n = 0; n < 2 * count; n++) {
        crc ^= n % 2 ? words[n / 2] & 0xFF : words[n / 2] >> 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static void describe(uint32_t per_m, uint16_t lead, char **positions)
{
    uint16_t words[4 + 2 * CHUTES];
    for (int n = 0; n < chutes; n++)
        put32(P + 2 * n, (uint32_t)strtoul(positions[n], NULL, 10));
    hold[K + 2] = (uint16_t)chutes;
    put32(K + 3, per_m * 1000);
    hold[K + 5] = SCAN_MS, hold[K + 6] = TIMEOUT_MS, hold[K + 7] = lead, hold[K + 8] = RING;
    words[0] = (uint16_t)chutes, words[1] = hold[K + 3], words[2] = hold[K + 4], words[3] = lead;
    memcpy(words + 4, hold + P, (size_t)chutes * 4);
    put32(K, crc32_of(words, 4 + 2 * chutes));
}

/* One request; C is taken as one FC16 of exactly 90 words. Returns 0 when the client is gone. */
static int serve(modbus_t *ctx, int client, modbus_mapping_t *map)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    int head = modbus_get_header_length(ctx), size;
    modbus_set_socket(ctx, client);
    if ((size = modbus_receive(ctx, query)) < 0)
        return 0;
    int function = query[head], at = query[head + 1] << 8 | query[head + 2], count = query[head + 3] << 8 | query[head + 4];
    if ((function != 3 && function != 16) || (function == 16 && (at != C || count != C_WORDS)))
        modbus_reply_exception(ctx, query, function == 16 ? MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS : MODBUS_EXCEPTION_ILLEGAL_FUNCTION);
    else
        modbus_reply(ctx, query, size, map);
    return 1;
}

static void wait_for_scan(modbus_t *ctx, modbus_mapping_t *map, int listener, fd_set *all, int *top)
{
    uint32_t due = (since_start() / SCAN_MS + 1) * SCAN_MS;
    for (uint32_t now; (now = since_start()) < due;) {
        struct timeval rest = {0, (suseconds_t)(due - now) * 1000};
        fd_set ripe = *all;
        if (select(*top + 1, &ripe, NULL, NULL, &rest) <= 0)
            continue;
        for (int fd = 0; fd <= *top; fd++) {
            if (!FD_ISSET(fd, &ripe))
                continue;
            int client = fd == listener ? accept(listener, NULL, NULL) : -1;
            if (client >= 0) {
                FD_SET(client, all);
                *top = client > *top ? client : *top;
            } else if (fd != listener && !serve(ctx, fd, map)) {
                close(fd);
                FD_CLR(fd, all);
            }
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 7)
        return 2;
    int parcels = atoi(argv[2]), listener, top;
    modbus_t *ctx = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
    modbus_mapping_t *map = modbus_mapping_new(0, 0, REGISTERS, 0);
    fd_set all;
    if (parcels > MOST_PARCELS || !ctx || !map || (listener = modbus_tcp_listen(ctx, 8)) < 0)
        return fprintf(stderr, "slave: %s\n", modbus_strerror(errno)), 1;
    hold = map->tab_registers;
    chutes = argc - 6;
    describe((uint32_t)atoi(argv[4]), (uint16_t)atoi(argv[5]), argv + 6);
    FD_ZERO(&all);
    FD_SET(listener, &all);
    top = listener;
    scan(parcels, (unsigned)atoi(argv[3]));
    printf("ready\n");
    fflush(stdout);
    while (left_belt < parcels || kept || state != STOPPED) {
        wait_for_scan(ctx, map, listener, &all, &top);
        scan(parcels, (unsigned)atoi(argv[3]));
    }
    printf("inducted=%d sorted=%d rejected=%d refused=%d lost=%u blocks=%d torn=%d\n", inducted, sorted, rejected,
           refused, lost, blocks, torn);
    return 0;
}
