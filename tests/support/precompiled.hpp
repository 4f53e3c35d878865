#pragma once
/// Precompiled for every test program: what nearly all of them include and what is slow to parse.

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
