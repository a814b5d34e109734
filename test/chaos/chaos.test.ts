/** Under fire: a short run of what `npm run chaos` does at length. A red one names its seed, which replays it. */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as Bundles from "./bundles.js"
import { campaign } from "./kills.js"
import * as Mutations from "./mutations.js"
import { run } from "./run.js"

/** The first of so many seeds for which something of this kind does not hold, and what. */
const firstRed = (seeds: number, mutation = Mutations.none, kind = /./) => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = run(seed, mutation)
    if (violations.some((violation) => kind.test(violation)))
      return `npm run chaos -- --story ${seed}\n${violations.join("\n")}`
  }
  return undefined
}

describe("in virtual time", () => {
  it("all holds, whatever happens to the programs", { timeout: 120_000 }, () => {
    assert.isUndefined(firstRed(60))
  })

  it("the same seed gives the same run", { timeout: 60_000 }, () => {
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
    it(`it is noticed when ${what} is missing`, { timeout: 120_000 }, () => {
      assert.match(firstRed(200, mutation, says) ?? "all seems to hold", says)
    })
  }
})

describe("killed with SIGKILL", () => {
  let bundles: Bundles.Bundles
  beforeAll(async () => {
    bundles = await Bundles.make()
  }, 60_000)
  afterAll(() => bundles.remove())

  it("programs lose nothing, and nothing is left of them", { timeout: 180_000 }, async () => {
    const { outcome, violations } = await campaign(bundles, 1, 8)
    assert.deepStrictEqual(violations, [])
    assert.strictEqual([...(outcome?.ledger.lives.values() ?? [])].filter(({ isKilled }) => isKilled).length, 8)
    assert.isAbove(outcome?.jobs.length ?? 0, 0)
  })
})
