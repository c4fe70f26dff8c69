// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/answer_text.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <ctime>
#include <optional>
#include <pugixml.hpp>

namespace tarn::storage::s3 {
namespace {

constexpr unsigned kParsing = pugi::parse_default | pugi::parse_ws_pcdata_single;
constexpr int64_t kMsPerSecond = 1000;

std::string TextOf(const pugi::xml_node& node, const char* name) {
  return node.child(name).text().as_string();
}

/// The root element, which must have the name.
Result<pugi::xml_node> Root(pugi::xml_document& document, const std::string& text,
                            const char* name) {
  const auto parsed = document.load_buffer(text.data(), text.size(), kParsing);
  const pugi::xml_node root = document.document_element();
  if (!parsed || std::string_view(root.name()) != name) {
    return Fail(ErrorKind::kCorruption, "the object store's answer is no {}", name);
  }
  return root;
}

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/// Keys of answers are percent-encoded, since XML cannot have every character.
std::string Decoded(const std::string& text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
                        HexDigit(text[i + 2]) >= 0;
    if (escape) {
      decoded += static_cast<char>((HexDigit(text[i + 1]) << 4) | HexDigit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

int64_t EndOfSecond(time_t seconds) { return int64_t{seconds} * kMsPerSecond + kMsPerSecond - 1; }

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char byte : text) {
    switch (byte) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        if (static_cast<unsigned char>(byte) < 0x20) {
          escaped += fmt::format("&#{};", static_cast<int>(byte));
        } else {
          escaped += byte;
        }
    }
  }
  return escaped;
}

class Keys {
 public:
  explicit Keys(const pugi::xml_node& root) : encoded_(TextOf(root, "EncodingType") == "url") {}
  std::string Of(const pugi::xml_node& node, const char* name) const {
    std::string text = TextOf(node, name);
    return encoded_ ? Decoded(text) : text;
  }

 private:
  bool encoded_;
};

}  // namespace

void ReadErrorText(BucketAnswer& answer) {
  const std::string& body = answer.last.body;
  constexpr size_t kErrorBytesMax = 64 << 10;
  const bool success = answer.last.status / 100 == 2;
  if (answer.last.failure != HttpAnswer::Failure::kNone || body.size() > kErrorBytesMax) return;
  answer.region = answer.last.Header("x-amz-bucket-region");
  // Objects may look like anything: only an answer that is XML is looked into.
  if (success && answer.last.Header("content-type").find("xml") == std::string::npos) return;
  if (success && !answer.last.Header("content-range").empty()) return;
  pugi::xml_document document;
  const auto root = Root(document, body, "Error");
  if (!root) return;
  answer.code = TextOf(*root, "Code");
  answer.message = TextOf(*root, "Message");
  if (const std::string region = TextOf(*root, "Region"); !region.empty()) answer.region = region;
}

Result<ObjectPage> ReadObjectPage(const std::string& text) {
  pugi::xml_document document;
  TARN_ASSIGN(const pugi::xml_node root, Root(document, text, "ListBucketResult"));
  const Keys keys(root);
  ObjectPage page;
  for (const pugi::xml_node& node : root.children("Contents")) {
    page.entries.push_back({.key = keys.Of(node, "Key"),
                            .size_bytes = node.child("Size").text().as_llong(-1),
                            .modified_ms = ReadIsoTime(TextOf(node, "LastModified"))});
    if (page.entries.back().key.empty() || page.entries.back().size_bytes < 0) {
      return Fail(ErrorKind::kCorruption, "the object store lists an object without key or size");
    }
  }
  page.continuation = TextOf(root, "NextContinuationToken");
  if (TextOf(root, "IsTruncated") == "true" && page.continuation.empty()) {
    return Fail(ErrorKind::kCorruption, "the object store does not say how its listing goes on");
  }
  if (TextOf(root, "IsTruncated") != "true") page.continuation.clear();
  return page;
}

Result<UploadPage> ReadUploadPage(const std::string& text) {
  pugi::xml_document document;
  TARN_ASSIGN(const pugi::xml_node root, Root(document, text, "ListMultipartUploadsResult"));
  const Keys keys(root);
  UploadPage page;
  for (const pugi::xml_node& node : root.children("Upload")) {
    page.entries.push_back({.key = keys.Of(node, "Key"),
                            .upload_id = TextOf(node, "UploadId"),
                            .initiated_ms = ReadIsoTime(TextOf(node, "Initiated"))});
  }
  if (TextOf(root, "IsTruncated") != "true") return page;
  page.next_key = keys.Of(root, "NextKeyMarker");
  page.next_upload_id = TextOf(root, "NextUploadIdMarker");
  return page;
}

Result<std::string> ReadUploadId(const std::string& text) {
  pugi::xml_document document;
  TARN_ASSIGN(const pugi::xml_node root, Root(document, text, "InitiateMultipartUploadResult"));
  std::string id = TextOf(root, "UploadId");
  if (id.empty()) return Fail(ErrorKind::kCorruption, "the object store names no upload");
  return id;
}

Result<std::vector<UndeletedKey>> ReadUndeletedKeys(const std::string& text) {
  pugi::xml_document document;
  TARN_ASSIGN(const pugi::xml_node root, Root(document, text, "DeleteResult"));
  std::vector<UndeletedKey> undeleted;
  for (const pugi::xml_node& node : root.children("Error")) {
    undeleted.push_back({TextOf(node, "Key"), TextOf(node, "Code"), TextOf(node, "Message")});
  }
  return undeleted;
}

std::string DeletionText(const std::vector<std::string>& keys) {
  std::string text = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  text += "<Quiet>true</Quiet>";
  for (const std::string& key : keys) {
    text += fmt::format("<Object><Key>{}</Key></Object>", Escaped(key));
  }
  return text + "</Delete>";
}

std::string CompletionText(const std::vector<std::string>& etags) {
  std::string text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (size_t i = 0; i < etags.size(); ++i) {
    text += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1,
                        Escaped(etags[i]));
  }
  return text + "</CompleteMultipartUpload>";
}

int64_t ReadIsoTime(const std::string& text) {
  std::tm utc{};
  if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr) return 0;
  return EndOfSecond(timegm(&utc));
}

int64_t ReadHttpTime(const std::string& text) {
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  return seconds < 0 ? 0 : EndOfSecond(seconds);
}

}  // namespace tarn::storage::s3
