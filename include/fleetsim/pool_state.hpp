#pragma once
/// What the instances of a warm pool do until they are wanted; shared by the models that want and that run them.

#include <cstdint>

namespace fleetsim {

enum class PoolState : std::uint8_t { stopped, running, hibernated };

}  // namespace fleetsim
