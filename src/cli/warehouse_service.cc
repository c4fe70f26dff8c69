// SPDX-License-Identifier: Apache-2.0
#include "cli/warehouse_service.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/logging.h"
#include "provision/listen_address.h"
#include "server/dashboard/service.h"
#include "server/warehouse_server.h"

namespace tarn::cli {
namespace {

using provision::DataDirectory;
using server::ListenSettings;

constexpr int kPortMax = 65535;
constexpr int kAttempts = 20;

/// Any but `taken`, which is about to be listened on.
Result<int> FreePort(const std::string& host, int taken) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    socklen_t length = sizeof name;
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool found = inet_pton(AF_INET, host.c_str(), &name.sin_addr) == 1 &&
                       bind(descriptor, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0 &&
                       getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &length) == 0;
    close(descriptor);
    if (found && ntohs(name.sin_port) != taken) return ntohs(name.sin_port);
  }
  return Fail(ErrorKind::kUnavailable, "there is no free port on {}", host);
}

/// `taken`: chosen already, for something else.
Result<> ChoosePort(const std::optional<int>& asked, const std::string& host, bool remembered,
                    int taken, int& port) {
  if (!asked) return {};
  if (*asked < 0 || *asked > kPortMax) {
    return Fail(ErrorKind::kInvalidArgument, "port {} is not between 0 and {}", *asked, kPortMax);
  }
  if (*asked != 0) {
    port = *asked;
  } else if (!remembered || !provision::IsFree({host, port})) {
    TARN_ASSIGN(port, FreePort(host, taken));
  }
  return {};
}

Result<> Serve(provision::Instances& instances, const ListenSettings& listen,
               const std::function<void()>& ready) {
  TARN_TRY(StartLogging(kWarehouseService, "info"));
  const DataDirectory& directory = instances.directory();
  TARN_ASSIGN(const auto mark, provision::ServiceMark::Take(directory, kWarehouseService));
  TARN_ASSIGN(const auto warehouse, server::WarehouseServer::Start({.directory = directory,
                                                                    .listen = listen,
                                                                    .version = TARN_VERSION,
                                                                    .instances = &instances}));
  const ListenSettings& bound = warehouse->listen();
  TARN_TRY(
      mark.Announce({{"host", bound.host}, {"port", bound.port}, {"http_port", bound.http_port}}));
  ready();
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  int number = 0;
  sigwait(&end, &number);
  spdlog::info("stopping");
  warehouse->Stop();
  return {};
}

}  // namespace

Result<ListenSettings> ChooseListenSettings(const DataDirectory& directory,
                                            const ListenOptions& options) {
  TARN_ASSIGN(const std::optional<ListenSettings> kept, server::LoadListenSettings(directory));
  ListenSettings settings = kept.value_or(ListenSettings());
  if (options.host) settings.host = *options.host;
  in_addr address{};
  if (inet_pton(AF_INET, settings.host.c_str(), &address) != 1) {
    return Fail(ErrorKind::kInvalidArgument, "\"{}\" is not an IPv4 address", settings.host);
  }
  TARN_TRY(
      ChoosePort(options.port, settings.host, kept.has_value(), settings.http_port, settings.port));
  TARN_TRY(ChoosePort(options.http_port, settings.host, kept.has_value(), settings.port,
                      settings.http_port));
  return settings;
}

provision::Service MakeWarehouseService(provision::Instances& instances,
                                        const ListenSettings& listen) {
  return {.name = kWarehouseService,
          .run = [&instances, listen](const std::function<void()>& ready) {
            return Serve(instances, listen, ready);
          }};
}

Result<WarehouseStatus> FindWarehouse(const DataDirectory& directory) {
  WarehouseStatus status{.state = "stopped", .password_file = directory.admin_password().string()};
  TARN_ASSIGN(const auto kept, server::LoadListenSettings(directory));
  status.listen = kept.value_or(ListenSettings());
  const auto running = provision::FindService(directory, kWarehouseService);
  if (!running) return status;
  status.state = running->pid == 0 ? "starting" : "running";
  if (running->pid == 0) return status;
  status.pid = running->pid;
  status.listen.host = running->facts.value("host", status.listen.host);
  status.listen.port = running->facts.value("port", status.listen.port);
  status.listen.http_port = running->facts.value("http_port", status.listen.http_port);
  return status;
}

nlohmann::ordered_json WarehouseStatus::AsJson() const {
  nlohmann::ordered_json document = {{"state", state},         {"pid", nullptr},
                                     {"host", listen.host},    {"port", listen.port},
                                     {"user", kWarehouseUser}, {"password_file", password_file}};
  if (pid) document["pid"] = *pid;
  return document;
}

std::string WarehouseStatus::HttpUrl() const {
  return fmt::format("http://{}:{}", listen.host, listen.http_port);
}

std::string WarehouseStatus::DashboardUrl() const { return HttpUrl() + server::dashboard::kPath; }

}  // namespace tarn::cli
