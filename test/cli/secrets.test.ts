/** Keys are never printed, and shared-key ids only on request. The helper of these tests searches all output. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import { Effect, Schema, TestClock } from "effect"
import { exitCode } from "../../packages/cli/src/internal/failures/exitCode.js"
import { runToEnd } from "../support/virtualTime.js"
import { environment, horde, newDisk } from "./support.js"

const server = HordeServer.layerClient({ seed: 1 })

const withoutKey = { HOME: environment.HOME, HORDE_URL: environment.HORDE_URL }

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/

/** The account of each request that the server received. */
const accounts = Effect.flatMap(HordeServer.HordeServer, ({ exchanges }) =>
  Effect.map(exchanges, (all) => all.map(({ account }) => account))
)

const writeKey = (path: string, key: string, mode: number) =>
  Effect.gen(function* () {
    const disk = yield* newDisk
    yield* disk.fileSystem.makeDirectory("/home/user/.config/horde", { recursive: true })
    yield* disk.fileSystem.writeFile(path, new TextEncoder().encode(`${key}\n`), { mode })
    return disk
  })

const standard = "/home/user/.config/horde/api-key"

describe("the API key", () => {
  it.effect("comes from the environment", () =>
    Effect.gen(function* () {
      yield* runToEnd(horde(["whoami"]))
      assert.deepStrictEqual(yield* accounts, ["owner"])
    }).pipe(Effect.provide(server))
  )

  it.effect("comes from the key file in the user's configuration folder", () =>
    Effect.gen(function* () {
      const disk = yield* writeKey(standard, Accounts.plainKey, 0o600)
      assert.include((yield* runToEnd(horde(["whoami"], { disk, env: withoutKey }))).out, "plain#2")
    }).pipe(Effect.provide(server))
  )

  it.effect("comes from a named file before the environment", () =>
    Effect.gen(function* () {
      const disk = yield* writeKey("/key", Accounts.plainKey, 0o600)
      assert.include((yield* runToEnd(horde(["whoami", "--key-file", "/key"], { disk }))).out, "plain#2")
      const env = { ...withoutKey, HORDE_API_KEY_FILE: "/key" }
      assert.include((yield* runToEnd(horde(["whoami"], { disk, env }))).out, "plain#2")
    }).pipe(Effect.provide(server))
  )

  for (const mode of [0o644, 0o640, 0o604, 0o660]) {
    it.effect(`a file with mode ${mode.toString(8)} is refused`, () =>
      Effect.gen(function* () {
        const disk = yield* writeKey(standard, Accounts.plainKey, mode)
        const { code, err } = yield* runToEnd(horde(["whoami"], { disk, env: withoutKey }))
        assert.strictEqual(code, exitCode.local)
        assert.match(err, /can be read by other users \(chmod 600 /)
        assert.deepStrictEqual(yield* accounts, [])
      }).pipe(Effect.provide(server))
    )
  }

  for (const option of ["--api-key", "--apikey", "--key", "--API-KEY"]) {
    for (const given of [[option, Accounts.ownerKey], [`${option}=${Accounts.ownerKey}`]]) {
      it.effect(
        `there is no option ${given.length === 1 ? `${option}=KEY` : option}, and its value is not repeated`,
        () =>
          Effect.gen(function* () {
            const { code, err } = yield* runToEnd(horde(["whoami", ...given], { env: withoutKey }))
            assert.strictEqual(code, exitCode.usage)
            assert.match(err, /HORDE_API_KEY/)
          }).pipe(Effect.provide(server))
      )
    }
  }

  it.effect("is not in the journal, nor in a picture", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      yield* runToEnd(horde(["draw", "a fox", "--size", "64x64", "-o", "/pics"], { disk }), "1 second")
      const [picture = ""] = yield* disk.fileSystem.readDirectory("/pics")
      const text = new TextDecoder("latin1").decode(yield* disk.fileSystem.readFile(`/pics/${picture}`))
      assert.notInclude(text, Accounts.ownerKey)
      assert.notMatch(text, uuid)
      const folder = "/home/user/.local/state/horde/journal/127.0.0.1"
      for (const name of yield* disk.fileSystem.readDirectory(folder)) {
        const log = new TextDecoder().decode(yield* disk.fileSystem.readFile(`${folder}/${name}`))
        assert.notInclude(log, Accounts.ownerKey)
      }
    }).pipe(Effect.provide(server))
  )
})

const Key = Schema.Struct({
  key: Schema.String,
  id: Schema.optional(Schema.String),
  name: Schema.optional(Schema.String)
})
const decode = Schema.decodeUnknownSync(Schema.parseJson(Key))

describe("the id of a shared key", () => {
  const created = Effect.map(
    runToEnd(horde(["keys", "create", "--name", "for a friend", "--kudos", "50", "--json"])),
    ({ out }) => decode(out)
  )

  it.effect("is printed by create, and by show --reveal only", () =>
    Effect.gen(function* () {
      const { id = "", key } = yield* created
      assert.match(id, uuid)
      const revealed = yield* runToEnd(horde(["keys", "show", key, "--reveal"]))
      assert.include(revealed.out, id)
      for (const args of [
        ["list"],
        ["list", "--json"],
        ["show", key],
        ["show", "for a friend", "--json"],
        ["modify", key, "--kudos", "70"],
        ["modify", "for a friend", "--kudos", "80", "--json"],
        ["delete", key]
      ]) {
        const { code, err, out } = yield* runToEnd(horde(["keys", ...args]))
        assert.strictEqual(code, 0, `${args.join(" ")}: ${err}`)
        assert.include(out, key)
        assert.notInclude(out + err, id)
        assert.notMatch(out + err, uuid)
      }
      yield* TestClock.adjust("61 seconds") // the server caches its replies
      assert.include((yield* runToEnd(horde(["keys", "list"]))).err, "no shared keys")
    }).pipe(Effect.provide(server))
  )

  it.effect("is refused on the command line", () =>
    Effect.gen(function* () {
      const { id = "" } = yield* created
      for (const command of ["show", "modify", "delete"]) {
        const { code, err } = yield* runToEnd(
          horde(["keys", command, id, ...(command === "modify" ? ["--kudos", "1"] : [])])
        )
        assert.strictEqual(code, exitCode.usage)
        assert.notInclude(err, id)
      }
    }).pipe(Effect.provide(server))
  )

  it.effect("modify changes the limits, and delete deletes the key", () =>
    Effect.gen(function* () {
      const { key } = yield* created
      const changes = ["--kudos", "70", "--max-steps", "20", "--name", "another"]
      const { out } = yield* runToEnd(horde(["keys", "modify", key, ...changes]))
      assert.match(out, /name +another\nkudos left +70\n/)
      yield* TestClock.adjust("61 seconds") // the server caches its replies
      yield* runToEnd(horde(["keys", "delete", "another"]))
      yield* TestClock.adjust("61 seconds")
      assert.strictEqual((yield* runToEnd(horde(["keys", "show", key]))).code, exitCode.notFound)
    }).pipe(Effect.provide(server))
  )

  it.effect("works as an API key, and is not printed then", () =>
    Effect.gen(function* () {
      const { id = "" } = yield* created
      const env = { ...environment, HORDE_API_KEY: id }
      const { code, err, out } = yield* runToEnd(
        horde(["draw", "a fox", "--size", "64x64", "-o", "/pics"], { env }),
        "1 second"
      )
      assert.strictEqual(code, 0, err)
      assert.notInclude(out + err, id)
    }).pipe(Effect.provide(server))
  )
})
