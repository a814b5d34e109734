/** What the server says of a job stands for a second: nobody looks sooner, not even after a look that failed. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Effect } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { stack } from "../support/stack.js"
import { cancels, checks, fetches, runToEnd, script, small } from "../support/virtualTime.js"

const idle = Effect.provide(stack({ server: { worker: { takesJobs: false } } }))

const broken = (path: string, method: string) =>
  script(Faults.respond({ status: 503, body: "<title>503</title>" }, { path, method, times: 2 }))

const pausesOf = (asked: ReadonlyArray<{ readonly at: number }>) =>
  asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0))

describe("after a look that failed", () => {
  const looks = [
    ["check", "/v2/generate/check/:id", ImageGeneration.check, checks],
    ["status", "/v2/generate/status/:id", ImageGeneration.status, fetches]
  ] as const
  for (const [name, path, look, asked] of looks) {
    it.effect(`the next ${name} comes a second later, if not after more`, () =>
      Effect.gen(function* () {
        yield* broken(path, "GET")
        yield* runToEnd(
          Effect.scoped(
            Effect.flatMap(
              ImageGeneration.submit(small()),
              ({ reply }): Effect.Effect<unknown, unknown, ImageGeneration.Check | ImageGeneration.Status> =>
                look(reply.id)
            )
          )
        )
        const [first = 0, second = 0] = pausesOf(yield* asked)
        assert.strictEqual(first, 1000)
        assert.isAtLeast(second, 1000)
        assert.isAtMost(second, 1200)
      }).pipe(idle)
    )
  }

  it.effect("a cancel need not wait as long", () =>
    Effect.gen(function* () {
      yield* broken("/v2/generate/status/:id", "DELETE")
      yield* runToEnd(Effect.scoped(ImageGeneration.submit(small())))
      const [first = 0] = pausesOf(yield* cancels)
      assert.isBelow(first, 1000)
    }).pipe(idle)
  )
})
