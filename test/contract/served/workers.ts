/** Workers, their messages and teams. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Teams from "effect-horde/Teams"
import * as Worker from "effect-horde/Worker"
import * as Workers from "effect-horde/Workers"
import { asPlain, asWorker, later, type Scenarios } from "./scenario.js"

const pop = asWorker(Worker.popImage({ name: "easel", models: ["stable_diffusion"], threads: 3 }))

/** A worker that has just asked for a job. */
const easel = Effect.zipRight(pop, Workers.getByName("easel"))

export const workers: Scenarios = {
  "a worker is listed, changed by its owner, paused by a moderator and deleted": Effect.gen(function* () {
    const { id } = yield* easel
    const changes = { name: "easel two", info: "on three legs", maintenance: true, maintenance_msg: "a new leg" }
    const changed = yield* asWorker(Workers.modify(id, changes))
    assert.deepStrictEqual(changed, { name: "easel two", info: "on three legs", maintenance: true })
    assert.deepStrictEqual(yield* Workers.modify(id, { paused: true }), { paused: true })
    const seen = { name: "easel two", info: "on three legs", maintenance_mode: true, paused: true, owner: "worker#3" }
    assert.include(yield* later(Workers.get(id)), seen)
    const [listed, ...others] = yield* asPlain(Workers.list({ type: "image" }))
    assert.include(listed, { id, name: "easel two", threads: 3 })
    assert.isEmpty(others)
    assert.deepStrictEqual(yield* asWorker(Workers.remove(id)), { deleted_id: id, deleted_name: "easel two" })
    assert.isEmpty(yield* later(Workers.list()))
  }),

  "a worker receives a message": Effect.gen(function* () {
    const { id } = yield* easel
    const sent = yield* Workers.sendMessage({ message: "well done", worker_id: id, expiry: 2, origin: "the moderator" })
    assert.include(sent, { message: "well done", origin: "the moderator", worker_id: id, user_id: "1" })
    const { messages } = yield* pop
    assert.deepInclude(messages[0], { id: sent.id, message: "well done", origin: "the moderator" })
    assert.deepStrictEqual(yield* Workers.message(sent.id), sent)
    assert.deepStrictEqual(yield* Workers.messages({ worker_id: id }), [sent])
    yield* Workers.removeMessage(sent.id)
    assert.isEmpty(yield* Workers.messages())
    assert.isEmpty((yield* pop).messages)
  }),

  "a team is created and changed, a worker joins it, and it is deleted": Effect.gen(function* () {
    const { id, ...created } = yield* Teams.create({ name: "painters", info: "in oil" })
    assert.deepStrictEqual(created, { name: "painters", info: "in oil" })
    assert.include(yield* Teams.get(id), { name: "painters", creator: "owner#1", worker_count: 0 })
    assert.deepStrictEqual(yield* Teams.modify(id, { name: "drawers" }), { name: "drawers" })
    const worker = yield* easel
    assert.deepStrictEqual(yield* asWorker(Workers.modify(worker.id, { team: id })), { team: "drawers" })
    assert.deepInclude(yield* later(Workers.get(worker.id)), { team: { id, name: "drawers" } })
    const [listed, ...others] = yield* Teams.list
    assert.deepInclude(listed, {
      id,
      name: "drawers",
      info: "in oil",
      workers: [{ id: worker.id, name: "easel", type: "image", online: true }],
      models: [{ name: "stable_diffusion", count: 3 }]
    })
    assert.isEmpty(others)
    assert.deepStrictEqual(yield* Teams.remove(id), { deleted_id: id, deleted_name: "drawers" })
    assert.isEmpty(yield* later(Teams.list))
    assert.deepInclude(yield* Workers.get(worker.id), { team: {} })
  })
}
