"""The hold model and the fleet workload on SimPy 3: callbacks for the first, a process a machine for the second.

    simpy_bench.py hold PENDING EVENTS     prints nanoseconds of processor time an event
    simpy_bench.py fleet                   prints seconds of processor time
"""
import random
import sys
import time

import simpy

HOUR, DAYS = 3600.0, 30 * 24 * 3600.0


def hold(pending, events):
    env = simpy.Environment()
    draw = random.Random(1).expovariate
    left = [2 * pending + 10_000 + events]
    begun = [0.0]
    done = env.event()

    def fire(_):
        left[0] -= 1
        if left[0] == events:
            begun[0] = time.process_time()
        if left[0] == 0:
            done.succeed()
        env.timeout(draw(1.0)).callbacks.append(fire)

    for _ in range(pending):
        env.timeout(draw(1.0)).callbacks.append(fire)
    env.run(until=done)
    print(f"{1e9 * (time.process_time() - begun[0]) / events:.1f}")


def fleet():
    env = simpy.Environment()
    draw = random.Random(1).expovariate
    serving = [100] * 100

    def machine(group):
        while True:
            yield env.timeout(draw(1 / (6 * HOUR)))
            serving[group] -= 1
            yield env.timeout(draw(1 / HOUR))
            serving[group] += 1

    def ticker(group):
        total = 0
        while True:
            yield env.timeout(60)
            total += serving[group]

    begun = time.process_time()
    for m in range(10_000):
        env.process(machine(m // 100))
    for g in range(100):
        env.process(ticker(g))
    env.run(until=DAYS)
    print(f"{time.process_time() - begun:.3f}")


if len(sys.argv) == 4 and sys.argv[1] == "hold":
    hold(int(sys.argv[2]), int(sys.argv[3]))
elif sys.argv[1:] == ["fleet"]:
    fleet()
else:
    sys.exit(2)
