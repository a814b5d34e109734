/** A short run, in virtual time, of what `npm run chaos` does at length. A failure names its seed, which replays it. */
import { assert, describe, it } from "vitest"
import * as Mutations from "./mutations.js"
import { run } from "./run.js"

/** The violations of the first seed that has one of this kind. */
const firstViolation = async (seeds: number, mutation = Mutations.none, kind = /./) => {
  for (let seed = 1; seed <= seeds; seed++) {
    // a run never waits: without this pause vitest would receive no messages from this process and give it up
    await new Promise((resolve) => setImmediate(resolve))
    const { violations } = run(seed, { mutation })
    if (violations.some((violation) => kind.test(violation)))
      return `npm run chaos -- --timeline ${seed}\n${violations.join("\n")}`
  }
  return undefined
}

describe("in virtual time", () => {
  it("all invariants hold for random programs and faults", async () => {
    assert.isUndefined(await firstViolation(60))
  })

  it("the same seed gives the same run", () => {
    const exchangesOf = (seed: number) => {
      const { outcome } = run(seed)
      return outcome?.exchanges.map(({ at, delivered, method, route, status }) => [
        at,
        method,
        route,
        status,
        delivered
      ])
    }
    for (const seed of [3, 11, 42]) assert.deepStrictEqual(exchangesOf(seed), exchangesOf(seed))
  })

  const mutations: ReadonlyArray<readonly [string, Mutations.Mutation, RegExp]> = [
    ["job tracking", Mutations.withoutFollowUp, /is alive and (has no owner|was not reported)/],
    [
      "job tracking, though workers finish the remaining jobs,",
      Mutations.withoutFollowUp,
      /finished and was abandoned/
    ],
    ["the tracking of popped jobs", Mutations.withoutFollowUp, /was popped by .* and neither delivered nor returned/],
    [
      "the tracking of alchemy jobs",
      Mutations.withoutTrackingOf("alchemy"),
      /is alive and was not reported|was abandoned before its end/
    ],
    [
      "the tracking of popped forms",
      Mutations.withoutTrackingOf("popped form"),
      /was popped by .* and neither delivered nor returned/
    ],
    ["the recovery of text jobs", Mutations.withoutTextKind, /is alive and (has no owner|was not reported)/],
    ["the record of the intent", Mutations.withoutIntent, /got no reply and was not reported/],
    ["the rename after writing", Mutations.withoutRename, /was incomplete/],
    ["the lease", Mutations.withoutLease, /which was alive|cancelled again/]
  ]
  for (const [what, mutation, violation] of mutations) {
    it(`the invariants detect that ${what} is missing`, async () => {
      assert.match((await firstViolation(200, mutation, violation)) ?? "no violation", violation)
    })
  }
})
