/** A recovery does not take for left behind what this very program is about to submit, to open or to close. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import { Effect, Fiber, Layer, Option, Redacted, TestClock } from "effect"
import * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as Recovery from "effect-horde/Recovery"
import { inIds, noIds } from "../support/leftBehind.js"
import { baseUrl } from "../support/stack.js"
import { jobOutcomes, small } from "../support/virtualTime.js"

/** A journal that takes a second to write something, and another one to say so. */
const slowJournal = Effect.map(JobJournal.makeMemory, (journal): JobJournal.Service => {
  const write = (entry: JobJournal.Entry) =>
    Effect.sleep("1 second").pipe(Effect.zipRight(journal.write(entry)), Effect.zipLeft(Effect.sleep("1 second")))
  return { ...journal, write }
})

const world = Horde.layerWithJournal({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(
  Layer.provide(Layer.effect(JobJournal.JobJournal, slowJournal)),
  Layer.provideMerge(HordeServer.layerClient({ seed: 1, limits: "raised" }))
)

/** Looks on while something is done, twice in each second, and never finds anything. */
const findsNothing = <A, E>(act: Effect.Effect<A, E, Horde.Services>) =>
  Effect.gen(function* () {
    yield* TestClock.adjust("250 millis")
    const fiber = yield* Effect.forkDaemon(act)
    let looks = 0
    for (; (yield* Fiber.poll(fiber))._tag === "None"; looks++) {
      const found = yield* Effect.forkDaemon(Effect.scoped(Recovery.recover({ kinds: Horde.kinds, policy: "leave" })))
      yield* TestClock.adjust("500 millis")
      // where there is nothing to look for there is nothing to wait for
      const exit = Option.getOrUndefined(yield* Fiber.poll(found))
      assert(exit?._tag === "Success", `look ${looks}`)
      assert.deepStrictEqual(inIds(exit.value), noIds, `look ${looks}`)
      assert.deepStrictEqual(exit.value.unknown, [], `look ${looks}`)
    }
    assert.isAbove(looks, 8)
    return yield* Fiber.join(fiber)
  })

describe("a recovery finds nothing", () => {
  it.effect("while a job is submitted, and cancelled", () =>
    Effect.gen(function* () {
      yield* findsNothing(Effect.scoped(ImageGeneration.submit(small())))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(Effect.provide(world))
  )

  it.effect("while a job comes to its end, and is delivered", () =>
    Effect.gen(function* () {
      yield* findsNothing(ImageGeneration.generate(small()))
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(Effect.provide(world))
  )

  it.effect("while a job is handed over, and opened again", () =>
    Effect.gen(function* () {
      const handOver = Effect.flatMap(ImageGeneration.submit(small("a bay", 8)), ({ detach }) => detach)
      yield* findsNothing(
        Effect.scoped(
          Effect.flatMap(Effect.scoped(handOver), (ticket) =>
            Effect.flatMap(ImageGeneration.resume(ticket), ({ detach }) => detach)
          )
        )
      )
    }).pipe(Effect.provide(world))
  )
})
