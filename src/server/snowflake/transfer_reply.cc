// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/transfer_reply.h"

#include "server/snowflake/stage_files.h"

namespace tarn::server::snowflake {
namespace {

using iceberg::JsonText;
using warehouse::FileTransfer;

/// From this size on clients cut files into parts, where the store takes parts.
constexpr int64_t kThresholdBytes = 209'715'200;

std::string Percent(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").contains(c);
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return encoded;
}

void WriteStage(const FileTransfer& transfer, TransferStyle style, const std::string& base_url,
                const std::string& token, JsonText& json) {
  json.BeginObject();
  // Whose protocol is one request for each file, and needs no signature of ours.
  json.Member("locationType", "GCS");
  json.Member("location", fmt::format("{}/{}/", StageFiles::kBucket, token));
  json.Member("path", "");
  json.Member("region", "local");
  json.Member("storageAccount", "");
  json.Key("isClientSideEncrypted");
  json.Bool(false);
  json.Key("creds");
  json.BeginObject();
  if (style == TransferStyle::kToken) json.Member("GCS_ACCESS_TOKEN", token);
  json.EndObject();
  json.Key("presignedUrl");
  if (style == TransferStyle::kUrls && transfer.upload) {
    // Clients ask again for each file, with its name in the stage as the local one.
    const std::string name = transfer.local.substr(transfer.local.rfind('/') + 1);
    json.String(fmt::format("{}{}/{}/{}", base_url, StageFiles::kPrefix, token, Percent(name)));
  } else {
    json.Raw("null");
  }
  json.Key("endPoint");
  if (style == TransferStyle::kToken) {
    json.String(base_url);
  } else {
    json.Raw("null");
  }
  for (const char* member : {"useS3RegionalUrl", "useRegionalUrl", "useVirtualUrl"}) {
    json.Key(member);
    json.Bool(false);
  }
  json.EndObject();
}

void WriteUpload(const FileTransfer& transfer, JsonText& json) {
  json.Member("command", "UPLOAD");
  json.Key("src_locations");
  json.BeginArray();
  json.String(transfer.local);
  json.EndArray();
  json.Member("sourceCompression", transfer.source_compression);
  json.Key("autoCompress");
  json.Bool(transfer.auto_compress);
  json.Key("overwrite");
  json.Bool(transfer.overwrite);
  json.Member("threshold", kThresholdBytes);
  json.Key("encryptionMaterial");
  json.Raw("null");
}

void WriteDownload(const FileTransfer& transfer, TransferStyle style, const std::string& base_url,
                   const std::string& token, JsonText& json) {
  json.Member("command", "DOWNLOAD");
  json.Member("localLocation", transfer.local);
  json.Key("src_locations");
  json.BeginArray();
  for (const FileTransfer::File& file : transfer.files) json.String(file.name);
  json.EndArray();
  json.Key("presignedUrls");
  json.BeginArray();
  if (style == TransferStyle::kUrls) {
    for (const FileTransfer::File& file : transfer.files) {
      json.String(
          fmt::format("{}{}/{}/{}", base_url, StageFiles::kPrefix, token, Percent(file.name)));
    }
  }
  json.EndArray();
  json.Key("encryptionMaterial");
  json.Raw("[]");
}

}  // namespace

void WriteTransfer(const FileTransfer& transfer, TransferStyle style, const std::string& base_url,
                   const std::string& token, JsonText& json) {
  if (transfer.upload) {
    WriteUpload(transfer, json);
  } else {
    WriteDownload(transfer, style, base_url, token, json);
  }
  json.Member("parallel", transfer.parallel);
  json.Key("clientShowEncryptionParameter");
  json.Bool(false);
  for (const char* member : {"stageInfo", "uploadInfo"}) {
    json.Key(member);
    WriteStage(transfer, style, base_url, token, json);
  }
}

}  // namespace tarn::server::snowflake
