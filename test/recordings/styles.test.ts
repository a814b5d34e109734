/** The rows about styles and collections in the recordings `rest-2` and `rest-3`, compared with the embedded horde. */

import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { replay } from "./replay.js"

/** Some of the replies are failures of the version 5.1.5. */
const options = { worker: { takesJobs: false }, limits: "raised", exposesRequests: false } as const

const parts = { "rest-2": [0, 30], "rest-3": [0, 3] } as const

describe("recorded styles and collections", () => {
  for (const conversation of ["rest-2", "rest-3"] as const) {
    it.effect(`the embedded horde replies like the recording ${conversation}`, () =>
      Effect.gen(function* () {
        const compared = yield* replay(conversation, { part: parts[conversation] })
        const [first, last] = parts[conversation]
        assert.strictEqual(compared.length, last - first + 1)
        assert.deepStrictEqual(
          compared.map(({ actual, name }) => ({ name, actual })),
          compared.map(({ expected, name }) => ({ name, actual: expected }))
        )
      }).pipe(Effect.provide(HordeServer.layerClient(options)))
    )
  }
})
