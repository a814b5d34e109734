/**
 * The embedded horde serves every operation that the SDK declares; changes can be read back, and the models of the SDK
 * have all fields of its replies.
 */
import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
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

/** The names of the fields that are not null, with their places: `.workers[].name`. */
const fieldsOf = (value: unknown, place = ""): ReadonlyArray<string> => {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((one) => fieldsOf(one, `${place}[]`))
  if (typeof value !== "object") return [place]
  return Object.entries(value).flatMap(([name, one]) => fieldsOf(one, `${place}.${name}`))
}

/** The schema of the replies of an operation with a status. */
const schemaOf = (operation: string, status: number): Schema.Schema.AnyNoContext => {
  const found = [...endpoints.values()].find((one) => nameOf(one) === operation && status in one.success)
  const [, schema] = Object.entries(found?.success ?? {}).find(([one]) => Number(one) === status) ?? []
  if (schema === undefined) throw new Error(`no reply ${status} of ${operation} is declared`)
  return schema
}

/** Records the operations of a scenario, and asserts that their models have all fields of the replies. */
const check = (texts: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const server = yield* HordeServer.HordeServer
    const exchanges = yield* server.exchanges
    assert.lengthOf(texts, exchanges.length)
    for (const [index, { method, route = "", status = 0 }] of exchanges.entries()) {
      if (status >= 300) continue
      const operation = nameOf({ method, path: route })
      succeeded.add(operation)
      const body = JSON.parse(texts[index] ?? "")
      const schema = schemaOf(operation, status)
      const known = new Set(fieldsOf(Schema.encodeUnknownSync(schema)(Schema.decodeUnknownSync(schema)(body))))
      assert.isEmpty(
        fieldsOf(body).filter((field) => !known.has(field)),
        operation
      )
    }
  })

for (const [group, scenarios] of Object.entries(groups)) {
  describe(`served: ${group}`, () => {
    for (const [title, scenario] of Object.entries(scenarios)) {
      it.effect(title, () => {
        const texts: Array<string> = []
        // longer than every scenario takes
        return runToEnd(scenario, "2 days").pipe(Effect.zipRight(check(texts)), Effect.provide(layer(texts)))
      })
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
