// SPDX-License-Identifier: Apache-2.0
// The first byte chooses the message, the rest is its payload.
#include "fuzz/target.h"
#include "lake/wire_update.h"

namespace {

using namespace tarn::lake;  // NOLINT: every message of the protocol

template <typename M>
std::string Payload(uint8_t selector, const M& message) {
  std::vector<uint8_t> bytes{selector};
  WireWriter writer(bytes);
  writer(message);
  return {bytes.begin(), bytes.end()};
}

tarn::Field SomeField() {
  tarn::Type list = tarn::Type::Primitive(tarn::TypeKind::kList);
  list.children.push_back(
      {.id = tarn::FieldId(2), .name = "element", .type = tarn::Type::Decimal(12, 2)});
  return {.id = tarn::FieldId(1), .name = "prices", .required = true, .type = list};
}

}  // namespace

std::vector<std::string> SeedInputs() {
  BeginWrite begin{
      .storage = 7, .place = {.table_oid = 1, .location = "s3://b/t"}, .fields = {SomeField()}};
  Prepare prepare{.tables = {{.fields = {SomeField()},
                              .live = {{0, 10}},
                              .defaults = {{tarn::FieldId(1), {1, 2}}}}},
                  .dropped = {{.metadata_location = "s3://b/t/metadata/0.json"}}};
  tarn::Filter equal{.op = tarn::FilterOp::kEqual,
                     .field = tarn::FieldId(1),
                     .type = tarn::Type::Primitive(tarn::TypeKind::kString),
                     .values = {tarn::Value(std::string("x"))}};
  ScanOpen open{.scan = 1,
                .columns = {{.field = SomeField()}},
                .filter = tarn::Filter{.op = tarn::FilterOp::kNot, .children = {equal}},
                .limit = 5};
  Commit commit{.tables = {{.table_oid = 1, .base_metadata_location = "s3://b/t/metadata/0.json"}}};
  Update update{.tables = {{.base_metadata_location = "s3://b/t/metadata/0.json",
                            .requirements = "[]",
                            .updates = "[]",
                            .not_null = {tarn::FieldId(1)}}},
                .allowed_prefixes = {"s3://b/"}};
  UpdateOk updated{.tables = {{.snapshot_id = 7, .fields = {SomeField()}}}};
  SettleUpdates settle{.tables = {{.states = {"a", "b"}, .discarded = {"c"}}}};
  return {Payload(0, begin),
          Payload(1, prepare),
          Payload(2, open),
          Payload(3, commit),
          Payload(4, Hello{.backend_pid = 1}),
          Payload(9, update),
          Payload(10, updated),
          Payload(11, settle)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> payload(data + 1, size - 1);
  size_t batch_begin = 0;
  switch (data[0] % 12) {
    case 0:
      (void)ParsePayload<BeginWrite>(payload, &batch_begin);
      break;
    case 1:
      (void)ParsePayload<Prepare>(payload);
      break;
    case 2:
      (void)ParsePayload<ScanOpen>(payload);
      break;
    case 3:
      (void)ParsePayload<Commit>(payload);
      break;
    case 4:
      (void)ParsePayload<Hello>(payload);
      break;
    case 5:
      (void)ParsePayload<ErrorAnswer>(payload);
      break;
    case 6:
      (void)ParsePayload<CommitOk>(payload);
      break;
    case 7:
      (void)ParsePayload<Transactions>(payload);
      break;
    case 8:
      (void)ParsePayload<Maintain>(payload);
      break;
    case 9:
      (void)ParsePayload<Update>(payload);
      break;
    case 10:
      (void)ParsePayload<UpdateOk>(payload);
      break;
    default:
      (void)ParsePayload<SettleUpdates>(payload);
      break;
  }
  if (size >= kFrameHeaderBytes)
    (void)ParseFrameHeader(std::span<const uint8_t, kFrameHeaderBytes>(data, kFrameHeaderBytes));
  return 0;
}
