// SPDX-License-Identifier: Apache-2.0
#include "storage/faulty_storage.h"

#include <thread>

namespace tarn::storage {
namespace {

std::string_view NameOf(Operation operation) {
  constexpr std::string_view kNames[] = {"create", "append", "stage",  "close", "open",
                                         "read",   "head",   "delete", "list"};
  return kNames[static_cast<size_t>(operation)];
}

/// Asks the plan, counts, delays and makes errors. Thread-safe.
class Injector {
 public:
  explicit Injector(FaultPlan plan) : plan_(std::move(plan)) {}

  Fault::Kind Next(Operation operation, std::string_view location) {
    const Fault fault = plan_(next_.fetch_add(1), operation, location);
    if (fault.kind == Fault::Kind::kDelay) std::this_thread::sleep_for(fault.delay);
    return fault.kind;
  }

  /// `run` with what the plan has for it. A torn write is a failure after the effect for all but
  /// Close.
  template <typename Run>
  auto Around(Operation operation, std::string_view location, Run run) -> decltype(run()) {
    const Fault::Kind kind = Next(operation, location);
    if (IsBefore(kind)) {
      return Refused(kind, operation, location);
    }
    auto result = run();
    if (kind != Fault::Kind::kFailAfter && kind != Fault::Kind::kTornWrite) return result;
    return Fail(ErrorKind::kUnavailable, "injected fault after {} of \"{}\"", NameOf(operation),
                location);
  }

  static std::unexpected<Error> Refused(Fault::Kind kind, Operation operation,
                                        std::string_view location) {
    ErrorKind error = ErrorKind::kUnavailable;
    if (kind == Fault::Kind::kResourceExhausted) error = ErrorKind::kResourceExhausted;
    if (kind == Fault::Kind::kInternal) error = ErrorKind::kInternal;
    return Fail(error, "injected fault before {} of \"{}\"", NameOf(operation), location);
  }

  static bool IsBefore(Fault::Kind kind) {
    return kind == Fault::Kind::kFailBefore || kind == Fault::Kind::kResourceExhausted ||
           kind == Fault::Kind::kInternal;
  }

 private:
  const FaultPlan plan_;
  std::atomic<int64_t> next_{0};
};

class FaultyWriter final : public ObjectWriter {
 public:
  FaultyWriter(std::unique_ptr<ObjectWriter> inner, Storage& storage, Injector& injector,
               std::string_view location)
      : inner_(std::move(inner)), storage_(storage), injector_(injector), location_(location) {}

  Result<> Append(std::span<const uint8_t> bytes) override {
    return injector_.Around(Operation::kAppend, location_, [&] { return inner_->Append(bytes); });
  }
  int64_t size_bytes() const override { return inner_->size_bytes(); }

  Result<> Stage() override {
    return injector_.Around(Operation::kStage, location_, [&] { return inner_->Stage(); });
  }

  Result<> Appear() override {
    const Fault::Kind kind = injector_.Next(Operation::kClose, location_);
    if (Injector::IsBefore(kind)) {
      return Injector::Refused(kind, Operation::kClose, location_);
    }
    TARN_TRY(inner_->Appear());
    if (kind == Fault::Kind::kTornWrite) TARN_TRY(Tear());
    if (kind != Fault::Kind::kFailAfter && kind != Fault::Kind::kTornWrite) return {};
    return Fail(ErrorKind::kCommitStateUnknown, "injected fault after close of \"{}\"", location_);
  }

  Result<> Settle() override { return inner_->Settle(); }

 private:
  Result<> Tear() {
    TARN_ASSIGN(const std::string whole, storage_.Read(location_));
    return storage_.Put(location_, std::string_view(whole).substr(0, whole.size() / 2),
                        PutMode::kReplace);
  }

  std::unique_ptr<ObjectWriter> inner_;
  Storage& storage_;
  Injector& injector_;
  const std::string location_;
};

class FaultyReader final : public ObjectReader {
 public:
  FaultyReader(std::unique_ptr<ObjectReader> inner, Injector& injector, std::string_view location)
      : inner_(std::move(inner)), injector_(injector), location_(location) {}

  int64_t size_bytes() const override { return inner_->size_bytes(); }
  Result<> ReadAt(int64_t offset, std::span<uint8_t> out) const override {
    return injector_.Around(Operation::kRead, location_,
                            [&] { return inner_->ReadAt(offset, out); });
  }

 private:
  std::unique_ptr<ObjectReader> inner_;
  Injector& injector_;
  const std::string location_;
};

class FaultyStorage final : public Storage {
 public:
  FaultyStorage(std::unique_ptr<Storage> inner, FaultPlan plan)
      : inner_(std::move(inner)), injector_(std::move(plan)) {}

  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view location, PutMode mode) override {
    return injector_.Around(
        Operation::kCreate, location, [&]() -> Result<std::unique_ptr<ObjectWriter>> {
          TARN_ASSIGN(auto writer, inner_->Create(location, mode));
          return std::make_unique<FaultyWriter>(std::move(writer), *inner_, injector_, location);
        });
  }
  Result<std::unique_ptr<ObjectReader>> Open(std::string_view location) override {
    return injector_.Around(
        Operation::kOpen, location, [&]() -> Result<std::unique_ptr<ObjectReader>> {
          TARN_ASSIGN(auto reader, inner_->Open(location));
          return std::make_unique<FaultyReader>(std::move(reader), injector_, location);
        });
  }
  Result<ObjectInfo> Head(std::string_view location) override {
    return injector_.Around(Operation::kHead, location, [&] { return inner_->Head(location); });
  }
  Result<> Delete(std::string_view location) override {
    return injector_.Around(Operation::kDelete, location, [&] { return inner_->Delete(location); });
  }
  Result<> List(std::string_view prefix,
                const std::function<Result<>(const ObjectInfo&)>& visit) override {
    return injector_.Around(Operation::kList, prefix, [&] { return inner_->List(prefix, visit); });
  }
  Result<> RemoveUnfinished(std::string_view prefix) override {
    return inner_->RemoveUnfinished(prefix);
  }

 private:
  std::unique_ptr<Storage> inner_;
  Injector injector_;
};

}  // namespace

std::unique_ptr<Storage> MakeFaultyStorage(std::unique_ptr<Storage> inner, FaultPlan plan) {
  return std::make_unique<FaultyStorage>(std::move(inner), std::move(plan));
}

}  // namespace tarn::storage
