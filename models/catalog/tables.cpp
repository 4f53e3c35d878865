#include "models/catalog/tables.hpp"

namespace fleetsim::catalog {

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

std::string_view find_row(std::string_view table, std::string_view key) {
  // The row, if there is one, begins in [low, high); low is always the beginning of a row.
  std::size_t low = 0;
  std::size_t high = table.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const std::size_t newline = middle == 0 ? std::string_view::npos : table.rfind('\n', middle - 1);
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    std::string_view rest = table.substr(begin);
    const std::string_view row = next_line(rest);
    const int order = row.substr(0, key.size()).compare(key);
    if (order == 0) return row;
    if (order < 0) {
      low = begin + row.size() + 1;
    } else {
      high = begin;
    }
  }
  return {};
}

std::vector<std::string_view> cells_of(std::string_view row) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t comma = row.find(',');
    cells.push_back(row.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    row.remove_prefix(comma + 1);
  }
}

}  // namespace fleetsim::catalog
