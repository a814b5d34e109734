/** The helpers above the endpoints of shared keys. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Effect } from "effect"
import { SharedKeys } from "effect-horde"
import { stack } from "../support/stack.js"
import { runToEnd, timed } from "../support/virtualTime.js"

const deletes = Effect.flatMap(HordeServer.HordeServer, ({ exchanges }) =>
  Effect.map(exchanges, (all) => all.filter(({ method }) => method === "DELETE").map(({ status }) => status))
)

describe("scoped shared keys", () => {
  const exits = {
    success: Effect.void,
    failure: Effect.fail("no"),
    defect: Effect.die("oh"),
    interruption: Effect.interrupt
  }
  for (const [name, exit] of Object.entries(exits)) {
    it.effect(`a scoped shared key is deleted on ${name}`, () =>
      Effect.gen(function* () {
        yield* runToEnd(Effect.exit(Effect.scoped(Effect.zipRight(SharedKeys.scoped({ kudos: 5 }), exit))))
        assert.deepStrictEqual(yield* deletes, [200])
      }).pipe(Effect.provide(stack()))
    )
  }

  it.effect("a scoped shared key delays its scope by five seconds if the server does not reply", () =>
    Effect.gen(function* () {
      const { faults } = yield* HordeServer.HordeServer
      yield* faults.script(Faults.hang("before", { method: "DELETE" }))
      const { took } = yield* runToEnd(timed(Effect.scoped(SharedKeys.scoped())))
      assert.strictEqual(took, 5000)
    }).pipe(Effect.provide(stack()))
  )
})

describe("cached shared keys", () => {
  it.effect("get may return a cached shared key, and getFresh returns the change", () =>
    Effect.gen(function* () {
      const { id } = yield* SharedKeys.create({ kudos: 100 })
      yield* SharedKeys.get(id)
      yield* SharedKeys.modify(id, { kudos: 55 })
      assert.strictEqual((yield* SharedKeys.get(id)).kudos, 100)
      assert.strictEqual((yield* runToEnd(SharedKeys.getFresh(id))).kudos, 55)
    }).pipe(Effect.provide(stack()))
  )
})
