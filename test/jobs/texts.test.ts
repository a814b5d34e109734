/** Text jobs: each reply has the state and the texts, in any order and without ids. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { Effect, FastCheck, Fiber, Inspectable, Redacted, Stream } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as TextGeneration from "effect-horde/TextGeneration"
import { forAll } from "../support/forAll.js"
import { checkOf, jobId, jobServer, type Replies, running, statusOf, textOf, unknownJob } from "../support/jobServer.js"
import { json } from "../support/scripted.js"
import { stack } from "../support/stack.js"
import { requests, runToEnd, small, timed } from "../support/virtualTime.js"

const request = (n: number): TextGeneration.GenerationInputKobold => ({ prompt: "Once upon a time", params: { n } })

/** The replies to the polls of a job, one after the other; the last one is repeated. */
const polls = (...replies: ReadonlyArray<object>): Replies => ({
  status: (index) => json(200, replies[Math.min(index, replies.length - 1)])
})

const generating = (n: number, replies: Replies, options?: Job.WaitOptions) => {
  const server = jobServer(replies)
  return Effect.map(
    runToEnd(timed(Effect.either(TextGeneration.generate(request(n), options))), "1 second"),
    ({ took, value }) => ({ took, value, counts: server.counts })
  ).pipe(server.run)
}

const done = (...texts: ReadonlyArray<object>) => statusOf(texts)

const waiting = statusOf([], { ...running, finished: 0 })

const textsOf = (results: ReadonlyArray<TextGeneration.GeneratedText>) => results.map(({ text }) => text)

describe("the polls of a text job", () => {
  it.effect("the reply that ends the job has its texts, and no other request is sent", () =>
    Effect.gen(function* () {
      const { counts, value } = yield* generating(2, polls(waiting, done(textOf("a"), textOf("b"))))
      assert(value._tag === "Right")
      assert.deepStrictEqual(textsOf(value.right), ["a", "b"])
      assert.deepStrictEqual(counts, { submit: 1, check: 0, status: 2, cancel: 0, other: 0 })
    })
  )

  it.effect("texts are events when they arrive, each once, in whatever order the replies list them", () =>
    Effect.gen(function* () {
      const [a, b, c] = [textOf("a"), textOf("b"), textOf("c")]
      const server = jobServer(
        polls(
          waiting,
          statusOf([a], { ...running, finished: 1 }),
          statusOf([b, a], { ...running, finished: 2 }),
          done(c, a, b)
        )
      )
      const events = yield* runToEnd(
        Stream.runCollect(TextGeneration.progress(request(3), { results: "as they arrive" })),
        "1 second"
      ).pipe(server.run)
      assert.deepStrictEqual(
        Array.from(events, (event) => (event._tag === "Arrived" ? event.result.text : event._tag)),
        ["Submitted", "Checked", "Checked", "a", "Checked", "b", "Checked", "c", "Finished"]
      )
    })
  )

  it.effect("a job with fewer texts than requested that never becomes done fails after a minute, with its texts", () =>
    Effect.gen(function* () {
      const short = statusOf([textOf("a")], { ...checkOf(), done: false, finished: 1 })
      const { took, value } = yield* generating(2, polls(short))
      assert(value._tag === "Left" && value.left._tag === "JobFaulted")
      assert.strictEqual(value.left.reason, "stalled")
      assert.deepStrictEqual(textsOf(value.left.partial), ["a"])
      assert.isAtLeast(took, 60_000)
      assert.isAtMost(took, 75_000)
    })
  )

  it.effect("a job that looks idle while a worker takes it is not over", () =>
    Effect.gen(function* () {
      const idle = statusOf([], { ...checkOf(), done: false, finished: 0 })
      const { value } = yield* generating(1, polls(waiting, idle, waiting, idle, done(textOf("a"))))
      assert(value._tag === "Right")
      assert.deepStrictEqual(textsOf(value.right), ["a"])
    })
  )

  it.effect("a job that the server gave up fails with its texts", () =>
    Effect.gen(function* () {
      const faulted = statusOf([textOf("a")], { ...checkOf(), faulted: true, finished: 1, restarted: 3 })
      const { value } = yield* generating(2, polls(faulted))
      assert(value._tag === "Left" && value.left._tag === "JobFaulted")
      assert.strictEqual(value.left.reason, "faulted")
      assert.deepStrictEqual(textsOf(value.left.partial), ["a"])
    })
  )

  it.effect("a job that the server has deleted fails with JobExpired", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(1, {
        status: (index) => (index < 8 ? json(200, waiting) : unknownJob)
      })
      assert(value._tag === "Left")
      assert.strictEqual(value.left._tag, "JobExpired")
    })
  )

  it.effect("a job at its deadline returns the texts of its cancel, if they are complete", () =>
    Effect.gen(function* () {
      const { counts, value } = yield* generating(
        1,
        { status: () => json(200, waiting), cancel: () => json(200, done(textOf("a"))) },
        { deadline: "30 seconds" }
      )
      assert(value._tag === "Right")
      assert.deepStrictEqual(textsOf(value.right), ["a"])
      assert.strictEqual(counts.cancel, 1)
    })
  )
})

describe("a text job that is cancelled", () => {
  it.effect("the cancel returns the finished texts, and a fiber that waits fails with them", () => {
    const server = jobServer({
      status: () => json(200, waiting),
      cancel: () => json(200, statusOf([textOf("a")], { ...running, finished: 1 }))
    })
    return runToEnd(
      Effect.scoped(
        Effect.gen(function* () {
          const job = yield* TextGeneration.submit(request(2))
          const waits = yield* Effect.fork(Effect.either(job.result))
          yield* Effect.sleep("3 seconds")
          assert.deepStrictEqual(textsOf(yield* job.cancel), ["a"])
          const ended = yield* Fiber.join(waits)
          assert(ended._tag === "Left" && ended.left._tag === "JobCancelled")
          assert.deepStrictEqual(textsOf(ended.left.partial), ["a"])
        })
      ),
      "1 second"
    ).pipe(
      server.run,
      Effect.tap(() => assert.strictEqual(server.counts.cancel, 1))
    )
  })
})

describe("results of a text job", () => {
  it.effect("equal texts of one worker and seed are separate results", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(3, polls(done(textOf("a"), textOf("b"), textOf("a"))))
      assert(value._tag === "Right")
      assert.deepStrictEqual(textsOf(value.right), ["a", "b", "a"])
      assert.strictEqual(new Set(value.right.map(({ key }) => key)).size, 3)
    })
  )

  it.effect("the keys of a job's texts do not depend on the order of the reply", () =>
    forAll(
      FastCheck.array(FastCheck.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 6 }).chain((texts) =>
        FastCheck.tuple(FastCheck.constant(texts), FastCheck.shuffledSubarray(texts, { minLength: texts.length }))
      ),
      ([texts, shuffled]) =>
        Effect.gen(function* () {
          const keysOf = (all: ReadonlyArray<string>) =>
            Effect.map(generating(all.length, polls(done(...all.map((text) => textOf(text))))), ({ value }) => {
              assert(value._tag === "Right")
              return value.right.map(({ key, text }) => `${text} ${key}`).sort()
            })
          assert.deepStrictEqual(yield* keysOf(shuffled), yield* keysOf(texts))
        }),
      20
    )
  )

  it.effect("the key of a text contains no part of the job's id, which is a credential", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(1, polls(done(textOf("a"))))
      assert(value._tag === "Right")
      for (const part of jobId.split("-")) if (part.length > 4) assert.notInclude(value.right[0]?.key ?? part, part)
    })
  )

  it.effect("a censored text is data", () =>
    Effect.gen(function* () {
      const metadata = [{ type: "censorship", value: "csam" }]
      const { value } = yield* generating(
        3,
        polls(
          done(textOf("a"), textOf("x", { state: "csam", gen_metadata: metadata }), textOf("y", { state: "censored" }))
        )
      )
      assert(value._tag === "Right")
      assert.deepStrictEqual(
        value.right.map(({ censored, metadata, state }) => [censored, state, metadata.length]),
        [
          [false, "ok", 0],
          [true, "csam", 1],
          [true, "censored", 0]
        ]
      )
    })
  )

  it.effect("a result without a text fails the job, with the other texts", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(2, polls(done(textOf(undefined), textOf("b"))))
      assert(value._tag === "Left" && value.left._tag === "DownloadFailed")
      assert.strictEqual(value.left.reason, "Unavailable")
      assert.deepStrictEqual(textsOf(value.left.partial), ["b"])
    })
  )

  it.effect("an empty text is a result", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(1, polls(done(textOf(""))))
      assert(value._tag === "Right")
      assert.deepStrictEqual(textsOf(value.right), [""])
    })
  )

  it.effect("the events of a job print no text", () =>
    Effect.gen(function* () {
      const secret = textOf("a secret")
      const server = jobServer(
        polls(statusOf([secret], { ...running, finished: 1 }), done(secret, textOf("another secret")))
      )
      const events = yield* runToEnd(
        Stream.runCollect(TextGeneration.progress(request(2), { results: "as they arrive" })),
        "1 second"
      ).pipe(server.run)
      assert.include(JSON.stringify(events), '"Checked"')
      assert.notInclude(JSON.stringify(events), "secret")
    })
  )

  it.effect("a printed result shows the length of its text, and not the text", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(1, polls(done(textOf("a secret"))))
      assert(value._tag === "Right")
      for (const printed of [JSON.stringify(value.right), Inspectable.toStringUnknown(value.right)]) {
        assert.notInclude(printed, "a secret")
        assert.include(printed, "(8 characters)")
      }
    })
  )
})

describe("tickets of text jobs", () => {
  it.effect("a ticket of another kind of job is refused", () =>
    Effect.gen(function* () {
      const server = jobServer(polls(waiting))
      const error = yield* Effect.scoped(
        Effect.gen(function* () {
          const { ticket } = yield* TextGeneration.submit(request(1))
          return yield* Effect.flip(TextGeneration.resume(Job.Ticket.make({ ...ticket, kind: "image" })))
        })
      ).pipe(server.run)
      assert(error._tag === "InvalidRequest")
      assert.deepStrictEqual(error.errors, { "ticket.kind": "must be text" })
    })
  )

  it.effect("a resumed job returns the texts", () => {
    const server = jobServer(polls(waiting, done(textOf("a"))))
    return Effect.gen(function* () {
      const ticket = yield* Effect.scoped(Effect.flatMap(TextGeneration.submit(request(1)), ({ detach }) => detach))
      assert.strictEqual(Redacted.value(ticket.id), jobId)
      const texts = yield* Effect.scoped(Effect.flatMap(TextGeneration.resume(ticket), ({ result }) => result))
      assert.deepStrictEqual(textsOf(texts), ["a"])
      assert.strictEqual(server.counts.cancel, 0)
    }).pipe((program) => runToEnd(program, "1 second"), server.run)
  })
})

describe("limits of text jobs", () => {
  it.effect("the polls of a job that takes a quarter of an hour are never refused, with several consumers", () =>
    Effect.gen(function* () {
      const { took, value } = yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* TextGeneration.submit(request(7), { results: "as they arrive" })
            const arrivals = Stream.filter(job.progress, ({ _tag }) => _tag === "Arrived")
            return yield* timed(Effect.all([job.result, Stream.runCount(arrivals), job.result], { concurrency: 3 }))
          })
        )
      )
      assert.deepStrictEqual([value[0].length, value[1], value[2].length], [7, 7, 7])
      assert.isAtLeast(took, 900_000)
      const statuses = (yield* requests("GET", "/v2/generate/text/status/:id")).map(({ status }) => status)
      assert.deepStrictEqual([...new Set(statuses)], [200])
      // 24 a minute
      assert.isAtMost(statuses.length, (took / 60_000) * 24)
    }).pipe(Effect.provide(stack({ server: { textWorker: { takes: "140 seconds" } } })))
  )

  it.effect("waiting pictures do not count against the quota of texts, and waiting texts do", () =>
    Effect.gen(function* () {
      // an account may have 30 waiting results of each kind
      const ended = yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            yield* ImageGeneration.submit(small("a bay", 20))
            yield* TextGeneration.submit(request(20))
            yield* TextGeneration.submit(request(10))
            const ended = yield* Effect.timeoutOption(TextGeneration.submit(request(1)), "20 seconds")
            const { took } = yield* timed(ImageGeneration.submit(small("a bay", 10)))
            assert.isBelow(took, 1000)
            return ended
          })
        ),
        "1 second"
      )
      assert.strictEqual(ended._tag, "None")
      const statuses = (all: ReadonlyArray<{ readonly status: number | undefined }>) => all.map(({ status }) => status)
      assert.deepStrictEqual(statuses(yield* requests("POST", "/v2/generate/async")), [202, 202])
      const texts = statuses(yield* requests("POST", "/v2/generate/text/async"))
      assert.deepStrictEqual(texts.slice(0, 3), [202, 202, 429])
      assert.notInclude(texts.slice(2), 202)
    }).pipe(
      Effect.provide(
        stack({
          client: { apiKey: Redacted.make(Accounts.plainKey) },
          server: { worker: { takesJobs: false }, textWorker: { takesJobs: false } }
        })
      )
    )
  )
})
