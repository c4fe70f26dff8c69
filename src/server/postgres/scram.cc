// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <vector>

#include "base/base64.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

constexpr size_t kNonceBytes = 18, kSaltBytes = 16, kKeyBytes = SHA256_DIGEST_LENGTH;

const unsigned char* Unsigned(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Hmac(std::string_view key, std::string_view message) {
  std::string out(kKeyBytes, '\0');
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Unsigned(message), message.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}

std::string Hash(std::string_view bytes) {
  std::string out(kKeyBytes, '\0');
  SHA256(Unsigned(bytes), bytes.size(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::unexpected<warehouse::StatementError> Malformed(std::string_view detail) {
  auto failed = FailState(sqlstate::kProtocolViolation, "malformed SCRAM message");
  failed.error().error.detail = detail;
  return failed;
}

/// The value of the attribute that the message must begin with; drops it and the comma.
std::optional<std::string_view> Take(std::string_view& message, char attribute) {
  if (message.size() < 2 || message[0] != attribute || message[1] != '=') return std::nullopt;
  const size_t end = message.find(',');
  const std::string_view value = message.substr(2, end == std::string_view::npos ? end : end - 2);
  message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
  return value;
}

bool IsPrintable(std::string_view nonce) {
  for (const char c : nonce) {
    if (c < 0x21 || c > 0x7e) return false;
  }
  return !nonce.empty();
}

}  // namespace

ScramExchange::ScramExchange(std::optional<warehouse::PasswordVerifier> verifier,
                             std::string_view user, std::string_view server_secret,
                             std::string end_point)
    : known_(verifier.has_value()), end_point_(std::move(end_point)) {
  if (verifier) {
    verifier_ = std::move(*verifier);
  } else {
    verifier_.salt = Hmac(server_secret, user).substr(0, kSaltBytes);
    verifier_.stored_key.assign(kKeyBytes, '\0');
    verifier_.server_key.assign(kKeyBytes, '\0');
  }
}

StatementResult<std::string> ScramExchange::First(std::string_view mechanism,
                                                  std::string_view message) {
  const bool plus = mechanism == kScramPlus;
  if (!plus && mechanism != kScram) {
    return FailState(sqlstate::kProtocolViolation,
                     "client selected an invalid SASL authentication mechanism");
  }
  if (plus && end_point_.empty()) {
    return FailState(sqlstate::kProtocolViolation,
                     "client selected SCRAM-SHA-256-PLUS, which was not offered");
  }
  const size_t flag_end = message.find(',');
  if (flag_end == std::string_view::npos) return Malformed("The message has no GS2 header.");
  const std::string_view flag = message.substr(0, flag_end);
  std::string_view rest = message.substr(flag_end + 1);
  if (plus ? flag != "p=tls-server-end-point" : flag != "n" && flag != "y") {
    return Malformed("The channel binding flag does not fit the mechanism.");
  }
  if (flag == "y" && !end_point_.empty()) {
    auto failed =
        FailState(sqlstate::kInvalidAuthorization, "SCRAM channel binding negotiation error");
    failed.error().error.detail =
        "The client supports SCRAM channel binding but thinks the server does not. "
        "However, this server does support channel binding.";
    return failed;
  }
  const size_t authzid_end = rest.find(',');
  if (authzid_end == std::string_view::npos) return Malformed("The GS2 header is not complete.");
  if (authzid_end != 0) {
    return FailState(sqlstate::kNotSupported,
                     "client uses authorization identity, but it is not supported");
  }
  rest.remove_prefix(1);
  binding_input_ = std::string(message.substr(0, message.size() - rest.size()));
  if (plus) binding_input_ += end_point_;
  client_first_bare_ = rest;
  if (rest.starts_with("m=")) {
    return FailState(sqlstate::kNotSupported, "client requires an unsupported SCRAM extension");
  }
  if (!Take(rest, 'n')) return Malformed("The user name is missing.");
  const auto client_nonce = Take(rest, 'r');
  if (!client_nonce || !IsPrintable(*client_nonce)) return Malformed("The nonce is not valid.");

  std::string random(kNonceBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), kNonceBytes) != 1) {
    return FailState("XX000", "the random generator failed");
  }
  nonce_ = std::string(*client_nonce) + EncodeBase64(random);
  server_first_ =
      fmt::format("r={},s={},i={}", nonce_, EncodeBase64(verifier_.salt), verifier_.iterations);
  return server_first_;
}

StatementResult<ScramExchange::Final> ScramExchange::Last(std::string_view message) {
  const size_t proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos) return Malformed("The proof is missing.");
  const std::string_view without_proof = message.substr(0, proof_at);
  const auto proof = DecodeBase64(message.substr(proof_at + 3));
  if (!proof || proof->size() != kKeyBytes) return Malformed("The proof is not valid.");
  std::string_view rest = without_proof;
  const auto binding = Take(rest, 'c');
  const auto nonce = Take(rest, 'r');
  if (!binding || !nonce) return Malformed("The channel binding or the nonce is missing.");
  if (*binding != EncodeBase64(binding_input_)) {
    return FailState(sqlstate::kInvalidAuthorization, "SCRAM channel binding check failed");
  }
  if (*nonce != nonce_) return Malformed("The nonce does not match.");

  const std::string auth_message =
      client_first_bare_ + "," + server_first_ + "," + std::string(without_proof);
  std::string client_key = Hmac(verifier_.stored_key, auth_message);
  for (size_t i = 0; i < kKeyBytes; ++i) {
    client_key[i] = static_cast<char>(client_key[i] ^ (*proof)[i]);
  }
  const bool matches =
      verifier_.stored_key.size() == kKeyBytes &&
      CRYPTO_memcmp(Hash(client_key).data(), verifier_.stored_key.data(), kKeyBytes) == 0;
  if (!matches || !known_) return Final{};
  return Final{true, "v=" + EncodeBase64(Hmac(verifier_.server_key, auth_message))};
}

Result<warehouse::PasswordVerifier> ParseVerifier(std::string_view text) {
  const auto take = [&text](char end) {
    const size_t at = text.find(end);
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return part;
  };
  warehouse::PasswordVerifier verifier;
  const std::string_view mechanism = take('$'), iterations = take(':');
  const auto salt = DecodeBase64(take('$')), stored = DecodeBase64(take(':')),
             server = DecodeBase64(text);
  const char* const end = iterations.data() + iterations.size();
  if (mechanism != kScram || !salt || salt->empty() || !stored || stored->size() != kKeyBytes ||
      !server || server->size() != kKeyBytes ||
      std::from_chars(iterations.data(), end, verifier.iterations).ptr != end ||
      verifier.iterations < 1) {
    return Fail(ErrorKind::kInvalidArgument, "not a SCRAM-SHA-256 verifier");
  }
  verifier.salt = *salt;
  verifier.stored_key = *stored;
  verifier.server_key = *server;
  return verifier;
}

}  // namespace tarn::server::postgres
