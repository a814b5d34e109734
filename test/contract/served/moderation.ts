/** Filters of prompts, time-outs of IP addresses, and the moderation queue. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Filters from "effect-horde/Filters"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Operations from "effect-horde/Operations"
import * as Worker from "effect-horde/Worker"
import * as Workers from "effect-horde/Workers"
import { asPlain, asWorker, later, type Scenarios } from "./scenario.js"

const easel = Effect.gen(function* () {
  yield* asWorker(Worker.popImage({ name: "easel", models: ["stable_diffusion"] }))
  return yield* Workers.getByName("easel")
})

/** The code of the refusal of a submit by `plain#2`. */
const refusal = (prompt: string) =>
  asPlain(ImageGeneration.submit({ prompt, replacement_filter: false })).pipe(
    Effect.scoped,
    Effect.flip,
    Effect.map(({ rc }) => rc)
  )

export const moderation: Scenarios = {
  "a filter is created, changed, applied and deleted": Effect.gen(function* () {
    const { id } = yield* Filters.create({ regex: "bad", filter_type: 10, description: "a test" })
    const seen = { id, regex: "ba+d", filter_type: 10, description: "a test", replacement: "", user: "owner#1" }
    assert.deepStrictEqual(yield* Filters.modify(id, { regex: "ba+d" }), seen)
    assert.deepStrictEqual(yield* Filters.get(id), seen)
    assert.deepStrictEqual(yield* Filters.list({ contains: "ba" }), [seen])
    assert.deepStrictEqual(yield* later(Filters.regex(10)), [{ filter_type: 10, regex: "ba+d" }])
    const tested = yield* Filters.test({ prompt: "a baaad day" })
    assert.deepStrictEqual(tested, { suspicion: "1", matches: ["baaad"] })
    yield* Filters.remove(id)
    assert.isEmpty(yield* Filters.list())
    assert.deepStrictEqual(yield* later(Filters.test({ prompt: "a baaad day" })), { suspicion: "0", matches: [] })
  }),

  "a refused prompt is recorded, and gets a note": Effect.gen(function* () {
    yield* Filters.create({ regex: "bad", filter_type: 10 })
    yield* Filters.create({ regex: "worse", filter_type: 20 })
    assert.strictEqual(yield* later(refusal("bad and worse")), "CorruptPrompt")
    const { events = [] } = yield* Operations.promptEvents({ user_id: 2 })
    const [event, ...others] = events
    assert.isEmpty(others)
    assert.deepInclude(event, { submitted_prompt: "bad and worse", outcome: "rejected", notes: [] })
    const note = yield* Operations.addNote(event?.id ?? "", "seen")
    assert.include(note, { note: "seen", author_id: 1 })
    const { events: after = [] } = yield* Operations.promptEvents({ event_id: event?.id })
    assert.deepStrictEqual(after[0]?.notes, [note])
  }),

  "a paused worker has to be reviewed, and no worker is suspicious": Effect.gen(function* () {
    const { id } = yield* easel
    assert.deepInclude(yield* Operations.moderation(), { paused_workers: [], paused_workers_total: 0 })
    yield* Workers.modify(id, { paused: true })
    const { paused_workers = [], paused_workers_total } = yield* Operations.moderation({ "worker_type[]": ["image"] })
    assert.strictEqual(paused_workers_total, 1)
    assert.include(paused_workers[0], { id, name: "easel", owner: "worker#3", suspicious: 0 })
    assert.deepStrictEqual(yield* Operations.suspicionEvents({ worker_id: id }), { events: [] })
  }),

  "an IP address is in time-out until it is released": Effect.gen(function* () {
    const ipaddr = "203.0.113.0/24"
    yield* Operations.addTimeout({ ipaddr, hours: 1 })
    assert.deepStrictEqual(yield* Operations.timeouts, [{ ipaddr, seconds: 3600 }])
    assert.deepStrictEqual(yield* Operations.timeoutsOf("203.0.113.7"), [{ ipaddr, seconds: 3600 }])
    yield* Operations.removeTimeout(ipaddr)
    assert.isEmpty(yield* Operations.timeouts)
  }),

  "the IP address of a worker is blocked and released": Effect.gen(function* () {
    const { id, ipaddr = "" } = yield* easel
    yield* Operations.blockWorker(id, 2)
    assert.deepStrictEqual(yield* Operations.timeoutsOf(ipaddr), [{ ipaddr, seconds: 2 * 86_400 }])
    assert.strictEqual(yield* refusal("a bay"), "TimeoutIP")
    yield* Operations.unblockWorker(id)
    assert.isEmpty(yield* Operations.timeoutsOf(ipaddr))
  })
}
