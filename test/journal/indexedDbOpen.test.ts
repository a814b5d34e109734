/** A browser that does not reply: another page can block a database for ever. The rest is tested in a real browser. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { open } from "../../packages/horde/src/internal/journal/indexedDb/database.js"
import { runToEnd, timed } from "../support/virtualTime.js"

describe("databases that do not open", () => {
  it.scoped("opening a database fails after ten seconds, and a database that opens later is closed", () =>
    Effect.gen(function* () {
      let closed = 0
      const request = {
        result: { close: () => closed++ },
        onsuccess: () => assert.fail("nobody listens")
      }
      const factory = { open: () => request } as unknown as Parameters<typeof open>[0]
      const { took, value: error } = yield* runToEnd(timed(Effect.flip(open(factory, "name"))), "1 second")
      assert.strictEqual(took, 10_000)
      assert.strictEqual(error.reason, "Unavailable")
      assert.match(error.message, /TimeoutError/)
      request.onsuccess()
      assert.strictEqual(closed, 1)
    })
  )
})
