/** Ids that arrive after the drain, jobs that end during their cancel, and interrupted submits. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { Cause, Effect, Exit, Fiber, Layer, Redacted, Scope, TestClock } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as Disk from "../support/disk.js"
import * as Programs from "../support/programs.js"
import { json, server } from "../support/scripted.js"
import { baseUrl } from "../support/stack.js"
import { jobOutcomes, runToEnd, script, small } from "../support/virtualTime.js"

const idle = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takesJobs: false } }))
const working = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "2 seconds" } }))

describe("ids after the drain", () => {
  it.scoped("an id that arrives after the drain of its layer is cancelled even if its scope is open", () =>
    Effect.gen(function* () {
      yield* script(Faults.latency("9 seconds", { method: "POST" }))
      const life = yield* Scope.make()
      const layer = Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(Layer.fresh)
      const context = yield* Layer.buildWithScope(layer, life)
      const submit = yield* Effect.fork(Effect.provide(ImageGeneration.submit(small()), context))
      yield* TestClock.adjust("1 second")
      yield* runToEnd(Scope.close(life, Exit.void), "1 second")
      assert.deepStrictEqual(yield* jobOutcomes, [])
      yield* runToEnd(Fiber.await(submit), "1 second")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )
})

describe("jobs that end during their cancel", () => {
  for (const [title, keeps, state] of [
    ["a job that ends during its cancel stays finished if its results are to be saved", true, "finished"],
    ["a job that ends during its cancel is delivered if its results are not needed", false, "delivered"]
  ] as const) {
    it.scoped(title, () =>
      Effect.gen(function* () {
        const program = yield* Programs.start(Disk.make())
        const scope = yield* Scope.make()
        const { id } = yield* runToEnd(
          program.run(
            Effect.gen(function* () {
              const submit = yield* ImageGeneration.Submit
              const reply = yield* Scope.extend(submit({ payload: small() }), scope)
              const followUp = yield* FollowUp.FollowUp
              if (keeps) yield* followUp.keep("image", reply.id)
              return reply
            })
          ),
          "100 millis"
        )
        yield* script(Faults.hang("before", { method: "DELETE" }))
        const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
        yield* TestClock.adjust("3 seconds")
        const check = yield* program.run(ImageGeneration.check(id))
        assert.isTrue(check.done)
        assert.deepStrictEqual(yield* program.run(Programs.states), [state])
        yield* runToEnd(Fiber.join(closing), "1 second")
        assert.deepStrictEqual(yield* program.run(Programs.states), [state])
      }).pipe(working)
    )
  }
})

describe("interrupted submits", () => {
  it.scoped("a submit that is interrupted just before the request is not sent", () =>
    Effect.gen(function* () {
      const { layer, sent } = server(() => json(202, { id: "f62ba34a-14a0-4a29-8dd7-4e2b02b8dee8", kudos: 1 }))
      const life = yield* Scope.make()
      // the scope closes before the request is sent, and the interruption that follows comes too late
      const closing = Layer.scoped(
        HordeClient.HordeClient,
        Effect.map(HordeClient.make({ baseUrl }), ({ execute, ...client }) => ({
          ...client,
          execute: (...[call, hooks]: Parameters<HordeClient.Service["execute"]>) =>
            Effect.forkDaemon(Scope.close(life, Exit.void)).pipe(
              Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 50)),
              Effect.zipRight(execute(call, hooks)),
              Effect.uninterruptible
            )
        }))
      )
      const services = ImageGeneration.layer.pipe(
        Layer.provideMerge(FollowUp.layer()),
        Layer.provide([closing, JobJournal.layerMemory, JobQuota.layerNone]),
        Layer.provide([RateLimit.layerNone, Retry.layerNone, layer])
      )
      const exit = yield* Effect.exit(Effect.provide(Scope.extend(ImageGeneration.submit(small()), life), services))
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      assert.lengthOf(sent, 0)
    })
  )
})

describe("jobs of open scopes", () => {
  it.effect("cancelAgain does not cancel a job whose scope is open", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        yield* ImageGeneration.submit(small())
        yield* Effect.flatMap(FollowUp.FollowUp, ({ cancelAgain }) => cancelAgain)
        assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      })
      const layer = Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(Layer.fresh)
      yield* runToEnd(Effect.provide(Effect.scoped(program), layer), "1 second")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.effect("a job that another program has taken over is not cancelled", () =>
    Effect.gen(function* () {
      const memory = yield* JobJournal.makeMemory
      const taken = Layer.succeed(JobJournal.JobJournal, { ...memory, holds: () => Effect.succeed(false) })
      const layer = Horde.layerWithJournal({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(
        Layer.fresh,
        Layer.provide(taken)
      )
      yield* runToEnd(Effect.provide(Effect.scoped(ImageGeneration.submit(small())), layer), "1 second")
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
    }).pipe(idle)
  )
})
