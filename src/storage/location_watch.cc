// SPDX-License-Identifier: Apache-2.0
#include "storage/location_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "storage/local_directory.h"
#include "storage/local_place.h"
#include "storage/os_error.h"

namespace tarn::storage {
namespace {

/// A put links the object's name (IN_CREATE); a store that renames says IN_MOVED_TO.
constexpr uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE;

class LocalWatch final : public LocationWatch {
 public:
  LocalWatch(LocalPlaces places, FileDescriptor events, FileDescriptor interrupt)
      : places_(std::move(places)), events_(std::move(events)), interrupt_(std::move(interrupt)) {}

  void Watch(const std::vector<std::string>& folders) override {
    for (auto entry = watched_.begin(); entry != watched_.end();) {
      if (std::ranges::find(folders, entry->first) != folders.end()) {
        ++entry;
        continue;
      }
      inotify_rm_watch(events_.number(), entry->second);
      entry = watched_.erase(entry);
    }
    for (const std::string& folder : folders) {
      if (!watched_.contains(folder)) Add(folder);
    }
  }

  std::vector<std::string> Wait(std::chrono::milliseconds at_most) override {
    std::array<pollfd, 2> files{{{.fd = events_.number(), .events = POLLIN, .revents = 0},
                                 {.fd = interrupt_.number(), .events = POLLIN, .revents = 0}}};
    const auto limit = std::min<int64_t>(at_most.count(), INT32_MAX);
    if (poll(files.data(), files.size(), static_cast<int>(std::max<int64_t>(limit, 0))) <= 0) {
      return {};
    }
    if ((files[1].revents & POLLIN) != 0) {
      uint64_t count = 0;
      (void)!read(interrupt_.number(), &count, sizeof(count));
    }
    return (files[0].revents & POLLIN) != 0 ? ReadEvents() : std::vector<std::string>();
  }

  void Interrupt() override {
    const uint64_t one = 1;
    (void)!write(interrupt_.number(), &one, sizeof(one));
  }

 private:
  void Add(const std::string& folder) {
    const auto place = places_.FindPrefix(folder);
    if (!place) return;
    const FileDescriptor top = OpenTop(*place);
    if (!top.is_open()) return;
    const FileDescriptor directory =
        OpenBeneath(top.number(), place->parent(), O_RDONLY | O_DIRECTORY);
    if (!directory.is_open()) return;
    // By the descriptor, which no link has led elsewhere.
    const std::string path = "/proc/self/fd/" + std::to_string(directory.number());
    const int watch = inotify_add_watch(events_.number(), path.c_str(), kEvents);
    if (watch >= 0) watched_[folder] = watch;
  }

  std::vector<std::string> ReadEvents() {
    alignas(inotify_event) std::array<char, 64 * 1024> buffer;
    std::vector<std::string> folders;
    while (true) {
      const ssize_t got = read(events_.number(), buffer.data(), buffer.size());
      if (got <= 0) return folders;
      for (ssize_t at = 0; at < got;) {
        inotify_event event;
        std::memcpy(&event, buffer.data() + at, sizeof(event));
        at += static_cast<ssize_t>(sizeof(event) + event.len);
        Collect(event, folders);
      }
    }
  }

  void Collect(const inotify_event& event, std::vector<std::string>& folders) {
    const bool lost = (event.mask & IN_Q_OVERFLOW) != 0;
    for (auto entry = watched_.begin(); entry != watched_.end();) {
      const bool meant = lost || entry->second == event.wd;
      if (meant && std::ranges::find(folders, entry->first) == folders.end()) {
        folders.push_back(entry->first);
      }
      // The folder is gone, and its watch with it.
      entry = meant && (event.mask & IN_IGNORED) != 0 ? watched_.erase(entry) : std::next(entry);
    }
  }

  const LocalPlaces places_;
  const FileDescriptor events_, interrupt_;
  std::map<std::string, int> watched_;
};

}  // namespace

Result<std::unique_ptr<LocationWatch>> OpenLocalWatch(const LocalStorageOptions& options) {
  TARN_ASSIGN(LocalPlaces places, LocalPlaces::Make(options));
  FileDescriptor events(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!events.is_open()) return OsFailure(errno, "watch", options.buckets_directory);
  FileDescriptor interrupt(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!interrupt.is_open()) return OsFailure(errno, "watch", options.buckets_directory);
  return std::make_unique<LocalWatch>(std::move(places), std::move(events), std::move(interrupt));
}

}  // namespace tarn::storage
