/** Jobs whose ids never arrived: recovery searches the account's list for them, and touches only certain matches. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Recovery from "effect-horde/Recovery"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Users from "effect-horde/Users"
import * as Disk from "../support/disk.js"
import { inIds, live, lost, noIds } from "../support/leftBehind.js"
import * as Programs from "../support/programs.js"
import { baseUrl } from "../support/stack.js"
import {
  anotherClient,
  cancels,
  clearFaults,
  jobOutcomes,
  jobs,
  runToEnd,
  script,
  small,
  timed
} from "../support/virtualTime.js"

const server = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "50 seconds" }, limits: "raised", ...options }))

const idle = server({ worker: { takesJobs: false } })
const older = server({ worker: { takesJobs: false }, exposesRequests: false })

/** The outcomes of unknown submits, and the jobs that match them. */
const outcomesOf = ({ unknown }: Recovery.Recovered) => unknown.map(({ outcome }) => outcome)
const candidates = ({ unknown }: Recovery.Recovered) =>
  unknown.map(({ candidates }) => candidates.map(Programs.idOf).sort())
const reasons = ({ unknown }: Recovery.Recovered) => unknown.map(({ reason }) => reason)

type Options = Omit<Recovery.RecoverOptions, "kinds">

const recover = (program: Programs.Program, options: Options) =>
  program.run(Recovery.recover({ kinds: Horde.kinds, ...options }))

const recovered = (program: Programs.Program, options: Options) => runToEnd(Effect.scoped(recover(program, options)))

/** A program that was killed after the replies to these requests were lost, and the next program on its disk. */
const next = (
  inputs: ReadonlyArray<ImageGeneration.GenerationInputStable> = [small()],
  options?: Programs.Options,
  nextOptions?: Programs.Options
) =>
  Effect.gen(function* () {
    const disk = Disk.make()
    const dead = yield* Programs.start(disk, options)
    for (const input of inputs) yield* lost(dead, input)
    yield* dead.kill
    return yield* Programs.start(disk, nextOptions)
  })

const ids = Effect.map(jobs, (all) => all.map(({ id }) => id))

describe("jobs whose submit got no reply", () => {
  it.scoped("resume identifies a lost job by its request and resumes it", () =>
    Effect.gen(function* () {
      const program = yield* next()
      const pictures = yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const found = yield* recover(program, { policy: "resume" })
            assert.deepStrictEqual(outcomesOf(found), ["found"])
            assert.deepStrictEqual(inIds(found), { ...noIds, resumed: yield* ids })
            assert.deepStrictEqual(yield* program.run(Programs.states), ["live"])
            const [job] = yield* Effect.forEach(found.resumed, (ticket) => program.run(ImageGeneration.resume(ticket)))
            return job === undefined ? [] : yield* job.result
          })
        )
      )
      assert.lengthOf(pictures, 1)
      assert.deepStrictEqual(yield* program.run(Programs.states), ["delivered"])
      assert.lengthOf(yield* jobs, 1)
    }).pipe(server())
  )

  it.scoped("cancel cancels a lost job", () =>
    Effect.gen(function* () {
      const program = yield* next()
      const found = yield* recovered(program, { policy: "cancel" })
      assert.deepStrictEqual(inIds(found), { ...noIds, cancelled: yield* ids })
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["cancelled"])
    }).pipe(idle)
  )

  it.scoped("leave stores the id of a lost job in the journal", () =>
    Effect.gen(function* () {
      const program = yield* next()
      const found = yield* recovered(program, { policy: "leave" })
      assert.deepStrictEqual(inIds(found), { ...noIds, left: yield* ids })
      assert.lengthOf(yield* cancels, 0)
      assert.deepStrictEqual(yield* program.run(Programs.states), ["live"])
      const later = yield* recovered(program, { policy: "cancel" })
      assert.deepStrictEqual(inIds(later), { ...noIds, cancelled: yield* ids })
    }).pipe(idle)
  )

  it.scoped("recovery distinguishes a lost job from the account's other jobs, whatever their states", () =>
    Effect.gen(function* () {
      const mine = yield* next([small("mine")])
      const other = yield* Programs.start(Disk.make())
      yield* live(other, small("somebody's"))
      yield* runToEnd(Effect.scoped(other.run(ImageGeneration.submit(small("cancelled")))))
      const found = yield* recovered(mine, { policy: "cancel" })
      assert.deepStrictEqual(outcomesOf(found), ["found"])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "waiting 0", "cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("recovery distinguishes a lost job from one with the same request that the journal knows", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const alive = yield* Programs.start(disk)
      const known = yield* live(alive)
      const dead = yield* Programs.start(disk)
      yield* lost(dead)
      yield* dead.kill
      const found = yield* recovered(yield* Programs.start(disk), { policy: "cancel" })
      assert.deepStrictEqual(inIds(found), { ...noIds, cancelled: (yield* ids).filter((id) => id !== known) })
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0", "cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("recovery finds several lost jobs with the same request", () =>
    Effect.gen(function* () {
      const found = yield* recovered(yield* next([small(), small()]), { policy: "cancel" })
      assert.deepStrictEqual(outcomesOf(found), ["found", "found"])
      assert.sameMembers(inIds(found).cancelled, yield* ids)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("recovery reports two candidates and touches neither if a foreign job has the same request", () =>
    Effect.gen(function* () {
      const program = yield* next()
      yield* runToEnd(
        Effect.scoped(Effect.flatMap(ImageGeneration.submit(small()), ({ detach }) => detach)).pipe(
          Effect.provide(anotherClient)
        )
      )
      const found = yield* recovered(program, { policy: "cancel" })
      assert.deepStrictEqual(outcomesOf(found), ["probable"])
      assert.deepStrictEqual(candidates(found), [(yield* ids).slice().sort()])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0", "waiting 0"])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["intent"])
    }).pipe(idle)
  )

  const likeIt: ReadonlyArray<readonly [string, Partial<ImageGeneration.GenerationInputStable>]> = [
    ["other fields in the request", { params: { n: 1, width: 128, height: 64 } }],
    ["a seed in the request", { params: { n: 1, width: 64, height: 64, seed: "7" } }],
    ["a lora in the request", { params: { n: 1, width: 64, height: 64, loras: [{ name: "ink" }] } }],
    ["a picture in the request", { source_image: "iVBORw0KGgoAAAANSUhEUg==" }]
  ]
  for (const [title, fields] of likeIt) {
    it.scoped(`a job with the same prompt is only probable: ${title}`, () =>
      Effect.gen(function* () {
        const request = { prompt: "a bay", params: { n: 1, width: 64, height: 64 } }
        const disk = Disk.make()
        const dead = yield* Programs.start(disk)
        yield* lost(dead, request, "before")
        yield* dead.kill
        const other = yield* Programs.start(Disk.make())
        yield* live(other, { ...request, ...fields })
        const found = yield* recovered(yield* Programs.start(disk), { policy: "cancel" })
        assert.deepStrictEqual(outcomesOf(found), ["probable"])
        assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      }).pipe(idle)
    )
  }

  it.scoped("a submit that started no job is reported as absent, once", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      yield* lost(dead, small(), "before")
      yield* dead.kill
      const program = yield* Programs.start(disk)
      assert.deepStrictEqual(outcomesOf(yield* recovered(program, { policy: "resume" })), ["absent"])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["cancelled"])
      assert.deepStrictEqual(outcomesOf(yield* recovered(program, { policy: "resume" })), [])
    }).pipe(idle)
  )

  it.scoped("a lost job is not reported as absent because the server's list is older than the job", () =>
    Effect.gen(function* () {
      const program = yield* Programs.start(Disk.make())
      // the server caches its reply for 30 seconds from now on
      yield* runToEnd(program.run(Users.me), "10 millis")
      yield* lost(program)
      const { took, value } = yield* runToEnd(
        timed(Effect.scoped(recover(program, { policy: "cancel" }))),
        "100 millis"
      )
      assert.deepStrictEqual(outcomesOf(value), ["found"])
      assert.strictEqual(took, 31_000)
    }).pipe(idle)
  )

  it.scoped("a lost submit is not matched with a job that the server has forgotten since it made its list", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      yield* lost(dead, small("never started"), "before")
      yield* dead.kill
      const other = yield* Programs.start(Disk.make())
      yield* live(other, small("forgotten soon"))
      const program = yield* Programs.start(disk)
      const fiber = yield* Effect.fork(Effect.scoped(recover(program, { policy: "cancel" })))
      yield* TestClock.adjust("30 seconds")
      yield* program.run(Users.me) // the server caches this list for the next half minute
      yield* script(Faults.vanish())
      assert.deepStrictEqual(outcomesOf(yield* runToEnd(Fiber.join(fiber))), ["absent"])
    }).pipe(idle)
  )
})

describe("requests that the server changes", () => {
  const picture = "iVBORw0KGgoAAAANSUhEUg=="
  const changed: ReadonlyArray<readonly [string, Partial<ImageGeneration.GenerationInputStable>]> = [
    ["the server ignores `shared`", { shared: true }],
    [
      "the server reduces a request beyond the account's kudos",
      { allow_downgrade: true, slow_workers: false, params: { width: 1024, height: 1024, steps: 60 } }
    ],
    [
      "the server limits the steps under a control type",
      { params: { control_type: "canny", steps: 60 }, source_image: picture }
    ],
    [
      "the server stores pictures elsewhere",
      { source_image: picture, source_mask: picture, source_processing: "inpainting" }
    ],
    ["the server fills in defaults", {}]
  ]
  for (const [title, fields] of changed) {
    it.scoped(`recovery identifies a lost job although ${title}`, () =>
      Effect.gen(function* () {
        const account = { apiKey: fields.allow_downgrade === true ? Accounts.workerKey : Accounts.plainKey }
        const program = yield* next([{ prompt: "a bay", ...fields }], account, account)
        const found = yield* recovered(program, { policy: "cancel" })
        assert.deepStrictEqual(outcomesOf(found), ["found"])
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      }).pipe(idle)
    )
  }
})

describe("servers that do not expose requests", () => {
  it.scoped("a job of the right size is probable and not touched", () =>
    Effect.gen(function* () {
      const program = yield* next()
      const found = yield* recovered(program, { policy: "cancel" })
      assert.deepStrictEqual(outcomesOf(found), ["probable"])
      assert.deepStrictEqual(candidates(found), [yield* ids])
      assert.deepStrictEqual(inIds(found), noIds)
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["intent"])
    }).pipe(older)
  )

  it.scoped("a job of the right size is the lost one with exclusiveKeys", () =>
    Effect.gen(function* () {
      const found = yield* recovered(yield* next(), { policy: "cancel", exclusiveKeys: true })
      assert.deepStrictEqual(outcomesOf(found), ["found"])
      assert.deepStrictEqual(inIds(found), { ...noIds, cancelled: yield* ids })
    }).pipe(older)
  )

  it.scoped("a faulted job is probable, though its counts do not include lost results", () =>
    Effect.gen(function* () {
      const program = yield* next([small("three", 3)])
      // as recorded of a job with three pictures, the first of which faulted
      const counts = { finished: 0, processing: 0, restarted: 4, waiting: 2, done: true, faulted: true }
      const body = JSON.stringify({ ...counts, wait_time: 0, queue_position: 0, kudos: 3, is_possible: true })
      yield* script(
        Faults.respond({ status: 200, contentType: "application/json", body }, { path: "/v2/generate/check/:id" })
      )
      const found = yield* recovered(program, { policy: "cancel" })
      assert.deepStrictEqual(outcomesOf(found), ["probable"])
      assert.deepStrictEqual(candidates(found), [yield* ids])
    }).pipe(older)
  )

  it.scoped("a job of another size is no candidate", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      yield* lost(dead, small("two", 2), "before")
      yield* dead.kill
      const other = yield* Programs.start(Disk.make())
      yield* live(other, small("one"))
      const found = yield* recovered(yield* Programs.start(disk), { policy: "cancel", exclusiveKeys: true })
      assert.deepStrictEqual(outcomesOf(found), ["absent"])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
    }).pipe(older)
  )
})

describe("accounts whose jobs cannot be listed", () => {
  it.scoped("a lost submit under the anonymous key stays open", () =>
    Effect.gen(function* () {
      const anonymous = { apiKey: Accounts.anonymousKey }
      const program = yield* next([small()], anonymous, anonymous)
      const { took, value } = yield* runToEnd(timed(Effect.scoped(recover(program, { policy: "cancel" }))), "1 second")
      assert.deepStrictEqual(outcomesOf(value), ["open"])
      assert.deepStrictEqual(reasons(value), ["the anonymous account does not list its jobs"])
      assert.strictEqual(took, 10_000) // there is no list to wait for
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["intent"])
    }).pipe(idle)
  )

  it.scoped("a lost submit under a shared key stays open even if the key is given", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const key = yield* dead.run(SharedKeys.create({ kudos: 100 }))
      const under = HordeClient.withApiKey(key.id)
      yield* script(Faults.reset("after", { method: "POST" }))
      yield* runToEnd(Effect.flip(Effect.scoped(under(dead.run(ImageGeneration.submit(small()))))))
      yield* clearFaults
      yield* dead.kill
      const found = yield* recovered(yield* Programs.start(disk), { policy: "cancel", apiKeys: [key.id] })
      assert.deepStrictEqual(outcomesOf(found), ["open"])
      assert.match(reasons(found).join(), /shared key/)
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
    }).pipe(idle)
  )

  it.scoped("a lost submit under another key stays open until that key is given", () =>
    Effect.gen(function* () {
      const program = yield* next([small()], { apiKey: Accounts.ownerKey })
      const found = yield* recovered(program, { policy: "cancel" })
      assert.deepStrictEqual(outcomesOf(found), ["open"])
      assert.match(reasons(found).join(), /was not provided/)
      const apiKeys = [Redacted.make(Accounts.workerKey), Redacted.make(Accounts.ownerKey)]
      const again = yield* recovered(program, { policy: "cancel", apiKeys })
      assert.deepStrictEqual(outcomesOf(again), ["found"])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("a lost submit stays open while the account cannot be read, and is found by the next recovery", () =>
    Effect.gen(function* () {
      const program = yield* next()
      yield* script(Faults.respond({ status: 500, body: "no" }, { path: "/v2/find_user" }))
      const found = yield* recovered(program, { policy: "cancel" })
      assert.deepStrictEqual(outcomesOf(found), ["open"])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["intent"])
      yield* clearFaults
      assert.deepStrictEqual(outcomesOf(yield* recovered(program, { policy: "cancel" })), ["found"])
    }).pipe(idle)
  )

  it.scoped("a lost submit is probable while the server does not return requests, and found once it does", () =>
    Effect.gen(function* () {
      const program = yield* next()
      yield* script(Faults.respond({ status: 500, body: "no" }, { path: "/v2/generate/request/:id" }))
      const found = yield* recovered(program, { policy: "cancel", exclusiveKeys: true })
      assert.deepStrictEqual(outcomesOf(found), ["probable"])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      yield* clearFaults
      assert.deepStrictEqual(outcomesOf(yield* recovered(program, { policy: "cancel" })), ["found"])
    }).pipe(idle)
  )

  it.scoped("a lost submit that is older than the server's memory is reported a last time", () =>
    Effect.gen(function* () {
      const program = yield* next([small()], { apiKey: Accounts.anonymousKey })
      yield* TestClock.adjust("31 minutes")
      assert.deepStrictEqual(outcomesOf(yield* recovered(program, { policy: "cancel" })), ["open"])
      assert.deepStrictEqual(outcomesOf(yield* recovered(program, { policy: "cancel" })), [])
    }).pipe(idle)
  )
})

describe("lost replies of the running program", () => {
  it.scoped("a recovery in the same program finds a lost job, without a crash or a disk", () =>
    Effect.gen(function* () {
      yield* script(Faults.reset("after", { method: "POST" }))
      const program = Effect.gen(function* () {
        yield* Effect.flip(Effect.scoped(ImageGeneration.submit(small())))
        yield* clearFaults
        const found = yield* Effect.scoped(Recovery.recover({ kinds: Horde.kinds, policy: "cancel" }))
        assert.deepStrictEqual(outcomesOf(found), ["found"])
      })
      yield* runToEnd(
        Effect.provide(program, Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(Layer.fresh))
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("two concurrent recoveries report a lost job once", () =>
    Effect.gen(function* () {
      const program = yield* Programs.start(Disk.make())
      yield* lost(program)
      const both = Effect.all(
        [1, 2].map(() => recover(program, { policy: "resume" })),
        { concurrency: 2 }
      )
      const found = yield* runToEnd(Effect.scoped(both))
      assert.deepStrictEqual(found.flatMap(outcomesOf), ["found"])
    }).pipe(idle)
  )

  it.scoped("a recovery does not cancel a second submit of the same request", () =>
    Effect.gen(function* () {
      const program = yield* Programs.start(Disk.make())
      yield* lost(program, small(), "before")
      const recovery = yield* Effect.fork(Effect.scoped(recover(program, { policy: "cancel" })))
      // the second submit is accepted before the list is read, and its reply is still outstanding
      yield* TestClock.adjust("20 seconds")
      yield* script(Faults.hang("after", { method: "POST" }))
      const again = yield* Effect.forkDaemon(Effect.scoped(program.run(ImageGeneration.submit(small()))))
      const found = yield* runToEnd(Fiber.join(recovery), "1 second")
      assert.deepStrictEqual(outcomesOf(found), ["open"])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      // once its reply is lost too, its job is found, and the first submit is known to have started none
      yield* clearFaults
      yield* runToEnd(Fiber.await(again))
      assert.deepStrictEqual(outcomesOf(yield* recovered(program, { policy: "cancel" })).sort(), ["absent", "found"])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("a job is tracked by its program although another one treated that program as dead during the submit", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const [program, other] = [yield* Programs.start(disk), yield* Programs.start(disk)]
      yield* script(Faults.latency("20 seconds", { method: "POST" }))
      const submit = program.run(ImageGeneration.submit(small()))
      const fiber = yield* Effect.fork(Effect.scoped(Effect.zipRight(submit, Effect.sleep("3 minutes"))))
      yield* TestClock.adjust("1 second")
      program.disk.stall()
      const recovery = yield* Effect.fork(Effect.scoped(recover(other, { policy: "cancel" })))
      yield* TestClock.adjust("15 seconds")
      program.disk.resume()
      const found = yield* runToEnd(Fiber.join(recovery), "1 second")
      assert.deepStrictEqual(outcomesOf(found), ["absent"])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      yield* runToEnd(Fiber.join(fiber))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )
})

describe("lost replies and time", () => {
  it.scoped("recovery searches twice, since a slow server may accept the request late", () =>
    Effect.gen(function* () {
      const program = yield* Programs.start(Disk.make())
      yield* script(Faults.latency("100 seconds", { method: "POST" }))
      const error = yield* runToEnd(
        Effect.flip(Effect.scoped(program.run(ImageGeneration.submit(small())))),
        "1 second"
      )
      assert.strictEqual(error._tag, "OutcomeUnknown")
      assert.lengthOf(yield* jobs, 0)
      const { took, value } = yield* runToEnd(timed(recovered(program, { policy: "cancel" })), "1 second")
      assert.deepStrictEqual(outcomesOf(value), ["found"])
      // the lease, and then until the list certainly contains the job
      assert.isAtMost(took, 131_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("a lost submit is not reported as absent once the server may have forgotten the job", () =>
    Effect.gen(function* () {
      const program = yield* next()
      yield* runToEnd(Effect.sleep("25 minutes"))
      const found = yield* recovered(program, { policy: "resume" })
      assert.deepStrictEqual(outcomesOf(found), ["open"])
      assert.match(reasons(found)[0] ?? "", /deleted it by now/)
      assert.deepStrictEqual(yield* jobOutcomes, ["expired 0"])
    }).pipe(idle)
  )
})
