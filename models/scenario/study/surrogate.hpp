#pragma once
/// The search over continuous parameters: where a Gaussian process expects the most, there is looked next.

#include "models/scenario/study/search.hpp"

namespace fleetsim::scenario {

SearchResult surrogate_search(Workbench& bench);

}  // namespace fleetsim::scenario
