/** Each command with its output, for people and as JSON, and on an embedded horde. */
import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import { loadImage } from "@napi-rs/canvas"
import { Effect, Schema } from "effect"
import { runToEnd } from "../support/virtualTime.js"
import { environment, horde, newDisk } from "./support.js"

const server = HordeServer.layerClient({ seed: 1 })

const success = (args: ReadonlyArray<string>, options: Parameters<typeof horde>[1] = {}) =>
  Effect.map(runToEnd(horde(args, options), "1 second"), (run) => {
    assert.strictEqual(run.code, 0, `${args.join(" ")}\n${run.out}${run.err}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
    assert.notMatch(run.out + run.err, /[\x00-\x09\x0b-\x1f\x7f]/)
    return run
  })

const json = <A, I>(schema: Schema.Schema<A, I>, args: ReadonlyArray<string>, options?: Parameters<typeof horde>[1]) =>
  Effect.map(success([...args, "--json"], options), ({ out }) =>
    Schema.decodeUnknownSync(Schema.parseJson(schema))(out)
  )

const small = ["--size", "64x64", "--steps", "1"]

describe("horde draw", () => {
  it.effect("saves pictures under names that sort by time, and prints their paths", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      const { err, out } = yield* success(["draw", "A fox, in the Snow!", "-n", "3", ...small, "-o", "/pics"], { disk })
      const paths = out.trim().split("\n")
      assert.lengthOf(paths, 3)
      for (const path of paths) assert.match(path, /^\/pics\/19700101-0000\d\d-[0-9a-f]{8}-a-fox-in-the-snow\.webp$/)
      assert.sameMembers(
        yield* disk.fileSystem.readDirectory("/pics"),
        paths.map((path) => path.replace("/pics/", ""))
      )
      assert.match(err, /^(waiting in the queue\n)?drawing, 0 of 3 finished\n/)
      const [job] = yield* Effect.flatMap(HordeServer.HordeServer, ({ jobs }) => jobs)
      assert.include(job, { state: "finished", n: 3, prompt: "A fox, in the Snow!", account: "owner" })
    }).pipe(Effect.provide(server))
  )

  it.effect("puts prompt and parameters into the pictures, which inspect reads back", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      const args = ["draw", 'a <fox> & "friends"', "--negative", "snow", "--seed", "7", ...small, "-o", "/pics"]
      const { out } = yield* success(args, { disk })
      const path = out.trim()
      const file = yield* disk.fileSystem.readFile(path)
      const image = yield* Effect.promise(() => loadImage(Buffer.from(file)))
      assert.deepStrictEqual([image.width, image.height], [64, 64])
      const shown = yield* success(["inspect", path], { disk })
      assert.match(shown.out, /^prompt {11}a <fox> & "friends"\n/)
      const generation = yield* json(Schema.Record({ key: Schema.String, value: Schema.Unknown }), ["inspect", path], {
        disk
      })
      assert.include(generation, {
        file: path,
        prompt: 'a <fox> & "friends"',
        negativePrompt: "snow",
        model: "stable_diffusion",
        width: 64,
        height: 64,
        steps: 1,
        createdAt: "1970-01-01T00:00:00.000Z"
      })
      assert.isString(generation.seed)
    }).pipe(Effect.provide(server))
  )

  it.effect("prints one JSON value", () =>
    Effect.gen(function* () {
      const Drawn = Schema.Struct({
        pictures: Schema.Array(
          Schema.Struct({ path: Schema.String, mediaType: Schema.Literal("image/webp"), byteLength: Schema.Positive })
        ),
        kudos: Schema.Positive
      })
      const { pictures } = yield* json(Drawn, ["draw", "a fox", "-n", "2", ...small, "-o", "/pics"])
      assert.lengthOf(pictures, 2)
    }).pipe(Effect.provide(server))
  )
})

describe("other commands", () => {
  it.effect("write prints the texts", () =>
    Effect.gen(function* () {
      const { out } = yield* success(["write", "Once upon a time", "-n", "2", "--length", "20"])
      assert.isAbove(out.length, 20)
      const Texts = Schema.Struct({ texts: Schema.Array(Schema.Struct({ text: Schema.NonEmptyString })) })
      assert.lengthOf((yield* json(Texts, ["write", "Once upon a time", "-n", "2"])).texts, 2)
    }).pipe(Effect.provide(server))
  )

  it.effect("caption and upscale process a file, and the metadata stay in the larger picture", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      const path = (yield* success(["draw", "a fox", ...small, "-o", "/pics"], { disk })).out.trim()
      const { out } = yield* success(["caption", path], { disk })
      assert.match(out, /^a .+\n$/)
      const Captioned = Schema.Struct({ caption: Schema.NonEmptyString, file: Schema.Literal(path) })
      yield* json(Captioned, ["caption", path], { disk })
      const upscaled = (yield* success(["upscale", path, "-o", "/larger"], { disk })).out.trim()
      assert.match(upscaled, /^\/larger\/.+-a-fox-2x\.webp$/)
      const file = yield* disk.fileSystem.readFile(upscaled)
      const image = yield* Effect.promise(() => loadImage(Buffer.from(file)))
      assert.deepStrictEqual([image.width, image.height], [128, 128])
      assert.include((yield* success(["inspect", upscaled], { disk })).out, "a fox")
      // a second one does not replace the first
      assert.match((yield* success(["upscale", path, "-o", "/larger"], { disk })).out, /-a-fox-2x-2\.webp\n$/)
    }).pipe(Effect.provide(server))
  )

  it.effect("price starts no job", () =>
    Effect.gen(function* () {
      assert.match((yield* success(["price", "a fox", "-n", "3"])).out, /^[\d.]+ kudos\n$/)
      assert.match((yield* success(["price", "a fox", "--text"])).out, /^[\d.]+ kudos\n$/)
      yield* json(Schema.Struct({ kudos: Schema.Positive }), ["price", "a fox"])
      assert.deepStrictEqual(yield* Effect.flatMap(HordeServer.HordeServer, ({ jobs }) => jobs), [])
    }).pipe(Effect.provide(server))
  )

  it.effect("models, workers and whoami print what the horde tells", () =>
    Effect.gen(function* () {
      const names = Schema.Array(Schema.Struct({ name: Schema.String }))
      assert.match((yield* success(["models"])).out, /^MODEL +WORKERS +WAIT +WAITING JOBS\n/)
      assert.include(
        (yield* json(names, ["models"])).map(({ name }) => name),
        "stable_diffusion"
      )
      assert.include((yield* success(["models", "--text"])).out, "koboldcpp/LLaMA")
      assert.match((yield* success(["workers"])).out, /^WORKER +TYPE +RESULTS/)
      assert.lengthOf(yield* json(names, ["workers", "--type", "alchemy"]), 1)
      assert.match((yield* success(["whoami"])).out, /^account +owner#1\nhorde +127\.0\.0\.1\nkudos +10000\n/)
      const Account = Schema.Struct({ username: Schema.Literal("owner#1"), kudos: Schema.Literal(10_000) })
      yield* json(Account, ["whoami"])
    }).pipe(Effect.provide(server))
  )

  it.effect("work delivers test pictures, and ends after the number of jobs", () =>
    Effect.gen(function* () {
      const { out } = yield* success(["work", "--embedded"])
      assert.lengthOf(out.match(/delivered a test picture/g) ?? [], 3)
      for (const jobs of [1, 5]) {
        const run = yield* success(["work", "--embedded", "--jobs", String(jobs)])
        assert.lengthOf(run.out.match(/delivered a test picture/g) ?? [], jobs)
      }
    }).pipe(Effect.provide(server))
  )
})

describe("--embedded", () => {
  const env = { HOME: environment.HOME }
  for (const args of [
    ["draw", "a fox", ...small, "-o", "/pics"],
    ["write", "a fox"],
    ["price", "a fox"],
    ["models"],
    ["workers"],
    ["whoami"],
    ["keys", "list"],
    ["jobs", "list"],
    ["jobs", "cancel"],
    ["jobs", "resume"]
  ]) {
    it.effect(`${args.join(" ")} needs no server and no key`, () =>
      Effect.gen(function* () {
        yield* success([...args, "--embedded"], { env })
        const { exchanges } = yield* HordeServer.HordeServer
        assert.deepStrictEqual(yield* exchanges, [])
      }).pipe(Effect.provide(server))
    )
  }
})
