/** The faults of the horde whose programs are killed, in a process of its own. */
import { Faults } from "@effect-horde/server"

/** Slow enough for programs to be killed at every stage, with an occasional lost reply to a submit. */
export const hordeFaults = (seed: number): ReadonlyArray<Faults.Rule> => [
  Faults.latency("1500 millis", { probability: 0.3, seed, where: ({ method }) => method !== "DELETE" }),
  Faults.reset("after", { method: "POST", probability: 0.1, seed: seed + 1 })
]
