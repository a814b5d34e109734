import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { anonymous, embedded, nobody, owner, plain, refusal, reply, stranger, worker } from "./calls.js"
import { deliver, pop } from "./outside.js"
import { submit } from "./raw.js"

const nothing = "00000000-0000-4000-8000-000000000000"

const create = (name: string) => Effect.map(owner("POST", "/v2/teams", { name }), ({ body }) => body["id"] as string)

describe("teams", () => {
  it.effect("a trusted account creates a team, and changes and deletes it", () =>
    Effect.gen(function* () {
      const { body } = yield* owner("POST", "/v2/teams", { name: "painters", info: "in oil" })
      const { id } = body
      assert.deepStrictEqual(body, { id, name: "painters", info: "in oil" })
      const seen = {
        ...body,
        creator: "owner#1",
        kudos: 0,
        requests_fulfilled: 0,
        uptime: 0,
        worker_count: 0,
        workers: [],
        models: []
      }
      assert.deepStrictEqual((yield* nobody("GET", `/v2/teams/${id}`)).body, seen)
      assert.deepStrictEqual((yield* nobody("GET", "/v2/teams")).body, [seen])
      assert.deepStrictEqual(reply(yield* owner("PATCH", `/v2/teams/${id}`, { name: "drawers" })), [
        200,
        { name: "drawers" }
      ])
      // the replies are cached for 3 and for 10 seconds
      assert.include((yield* nobody("GET", `/v2/teams/${id}`)).body, { name: "painters" })
      yield* TestClock.adjust("3 seconds")
      assert.include((yield* nobody("GET", `/v2/teams/${id}`)).body, { name: "drawers" })
      assert.include((yield* nobody("GET", "/v2/teams")).body[0], { name: "painters" })
      assert.deepStrictEqual(reply(yield* owner("DELETE", `/v2/teams/${id}`)), [
        200,
        { deleted_id: id, deleted_name: "drawers" }
      ])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual((yield* nobody("GET", "/v2/teams")).body, [])
    }).pipe(embedded())
  )

  it.effect("a worker joins a team by its id, works for it and leaves it", () =>
    Effect.gen(function* () {
      const team = yield* create("painters")
      yield* pop({ name: "easel", threads: 3 })
      const { body: easel } = yield* nobody("GET", "/v2/workers/name/easel")
      const put = (team: string) => worker("PUT", `/v2/workers/${easel["id"]}`, { team })
      assert.deepStrictEqual(reply(yield* put(team)), [200, { team: "painters" }])
      yield* submit("a bay", { r2: false })
      const { reward } = (yield* deliver((yield* pop({ name: "easel", threads: 3 })).body["id"])).body
      yield* TestClock.adjust("1 minute")
      yield* pop({ name: "easel", threads: 3 })
      assert.deepInclude((yield* nobody("GET", `/v2/teams/${team}`)).body, {
        requests_fulfilled: 1,
        kudos: reward,
        uptime: 60,
        worker_count: 1,
        workers: [{ type: "image", name: "easel", id: easel["id"], online: true }],
        models: [{ name: "stable_diffusion", count: 3 }]
      })
      assert.deepInclude((yield* nobody("GET", `/v2/workers/${easel["id"]}`)).body, {
        team: { name: "painters", id: team }
      })
      assert.deepStrictEqual(reply(yield* put("")), [200, { team: "None" }])
      yield* TestClock.adjust("3 seconds")
      assert.include((yield* nobody("GET", `/v2/teams/${team}`)).body, { worker_count: 0, requests_fulfilled: 1 })
    }).pipe(embedded())
  )

  it.effect("the workers of a deleted team have none", () =>
    Effect.gen(function* () {
      const team = yield* create("painters")
      yield* pop({ name: "easel" })
      const { body: easel } = yield* owner("GET", "/v2/workers/name/easel")
      yield* worker("PUT", `/v2/workers/${easel["id"]}`, { team })
      yield* owner("DELETE", `/v2/teams/${team}`)
      assert.deepInclude((yield* nobody("GET", "/v2/workers/name/easel")).body, { team: { name: null, id: null } })
    }).pipe(embedded())
  )

  it.effect("requests are refused in the order of the real server", () =>
    Effect.gen(function* () {
      const id = yield* create("painters")
      yield* create("drawers")
      const post = (as: typeof owner, body: object) => Effect.map(as("POST", "/v2/teams", body), refusal)
      assert.deepStrictEqual(yield* post(stranger, { name: "no" }), [400, ["name"]])
      assert.deepStrictEqual(yield* post(nobody, { name: "fine" }), [400, ["apikey"]])
      assert.deepStrictEqual(yield* post(stranger, { name: "fine" }), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* post(anonymous, { name: "fine" }), [403, "AnonForbidden"])
      assert.deepStrictEqual(yield* post(plain, { name: "fine" }), [403, "UntrustedTeamCreation"])
      assert.deepStrictEqual(yield* post(owner, { name: "painters" }), [400, "TeamNameAlreadyExists"])
      const patch = (as: typeof owner, body: object, path = id) =>
        Effect.map(as("PATCH", `/v2/teams/${path}`, body), refusal)
      assert.deepStrictEqual(yield* patch(stranger, { info: "fine" }, nothing), [404, "TeamNotFound"])
      assert.deepStrictEqual(yield* patch(stranger, { info: "fine" }), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* patch(plain, { info: "fine" }), [403, "NotOwner"])
      assert.deepStrictEqual(yield* patch(plain, { name: "fine" }), [403, "NotModerator"])
      assert.deepStrictEqual(yield* patch(owner, { name: "drawers" }), [400, "TeamNameAlreadyExists"])
      assert.deepStrictEqual(yield* patch(owner, {}), [400, "NoTeamModSelected"])
      assert.deepStrictEqual(refusal(yield* plain("DELETE", `/v2/teams/${id}`)), [403, "NotModerator"])
      assert.deepStrictEqual(refusal(yield* plain("GET", `/v2/teams/${id}`)), [403, "NotModerator"])
      assert.strictEqual((yield* owner("GET", `/v2/teams/${id}`)).status, 200)
    }).pipe(embedded())
  )
})
