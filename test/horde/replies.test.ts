/** Replies: fields that the server adds or leaves out do not break a program. */
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Alchemy from "effect-horde/Alchemy"
import * as Collections from "effect-horde/Collections"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import * as Styles from "effect-horde/Styles"
import * as Worker from "effect-horde/Worker"
import { sharedKeyDetails as details } from "../support/sharedKeyDetails.js"

type Values = FastCheck.Arbitrary<unknown>

const anyText: Values = FastCheck.string({ maxLength: 20 })
const id: Values = FastCheck.uuid()
/**
 * Fields that are documented as whole numbers may arrive as fractions; the server enforces no ranges on its replies.
 */
const number: Values = FastCheck.oneof(
  FastCheck.integer(),
  FastCheck.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  FastCheck.constantFrom(-7, -1, 0, 5.5)
)
const flag: Values = FastCheck.boolean()
const named = (...known: ReadonlyArray<string>): Values => FastCheck.oneof(FastCheck.constantFrom(...known), anyText)
const list = (values: Values): Values => FastCheck.array(values, { maxLength: 3 })
const json: Values = FastCheck.jsonValue({ maxDepth: 2 })

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

const rfc822 = (at: Date) => {
  const day = String(at.getUTCDate()).padStart(2, "0")
  const date = `${days[at.getUTCDay()]}, ${day} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}`
  return `${date} ${at.toISOString().slice(11, 19)}`
}

const bare = (at: Date) => at.toISOString().slice(0, 19)

/** The same second in the forms that servers use. */
const dateForms: ReadonlyArray<readonly [string, (at: Date) => string]> = [
  ["RFC 822 with -0000", (at) => `${rfc822(at)} -0000`],
  ["RFC 822 with +0000", (at) => `${rfc822(at)} +0000`],
  ["RFC 822 with GMT", (at) => `${rfc822(at)} GMT`],
  ["RFC 822 with UTC", (at) => `${rfc822(at)} UTC`],
  ["RFC 822 without a zone", rfc822],
  ["RFC 822 in another zone", (at) => `${rfc822(new Date(at.getTime() + 2 * 3_600_000))} +0200`],
  ["ISO 8601 with Z", (at) => `${bare(at)}Z`],
  ["ISO 8601 with a small z", (at) => `${bare(at)}z`],
  ["ISO 8601 with +00:00", (at) => `${bare(at)}+00:00`],
  ["ISO 8601 with +0000", (at) => `${bare(at)}+0000`],
  ["ISO 8601 without a zone", bare],
  ["ISO 8601 with a space", (at) => bare(at).replace("T", " ")],
  ["ISO 8601 with microseconds", (at) => `${bare(at)}.123456`],
  ["ISO 8601 in another zone", (at) => `${bare(new Date(at.getTime() - 5 * 3_600_000))}-05:00`]
]

const moment = FastCheck.date({ min: new Date(0), max: new Date("2099-12-31T00:00:00Z"), noInvalidDate: true }).map(
  (at) => new Date(Math.floor(at.getTime() / 1000) * 1000)
)

const date: Values = FastCheck.tuple(moment, FastCheck.constantFrom(...dateForms)).map(([at, [, form]]) => form(at))

interface Model {
  readonly required: { readonly [field: string]: Values }
  readonly optional: { readonly [field: string]: Values }
}

/** A reply: all required fields, any of the optional ones absent, null or set, and unknown fields. */
const replyOf = ({ optional, required }: Model): FastCheck.Arbitrary<Readonly<Record<string, unknown>>> => {
  const perhaps = Object.fromEntries(
    Object.entries(optional).map(([name, values]) => [name, FastCheck.option(values, { nil: null })])
  )
  const unheard = FastCheck.dictionary(
    FastCheck.string({ minLength: 1, maxLength: 12 }).filter((name) => !(name in optional) && !(name in required)),
    json,
    { maxKeys: 4 }
  )
  return FastCheck.tuple(FastCheck.record(required), FastCheck.record(perhaps, { requiredKeys: [] }), unheard).map(
    ([must, may, more]) => JSON.parse(JSON.stringify({ ...more, ...may, ...must }))
  )
}

const usage = replyOf({
  required: {},
  optional: { requests: number, queued: number, processing: number, finished: number, oldest_queued_age: number }
})

const resolved = replyOf({
  required: {},
  optional: {
    prompt: anyText,
    negative_prompt: anyText,
    models: list(anyText),
    style: replyOf({ required: {}, optional: { id, name: anyText } }),
    params: FastCheck.dictionary(anyText as FastCheck.Arbitrary<string>, json)
  }
})

const generation: Model = {
  required: { id, img: anyText },
  optional: {
    seed: anyText,
    censored: flag,
    state: named("ok", "censored"),
    model: anyText,
    worker_id: id,
    worker_name: anyText,
    gen_metadata: list(
      replyOf({
        required: { type: named("lora", "censorship"), value: named("csam", "see_ref") },
        optional: { ref: anyText }
      })
    )
  }
}

const check: Model = {
  required: { finished: number, processing: number, waiting: number, done: flag },
  optional: {
    restarted: number,
    faulted: flag,
    wait_time: number,
    queue_position: number,
    kudos: number,
    is_possible: flag,
    eligible_workers: number,
    eligible_worker_threads: number,
    might_stall: flag
  }
}

const optional = (fields: Model["optional"]): Model => ({ required: {}, optional: fields })

const counts = (...reasons: ReadonlyArray<string>) =>
  replyOf(optional(Object.fromEntries(reasons.map((reason) => [reason, number]))))

const popped: Model["optional"] = {
  ids: list(id),
  model: anyText,
  ttl: number,
  messages: list(replyOf(optional({ id, message: anyText, origin: anyText, expiry: date }))),
  extra_source_images: list(replyOf(optional({ image: anyText, strength: number })))
}

const style: Model = {
  required: { id, name: anyText },
  optional: {
    info: anyText,
    prompt: anyText,
    public: flag,
    nsfw: flag,
    tags: list(anyText),
    models: list(anyText),
    use_count: number,
    creator: anyText,
    params: replyOf(optional({ n: number, steps: number, temperature: number, sampler_name: named("k_lms") })),
    parameter_policy: replyOf(optional({ override: named("none"), overridable: list(anyText) })),
    template_fields: list(replyOf(optional({ name: anyText, description: anyText, required: flag }))),
    updated: date
  }
}

const models: { readonly [name: string]: readonly [Schema.Schema<any, any>, Model] } = {
  SharedKeyDetails: [
    SharedKeys.SharedKeyDetails,
    {
      required: {
        id,
        username: anyText,
        kudos: number,
        utilized: number,
        max_image_pixels: number,
        max_image_steps: number,
        max_text_tokens: number
      },
      optional: {
        name: anyText,
        expiry: date,
        active_usage: replyOf({ required: {}, optional: { image: usage, text: usage } })
      }
    }
  ],
  SimpleResponse: [SharedKeys.SimpleResponse, { required: { message: anyText }, optional: {} }],
  RequestAsyncStable: [
    ImageGeneration.RequestAsyncStable,
    {
      required: { id },
      optional: {
        kudos: number,
        message: anyText,
        warnings: list(
          replyOf({ required: {}, optional: { code: named("NoAvailableWorker", "StepsTooFew"), message: anyText } })
        ),
        resolved
      }
    }
  ],
  PriceReply: [ImageGeneration.PriceReply, { required: { kudos: number }, optional: { resolved } }],
  GenerationStable: [ImageGeneration.GenerationStable, generation],
  RequestStatusCheck: [Job.RequestStatusCheck, check],
  RequestStatusStable: [
    ImageGeneration.RequestStatusStable,
    {
      required: { ...check.required, generations: list(replyOf(generation)) },
      optional: { ...check.optional, shared: flag }
    }
  ],
  HeartbeatResponse: [
    Status.HeartbeatResponse,
    {
      required: { message: named("OK", "DOWN", "OVERLOADED") },
      optional: { version: anyText, queue: number, threads: number, active_count: number, db_connection: flag }
    }
  ],
  GenerationPayloadStable: [
    Worker.GenerationPayloadStable,
    optional({
      ...popped,
      id,
      payload: replyOf(optional({ prompt: anyText, ddim_steps: number, n_iter: number, karras: flag, seed: anyText })),
      skipped: counts("models", "post-processing", "step_count"),
      source_image: anyText,
      source_mask: anyText,
      source_processing: named("img2img"),
      r2_upload: anyText,
      r2_uploads: list(anyText),
      shared: flag
    })
  ],
  GenerationPayloadKobold: [
    Worker.GenerationPayloadKobold,
    optional({
      ...popped,
      id,
      payload: replyOf(optional({ n: number, prompt: anyText, max_length: number, stop_sequence: list(anyText) })),
      skipped: counts("max_length", "matching_softprompt"),
      softprompt: anyText
    })
  ],
  InterrogationPopPayload: [
    Worker.InterrogationPopPayload,
    optional({
      forms: list(
        replyOf({ required: { id }, optional: { form: named("caption"), source_image: anyText, r2_upload: anyText } })
      ),
      skipped: counts("worker_id", "untrusted", "bridge_version")
    })
  ],
  GenerationSubmitted: [Worker.GenerationSubmitted, { required: { reward: number }, optional: {} }],
  RequestInterrogationResponse: [
    Alchemy.RequestInterrogationResponse,
    { required: { id }, optional: { message: anyText } }
  ],
  InterrogationStatus: [
    Alchemy.InterrogationStatus,
    {
      required: {
        state: named("waiting", "partial"),
        forms: list(
          replyOf({
            required: { form: named("caption", "GFPGAN"), state: named("waiting", "done") },
            optional: { result: replyOf(optional({ caption: anyText, nsfw: flag, GFPGAN: anyText })) }
          })
        )
      },
      optional: {}
    }
  ],
  StyleModify: [
    Styles.StyleModify,
    { required: { id }, optional: { message: anyText, warnings: list(replyOf(optional({ code: anyText }))) } }
  ],
  StyleStable: [
    Styles.StyleStable,
    {
      required: style.required,
      optional: {
        ...style.optional,
        examples: list(replyOf(optional({ id, url: anyText, primary: flag })))
      }
    }
  ],
  StyleKobold: [
    Styles.StyleKobold,
    { required: style.required, optional: { ...style.optional, max_length: number, max_context_length: number } }
  ],
  ResponseModelCollection: [
    Collections.ResponseModelCollection,
    {
      required: { id, name: anyText },
      optional: {
        type: named("image", "text"),
        info: anyText,
        public: flag,
        styles: list(replyOf(optional({ id, name: anyText }))),
        use_count: number
      }
    }
  ],
  HordeModes: [
    Status.HordeModes,
    { required: {}, optional: { maintenance_mode: flag, invite_only_mode: flag, raid_mode: flag } }
  ]
}

const decode = <A, I>(schema: Schema.Schema<A, I>, wire: unknown): A =>
  Either.getOrThrowWith(Schema.decodeUnknownEither(schema)(wire), (error) => new Error(error.message))

/** Fields that are free-form or keep undeclared fields, which may contain null. */
const free = new Set(["params", "payload", "result", "extra_source_images"])

const assertNoNull = (value: unknown, where: string): void => {
  assert.isNotNull(value, where)
  if (typeof value !== "object" || value === null || Redacted.isRedacted(value) || DateTime.isDateTime(value)) return
  for (const [name, member] of Object.entries(value)) if (!free.has(name)) assertNoNull(member, `${where}.${name}`)
}

describe("replies", () => {
  for (const [name, [schema, model]] of Object.entries(models)) {
    it.prop(`${name} decodes with missing, null, unknown and new fields`, [replyOf(model)], ([wire]) => {
      const value = decode(schema, wire)
      assertNoNull(value, name)
      // unknown fields are dropped
      for (const field of Object.keys(value)) assert.isTrue(field in model.required || field in model.optional, field)
      for (const [field, sent] of Object.entries(wire)) {
        const isKnown = field in model.required || field in model.optional
        if (isKnown && ["string", "number", "boolean"].includes(typeof sent) && !/^(id|expiry|updated)$/.test(field)) {
          assert.strictEqual(value[field], sent, field)
        }
      }
    })

    it(`${name} does not decode without a required field`, () => {
      for (const wire of FastCheck.sample(replyOf(model), 10)) {
        for (const field of Object.keys(model.required)) {
          const { [field]: _, ...rest } = wire
          assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(schema)(rest)), field)
        }
      }
    })
  }
})

describe("dates", () => {
  for (const [name, form] of dateForms) {
    it.prop(`a date is decoded from ${name}`, [moment], ([at]) => {
      const { expiry } = decode(SharedKeys.SharedKeyDetails, { ...details, expiry: form(at) })
      if (expiry === undefined) throw new Error("there is no expiry")
      assert.strictEqual(Math.floor(DateTime.toEpochMillis(expiry) / 1000), at.getTime() / 1000)
    })
  }

  it("a date without a zone is UTC in every time zone", () => {
    const before = process.env["TZ"]
    try {
      for (const zone of ["America/New_York", "Asia/Kolkata", "UTC"]) {
        process.env["TZ"] = zone
        for (const expiry of ["2026-11-25T03:34:28", "Wed, 25 Nov 2026 03:34:28"]) {
          const key = decode(SharedKeys.SharedKeyDetails, { ...details, expiry })
          assert.strictEqual(key.expiry && DateTime.formatIso(key.expiry), "2026-11-25T03:34:28.000Z", zone)
        }
      }
    } finally {
      if (before === undefined) delete process.env["TZ"]
      else process.env["TZ"] = before
    }
  })
})

describe("shared keys", () => {
  it("a shared key is decoded without a name, with debts, with an empty name and with fractions for whole numbers", () => {
    const nameless = decode(SharedKeys.SharedKeyDetails, details)
    assert.notProperty(nameless, "name")
    assert.notProperty(nameless, "expiry")
    const odd = decode(SharedKeys.SharedKeyDetails, { ...details, kudos: -7, name: "", max_image_steps: 9_999_999 })
    assert.deepInclude(odd, { kudos: -7, name: "", max_image_steps: 9_999_999 })
    const text = JSON.stringify(details).replace('"kudos":5', '"kudos":5.0')
    assert.include(text, "5.0")
    assert.strictEqual(decode(Schema.parseJson(SharedKeys.SharedKeyDetails), text).kudos, 5)
    assert.strictEqual(decode(SharedKeys.SharedKeyDetails, { ...details, utilized: 1.25 }).utilized, 1.25)
    assert.strictEqual(Redacted.value(nameless.id), details.id)
    assert.notInclude(JSON.stringify(nameless), details.id)
  })
})

const status = (ids: ReadonlyArray<string>, finished = ids.length): ImageGeneration.RequestStatusStable =>
  decode(ImageGeneration.RequestStatusStable, {
    finished,
    processing: 0,
    waiting: 0,
    done: true,
    generations: ids.map((id) => ({ id, img: "N/A" }))
  })

const idList = FastCheck.array(FastCheck.constantFrom("a", "b", "c", "d"), { maxLength: 5 })

describe("sameGenerations", () => {
  const { hashGenerations, sameGenerations } = ImageGeneration

  it.prop("sameGenerations compares ids alone, symmetrically and in any order", [idList, idList], ([left, right]) => {
    const [one, other] = [status(left, 1), status(right, 2)]
    const isSame = [...new Set(left)].sort().join() === [...new Set(right)].sort().join()
    assert.strictEqual(sameGenerations(one, other), isSame)
    assert.strictEqual(sameGenerations(other, one), isSame)
    assert.isTrue(sameGenerations(one, status([...left].reverse())))
    if (isSame) assert.strictEqual(hashGenerations(one), hashGenerations(other))
  })

  it("sameGenerations distinguishes a part from the whole", () => {
    assert.isFalse(sameGenerations(status(["a"]), status(["a", "b"])))
    assert.isFalse(sameGenerations(status(["a", "b"]), status(["a"])))
    assert.notStrictEqual(hashGenerations(status(["a"])), hashGenerations(status(["a", "b"])))
  })
})

describe("jobs", () => {
  it("a job is over when it is done and nothing is running, or when it is faulted", () => {
    const at = (fields: object) =>
      decode(Job.RequestStatusCheck, { finished: 0, processing: 0, waiting: 0, done: false, ...fields })
    assert.isFalse(Job.isOver(at({})))
    assert.isTrue(Job.isOver(at({ done: true })))
    assert.isFalse(Job.isOver(at({ done: true, processing: 1 })))
    assert.isTrue(Job.isOver(at({ done: true, processing: 1, faulted: true })))
    assert.isFalse(Job.isPossible(at({ is_possible: false })))
    assert.isTrue(Job.isPossible(at({ is_possible: false, processing: 1 })))
    assert.isTrue(Job.isPossible(at({})))
  })
})
