// SPDX-License-Identifier: Apache-2.0
// What every node of a tree tells of itself, so that walks over whole trees are written once
// (dump.h).
#pragma once

#include <string_view>
#include <tuple>

/// Stands at the end of each node and lists its fields, spans left out: they are no part of what a
/// node means. (kNode and kFields are texts for people, Fields() are references in the same order.)
#define TARN_SYNTAX_NODE(name, ...)                         \
  static constexpr std::string_view kNode = #name;          \
  static constexpr std::string_view kFields = #__VA_ARGS__; \
  auto Fields() const { return std::tie(__VA_ARGS__); }     \
  auto Fields() { return std::tie(__VA_ARGS__); }
