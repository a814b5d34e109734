/** Journals contain no secrets in clear text. */
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Cause, Effect, FastCheck, Inspectable, Redacted } from "effect"
import * as Endpoint from "effect-horde/Endpoint"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { JobJournal } from "effect-horde/JobJournal"
import * as Recovery from "effect-horde/Recovery"
import * as Disk from "../support/disk.js"
import { forAll } from "../support/forAll.js"
import { live, lost } from "../support/leftBehind.js"
import * as Programs from "../support/programs.js"
import { logged, runToEnd, script, small } from "../support/virtualTime.js"

const idle = Effect.provide(
  HordeServer.layerClient({ seed: 1, worker: { takesJobs: false }, limits: "raised", accounts: [] })
)

const characters = (alphabet: string) => FastCheck.constantFrom(...alphabet)
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** Long enough that a match is no coincidence. */
const text = FastCheck.string({ unit: "grapheme", minLength: 12, maxLength: 60 }).filter((it) => it.trim().length > 11)
const accountKey = FastCheck.array(characters(`${letters}_-`), { minLength: 22, maxLength: 22 }).map((it) =>
  it.join("")
)
const base64 = FastCheck.array(characters(`${letters}+/`), { minLength: 64, maxLength: 64 }).map((it) => it.join(""))

const request = FastCheck.record({
  prompt: text,
  apiKey: FastCheck.oneof(accountKey, FastCheck.uuid()),
  picture: base64,
  model: text,
  webhook: base64.map((it) => `https://hook.example.invalid/${encodeURIComponent(it)}`)
})

/** The forms in which a file may contain a text: as it is, and in JSON. */
const partsOf = (secret: string): ReadonlyArray<string> => [
  ...[secret, JSON.stringify(secret).slice(1, -1)],
  // not even a part of it
  secret.slice(0, 12),
  secret.slice(-12)
]

describe("journal files", () => {
  it.scoped("journal files contain no key, no prompt, no picture and no name, however a submit ends", () =>
    forAll(
      request,
      ({ apiKey, model, picture, prompt, webhook }) =>
        Effect.gen(function* () {
          const server = yield* HordeServer.HordeServer
          yield* server.emptyLimiter
          const disk = Disk.make()
          const program = yield* Programs.start(disk)
          const submit = ImageGeneration.submit({
            prompt,
            models: [model],
            source_image: picture,
            source_mask: picture,
            extra_source_images: [{ image: picture }],
            webhook
          })
          yield* script(Faults.reset("after", { method: "POST", times: 1 }))
          for (let at = 0; at < 2; at++) {
            const under = HordeClient.withApiKey(Redacted.make(apiKey))
            yield* Effect.exit(Effect.scoped(program.run(under(Endpoint.lenient(submit)))))
          }
          assert.deepStrictEqual((yield* program.run(Programs.states)).slice().sort(), ["cancelled", "intent"])
          const files = Programs.textOn(disk)
          for (const secret of [prompt, apiKey, picture, model, webhook]) {
            for (const part of partsOf(secret)) assert.notInclude(files, part)
          }
        }).pipe(Effect.scoped),
      50
    ).pipe(idle)
  )
})

describe("printed values", () => {
  const world = Effect.gen(function* () {
    const disk = Disk.make()
    const dead = yield* Programs.start(disk)
    const id = yield* live(dead)
    yield* lost(dead, small("lost"))
    return { dead, disk, id }
  })
  const server = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takesJobs: false } }))

  /** The ways to print a value. */
  const printed = (value: unknown): string =>
    [
      String(value),
      inspect(value, { depth: 20, showHidden: true }),
      JSON.stringify(value),
      Inspectable.toStringUnknown(value),
      Cause.pretty(Cause.fail(value)),
      inspect(Cause.die(value), { depth: 20 })
    ].join("\n")

  it.scoped("a printed entry contains no id", () =>
    Effect.gen(function* () {
      const { dead, id } = yield* world
      const entries = yield* dead.run(Effect.flatMap(JobJournal, ({ entries }) => entries))
      assert.isTrue(entries.some((entry) => Programs.idOf(entry) === id))
      assert.notInclude(printed(entries), id)
      for (const entry of entries) assert.notInclude(printed(entry), id)
    }).pipe(server)
  )

  it.scoped("a printed recovery and its log contain no id", () =>
    Effect.gen(function* () {
      const { dead, disk, id } = yield* world
      yield* dead.kill
      const next = yield* Programs.start(disk)
      yield* script(Faults.reset("before", { method: "DELETE" }))
      const { lines, value } = yield* logged(
        runToEnd(Effect.scoped(next.run(Recovery.recover({ kinds: [ImageGeneration.kind], policy: "cancel" }))))
      )
      const ids = [
        ...value.failed.map(Programs.idOf),
        ...value.unknown.flatMap(({ candidates }) => candidates.map(Programs.idOf))
      ]
      assert.include(ids, id)
      assert.lengthOf(ids, 3) // the job of the lost reply is found, and its cancel fails as well
      assert.isAtLeast(lines.length, 2)
      for (const one of ids) {
        assert.notInclude(printed(value), one ?? "")
        assert.notInclude(lines.join("\n"), one ?? "")
      }
    }).pipe(server)
  )
})
