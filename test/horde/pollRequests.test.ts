/** The server caches its view of a job for a second: polls are at least a second apart, also after a failed one. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Effect } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { stack } from "../support/stack.js"
import { cancels, checks, fetches, runToEnd, script, small } from "../support/virtualTime.js"

const idle = Effect.provide(stack({ server: { worker: { takesJobs: false } } }))

const broken = (path: string, method: string) =>
  script(Faults.respond({ status: 503, body: "<title>503</title>" }, { path, method, times: 2 }))

const pausesOf = (requests: ReadonlyArray<{ readonly at: number }>) =>
  requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0))

describe("polls after a failed poll", () => {
  const polls = [
    ["check", "/v2/generate/check/:id", ImageGeneration.check, checks],
    ["status", "/v2/generate/status/:id", ImageGeneration.status, fetches]
  ] as const
  for (const [name, path, poll, requests] of polls) {
    it.effect(`a ${name} is repeated at least a second after a failed one`, () =>
      Effect.gen(function* () {
        yield* broken(path, "GET")
        yield* runToEnd(
          Effect.scoped(
            Effect.flatMap(
              ImageGeneration.submit(small()),
              ({ reply }): Effect.Effect<unknown, unknown, ImageGeneration.Check | ImageGeneration.Status> =>
                poll(reply.id)
            )
          )
        )
        const [first = 0, second = 0] = pausesOf(yield* requests)
        assert.strictEqual(first, 1000)
        assert.isAtLeast(second, 1000)
        assert.isAtMost(second, 1200)
      }).pipe(idle)
    )
  }

  it.effect("a cancel is repeated less than a second after a failed one", () =>
    Effect.gen(function* () {
      yield* broken("/v2/generate/status/:id", "DELETE")
      yield* runToEnd(Effect.scoped(ImageGeneration.submit(small())))
      const [first = 0] = pausesOf(yield* cancels)
      assert.isBelow(first, 1000)
    }).pipe(idle)
  )
})
