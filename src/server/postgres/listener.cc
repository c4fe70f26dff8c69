// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/listener.h"

#include <openssl/rand.h>

#include "server/postgres/connection.h"

namespace tarn::server::postgres {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr auto kStopInterval = std::chrono::milliseconds(5);

}  // namespace

Listener::Listener(ServerOptions options, warehouse::SessionFactory& factory)
    : context_(std::move(options), factory), work_(io_.get_executor()), acceptor_(io_) {}

Result<std::unique_ptr<Listener>> Listener::Start(ServerOptions options,
                                                  warehouse::SessionFactory& factory,
                                                  const std::string& certificate_pem,
                                                  const std::string& key_pem) {
  std::unique_ptr<Listener> made(new Listener(std::move(options), factory));
  std::string& secret = made->context_.secret;
  secret.resize(kSecretBytes);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), kSecretBytes) != 1) {
    return Fail(ErrorKind::kInternal, "the random generator failed");
  }
  if (!certificate_pem.empty()) {
    TARN_ASSIGN(made->context_.tls, TlsContext::Make(certificate_pem, key_pem));
  }
  ServerContext& context = made->context_;
  TARN_TRY(made->acceptor_.Listen(context.options.host, context.options.port));
  made->acceptor_.Start([&context](boost::asio::ip::tcp::socket socket) {
    if (context.stopping || context.pending >= context.options.pending_max) return;
    std::make_shared<Connection>(std::move(socket), context)->Start();
  });
  for (int32_t i = 0; i < made->context_.options.io_threads; ++i) {
    made->threads_.emplace_back([listener = made.get()] { listener->io_.run(); });
  }
  return made;
}

Result<> Listener::ReloadCertificate(const std::string& certificate_pem,
                                     const std::string& key_pem) {
  if (context_.tls == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "the server was started without TLS");
  }
  return context_.tls->Reload(certificate_pem, key_pem);
}

bool Listener::AwaitEnd(std::chrono::milliseconds at_most) const {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (context_.connections > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kStopInterval);
  }
  return context_.connections == 0;
}

void Listener::Stop(std::chrono::milliseconds grace, std::chrono::milliseconds patience) {
  if (stopped_) return;
  stopped_ = true;
  context_.stopping = true;
  acceptor_.Close();
  if (grace.count() > 0) {
    for (const auto& connection : context_.registry.All()) connection->TerminateWhenIdle();
    AwaitEnd(grace);
  }
  for (const auto& connection : context_.registry.All()) connection->Terminate();
  AwaitEnd(patience);
  for (const auto& connection : context_.registry.All()) {
    connection->Interrupt(Interruption::kGone);
  }
  while (context_.connections > 0) std::this_thread::sleep_for(kStopInterval);
  io_.stop();
  for (std::thread& thread : threads_) thread.join();
  context_.workers.reset();
}

Listener::~Listener() { Stop(); }

}  // namespace tarn::server::postgres
