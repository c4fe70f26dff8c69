// SPDX-License-Identifier: Apache-2.0
// The owning pointer of syntax trees.
#pragma once

#include <utility>

namespace tarn::sql::syntax {

/// A value on the heap: owned, copied deeply, never null unless moved from. It lets a type hold
/// itself, and may be declared of a type that is not complete yet.
template <typename T>
class Box {
 public:
  explicit Box(T value);
  Box(const Box& other);
  Box(Box&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  Box& operator=(const Box& other) {
    Box copy(other);
    std::swap(value_, copy.value_);
    return *this;
  }
  Box& operator=(Box&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Box();

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_; }
  const T* operator->() const { return value_; }

 private:
  T* value_;
};

// Outside of the class, so that an extern template needs no complete T.
template <typename T>
Box<T>::Box(T value) : value_(new T(std::move(value))) {}

template <typename T>
Box<T>::Box(const Box& other) : value_(new T(*other.value_)) {}

template <typename T>
Box<T>::~Box() {
  delete value_;
}

}  // namespace tarn::sql::syntax
