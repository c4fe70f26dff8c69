// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/stage_files.h"

#include <openssl/evp.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/base64.h"
#include "base/uuid.h"
#include "server/snowflake/request_text.h"

namespace tarn::server::snowflake {
namespace {

using tarn::http::Request;
using tarn::http::Response;
using warehouse::FileTransfer;

constexpr int64_t kOfferMs = int64_t{60} * 60 * 1000;
constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr const char* kDigestHeader = "x-goog-meta-sfc-digest";

/// SHA-256, as clients write it.
class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  ~Digest() { EVP_MD_CTX_free(context_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void Add(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  std::string Text() {
    std::array<uint8_t, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_, bytes.data(), &size);
    return EncodeBase64({reinterpret_cast<const char*>(bytes.data()), size});
  }

 private:
  EVP_MD_CTX* const context_;
};

Response Told(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kNotFound:
      return Response::Text(404, "there is no such file\n");
    case ErrorKind::kInvalidArgument:
    case ErrorKind::kPermissionDenied:
      return Response::Text(403, error.message + "\n");
    case ErrorKind::kResourceExhausted:
      return Response::Text(507, error.message + "\n");
    default:
      spdlog::error("a staged file failed: {}", error.message);
      return Response::Text(500, "the file could not be read or written\n");
  }
}

Result<std::string> ReadPiece(const storage::ObjectReader& reader, int64_t offset) {
  const auto left = static_cast<size_t>(reader.size_bytes() - offset);
  std::string piece(std::min(kPieceBytes, left), '\0');
  TARN_TRY(reader.ReadAt(offset, {reinterpret_cast<uint8_t*>(piece.data()), piece.size()}));
  return piece;
}

Result<std::string> DigestOf(const storage::ObjectReader& reader) {
  Digest digest;
  for (int64_t offset = 0; offset < reader.size_bytes();) {
    TARN_ASSIGN(const std::string piece, ReadPiece(reader, offset));
    digest.Add(piece);
    offset += static_cast<int64_t>(piece.size());
  }
  return digest.Text();
}

Response Give(const FileTransfer& transfer, const std::string& location) {
  auto opened = transfer.storage->Open(location);
  if (!opened) return Told(opened.error());
  const std::shared_ptr<storage::ObjectReader> reader = *std::move(opened);
  const auto digest = DigestOf(*reader);
  if (!digest) return Told(digest.error());
  Response response;
  response.headers.emplace_back("Content-Type", "application/octet-stream");
  response.headers.emplace_back(kDigestHeader, *digest);
  response.pieces_bytes = static_cast<uint64_t>(reader->size_bytes());
  response.pieces = [reader, offset = int64_t{0}]() mutable -> Result<std::optional<std::string>> {
    if (offset == reader->size_bytes()) return std::nullopt;
    TARN_ASSIGN(std::string piece, ReadPiece(*reader, offset));
    offset += static_cast<int64_t>(piece.size());
    return piece;
  };
  return response;
}

/// Appends the body, and says what its digest is.
Result<std::string> Copy(const Request& request, storage::ObjectWriter& writer) {
  Digest digest;
  const auto append = [&](std::string_view bytes) {
    digest.Add(bytes);
    return writer.Append({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  };
  if (request.body_file == nullptr) {
    TARN_TRY(append(request.body));
    return digest.Text();
  }
  std::ifstream file(request.body_file->path(), std::ios::binary);
  std::vector<char> piece(kPieceBytes);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
    TARN_TRY(append({piece.data(), static_cast<size_t>(file.gcount())}));
  }
  if (!file.eof()) return Fail(ErrorKind::kUnavailable, "the body of a request could not be read");
  return digest.Text();
}

/// Where a file is that must not be replaced, the same one is no mistake: clients repeat.
Response Kept(const FileTransfer& transfer, const std::string& location,
              const std::string& digest) {
  const auto reader = transfer.storage->Open(location);
  if (!reader) return Told(reader.error());
  const auto there = DigestOf(**reader);
  if (!there) return Told(there.error());
  if (*there == digest) return Response::Text(200, "");
  return Response::Text(412, "the file exists: PUT with OVERWRITE = TRUE replaces it\n");
}

Response Take(const FileTransfer& transfer, const std::string& location, const Request& request) {
  const auto mode = transfer.overwrite ? storage::PutMode::kReplace : storage::PutMode::kIfAbsent;
  auto writer = transfer.storage->Create(location, mode);
  if (!writer) return Told(writer.error());
  const auto digest = Copy(request, **writer);
  if (!digest) return Told(digest.error());
  const auto sent = request.Header(kDigestHeader);
  if (sent && *sent != *digest) return Response::Text(400, "the body is not what was to be put\n");
  const auto closed = (*writer)->Close();
  if (!closed && closed.error().kind == ErrorKind::kAlreadyExists) {
    return Kept(transfer, location, *digest);
  }
  return closed ? Response::Text(200, "") : Told(closed.error());
}

/// Whether it stays below the folder that it is appended to.
bool IsBelow(std::string_view name) {
  while (true) {
    const size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.contains('\0')) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

/// TOKEN and NAME, the latter with its own slashes, which some clients encode; absent: neither.
std::optional<std::pair<std::string, std::string>> Split(std::string_view path) {
  const auto decoded = tarn::http::DecodePercent(path);
  if (!decoded) return std::nullopt;
  std::string_view rest = *decoded;
  rest.remove_prefix(std::min(rest.size(), std::string_view(StageFiles::kPrefix).size() + 1));
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos || !IsBelow(rest.substr(slash + 1))) return std::nullopt;
  return std::pair{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

}  // namespace

Result<std::shared_ptr<StageFiles>> StageFiles::Make(std::string directory) {
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  std::filesystem::create_directories(directory, error);
  if (error) {
    return Fail(ErrorKind::kUnavailable, "could not make directory \"{}\": {}", directory,
                error.message());
  }
  return std::shared_ptr<StageFiles>(new StageFiles(std::move(directory)));
}

std::string StageFiles::Offer(Transfer transfer) {
  const int64_t now_ms = clock_.NowMs();
  std::string token = Uuid::Random().ToString();
  const std::lock_guard lock(mutex_);
  std::erase_if(offered_, [&](const auto& entry) { return entry.second.until_ms < now_ms; });
  offered_[token] = {.transfer = std::move(transfer), .until_ms = now_ms + kOfferMs};
  return token;
}

StageFiles::Transfer StageFiles::Find(const std::string& token) const {
  const std::lock_guard lock(mutex_);
  const auto found = offered_.find(token);
  if (found == offered_.end() || found->second.until_ms < clock_.NowMs()) return nullptr;
  return found->second.transfer;
}

std::string StageFiles::BodyDirectory(std::string_view method, std::string_view path) const {
  const auto parts = Split(path);
  if (method != "PUT" || !parts) return {};
  const Transfer transfer = Find(parts->first);
  return transfer != nullptr && transfer->upload ? directory_ : std::string();
}

Response StageFiles::Handle(const Request& request) {
  const auto parts = Split(request.path);
  const Transfer transfer = parts ? Find(parts->first) : nullptr;
  if (transfer == nullptr) return Response::Text(403, "the transfer is over, or never was\n");
  const std::string location = transfer->location + parts->second;
  if (request.method == "PUT") {
    if (!transfer->upload) return Response::Text(403, "GET only reads\n");
    return Take(*transfer, location, request);
  }
  if (request.method != "GET" && request.method != "HEAD") return Response::Text(405, "");
  // A client that puts looks whether the file is there.
  const auto is_named = [&](const FileTransfer::File& file) { return file.name == parts->second; };
  if (!transfer->upload && std::ranges::none_of(transfer->files, is_named)) {
    return Response::Text(404, "there is no such file\n");
  }
  return Give(*transfer, location);
}

}  // namespace tarn::server::snowflake
