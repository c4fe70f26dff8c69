// SPDX-License-Identifier: Apache-2.0
#include "process/engine_socket.h"

#include "boundary/postgres_headers.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

extern "C" {
#include <storage/latch.h>
#include <utils/wait_event.h>
}

namespace tarn::extension {
namespace {

// One set for the life of the socket: epoll need not be told again and again.
WaitEventSet* g_set = nullptr;
int g_set_socket = -1;
int g_socket_position = -1;
uint32_t g_set_events = 0;

uint32_t EngineWaitEvent() {
  static uint32_t event = 0;
  if (event == 0) event = WaitEventExtensionNew("TarnEngine");
  return event;
}

bool Poll(int socket, short events, int timeout_ms) {
  struct pollfd entry = {socket, events, 0};
  int ready = 0;
  do {
    ready = poll(&entry, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

int ConnectEngineSocket() {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  static_assert(sizeof kEngineSocket <= sizeof address.sun_path);
  std::memcpy(address.sun_path, kEngineSocket, sizeof kEngineSocket);
  // A full backlog gives EAGAIN: the caller tries again as if nobody listened yet.
  if (connect(fd, reinterpret_cast<struct sockaddr*>(&address), sizeof address) == 0) return fd;
  const int why = errno;
  close(fd);
  errno = why;
  return -1;
}

void CloseEngineSocket(int socket) {
  if (socket < 0) return;
  if (socket == g_set_socket && g_set != nullptr) {
    FreeWaitEventSet(g_set);
    g_set = nullptr;
    g_set_socket = -1;
  }
  close(socket);
}

ssize_t SendSome(int socket, const void* data, size_t size) {
  while (true) {
    const ssize_t sent = send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return -1;
  }
}

ssize_t ReceiveSome(int socket, void* data, size_t size) {
  while (true) {
    const ssize_t got = recv(socket, data, size, MSG_DONTWAIT);
    if (got > 0) return got;
    if (got == 0) return -1;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return -1;
  }
}

bool PeerClosed(int socket) {
  char byte = 0;
  const ssize_t got = recv(socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

bool WaitReadable(int socket, int timeout_ms) { return Poll(socket, POLLIN, timeout_ms); }

bool WaitWriteable(int socket, int timeout_ms) { return Poll(socket, POLLOUT, timeout_ms); }

uint32_t WaitForEngine(int socket, uint32_t socket_events, long timeout_ms) {
  if (g_set == nullptr || g_set_socket != socket) {
    if (g_set != nullptr) FreeWaitEventSet(g_set);
    g_set = nullptr;
    WaitEventSet* set = CreateWaitEventSet(nullptr, 3);
    AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, nullptr);
    AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, nullptr, nullptr);
    g_socket_position = AddWaitEventToSet(set, socket_events, socket, nullptr, nullptr);
    g_set = set;
    g_set_socket = socket;
    g_set_events = socket_events;
  } else if (g_set_events != socket_events) {
    ModifyWaitEvent(g_set, g_socket_position, socket_events, nullptr);
    g_set_events = socket_events;
  }
  WaitEvent events[3];
  const int count = WaitEventSetWait(g_set, timeout_ms, events, 3, EngineWaitEvent());
  uint32_t happened = 0;
  for (int i = 0; i < count; ++i) happened |= events[i].events;
  if ((happened & WL_LATCH_SET) != 0) ResetLatch(MyLatch);
  return happened;
}

void PauseForEngine(long milliseconds) {
  (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
                  EngineWaitEvent());
  ResetLatch(MyLatch);
  CHECK_FOR_INTERRUPTS();
}

}  // namespace tarn::extension
