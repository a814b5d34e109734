/** A short run, in virtual time, of what `npm run chaos` does at length. A failure names its seed, which replays it. */
import { assert, describe, it } from "vitest"
import * as Mutations from "./mutations.js"
import { run } from "./run.js"

/** The first of so many seeds for which something of this kind does not hold, and what. */
const firstRed = async (seeds: number, mutation = Mutations.none, kind = /./) => {
  for (let seed = 1; seed <= seeds; seed++) {
    // a run never waits: without this pause vitest would hear nothing from this process for too long, and give it up
    await new Promise((resolve) => setImmediate(resolve))
    const { violations } = run(seed, mutation)
    if (violations.some((violation) => kind.test(violation)))
      return `npm run chaos -- --timeline ${seed}\n${violations.join("\n")}`
  }
  return undefined
}

describe("in virtual time", () => {
  it("all holds, whatever happens to the programs", async () => {
    assert.isUndefined(await firstRed(60))
  })

  it("the same seed gives the same run", () => {
    const told = (seed: number) => {
      const { outcome } = run(seed)
      return outcome?.exchanges.map(({ at, delivered, method, route, status }) => [
        at,
        method,
        route,
        status,
        delivered
      ])
    }
    for (const seed of [3, 11, 42]) assert.deepStrictEqual(told(seed), told(seed))
  })

  const missing: ReadonlyArray<readonly [string, Mutations.Mutation, RegExp]> = [
    ["the follow-up", Mutations.withoutFollowUp, /is alive, and nobody/],
    ["the follow-up, though workers finish what is left", Mutations.withoutFollowUp, /finished, and everybody walked/],
    ["the record of the intent", Mutations.withoutIntent, /was not answered, and nobody said/],
    ["the rename after writing", Mutations.withoutRename, /was torn/],
    ["the lease", Mutations.withoutLease, /who was alive|cancelled again/]
  ]
  for (const [what, mutation, says] of missing) {
    it(`it is noticed when ${what} is missing`, async () => {
      assert.match((await firstRed(200, mutation, says)) ?? "all seems to hold", says)
    })
  }
})
