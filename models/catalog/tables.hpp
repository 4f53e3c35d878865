#pragma once
/// The catalogue's tables as text, and the search for a row. The text is sorted bytewise by its key columns, so a row
/// is found in O(log n) reads of the text itself: nothing is parsed, copied or kept.

#include <string_view>
#include <vector>

namespace fleetsim::catalog {

/// Whole tables, rows ended by LF, without their header lines. Made from scenarios/data/catalogue by the build.
std::string_view instance_table();
std::string_view price_table();
std::string_view ebs_price_table();
std::string_view burstable_table();
std::string_view load_balancer_price_table();
std::string_view efa_table();
std::string_view launch_table();
std::string_view successor_table();

/// The row that begins with `key`, which ends in the separator: "m5.large,". Empty if there is none.
std::string_view find_row(std::string_view table, std::string_view key);

/// The cells of a row. No cell of these tables is quoted.
std::vector<std::string_view> cells_of(std::string_view row);

/// Takes the first line off `rest` and returns it.
std::string_view next_line(std::string_view& rest);

}  // namespace fleetsim::catalog
