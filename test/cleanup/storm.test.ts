/** No job is lost whatever faults the network has: many runs, in each of which one request in five fails. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Cause, Effect, Either, Exit, Fiber, Logger, LogLevel } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { simulate } from "../chaos/simulation.js"
import { anotherClient, logged, rawSubmit, script, small } from "../support/virtualTime.js"

/**
 * One request in five: its connection broken before or after it was carried out, refused by a gateway, or truncated.
 */
const faultRules = (seed: number) => {
  const share = (index: number) => ({ probability: 0.05, seed: seed * 10 + index })
  return script(
    // a cancel whose reply is late may be given up first, which the server cannot know
    Faults.latency("300 millis", { where: ({ method }) => method !== "DELETE", probability: 0.3, seed }),
    Faults.reset("before", share(1)),
    Faults.reset("after", share(2)),
    Faults.respond({ status: 503, body: "<title>busy</title>" }, share(3)),
    Faults.respondAfter({ status: 504, body: "<title>too late</title>" }, share(4)),
    Faults.truncate(share(5))
  )
}

type Outcome = { readonly prompt: string; readonly said: string }

/** The outcome of a submit as its caller got it. */
const recordOutcome = <A, E extends { readonly _tag: string }, R>(prompt: string, submit: Effect.Effect<A, E, R>) =>
  Effect.map(
    Effect.exit(Effect.either(submit)),
    (exit): Outcome => ({
      prompt,
      said: Exit.isFailure(exit) ? "interrupted" : Either.isLeft(exit.value) ? exit.value.left._tag : "fine"
    })
  )

/** All ways to use a job at once, each under its own name. */
const callers = Effect.all(
  [
    recordOutcome("draws", ImageGeneration.generate(small("draws"))),
    recordOutcome("draws two", ImageGeneration.generate(small("draws two", 2), { results: "as they arrive" })),
    recordOutcome("is late", Effect.timeout(ImageGeneration.generate(small("is late")), "4 seconds")),
    recordOutcome("is too late", Effect.timeout(ImageGeneration.generate(small("is too late")), "100 millis")),
    recordOutcome("forgets", Effect.scoped(ImageGeneration.submit(small("forgets")))),
    recordOutcome(
      "cancels",
      Effect.scoped(Effect.flatMap(ImageGeneration.submit(small("cancels", 3)), (job) => job.cancel))
    ),
    recordOutcome(
      "cancels and goes",
      Effect.scoped(
        Effect.gen(function* () {
          const job = yield* ImageGeneration.submit(small("cancels and goes"))
          const cancel = yield* Effect.fork(job.cancel)
          yield* Effect.sleep("200 millis")
          yield* Fiber.interrupt(cancel)
        })
      )
    ),
    recordOutcome(
      "polls",
      Effect.scoped(
        Effect.gen(function* () {
          const { id } = yield* rawSubmit(small("polls"))
          yield* Effect.ignore(ImageGeneration.check(id))
          yield* Effect.sleep("2 seconds")
          yield* Effect.ignore(ImageGeneration.status(id))
        })
      )
    )
  ],
  { concurrency: "unbounded" }
)

/** One run with faults: the outcomes of its callers, its log and the server's record. */
const run = (seed: number) =>
  Effect.gen(function* () {
    const server = yield* HordeServer.HordeServer
    yield* faultRules(seed)
    const { lines, value } = yield* logged(Effect.provide(callers, anotherClient))
    yield* server.faults.clear
    yield* Effect.sleep("10 minutes")
    return { outcomes: value, lines, jobs: yield* server.jobs, exchanges: yield* server.exchanges }
  }).pipe(
    Effect.provide(HordeServer.layerClient({ seed, limits: "raised", worker: { takes: "3 seconds" } })),
    Logger.withMinimumLogLevel(LogLevel.All)
  )

const isSuccess = (status: number | undefined) => status !== undefined && status >= 200 && status < 300

const runs = 40

describe("one failing request in five", () => {
  it(`no job is left, cancelled twice or submitted twice, in ${runs} runs`, async () => {
    const seen = { lost: 0, cancelled: 0, finished: 0, left: 0, failed: 0, requests: 0 }

    for (let seed = 1; seed <= runs; seed++) {
      // a run never waits: without this pause vitest would receive no messages from this process
      await new Promise((resolve) => setImmediate(resolve))
      const exit = simulate(seed, run(seed))
      const about = `seed ${seed}`
      if (Exit.isFailure(exit)) throw new Error(`${about}: ${Cause.pretty(exit.cause)}`)
      const { exchanges, jobs, lines, outcomes } = exit.value
      const of = (method: string, id: string) =>
        exchanges.filter((one) => one.method === method && one.requestId === id)
      seen.requests += exchanges.length
      seen.failed += exchanges.filter(({ delivered, status }) => delivered !== "whole" || (status ?? 0) >= 500).length

      let left = 0
      for (const job of jobs) {
        const [post] = exchanges.filter((one) => one.route === "/v2/generate/async" && one.requestId === job.id)
        const isKnown = post?.status === 202 && post.delivered === "whole"
        const deletes = of("DELETE", job.id)
        const first = deletes.findIndex(({ delivered, status }) => delivered === "whole" && isSuccess(status))
        assert.isTrue(first === -1 || first === deletes.length - 1, `${about}: a cancel after one that succeeded`)
        if (!isKnown) {
          seen.lost++
          continue
        }
        const answers = [...of("GET", job.id), ...deletes].filter(({ delivered }) => delivered === "whole")
        const wasTold = answers.some(({ status }) => status === 200)
        assert.isTrue(["finished", "cancelled"].includes(job.state), `${about}: ${job.prompt} is ${job.state}`)
        if (first === -1 && job.cancels === 0 && !wasTold) left++
        if (job.state === "cancelled") seen.cancelled++
        else seen.finished++
      }
      // a cancel may fail for five seconds in a row, but always with a log line
      assert.isAtMost(left, lines.filter((line) => line.includes("may go on running")).length, `${about}: jobs left`)
      seen.left += left

      for (const { prompt, said } of outcomes) {
        const mine = jobs.filter((job) => job.prompt === prompt)
        assert.isAtMost(mine.length, 1, `${about}: ${prompt} was submitted twice`)
        if (mine.length === 0) assert.include(["OutcomeUnknown", "TimeoutException"], said, `${about}: ${prompt}`)
      }
      const posts = exchanges.filter(({ route }) => route === "/v2/generate/async")
      assert.isAtMost(posts.length, outcomes.length, `${about}: more submits than were asked for`)
    }

    // the faults were as frequent as intended, and the runs had all kinds of outcomes
    assert.isAbove(seen.failed / seen.requests, 0.15)
    assert.isAbove(seen.lost, runs / 4)
    assert.isAbove(seen.cancelled, runs)
    assert.isAbove(seen.finished, runs)
    assert.isAtMost(seen.left, 2)
  })
})
