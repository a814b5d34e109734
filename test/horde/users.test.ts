/** Accounts, and the requests of their jobs: the data by which lost jobs are found. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Users from "effect-horde/Users"
import { answering, json } from "../support/scripted.js"
import { stack } from "../support/stack.js"

const quiet = { worker: { takesJobs: false } }

const plain = { apiKey: Redacted.make(Accounts.plainKey) }

const nowhere = Job.GenerationRequestId.make("00000000-0000-4000-8000-000000000000")

const details = { username: "plain#2", id: 2, kudos: 500 }

describe("Users", () => {
  it.scoped("Users.me lists the active jobs of the account", () =>
    Effect.gen(function* () {
      const { reply } = yield* ImageGeneration.submit({ prompt: "a bay" })
      const me = yield* Users.me
      assert.deepStrictEqual([me.id, me.username, me.kudos], [2, "plain#2", 497])
      assert.deepStrictEqual(me.active_generations, { image: [reply.id] })
      const same = yield* Users.get(me.id)
      assert.deepStrictEqual(same, me)
      const asStranger = yield* HordeClient.withApiKey(Redacted.make(Accounts.workerKey))(Users.get(me.id))
      assert.isUndefined(asStranger.active_generations)
    }).pipe(Effect.provide(stack({ server: quiet, client: plain })))
  )

  it.effect("logged account details contain no keys, jobs, contacts or passkeys", () =>
    Effect.gen(function* () {
      const answer = json(200, {
        ...details,
        sharedkey_ids: ["aaaa-key"],
        active_generations: { image: ["bbbb-job"], text: ["cccc-job"] },
        proxy_passkey: "dddd-pass",
        contact: "eeee@example.invalid"
      })
      const me = yield* Users.me.pipe(Effect.provide(answering(answer)))
      assert.deepStrictEqual(
        me.sharedkey_ids?.map(Redacted.value),
        [SharedKeys.sharedKeyId("aaaa-key")].map(Redacted.value)
      )
      const safe = JSON.stringify(EndpointMetadata.logSafeModel(Users.UserDetails, me))
      assert.include(safe, "plain#2")
      assert.notMatch(safe, /aaaa|bbbb|cccc|dddd|eeee/)
      // secrets that can be spent are masked even in print
      assert.notMatch(JSON.stringify(me), /aaaa|dddd/)
    })
  )

  it.effect("Users.get decodes few and many fields, nulls and dates of both forms", () =>
    Effect.gen(function* () {
      const read = (body: object) => Users.get(2).pipe(Effect.provide(answering(json(200, body))))
      assert.deepStrictEqual(yield* read(details), details)
      assert.deepStrictEqual(
        yield* read({ ...details, vpn: null, usage: { megapixelsteps: null }, unheard: { of: 1 } }),
        { ...details, usage: {} }
      )
      for (const date of ["Wed, 25 Nov 2026 03:34:28 -0000", "2026-11-25T03:34:28"]) {
        const { monthly_kudos } = yield* read({ ...details, monthly_kudos: { amount: 7, last_received: date } })
        assert.deepStrictEqual(monthly_kudos?.last_received, DateTime.unsafeMake("2026-11-25T03:34:28Z"))
      }
    })
  )

  it.effect("Users.get distinguishes an unknown number, an unknown key and an invalid key", () =>
    Effect.gen(function* () {
      const tag = <A, R>(effect: Effect.Effect<A, { readonly _tag: string; readonly rc?: string | undefined }, R>) =>
        Effect.map(Effect.flip(effect), (error) => `${error._tag} ${error.rc}`)
      assert.strictEqual(yield* tag(Users.get(999)), "NotFound UserNotFound")
      assert.strictEqual(yield* tag(Users.get(1.5)), "InvalidRequest undefined")
      assert.strictEqual(yield* tag(Users.get(-1)), "InvalidRequest undefined")
      const unknown = HordeClient.withApiKey(Redacted.make("nobodys_key_aaaaaaaaaa"))
      assert.strictEqual(yield* tag(unknown(Users.me)), "NotFound UserNotFound")
      assert.strictEqual(yield* tag(unknown(Users.get(1))), "Unauthorized InvalidAPIKey")
      const { id } = yield* SharedKeys.create()
      const shared = HordeClient.withApiKey(id)
      assert.strictEqual((yield* shared(Users.me)).username, "owner#1 (Shared Key)")
      assert.strictEqual(yield* tag(shared(Users.get(1))), "Unauthorized InvalidAPIKey")
    }).pipe(Effect.provide(stack({ server: quiet })))
  )

  it.effect("the number of an account is not masked in messages", () =>
    Effect.gen(function* () {
      const said = json(429, { message: "60 per 1 minute" })
      const error = yield* Users.get(1).pipe(Effect.provide(answering(said)), Effect.flip)
      assert.strictEqual(error._tag, "RateLimited")
      assert.strictEqual(error.message, "60 per 1 minute")
    })
  )
})

describe("ImageGeneration.submitted", () => {
  it.scoped("submitted returns the request that was sent", () =>
    Effect.gen(function* () {
      const sent: ImageGeneration.GenerationInputStable = {
        prompt: "a bay ### people",
        params: {
          steps: 12,
          seed: "42",
          n: 2,
          loras: [{ name: "ink", model: 0.5 }],
          post_processing_order: "upscalers_first",
          use_nsfw_censor: true
        },
        models: ["Deliberate"],
        nsfw: false
      }
      const { reply } = yield* ImageGeneration.submit(sent)
      const submitted = yield* ImageGeneration.submitted(reply.id)
      assert.deepInclude(submitted, { prompt: sent.prompt, models: ["Deliberate"], nsfw: false })
      assert.deepInclude<object>(submitted.params ?? {}, sent.params ?? {})
      // the server's defaults are included
      assert.include(submitted.params, { width: 512, height: 512, sampler_name: "k_euler_a" })
    }).pipe(Effect.provide(stack({ server: quiet, client: plain })))
  )

  it.effect("submitted keeps every field unchanged, known or not", () =>
    Effect.gen(function* () {
      const body = {
        prompt: "a bay",
        params: { steps: 900, cfg_scale: 7.123, karras: false, seed: "", unheard: [1, { of: null }] },
        template_fields: { mood: "calm" },
        replacement_filter: true,
        shared: false,
        workers: [],
        extra_source_images: [{ image: "https://example.invalid/", strength: 2, unheard: 1 }],
        unheard: { of: [null] }
      }
      const submitted = yield* ImageGeneration.submitted(nowhere).pipe(Effect.provide(answering(json(200, body))))
      assert.deepStrictEqual<unknown>(submitted, body)
      const bare = yield* ImageGeneration.submitted(nowhere).pipe(
        Effect.provide(answering(json(200, { prompt: null, params: { seed: null, loras: null } })))
      )
      assert.deepStrictEqual<unknown>(bare, { params: {} })
    })
  )

  it.effect("a logged request contains no prompts, pictures or unknown fields", () =>
    Effect.gen(function* () {
      const body = {
        prompt: "aaaa",
        params: { steps: 9, extra_texts: [{ text: "bbbb" }], unheard: "cccc" },
        source_image: "dddd",
        extra_source_images: [{ image: "eeee", strength: 1, original_url: "iiii" }],
        webhook: "ffff",
        template_fields: { mood: "gggg" },
        unheard: "hhhh"
      }
      const submitted = yield* ImageGeneration.submitted(nowhere).pipe(Effect.provide(answering(json(200, body))))
      const safe = JSON.stringify(EndpointMetadata.logSafeModel(ImageGeneration.GenerationSubmittedStable, submitted))
      assert.include(safe, '"steps":9')
      assert.notMatch(safe, /aaaa|bbbb|cccc|dddd|eeee|ffff|gggg|hhhh|iiii/)
    })
  )

  it.effect("submitted distinguishes an unknown job from a server without the path", () =>
    Effect.gen(function* () {
      const error = (exposesRequests: boolean) =>
        Effect.flip(ImageGeneration.submitted(nowhere)).pipe(
          Effect.provide(stack({ server: { ...quiet, exposesRequests } }))
        )
      const unknown = yield* error(true)
      assert.deepStrictEqual([unknown._tag, unknown.status, unknown.rc], ["NotFound", 404, "RequestNotFound"])
      const older = yield* error(false)
      assert.deepStrictEqual([older._tag, older.status, older.rc], ["UnexpectedResponse", 404, undefined])
    })
  )

  it.scoped("submitted is allowed only for the key of the submit", () =>
    Effect.gen(function* () {
      const { reply } = yield* ImageGeneration.submit({ prompt: "a bay" })
      const as = (key: string) =>
        ImageGeneration.submitted(reply.id).pipe(HordeClient.withApiKey(Redacted.make(key)), Effect.flip)
      const codes = yield* Effect.forEach([Accounts.plainKey, Accounts.anonymousKey, "nobodys_key_aaaaaaaaaa"], (key) =>
        Effect.map(as(key), (error) => `${error._tag} ${error.rc}`)
      )
      assert.deepStrictEqual(codes, [
        "Forbidden NotRequestOwner",
        "Forbidden AnonForbidden",
        "Unauthorized InvalidAPIKey"
      ])
      const server = yield* HordeServer.HordeServer
      assert.strictEqual((yield* server.exchanges).at(-1)?.requestId, reply.id)
    }).pipe(Effect.provide(stack({ server: quiet })))
  )
})
