// SPDX-License-Identifier: Apache-2.0
// Values made of a generator's number, the same for the same number: tarn_mix(seed, row),
// tarn_uniform(low, high, g), tarn_uniform_float(low, high, g), tarn_normal(mean, deviation, g),
// tarn_randstr(length, g), tarn_zipf(s, n, g).
#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;

/// The finisher of SplitMix64: neighbouring numbers give values that have nothing in common.
uint64_t Mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
  value = (value ^ value >> 27) * 0x94D049BB133111EB;
  return value ^ value >> 31;
}

uint64_t MixOf(const RowArguments& row, size_t i) {
  return Mix(std::bit_cast<uint64_t>(row.Integer(i)));
}

/// Of [0, 1).
double Fraction(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

std::optional<int64_t> Uniform(const RowArguments& row) {
  const int64_t low = std::min(row.Integer(0), row.Integer(1));
  const int64_t high = std::max(row.Integer(0), row.Integer(1));
  const uint64_t size = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  const uint64_t bits = MixOf(row, 2);
  const uint64_t offset =
      size == 0 ? bits : static_cast<uint64_t>(static_cast<unsigned __int128>(bits) * size >> 64);
  return std::bit_cast<int64_t>(static_cast<uint64_t>(low) + offset);
}

std::optional<double> Normal(const RowArguments& row) {
  constexpr double kTwoPi = 6.283185307179586;
  const uint64_t first = MixOf(row, 2);
  // Not 0, whose logarithm there is not.
  const double radius = std::sqrt(-2 * std::log(1 - Fraction(first)));
  return row.Double(0) + row.Double(1) * radius * std::cos(kTwoPi * Fraction(Mix(first)));
}

std::optional<std::string> RandomText(const RowArguments& row) {
  constexpr int64_t kLengthMax = 16'777'216;
  constexpr std::string_view kLetters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string text(static_cast<size_t>(std::clamp<int64_t>(row.Integer(0), 0, kLengthMax)), ' ');
  uint64_t bits = MixOf(row, 1);
  for (char& c : text) {
    bits = Mix(bits);
    c = kLetters[bits % kLetters.size()];
  }
  return text;
}

/// By the inverse of the distribution's sums.
std::optional<int64_t> Zipf(const RowArguments& row) {
  constexpr int64_t kElementsMax = 16'777'215;
  const int64_t count = std::clamp<int64_t>(row.Integer(1), 1, kElementsMax);
  thread_local double known_exponent = -1;
  thread_local std::vector<double> sums;
  if (known_exponent != row.Double(0) || static_cast<int64_t>(sums.size()) != count) {
    known_exponent = row.Double(0);
    sums.clear();
    double sum = 0;
    for (int64_t i = 1; i <= count; ++i) {
      sum += std::pow(static_cast<double>(i), -known_exponent);
      sums.push_back(sum);
    }
  }
  const double wanted = Fraction(MixOf(row, 2)) * sums.back();
  return std::ranges::upper_bound(sums, wanted) - sums.begin() + 1;
}

}  // namespace

void RegisterGenerationFunctions(duckdb::ExtensionLoader& loader) {
  const LogicalType number = LogicalType::BIGINT;
  const LogicalType real = LogicalType::DOUBLE;
  AddFunction(
      loader, "tarn_mix", {number, number}, number,
      [](const RowArguments& row) -> std::optional<int64_t> {
        return std::bit_cast<int64_t>(Mix(MixOf(row, 0) ^ static_cast<uint64_t>(row.Integer(1))));
      });
  AddFunction(loader, "tarn_uniform", {number, number, number}, number, Uniform);
  AddFunction(loader, "tarn_uniform_float", {real, real, number}, real,
              [](const RowArguments& row) -> std::optional<double> {
                return row.Double(0) + (row.Double(1) - row.Double(0)) * Fraction(MixOf(row, 2));
              });
  AddFunction(loader, "tarn_normal", {real, real, number}, real, Normal);
  AddFunction(loader, "tarn_randstr", {number, number}, LogicalType::VARCHAR, RandomText);
  AddFunction(loader, "tarn_zipf", {real, number, number}, number, Zipf);
}

}  // namespace tarn::engine
