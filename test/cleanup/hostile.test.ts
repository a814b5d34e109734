/** Extreme ids, dates and options: each ends in success or a typed error, and nothing is sent. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import { DateTime, Duration, Effect, Either, Exit, Layer, Redacted, Scope } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as Recovery from "effect-horde/Recovery"
import { entry } from "../journal/entries.js"
import { baseUrl } from "../support/stack.js"
import { jobOutcomes, requests, runToEnd, small } from "../support/virtualTime.js"

const idle = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takesJobs: false } }))

const client = (options?: FollowUp.Options) =>
  Layer.fresh(Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.plainKey), ...options }))

const endOfTime = "+275760-09-13T00:00:00.000Z"
const beginning = "-271821-04-20T00:00:00.000Z"

const hostileIds = ["..", ".", "a\ud83d", "<redacted>"]

describe("journal entries with ids that no path can contain", () => {
  for (const id of hostileIds) {
    for (const policy of ["resume", "cancel", "leave"] as const) {
      it.effect(
        `recovery closes and counts an entry with an invalid id and sends nothing: ${JSON.stringify(id)}, ${policy}`,
        () =>
          Effect.gen(function* () {
            const journal = yield* JobJournal.makeMemory
            yield* journal.write(yield* entry({ key: "a", state: "live", id }))
            const stack = Layer.fresh(Horde.layerWithJournal({ baseUrl })).pipe(
              Layer.provide(Layer.succeed(JobJournal.JobJournal, journal))
            )
            const recover = Effect.scoped(Recovery.recover({ kinds: Horde.kinds, policy })).pipe(Effect.provide(stack))
            const found = yield* runToEnd(recover)
            assert.deepStrictEqual({ ...found, unreadable: 0 }, nothing)
            assert.strictEqual(found.unreadable, 1)
            assert.deepStrictEqual(
              (yield* journal.entries).map(({ state }) => state),
              ["cancelled"]
            )
            assert.lengthOf(yield* requests(), 0)
          }).pipe(idle)
      )
    }
  }
})

const nothing = { resumed: [], cancelled: [], left: [], failed: [], unknown: [], newer: 0, unreadable: 0 }

describe("journal entries with extreme dates", () => {
  for (const at of [endOfTime, beginning]) {
    it.effect(`recovery handles an entry with an extreme date: ${at}`, () =>
      Effect.gen(function* () {
        const journal = yield* JobJournal.makeMemory
        const date = DateTime.unsafeMake(at)
        const plain = yield* entry({ key: "a", state: "live", id: "f62ba34a-14a0-4a29-8dd7-4e2b02b8dee8" })
        const hostile = new JobJournal.Entry({ ...plain, submittedAt: date, changedAt: date })
        yield* journal.write(Either.getOrThrow(JobJournal.decode(JobJournal.encode(hostile))))
        const stack = Layer.fresh(Horde.layerWithJournal({ baseUrl })).pipe(
          Layer.provide(Layer.succeed(JobJournal.JobJournal, journal))
        )
        const recover = Effect.scoped(
          Effect.map(Recovery.recover({ kinds: Horde.kinds, policy: "resume" }), ({ resumed }) =>
            resumed.map(Job.encodeTicket)
          )
        )
        assert.isAtMost((yield* runToEnd(Effect.provide(recover, stack))).length, 1)
      }).pipe(idle)
    )
  }
})

describe("tickets", () => {
  const text = (change: object) =>
    JSON.stringify({
      version: 1,
      kind: "image",
      id: "f62ba34a-14a0-4a29-8dd7-4e2b02b8dee8",
      expected: 1,
      submittedAt: "2026-01-01T00:00:00.000Z",
      deadline: "2026-01-01T00:20:00.000Z",
      ...change
    })

  for (const id of ["", ...hostileIds]) {
    it(`decoding a ticket with the id ${JSON.stringify(id)} fails, and the error does not contain the id`, () => {
      const read = Job.decodeTicket(text({ id }))
      assert(Either.isLeft(read))
      if (id.length > 3) assert.notInclude(read.left.message, `"${id}"`)
    })
  }

  for (const change of [
    { deadline: endOfTime },
    { deadline: beginning },
    { submittedAt: endOfTime },
    { submittedAt: beginning, deadline: endOfTime },
    { expected: Number.MAX_SAFE_INTEGER }
  ]) {
    it.effect(`resuming a modified ticket succeeds or fails with a typed error: ${JSON.stringify(change)}`, () =>
      Effect.gen(function* () {
        const ticket = Either.getOrThrow(Job.decodeTicket(text(change)))
        const opened = Effect.scoped(Effect.flatMap(ImageGeneration.resume(ticket), ({ cancel }) => cancel))
        const exit = yield* runToEnd(Effect.exit(Effect.provide(opened, client())))
        assert.isFalse(Exit.isFailure(exit) && exit.cause._tag === "Die")
      }).pipe(idle)
    )
  }
})

describe("options that make no sense", () => {
  const odd: ReadonlyArray<Duration.DurationInput> = [
    Duration.infinity,
    Number.NaN,
    -5,
    0,
    "soon" as Duration.DurationInput
  ]
  for (const value of odd) {
    const title = String(value)

    it.effect(`a layer closes and cancels its jobs even with a drain option of ${title}`, () =>
      Effect.gen(function* () {
        for (const options of [{ drainWithin: value }, { cancelWithin: value }]) {
          const life = yield* Scope.make()
          const layer = Layer.fresh(
            Layer.provideMerge(
              FollowUp.layer(options),
              Layer.provideMerge(client(), Layer.merge(JobJournal.layerMemory, JobQuota.layer))
            )
          )
          const context = yield* Layer.buildWithScope(layer, life)
          const submit = Effect.scoped(ImageGeneration.submit(small())).pipe(Effect.provide(context))
          yield* runToEnd(submit, "1 second")
          yield* runToEnd(Scope.close(life, Exit.void), "1 second")
        }
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
      }).pipe(idle)
    )

    it.effect(`a recovery with an interval of ${title} runs at most once a second`, () =>
      Effect.gen(function* () {
        let asked = 0
        const memory = yield* JobJournal.makeMemory
        const counted = Effect.tap(memory.takeOver, () => Effect.sync(() => void asked++))
        const journal = Layer.succeed(JobJournal.JobJournal, { ...memory, takeOver: counted })
        const layer = Recovery.layer({ kinds: Horde.kinds, policy: "cancel", every: value }).pipe(
          Layer.provide(Layer.fresh(Horde.layerWithJournal({ baseUrl }))),
          Layer.provide(journal)
        )
        yield* runToEnd(Effect.scoped(Effect.zipRight(Layer.build(layer), Effect.sleep("10 seconds"))), "1 second")
        assert.isAtLeast(asked, 1)
        assert.isAtMost(asked, 11)
      }).pipe(idle)
    )
  }
})
