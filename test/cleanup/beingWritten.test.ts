/** A recovery treats no job as orphaned that the same program is about to submit, close or resume. */
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

/** A journal whose writes take a second, and whose acknowledgements take another. */
const slowJournal = Effect.map(JobJournal.makeMemory, (journal): JobJournal.Service => {
  const write = (entry: JobJournal.Entry) =>
    Effect.sleep("1 second").pipe(Effect.zipRight(journal.write(entry)), Effect.zipLeft(Effect.sleep("1 second")))
  return { ...journal, write }
})

const world = Horde.layerWithJournal({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(
  Layer.provide(Layer.effect(JobJournal.JobJournal, slowJournal)),
  Layer.provideMerge(HordeServer.layerClient({ seed: 1, limits: "raised" }))
)

/** Runs a recovery twice a second while an effect runs, and asserts that each finds nothing. */
const findsNothing = <A, E>(act: Effect.Effect<A, E, Horde.Services>) =>
  Effect.gen(function* () {
    yield* TestClock.adjust("250 millis")
    const fiber = yield* Effect.forkDaemon(act)
    let runs = 0
    for (; (yield* Fiber.poll(fiber))._tag === "None"; runs++) {
      const found = yield* Effect.forkDaemon(Effect.scoped(Recovery.recover({ kinds: Horde.kinds, policy: "leave" })))
      yield* TestClock.adjust("500 millis")
      // without orphaned entries a recovery returns at once
      const exit = Option.getOrUndefined(yield* Fiber.poll(found))
      assert(exit?._tag === "Success", `run ${runs}`)
      assert.deepStrictEqual(inIds(exit.value), noIds, `run ${runs}`)
      assert.deepStrictEqual(exit.value.unknown, [], `run ${runs}`)
    }
    assert.isAbove(runs, 8)
    return yield* Fiber.join(fiber)
  })

describe("recovery during journal writes", () => {
  it.effect("recovery finds nothing while a job of the same program is submitted and cancelled", () =>
    Effect.gen(function* () {
      yield* findsNothing(Effect.scoped(ImageGeneration.submit(small())))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(Effect.provide(world))
  )

  it.effect("recovery finds nothing while a job of the same program finishes and is delivered", () =>
    Effect.gen(function* () {
      yield* findsNothing(ImageGeneration.generate(small()))
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(Effect.provide(world))
  )

  it.effect("recovery finds nothing while a job of the same program is detached and resumed", () =>
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
