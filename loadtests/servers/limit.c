/* The limit of a fan-out: send() of a prepared frame to every socket, and nothing else.
 *
 * limit CLIENTS FRAME_BYTES: tells `port N`, accepts the clients, and then sends as many frames to
 * each as it is told on standard input, answering as loadtests/servers/control.py has it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char ANSWER[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\n\r\n";

static long long nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int listener(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int at = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(at, (struct sockaddr *)&address, size) || listen(at, 1024)) fail("listen");
    getsockname(at, (struct sockaddr *)&address, &size);
    printf("{\"port\": %d}\n", ntohs(address.sin_port));
    fflush(stdout);
    return at;
}

static int upgraded(int at) {
    char request[4096];
    size_t had = 0;
    int one = 1, client = accept(at, NULL, NULL);
    if (client < 0) fail("accept");
    while (had < 4 || memcmp(request + had - 4, "\r\n\r\n", 4)) {
        ssize_t got = recv(client, request + had, sizeof request - had, 0);
        if (got <= 0) fail("handshake");
        had += got;
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    send(client, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL);
    return client;
}

static void send_whole(int client, const char *frame, size_t size) {
    size_t sent = 0;
    while (sent < size) {
        ssize_t now = send(client, frame + sent, size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (now >= 0) {
            sent += now;
        } else if (errno == EAGAIN) {
            struct pollfd room = {.fd = client, .events = POLLOUT};
            poll(&room, 1, -1);
        } else {
            fail("send");
        }
    }
}

int main(int count, char **words) {
    if (count != 3) return fputs("limit CLIENTS FRAME_BYTES\n", stderr), 2;
    int clients = atoi(words[1]), size = atoi(words[2]), rounds;
    struct rlimit files = {clients + 100, clients + 100};
    setrlimit(RLIMIT_NOFILE, &files);
    int *sockets = calloc(clients, sizeof *sockets);
    char *frame = malloc(size);
    memset(frame, 'x', size);
    memcpy(frame, (unsigned char[]){0x81, 126, (size - 4) >> 8, (size - 4) & 255}, 4);
    int at = listener();
    for (int n = 0; n < clients; n++) sockets[n] = upgraded(at);
    long long bytes = 0;
    while (scanf("%d", &rounds) == 1) {
        long long cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID), started = nanoseconds(CLOCK_MONOTONIC);
        for (int round = 0; round < rounds; round++)
            for (int n = 0; n < clients; n++) send_whole(sockets[n], frame, size);
        bytes += (long long)rounds * clients * size;
        printf("{\"started\": %lld, \"ended\": %lld, \"cpu\": %lld, \"bytes\": %lld}\n", started,
               nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, bytes);
        fflush(stdout);
    }
}
