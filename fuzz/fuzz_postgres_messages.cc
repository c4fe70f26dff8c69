// SPDX-License-Identifier: Apache-2.0
// What a client sends of PostgreSQL's protocol. The first byte chooses the reader.
#include "fuzz/target.h"
#include "server/postgres/array_reader.h"
#include "server/postgres/binary_form.h"
#include "server/postgres/datetime_reader.h"
#include "server/postgres/frontend_messages.h"
#include "server/postgres/message_reader.h"
#include "server/postgres/own_statement.h"
#include "server/postgres/parameter_reader.h"
#include "server/postgres/scram.h"
#include "server/postgres/startup.h"
#include "server/postgres/tokens.h"

namespace {

using namespace tarn::server::postgres;  // NOLINT: every reader of the protocol

constexpr uint32_t kOids[] = {
    oid::kBool,      oid::kBytea,     oid::kInt2,      oid::kInt4,        oid::kInt8,
    oid::kText,      oid::kJson,      oid::kJsonb,     oid::kFloat4,      oid::kFloat8,
    oid::kDate,      oid::kTime,      oid::kTimestamp, oid::kTimestampTz, oid::kNumeric,
    oid::kUuid,      oid::kInt4Array, oid::kTextArray, oid::kDateArray,   oid::kNumericArray,
    oid::kBoolArray, oid::kJsonArray, oid::kOidArray,  oid::kByteaArray};

void Frames(const uint8_t* data, size_t size) {
  MessageFrames frames;
  if (size > 0 && data[0] % 2 == 0) frames.SetAuthenticated();
  // In pieces of different sizes.
  for (size_t at = 0, piece = 1; at < size; at += piece, piece = piece * 2 % 13 + 1) {
    frames.Append({data + at, std::min(piece, size - at)});
    while (true) {
      const auto next = frames.Next();
      if (!next) return;
      if (!*next) break;
    }
  }
}

void Scram(std::string_view text) {
  tarn::warehouse::PasswordVerifier verifier{
      .salt = "salt", .stored_key = std::string(32, 'a'), .server_key = std::string(32, 'b')};
  ScramExchange exchange(verifier, "user", "secret", text.size() % 2 == 0 ? "" : "end point");
  const size_t half = text.find('\n');
  (void)exchange.First(text.size() % 3 == 0 ? kScramPlus : kScram, text.substr(0, half));
  if (half != std::string_view::npos) (void)exchange.Last(text.substr(half + 1));
  (void)ParseVerifier(text);
}

void Parameter(uint8_t selector, std::string_view text) {
  if (text.empty()) return;
  const uint32_t type = kOids[selector % std::size(kOids)];
  const Format format = text[0] % 2 == 0 ? Format::kText : Format::kBinary;
  (void)ReadParameter(type, {}, format, text.substr(1));
}

}  // namespace

std::vector<std::string> SeedInputs() {
  using namespace std::string_literals;  // NOLINT
  std::vector<std::string> seeds = {
      "\0\0\3\0\0user\0admin\0options\0-c a=b --c-d=e\\ f\0_pq_.x\0y\0\0"s,
      "\1Q\0\0\0\x0dSELECT 1\0S\0\0\0\4"s,
      "\2s\0SELECT $1\0\0\1\0\0\0\x17"s,
      "\3p\0s\0\0\1\0\1\0\2\0\0\0\4\0\0\0\7\xff\xff\xff\xff\0\1\0\1"s,
      "\4Pname\0\0\0\0\5"s,
      "\5n,,n=,r=abc\nc=biws,r=abc,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="s,
      "\6{1,NULL,\"a\\\"b\",x}"s,
      "\7\0\3\0\1\x40\0\0\2\0\1\x09\x29\x1a\x2c"s,
      "\x08"
      "2020-02-29T23:59:59.1234567+05:30"s,
      "\x09"
      "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT 'a''b' -- x\n, $$y$$ /* /* */ */"s,
      "\x09"
      "COPY (SELECT (1)) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';', NULL 'x')"s,
      "\x09"
      "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY"s,
      "\x09"
      "FETCH BACKWARD ALL FROM c"s,
      "\x0a\x04\xd2\x16\x2e\0\0\0\x10\x01\x02\x03\x04"s};
  for (size_t i = 0; i < std::size(kOids); ++i) {
    seeds.push_back(std::string(1, static_cast<char>(11 + i)) +
                    "\1\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\1"s);
    seeds.push_back(std::string(1, static_cast<char>(11 + i)) + "\0{1,2}"s);
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 0:
      (void)ParseStartup(text);
      break;
    case 1:
      Frames(data + 1, size - 1);
      break;
    case 2:
      (void)ReadParse(text);
      break;
    case 3:
      (void)ReadBind(text);
      break;
    case 4:
      (void)ReadNamed(text);
      (void)ReadExecute(text);
      break;
    case 5:
      Scram(text);
      break;
    case 6:
      (void)ArrayTextToJson(text, oid::kText);
      (void)ArrayBytesToJson(text, oid::kInt4);
      break;
    case 7:
      (void)ReadNumeric(text);
      break;
    case 8:
      (void)ReadDateTime(text);
      break;
    case 9:
      (void)ParseOwn(text);
      break;
    case 10:
      (void)ParseCancel(text);
      (void)IsUtf8(text);
      break;
    default:
      Parameter(static_cast<uint8_t>(data[0] - 11), text);
      break;
  }
  return 0;
}
