/** Each failure is one readable line on stderr with its documented exit code, or JSON with --json. */
import { readFileSync } from "node:fs"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Effect, Layer, Schema } from "effect"
import { exitCode } from "../../packages/cli/src/internal/failures/exitCode.js"
import { runToEnd, script } from "../support/virtualTime.js"
import { environment, horde, newDisk, type Options } from "./support.js"

const server = HordeServer.layerClient({ seed: 1 })

/** The message and the exit code of a failure. */
const failure = (args: ReadonlyArray<string>, options: Options = {}) =>
  Effect.map(runToEnd(horde(args, options), "1 second"), ({ code, err, out }) => {
    assert.strictEqual(out, "", args.join(" "))
    const lines = err
      .trimEnd()
      .split("\n")
      .filter((line) => line.startsWith("horde: "))
    assert.lengthOf(lines, 1, err)
    return { code, message: lines[0] ?? "" }
  })

const withKey = (key: string) => ({ ...environment, HORDE_API_KEY: key })

const withoutKey = { HOME: environment.HOME, HORDE_URL: environment.HORDE_URL }

const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>, number, RegExp, Options?]> = [
  ["an unknown command", ["drwa", "a fox"], exitCode.usage, /draw/],
  ["a missing argument", ["draw"], exitCode.usage, /Missing argument <prompt>/],
  ["an unknown option", ["draw", "a fox", "--colour", "red"], exitCode.usage, /'--colour'/],
  ["an unknown format of a size", ["draw", "a fox", "--size", "large"], exitCode.usage, /--size must be WIDTHxHEIGHT/],
  ["a number out of range", ["draw", "a fox", "-n", "40"], exitCode.usage, /count: must be a number between 1 and 20/],
  ["an empty prompt", ["draw", " "], exitCode.usage, /the prompt is empty/],
  ["a malformed key", ["whoami"], exitCode.usage, /must be an account's key/, { env: withKey("short") }],
  ["an unknown key", ["whoami"], exitCode.refused, /not known/, { env: withKey("unknownKey_aaaaaaaaaaa") }],
  [
    "an unknown key of draw",
    ["draw", "a fox"],
    exitCode.refused,
    /not known/,
    { env: withKey("unknownKey_aaaaaaaaaaa") }
  ],
  ["no key", ["whoami"], exitCode.refused, /no API key is set .*--embedded/, { env: withoutKey }],
  ["an unknown model", ["draw", "a fox", "-m", "nope"], exitCode.notFound, /no worker serves the model "nope"/],
  [
    "a misspelt model",
    ["draw", "a fox", "-m", "Stable Diffusion"],
    exitCode.notFound,
    /did you mean "stable_diffusion"\?/
  ],
  ["an unknown shared key", ["keys", "show", "nope"], exitCode.notFound, /no shared key "nope"/],
  ["an unknown job", ["jobs", "cancel", "nope"], exitCode.notFound, /no unfinished job nope/],
  ["a missing file", ["caption", "/nope.webp"], exitCode.notFound, /there is no file \/nope\.webp/],
  ["a port out of range", ["serve", "--port", "80000"], exitCode.usage, /--port must be between 0 and 65535/],
  ["a folder instead of a file", ["caption", "/home/user"], exitCode.usage, /\/home\/user is not a file/],
  [
    "the demo worker on the public horde",
    ["work", "--url", "https://aihorde.net/api"],
    exitCode.usage,
    /test pictures/
  ],
  ["too many kudos", ["keys", "create", "--kudos", "60000000"], exitCode.usage, /kudos: must be a number between/]
]

describe("a failure", () => {
  for (const [name, args, code, message, options] of cases) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const found = yield* failure(args, options)
        assert.match(found.message, message)
        assert.strictEqual(found.code, code, found.message)
      }).pipe(Effect.provide(server))
    )
  }

  it.effect("a folder that cannot be written to is found before the job is submitted", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      yield* disk.fileSystem.writeFile("/home/user/fox.webp", new TextEncoder().encode("RIFF\0\0\0\0WEBP"))
      yield* disk.fileSystem.writeFile("/home/user/file", new Uint8Array([1]))
      const { code, message } = yield* failure(["upscale", "/home/user/fox.webp", "-o", "/home/user/file/below"], {
        disk
      })
      assert.match(message, /no files can be written in the folder/)
      assert.strictEqual(code, exitCode.local)
      assert.isEmpty(yield* Effect.flatMap(HordeServer.HordeServer, ({ jobs }) => jobs))
    }).pipe(Effect.provide(server))
  )

  it.effect("a file that is no picture is not sent", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      yield* disk.fileSystem.writeFile("/home/user/.env", new TextEncoder().encode("PASSWORD=secret"))
      for (const command of ["caption", "upscale"]) {
        const { code, message } = yield* failure([command, "/home/user/.env"], { disk })
        assert.match(message, /is no picture/)
        assert.strictEqual(code, exitCode.usage)
      }
      assert.isEmpty(yield* Effect.flatMap(HordeServer.HordeServer, ({ exchanges }) => exchanges))
    }).pipe(Effect.provide(server))
  )

  it.effect("maintenance is a reason to try later", () =>
    Effect.gen(function* () {
      const { code, message } = yield* failure(["draw", "a fox"])
      assert.strictEqual(code, exitCode.busy)
      assert.match(message, /in maintenance \(try again later\)/)
    }).pipe(Effect.provide(HordeServer.layerClient({ maintenance: true })))
  )

  it.effect("a job that fails on the workers", () =>
    Effect.gen(function* () {
      yield* script(Faults.failAttempts(3))
      const { code } = yield* failure(["draw", "a fox", "-o", "/pics"])
      assert.strictEqual(code, exitCode.jobFailed)
    }).pipe(Effect.provide(server))
  )

  it.effect("a lost reply of a submit", () =>
    Effect.gen(function* () {
      yield* script(Faults.reset("after", { method: "POST" }))
      const { code, message } = yield* failure(["draw", "a fox", "-o", "/pics"])
      assert.strictEqual(code, exitCode.unknown)
      assert.match(message, /it is unknown whether this succeeded/)
    }).pipe(Effect.provide(server))
  )

  it.effect("a censored picture is saved, and the user is told", () =>
    Effect.gen(function* () {
      yield* script(Faults.censor())
      const { code, err, out } = yield* runToEnd(horde(["draw", "a fox", "-o", "/pics"]), "1 second")
      assert.strictEqual(code, 0)
      assert.include(err, `horde: ${out.trim()} is a replacement`)
    }).pipe(Effect.provide(server))
  )

  it.effect("a job that is not over in time is cancelled", () =>
    Effect.gen(function* () {
      const { code, message } = yield* failure(["draw", "a fox", "--timeout", "5", "-o", "/pics"])
      assert.strictEqual(code, exitCode.jobFailed)
      assert.match(message, /not over in time/)
      const [job] = yield* Effect.flatMap(HordeServer.HordeServer, ({ jobs }) => jobs)
      assert.include(job, { state: "cancelled", cancels: 1 })
    }).pipe(Effect.provide(HordeServer.layerClient({ worker: { takes: "1 minute" } })))
  )

  it.effect("a folder that cannot be written", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      yield* disk.fileSystem.writeFile("/pics", new Uint8Array(1))
      const { code, message } = yield* failure(["draw", "a fox", "-o", "/pics"], { disk })
      assert.strictEqual(code, exitCode.local)
      assert.match(message, /"\/pics"/)
    }).pipe(Effect.provide(server))
  )
})

describe("without a network", () => {
  const refused = new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) })
  const offline = Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: refused }))
    )
  )
  for (const args of [["models"], ["draw", "a fox"], ["price", "a fox"]]) {
    it.effect(`${args[0]} says so, and offers --embedded`, () =>
      Effect.gen(function* () {
        const { code, message } = yield* failure(args, { env: withoutKey })
        assert.strictEqual(code, exitCode.unreachable)
        assert.match(message, /127\.0\.0\.1 cannot be reached, and no API key is set \(.*--embedded\)$/)
      }).pipe(Effect.provide(offline))
    )
  }
})

describe("--json", () => {
  it.effect("prints a failure as JSON", () =>
    Effect.gen(function* () {
      const { code, err } = yield* runToEnd(horde(["keys", "show", "nope", "--json"]))
      const lines = err.trimEnd().split("\n")
      const Failed = Schema.Struct({
        error: Schema.Struct({ tag: Schema.String, message: Schema.String, exitCode: Schema.Literal(code) })
      })
      yield* Schema.decodeUnknown(Schema.parseJson(Failed))(lines.at(-1))
    }).pipe(Effect.provide(server))
  )
})

describe("docs/cli.md", () => {
  it("lists the exit codes", () => {
    const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8")
    const listed = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    assert.deepStrictEqual(listed, Object.values(exitCode))
  })
})
