/** Odd, contradictory or late replies: no picture is lost, and no job is cancelled without need. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import {
  checkOf,
  generation,
  jobId,
  jobServer,
  type Replies,
  running,
  statusOf,
  unknownJob
} from "../support/jobServer.js"
import { type Answer, json } from "../support/scripted.js"
import { runToEnd, timed } from "../support/virtualTime.js"

const three = { prompt: "a quiet bay", params: { n: 3 } }
const two = { prompt: "a quiet bay", params: { n: 2 } }
const one = { prompt: "a quiet bay" }

const page = (status: number): Answer => ({ status, headers: { "content-type": "text/html" }, body: "<h1>Oh no</h1>" })

const raw = (body: string): Answer => ({ status: 200, headers: { "content-type": "application/json" }, body })

const generating = (request: ImageGeneration.GenerationInputStable, replies: Replies) => {
  const server = jobServer(replies)
  return Effect.map(
    runToEnd(timed(Effect.either(ImageGeneration.generate(request))), "1 second"),
    ({ took, value }) => ({ took, value, server })
  ).pipe(server.run)
}

describe("odd values in replies", () => {
  const oddities: Readonly<Record<string, object>> = {
    "a metadata value that is null": { gen_metadata: [{ type: "lora", value: null }] },
    "metadata that is null": { gen_metadata: null },
    "metadata that is no list": { gen_metadata: "none" },
    "an invalid entry of metadata": { gen_metadata: [null, 5, { type: "lora", value: "nsfw" }] },
    "a seed that is a number": { seed: 123 },
    "a seed that is an object": { seed: {} },
    "a censored flag that is a text": { censored: "False" },
    "a censored flag that is a number": { censored: 1 },
    "a worker without an id": { worker_id: "" },
    "a model that is a list": { model: ["x"] },
    "a state that is null": { state: null }
  }
  for (const [name, odd] of Object.entries(oddities)) {
    it.effect(`all pictures arrive despite ${name}`, () =>
      Effect.gen(function* () {
        const { value } = yield* generating(three, {
          check: () => json(200, checkOf({ finished: 3 })),
          status: () => json(200, statusOf([generation(1), generation(2, odd), generation(3)]))
        })
        assert(value._tag === "Right")
        assert.lengthOf(value.right, 3)
      })
    )
  }

  const lost: Readonly<Record<string, unknown>> = {
    "an image that is null": generation(2, { img: null }),
    "an image that is a number": generation(2, { img: {} }),
    "an id that is empty": generation(2, { id: "" }),
    "an id that is null": generation(2, { id: null }),
    "an entry that is null": null,
    "an entry that is a text": "picture"
  }
  for (const [name, entry] of Object.entries(lost)) {
    it.effect(`${name} fails the job with the other pictures and an error that names the missing one`, () =>
      Effect.gen(function* () {
        const { server, took, value } = yield* generating(three, {
          check: () => json(200, checkOf({ finished: 3 })),
          status: () => json(200, statusOf([generation(1), entry, generation(3)]))
        })
        assert(value._tag === "Left" && value.left._tag === "DownloadFailed")
        assert.lengthOf(value.left.partial, 2)
        assert.match(value.left.message, /^1 of 3 .*(?:0000000102|entry 2)/)
        assert.strictEqual(value.left.reason, "Unavailable")
        assert.isBelow(took, 5000)
        assert.strictEqual(server.counts.cancel, 0)
      })
    )
  }

  it.effect("two results without an id count as two missing results", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(three, {
        check: () => json(200, checkOf({ finished: 3 })),
        status: () => json(200, statusOf([generation(1), generation(2, { id: "" }), generation(3, { id: "" })]))
      })
      assert(value._tag === "Left" && value.left._tag === "DownloadFailed")
      assert.lengthOf(value.left.partial, 1)
      assert.match(value.left.message, /2 of 3/)
    })
  )

  const checks: Readonly<Record<string, Answer>> = {
    "numbers as texts": json(200, checkOf({ finished: "1", processing: "0", waiting: "0", kudos: "7.5" })),
    "booleans as texts": json(200, checkOf({ done: "true", faulted: "False", is_possible: "True" })),
    "booleans as numbers": json(200, checkOf({ done: 1, faulted: 0 })),
    "numbers as booleans": json(200, checkOf({ finished: true, waiting: false, processing: false })),
    "NaN and Infinity": raw(JSON.stringify(checkOf()).replace('"wait_time":0', '"wait_time":NaN,"kudos":-Infinity')),
    "Python's None and True": raw(
      JSON.stringify(checkOf({ might_stall: null }))
        .replaceAll("null", "None")
        .replaceAll("true", "True")
    ),
    "objects where numbers should be": json(200, checkOf({ kudos: {}, queue_position: [], restarted: "many" }))
  }
  for (const [name, check] of Object.entries(checks)) {
    it.effect(`a check with ${name} is decoded`, () =>
      Effect.gen(function* () {
        const { server, value } = yield* generating(one, { check: () => check })
        assert.strictEqual(value._tag, "Right")
        assert.strictEqual(server.counts.check, 1)
      })
    )
  }

  it.effect("a submit with odd fields returns its id", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(one, {
        submit: () => json(202, { id: jobId, kudos: "none", warnings: [null, { code: 5 }], resolved: "x", message: 7 })
      })
      assert.strictEqual(value._tag, "Right")
    })
  )
})

describe("replies of gateways", () => {
  for (const status of [400, 401, 403, 404, 500, 522]) {
    it.effect(`a job continues after a check and a status with an HTML page of status ${status}`, () =>
      Effect.gen(function* () {
        const { server, value } = yield* generating(one, {
          check: (index) => (index === 0 ? page(status) : json(200, checkOf())),
          status: (index) => (index === 0 ? page(status) : json(200, statusOf([generation(1)])))
        })
        assert.strictEqual(value._tag, "Right")
        assert.strictEqual(server.counts.cancel, 0)
      })
    )
  }

  it.effect("a cancel that is answered with an HTML page is sent again", () =>
    Effect.gen(function* () {
      const server = jobServer({
        check: () => json(200, running),
        cancel: (index) => (index < 2 ? page(200) : json(200, statusOf([], running)))
      })
      yield* runToEnd(Effect.scoped(ImageGeneration.submit(one)), "100 millis").pipe(server.run)
      assert.strictEqual(server.counts.cancel, 3)
    })
  )

  it.effect("a submit that is answered with an HTML page is not repeated and fails with OutcomeUnknown", () =>
    Effect.gen(function* () {
      for (const status of [200, 302, 400, 403, 404, 429, 500, 503]) {
        const { server, value } = yield* generating(one, { submit: () => page(status) })
        assert(value._tag === "Left")
        assert.strictEqual(value.left._tag, "OutcomeUnknown", `${status}`)
        assert.include(value.left.message, "base URL")
        assert.strictEqual(server.counts.submit, 1)
      }
    })
  )
})

describe("broken replies to submits", () => {
  const broken = (body: string): Answer => ({ status: 202, headers: { "content-type": "application/json" }, body })
  const other = "00000000-0000-4000-8000-0000000000ff"

  it.effect("the id of a broken reply is found at any place", () =>
    Effect.gen(function* () {
      for (const body of [
        `{"id": "${jobId}", "kudos": 1, "resolved": {"style": {"id": "${other}", "na`,
        `{"resolved": {"style": {"id": "${other}"}, "note": "\\"id\\": {"}, "id": "${jobId}", "kud`,
        `{"warnings": [{"id": "${other}"}], "id" : "${jobId}"`
      ]) {
        const { server, value } = yield* generating(one, { submit: () => broken(body) })
        assert.strictEqual(value._tag, "Right", body)
        assert.isTrue(server.sent.every(({ url }) => !url.pathname.includes(other)))
      }
    })
  )

  it.effect("the id of a nested object is not the job's id", () =>
    Effect.gen(function* () {
      for (const body of [
        `{"kudos": 1, "resolved": {"style": {"id": "${other}", "name": "x`,
        `{"warnings": [{"id": "${other}"}], "kudos": 1`,
        `[{"id": "${other}"}`,
        `{"text": "\\"id\\": \\"${other}\\"", "kudos`,
        `{"id": "${jobId.slice(0, 20)}`
      ]) {
        const { server, value } = yield* generating(one, { submit: () => broken(body) })
        assert(value._tag === "Left")
        assert.strictEqual(value.left._tag, "OutcomeUnknown", body)
        assert.strictEqual(server.sent.length, 1)
      }
    })
  )

  it.effect("a job whose id would change the path is not tracked", () =>
    Effect.gen(function* () {
      for (const id of ["..", ".", "", "\ud83d"]) {
        const { server, value } = yield* generating(one, { submit: () => json(202, { id, kudos: 1 }) })
        assert(value._tag === "Left")
        assert.strictEqual(value.left._tag, "OutcomeUnknown")
        assert.strictEqual(server.sent.length, 1, JSON.stringify(id))
      }
    })
  )
})

describe("contradictory counts", () => {
  it.effect("a status that is older than its check is fetched again", () =>
    Effect.gen(function* () {
      const { server, took, value } = yield* generating(two, {
        check: () => json(200, checkOf({ finished: 2 })),
        status: (index) => json(200, index === 0 ? statusOf([generation(1)]) : statusOf([generation(1), generation(2)]))
      })
      assert(value._tag === "Right")
      assert.lengthOf(value.right, 2)
      assert.isBelow(took, 10_000)
      assert.strictEqual(server.counts.cancel, 0)
    })
  )

  it.effect("a status with fewer results than it counts is fetched again", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(two, {
        check: () => json(200, checkOf({ finished: 2 })),
        status: (index) =>
          json(200, index < 2 ? statusOf([generation(1)], { finished: 2 }) : statusOf([generation(1), generation(2)]))
      })
      assert.strictEqual(value._tag, "Right")
    })
  )

  it.effect("a contradictory status is accepted after twenty seconds", () =>
    Effect.gen(function* () {
      const { server, took, value } = yield* generating(two, {
        check: () => json(200, checkOf({ finished: 2 })),
        status: () => json(200, statusOf([generation(1)]))
      })
      assert(value._tag === "Left" && value.left._tag === "JobFaulted")
      assert.strictEqual(value.left.reason, "short")
      assert.lengthOf(value.left.partial, 1)
      assert.isAtLeast(server.counts.status, 3)
      assert.isAtLeast(took, 20_000)
      assert.isAtMost(took, 26_000)
    })
  )

  it.effect("a result that is listed twice counts once", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(two, {
        check: () => json(200, checkOf({ finished: 2 })),
        status: (index) =>
          json(200, statusOf(index === 0 ? [generation(1), generation(1)] : [generation(1), generation(2)]))
      })
      assert(value._tag === "Right")
      assert.strictEqual(new Set(value.right.map(({ id }) => id)).size, 2)
    })
  )

  it.effect("a status with consistent counts of fewer results ends the job at once", () =>
    Effect.gen(function* () {
      const { server, took, value } = yield* generating(two, {
        status: () => json(200, statusOf([generation(1)]))
      })
      assert(value._tag === "Left" && value.left._tag === "JobFaulted")
      assert.strictEqual(server.counts.status, 1)
      assert.isBelow(took, 5000)
    })
  )
})

describe("jobs that the server does not know yet", () => {
  it.effect("an unknown job is polled again while it is younger than ten seconds", () =>
    Effect.gen(function* () {
      const { server, value } = yield* generating(one, {
        check: (index) => (index < 3 ? unknownJob : json(200, checkOf())),
        status: (index) => (index < 1 ? unknownJob : json(200, statusOf([generation(1)])))
      })
      assert.strictEqual(value._tag, "Right")
      assert.strictEqual(server.counts.cancel, 0)
    })
  )

  it.effect("an unknown job fails with JobExpired after ten seconds", () =>
    Effect.gen(function* () {
      const { took, value } = yield* generating(one, { check: () => unknownJob })
      assert(value._tag === "Left")
      assert.strictEqual(value.left._tag, "JobExpired")
      assert.isAtLeast(took, 10_000)
      assert.isAtMost(took, 13_000)
    })
  )
})

describe("jobs that the server has given up", () => {
  it.effect("a faulted job ends even if it is never done", () =>
    Effect.gen(function* () {
      const gaveUp = { faulted: true, done: false, waiting: 1, finished: 0 }
      const { took, value } = yield* generating(one, {
        check: () => json(200, checkOf(gaveUp)),
        status: () => json(200, statusOf([], gaveUp))
      })
      assert(value._tag === "Left" && value.left._tag === "JobFaulted")
      assert.strictEqual(value.left.reason, "faulted")
      assert.isBelow(took, 5000)
    })
  )
})

describe("impossible jobs", () => {
  it.effect("an impossible job fails with an error that names its models", () =>
    Effect.gen(function* () {
      const { value } = yield* generating(
        { ...one, models: ["stable_diffusion", "Deliberate"] },
        {
          check: () => json(200, checkOf({ finished: 0, waiting: 1, done: false, is_possible: false })),
          status: () => json(200, statusOf([], { finished: 0, waiting: 1, done: false, is_possible: false }))
        }
      )
      assert(value._tag === "Left" && value.left._tag === "JobImpossible")
      assert.include(value.left.message, "stable_diffusion, Deliberate")
    })
  )

  it.effect("an impossible job continues if the last poll says that it is possible", () =>
    Effect.gen(function* () {
      const impossible = { finished: 0, waiting: 1, done: false, is_possible: false }
      const { server, value } = yield* generating(one, {
        check: (index) => json(200, index < 12 ? checkOf(impossible) : checkOf()),
        status: (index) =>
          json(200, index === 0 ? statusOf([], { ...impossible, is_possible: true }) : statusOf([generation(1)]))
      })
      assert.strictEqual(value._tag, "Right")
      assert.strictEqual(server.counts.cancel, 0)
    })
  )
})

describe("addresses in time-out", () => {
  it.effect("an address in time-out delays submits, and no polls, results or cancels", () =>
    Effect.gen(function* () {
      const timeout = json(403, { message: "try again in 849 more seconds", rc: "TimeoutIP" })
      const server = jobServer({
        submit: (index) => (index === 0 ? json(202, { id: jobId, kudos: 1 }) : timeout),
        check: (index) => json(200, index < 3 ? running : checkOf())
      })
      const program = Effect.gen(function* () {
        const drawing = yield* Effect.fork(ImageGeneration.generate(one))
        yield* Effect.sleep("2 seconds")
        assert.strictEqual((yield* Effect.flip(ImageGeneration.generate(one)))._tag, "Forbidden")
        // the remaining time-out is longer than a submit may wait
        const refused = yield* Effect.flip(ImageGeneration.generate(one))
        assert.strictEqual(refused._tag, "RateLimited")
        assert.include(refused.message, "849 more seconds")
        yield* drawing
        return yield* Clock.currentTimeMillis
      })
      assert.isBelow(yield* runToEnd(program, "1 second").pipe(server.run), 60_000)
      assert.strictEqual(server.counts.submit, 2)
    })
  )

  it.effect("an address in time-out does not delay the cancel at the end of a program", () =>
    Effect.gen(function* () {
      const timeout = json(403, { message: "try again in 849 more seconds", rc: "TimeoutIP" })
      const server = jobServer({
        submit: (index) => (index === 0 ? json(202, { id: jobId, kudos: 1 }) : timeout),
        check: () => json(200, running)
      })
      const program = Effect.scoped(
        Effect.zipRight(ImageGeneration.submit(one), Effect.flip(ImageGeneration.submit(one)))
      )
      const { took } = yield* runToEnd(timed(program), "1 second").pipe(server.run)
      assert.isBelow(took, 5000)
      assert.strictEqual(server.counts.cancel, 1)
    })
  )
})
