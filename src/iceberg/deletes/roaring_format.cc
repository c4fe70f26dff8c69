// SPDX-License-Identifier: Apache-2.0
#include "iceberg/deletes/roaring_format.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace tarn::iceberg {
namespace {

constexpr uint32_t kCookieWithoutRuns = 12346;
constexpr uint32_t kCookieWithRuns = 12347;
constexpr uint32_t kContainersMax = 1 << 16;
// With runs, fewer containers than this have no table of offsets.
constexpr uint32_t kOffsetsFrom = 4;
constexpr uint32_t kArrayValuesMax = 4096;
constexpr size_t kBitsetBytes = 8192;

std::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorKind::kCorruption, "malformed roaring bitmap: {}", what);
}

class Validator {
 public:
  explicit Validator(std::string_view bytes) : bytes_(bytes) {}

  Result<size_t> Run() {
    TARN_TRY(ReadHeader());
    int64_t previous_key = -1;
    for (uint32_t i = 0; i < containers_; ++i) {
      const auto key = At<uint16_t>(keys_ + i * size_t{4});
      if (key <= previous_key) return Malformed("its keys do not ascend");
      previous_key = key;
      if (offsets_ != 0 && At<uint32_t>(offsets_ + i * size_t{4}) != next_) {
        return Malformed("an offset points elsewhere");
      }
      const uint32_t cardinality = At<uint16_t>(keys_ + i * size_t{4} + 2) + uint32_t{1};
      TARN_TRY(IsRun(i) ? CheckRuns(cardinality)
                        : (cardinality <= kArrayValuesMax ? CheckArray(cardinality)
                                                          : CheckBitset(cardinality)));
    }
    return next_;
  }

 private:
  /// REQUIRES: taken before.
  template <typename T>
  T At(size_t position) const {
    T value;
    std::memcpy(&value, bytes_.data() + position, sizeof value);
    return value;
  }

  /// Where the next `bytes` are.
  Result<size_t> Take(size_t bytes) {
    if (bytes > bytes_.size() - next_) return Malformed("it ends too early");
    next_ += bytes;
    return next_ - bytes;
  }

  bool IsRun(uint32_t container) const {
    return runs_ != 0 && (At<uint8_t>(runs_ + container / 8) >> (container % 8) & 1) != 0;
  }

  Result<> ReadHeader() {
    TARN_ASSIGN(const size_t start, Take(4));
    const auto cookie = At<uint32_t>(start);
    if ((cookie & 0xFFFF) == kCookieWithRuns) {
      containers_ = (cookie >> 16) + 1;
      TARN_ASSIGN(runs_, Take((containers_ + 7) / 8));
    } else if (cookie == kCookieWithoutRuns) {
      TARN_ASSIGN(const size_t count, Take(4));
      containers_ = At<uint32_t>(count);
      if (containers_ > kContainersMax) return Malformed("it has too many containers");
    } else {
      return Malformed("its cookie is unknown");
    }
    TARN_ASSIGN(keys_, Take(size_t{4} * containers_));
    if (runs_ == 0 || containers_ >= kOffsetsFrom) {
      TARN_ASSIGN(offsets_, Take(size_t{4} * containers_));
    }
    return {};
  }

  Result<> CheckArray(uint32_t cardinality) {
    TARN_ASSIGN(const size_t values, Take(size_t{2} * cardinality));
    for (uint32_t i = 1; i < cardinality; ++i) {
      if (At<uint16_t>(values + i * size_t{2}) <= At<uint16_t>(values + (i - 1) * size_t{2})) {
        return Malformed("values of an array do not ascend");
      }
    }
    return {};
  }

  Result<> CheckBitset(uint32_t cardinality) {
    TARN_ASSIGN(const size_t words, Take(kBitsetBytes));
    uint32_t ones = 0;
    for (size_t i = 0; i < kBitsetBytes; i += 8) {
      ones += static_cast<uint32_t>(std::popcount(At<uint64_t>(words + i)));
    }
    if (ones != cardinality) return Malformed("a bitset has not the values that it declares");
    return {};
  }

  Result<> CheckRuns(uint32_t cardinality) {
    TARN_ASSIGN(const size_t count_at, Take(2));
    const auto count = At<uint16_t>(count_at);
    TARN_ASSIGN(const size_t runs, Take(size_t{4} * count));
    uint32_t values = 0;
    int64_t previous_end = -1;
    for (size_t i = 0; i < count; ++i) {
      const int64_t start = At<uint16_t>(runs + i * 4);
      const int64_t end = start + At<uint16_t>(runs + i * 4 + 2);
      if (start <= previous_end || end > 0xFFFF) return Malformed("runs overlap or do not ascend");
      previous_end = end;
      values += static_cast<uint32_t>(end - start + 1);
    }
    if (values != cardinality) return Malformed("runs have not the values that they declare");
    return {};
  }

  std::string_view bytes_;
  size_t next_ = 0;
  uint32_t containers_ = 0;
  size_t runs_ = 0;     ///< position of the flags; 0 = no container is of runs
  size_t keys_ = 0;     ///< position of keys and cardinalities
  size_t offsets_ = 0;  ///< position of the offsets; 0 = none
};

}  // namespace

Result<size_t> ValidateRoaringBitmap(std::string_view bytes) { return Validator(bytes).Run(); }

}  // namespace tarn::iceberg
