/** The embedded horde serves every operation that the SDK declares; changes can be read back. */
import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { ImageGeneration } from "effect-horde"
import { runToEnd } from "../support/virtualTime.js"
import { endpoints } from "./endpoints.js"
import { accounts } from "./served/accounts.js"
import { jobs } from "./served/jobs.js"
import { moderation } from "./served/moderation.js"
import { layer } from "./served/scenario.js"
import { status } from "./served/status.js"
import { styles } from "./served/styles.js"
import { workers } from "./served/workers.js"

const groups = { jobs, workers, accounts, styles, moderation, status }

interface Operation {
  readonly method: string
  readonly path: string
}

const nameOf = ({ method, path }: Operation): string => `${method} ${path}`

/** The operations that have replied with success, by the record of the servers. */
const succeeded = new Set<string>()

const record = Effect.gen(function* () {
  const server = yield* HordeServer.HordeServer
  for (const { method, route, status = 0 } of yield* server.exchanges) {
    if (route?.startsWith("/v2/") && status >= 200 && status < 300) succeeded.add(nameOf({ method, path: route }))
  }
})

for (const [group, scenarios] of Object.entries(groups)) {
  describe(`served: ${group}`, () => {
    for (const [title, scenario] of Object.entries(scenarios)) {
      // longer than every scenario takes
      it.effect(title, () => runToEnd(scenario, "2 days").pipe(Effect.ensuring(record), Effect.provide(layer)))
    }
  })
}

describe("served: inventory", () => {
  it("the scenarios above have called every declared operation with success, except for ratings", () => {
    // the scenario of images shows how ratings are refused
    const expected = new Set([...endpoints.values()].map(nameOf))
    expected.delete(nameOf(ImageGeneration.Rate.declaration))
    assert.isEmpty([...expected].filter((name) => !succeeded.has(name)))
  })
})
