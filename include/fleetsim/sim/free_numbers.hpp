#pragma once
/// The numbers of a table's rows that are free. The one that was given back last is taken first.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace fleetsim {

/// A stack that has room for all rows before they come back: giving one back is a store, and allocates nothing.
class FreeNumbers {
 public:
  bool empty() const { return count_ == 0; }
  /// Requires: not empty.
  std::uint32_t take() { return numbers_[--count_]; }
  /// The one that take() takes next. Requires: not empty.
  std::uint32_t next() const { return numbers_[count_ - 1]; }
  /// Requires: make_room was called for the table that has this row.
  void give_back(std::uint32_t number) { numbers_[count_++] = number; }
  /// For a table of so many rows. Memory that no number came back to is not touched.
  void make_room(std::size_t rows) {
    if (rows <= room_) return;
    auto larger = std::make_unique_for_overwrite<std::uint32_t[]>(rows);
    std::copy_n(numbers_.get(), count_, larger.get());
    numbers_ = std::move(larger);
    room_ = rows;
  }

 private:
  std::unique_ptr<std::uint32_t[]> numbers_;
  std::size_t count_ = 0;
  std::size_t room_ = 0;
};

}  // namespace fleetsim
