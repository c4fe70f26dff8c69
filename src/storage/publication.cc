// SPDX-License-Identifier: Apache-2.0
#include "storage/publication.h"

#include <utility>

namespace tarn::storage {
namespace {

constexpr size_t kObjectsAtOnce = 32;

}  // namespace

Publication::Object& Publication::NewObject(std::string location,
                                            std::unique_ptr<ObjectWriter> writer) {
  if (objects_.size() >= kObjectsAtOnce && earlier_) {
    earlier_ = AppearAll();
    if (earlier_) earlier_ = Settle();
  }
  return *objects_.emplace_back(
      std::make_unique<Object>(Object{std::move(location), std::move(writer)}));
}

void Publication::Add(std::string location, std::unique_ptr<ObjectWriter> writer) {
  Object& object = NewObject(std::move(location), std::move(writer));
  staging_.Add([&object] { return object.writer->Stage(); });
}

void Publication::Add(Storage* storage, std::string location, std::string bytes) {
  Object& object = NewObject(std::move(location), nullptr);
  staging_.Add([&object, storage, bytes = std::move(bytes)]() -> Result<> {
    TARN_ASSIGN(object.writer, storage->Create(object.location, PutMode::kIfAbsent));
    TARN_TRY(object.writer->Append({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}));
    return object.writer->Stage();
  });
}

Result<> Publication::AppearAll() {
  TARN_TRY(staging_.Wait());
  if (before_appearing_ != nullptr) TARN_TRY(before_appearing_());
  for (const auto& object : objects_) {
    const Result<> result = object->writer->Appear();
    if (result || result.error().kind == ErrorKind::kCommitStateUnknown) {
      appeared_.push_back(object->location);
    }
    TARN_TRY(result);
  }
  for (const auto& object : objects_) {
    settling_.Add([&object = *object] { return object.writer->Settle(); });
  }
  return {};
}

Result<> Publication::Appear() {
  TARN_TRY(earlier_);
  return AppearAll();
}

Result<> Publication::Settle() {
  const Result<> result = settling_.Wait();
  if (result) objects_.clear();
  return result;
}

Result<> Publication::Finish() {
  TARN_TRY(Appear());
  return Settle();
}

}  // namespace tarn::storage
