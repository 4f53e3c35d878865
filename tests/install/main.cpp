#include <fleetsim/sim/invariant.hpp>
#include <fleetsim/version.hpp>

#include <cstdio>

int main() {
  fleetsim::invariant(true, "the library is linked");
  std::printf("fleetsim %s\n", fleetsim::version.data());
}
