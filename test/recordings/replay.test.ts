/**
 * The embedded horde, held against recorded conversations with the real server.
 */

import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { replay } from "./replay.js"

/** Rows that need not agree, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {
  "find_user shared": "users are not served yet",
  "find_user no key": "users are not served yet",
  "find_user bad key": "users are not served yet",
  "find_user owner": "users are not served yet"
}

const holds = (compared: Effect.Effect.Success<ReturnType<typeof replay>>): void => {
  const judged = compared.filter(({ name }) => exceptions[name] === undefined)
  assert.deepStrictEqual(
    judged.map(({ actual, name }) => ({ name, ...(actual as object) })),
    judged.map(({ expected, name }) => ({ name, ...(expected as object) }))
  )
}

describe("recorded conversations", () => {
  it.effect("sharedkeys", () =>
    Effect.gen(function* () {
      const compared = yield* replay("sharedkeys", { pauses: { "get after delete (cache gone)": 61 } })
      assert.strictEqual(compared.length, 53)
      holds(compared)
    }).pipe(Effect.provide(HordeServer.layerClient({ worker: { takesJobs: false } })))
  )

  it.effect("errors", () =>
    Effect.gen(function* () {
      const compared = yield* replay("errors")
      assert.strictEqual(compared.length, 51)
      holds(compared)
    }).pipe(Effect.provide(HordeServer.layerClient({ worker: { takesJobs: false }, limits: "raised" })))
  )
})
