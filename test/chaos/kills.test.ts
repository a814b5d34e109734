/** A short run, with real processes, of what `npm run chaos` does at length. */
import { Effect } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as Machine from "../support/machine.js"
import * as Bundles from "./bundles.js"

// Leases and pauses between requests are short in real time: a slow machine needs more of it.
process.env["HORDE_CHAOS_FACTOR"] ??= String(Math.max(1, 10 / (await Effect.runPromise(Machine.slowness))))
const { campaign } = await import("./kills.js")

describe("killed with SIGKILL", () => {
  let bundles: Bundles.Bundles
  beforeAll(async () => {
    bundles = await Bundles.make()
  })
  afterAll(() => bundles.remove())

  it("programs that are killed lose no jobs and leave none behind", async () => {
    const { outcome, violations } = await campaign(bundles, 1, 8)
    assert.deepStrictEqual(violations, [])
    assert.strictEqual([...(outcome?.ledger.lives.values() ?? [])].filter(({ isKilled }) => isKilled).length, 8)
    assert.isAbove(outcome?.jobs.length ?? 0, 0)
  })
})
