import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { Effect } from "effect"
import * as FileJournal from "effect-horde/FileJournal"
import * as HordeError from "effect-horde/HordeError"
import * as JobJournal from "effect-horde/JobJournal"
import { AIHorde } from "effect-horde/promise"
import { rejection, withHorde } from "./support.js"

const small = { prompt: "a lighthouse at dusk", params: { width: 64, height: 64 } }

const withDirectory = <A, E, R>(use: (directory: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "horde-promise-"))),
    use,
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
  )

const errorsOf = (error: unknown): object => {
  assert.instanceOf(error, HordeError.InvalidRequest)
  return (error as HordeError.InvalidRequest).errors
}

describe("values", () => {
  it.scoped("a shared key is plain: its id is text, its expiry a date", () =>
    withHorde(async (horde) => {
      const key = await horde.sharedKeys.create({ kudos: 500, name: "demo", expiry: 7 })
      assert.match(key.id, /^[0-9a-f-]{36}$/)
      assert.instanceOf(key.expiry, Date)
      assert.strictEqual((await horde.sharedKeys.get(key.id)).kudos, 500)
      assert.strictEqual((await horde.sharedKeys.modify(key.id, { kudos: 100 })).kudos, 100)
      await horde.images.generate(small, { apiKey: key.id })
      const { sharedkey_ids: ids = [] } = await horde.users.me()
      assert.include(ids, key.id)
      assert.notInclude(inspect(await horde.users.me(), { depth: 9 }), key.id)
      await horde.sharedKeys.remove(key.id)
    })
  )

  it.scoped("a secret is not shown when its object is printed", () =>
    withHorde(async (horde) => {
      const key = await horde.sharedKeys.create({ name: "demo" })
      for (const shown of [inspect(key, { depth: 9 }), JSON.stringify(key), String(key), inspect({ ...key })]) {
        assert.notInclude(shown, key.id)
      }
      const error = await rejection(horde.sharedKeys.modify(key.id, { kudos: -5 }))
      assert.notInclude(inspect(error, { depth: 9 }), key.id)
      assert.notInclude(inspect(horde, { depth: 9, showHidden: true }), Accounts.ownerKey)
    })
  )

  it.scoped("an id that is not text names its field", () =>
    withHorde(async (horde, record) => {
      assert.deepStrictEqual(errorsOf(await rejection(horde.sharedKeys.get(""))), {
        "params.id": "must be a non empty string"
      })
      const wrong: { readonly id: string } = JSON.parse('{ "id": 7 }')
      assert.property(errorsOf(await rejection(horde.sharedKeys.get(wrong.id))), "params.id")
      assert.isEmpty(await record.exchanges())
    })
  )

  it.scoped("a worker's functions return promises, values, or throw", () =>
    withHorde(
      async (horde, record) => {
        const events: Array<string> = []
        let asked = 0
        let stop: () => void = () => {}
        const stopped = new Promise<void>((resolve) => {
          stop = resolve
        })
        const working = horde.worker.runText({
          name: "my worker",
          models: ["my model"],
          generate: async ({ payload }) => {
            asked++
            if (asked === 1) throw new Error("not this one")
            return `${payload.prompt ?? ""} and so on`
          },
          onEvent: (event) => void events.push(event._tag),
          stop: stopped
        })
        const texts = await horde.texts.generate({ prompt: "Once", models: ["my model"] })
        assert.strictEqual(texts[0]?.text, "Once and so on")
        stop()
        await working
        assert.includeMembers(events, ["Faulted", "Submitted"])
        const [job] = await record.jobs()
        assert.strictEqual(job?.state, "finished")
      },
      { server: { textWorker: false }, client: { apiKey: Accounts.ownerKey } }
    )
  )

  it.scoped("pictures are saved with the platform's files, and named by a function", () =>
    withDirectory((directory) =>
      withHorde(
        async (horde) => {
          const seen: Array<string> = []
          const job = await horde.images.submit(small)
          const saved = await horde.images.save(job, {
            directory,
            name: ({ seed }) => `seed-${seed}`,
            onProgress: async (event) => void seen.push(event._tag)
          })
          assert.deepStrictEqual(readdirSync(directory), [`seed-${saved[0]?.seed}.webp`])
          assert.include(seen, "Saved")
          const failing = await horde.images.submit(small)
          const onProgress = () => Promise.reject(new Error("mine"))
          assert.match(String(await rejection(horde.images.save(failing, { directory, onProgress }))), /mine/)
        },
        {
          client: { platform: NodeContext.layer },
          server: { worker: { takes: "100 millis" } },
          realTime: true
        }
      )
    )
  )

  it.scoped("without a platform, saving and journals in files fail and name the option", () =>
    withHorde(async (horde) => {
      const job = await horde.images.submit(small)
      const error = await rejection(horde.images.save(job, { directory: "pictures" }))
      assert.match(String(error), /the option `platform` is missing/)
      const journal = FileJournal.layer({ directory: "jobs" })
      await using other = new AIHorde({ baseUrl: "http://127.0.0.1/api", journal })
      const failed = await rejection(other.users.me())
      assert.instanceOf(failed, HordeError.JournalFailed)
      assert.match(String(failed), /the option `platform` is missing/)
    })
  )

  it("an invalid option throws at once, names itself, and does not quote the key", () => {
    const failure = (options: ConstructorParameters<typeof AIHorde>[0]) => {
      try {
        new AIHorde(options)
      } catch (error) {
        assert.notInclude(inspect(error), "not-a-key")
        return Object.keys(errorsOf(error))
      }
      return []
    }
    assert.deepStrictEqual(failure({ apiKey: "not-a-key" }), ["apiKey"])
    assert.deepStrictEqual(failure({ apiKey: undefined }), ["apiKey"])
    assert.deepStrictEqual(failure({ baseUrl: "not an address" }), ["baseUrl"])
    assert.deepStrictEqual(failure({ clientAgent: "My-Project:v0.0.1:My-Contact" }), ["clientAgent"])
    assert.deepStrictEqual(failure({ timeout: "soon" as never }), ["timeout"])
    assert.deepStrictEqual(failure({ maxReplyBytes: 0 }), ["maxReplyBytes"])
    assert.deepStrictEqual(failure({}), [])
    const untyped = (options: unknown) => failure(options as never)
    assert.deepStrictEqual(untyped(null), ["options"])
    assert.deepStrictEqual(untyped({ apikey: Accounts.ownerKey }), ["apikey"])
    assert.deepStrictEqual(untyped({ baseURL: "http://127.0.0.1/api" }), ["baseURL"])
    assert.deepStrictEqual(untyped({ fetch: 5 }), ["fetch"])
    assert.deepStrictEqual(untyped({ journal: 5 }), ["journal"])
    assert.deepStrictEqual(untyped({ platform: "node" }), ["platform"])
    assert.deepStrictEqual(untyped({ recovery: { policy: "resume" } }), ["recovery"])
    assert.deepStrictEqual(untyped({ journal: JobJournal.layerMemory, recovery: { policy: "x" } }), ["recovery"])
    assert.deepStrictEqual(untyped({ journal: JobJournal.layerMemory, recovery: { policy: "resume" } }), [])
  })

  it.scoped("a misspelt option of a call names itself", () =>
    withHorde(async (horde, record) => {
      const options: object = { deadlin: "3 seconds" }
      assert.deepStrictEqual(errorsOf(await rejection(horde.images.generate(small, options))), {
        "options.deadlin": "unknown option"
      })
      assert.isEmpty(await record.exchanges())
    })
  )

  it.scoped("an error leads to the line that made the call", () =>
    withHorde(async (horde) => {
      const errors = [
        await rejection(horde.sharedKeys.get("")),
        await rejection(
          (async () => {
            for await (const _ of horde.images.progress({ prompt: "" }));
          })()
        )
      ]
      for (const error of errors) {
        assert.instanceOf(error, Error)
        const [first = ""] = ((error as Error).stack ?? "").split("\n").filter((line) => /^\s+at /.test(line))
        assert.include(first, "values.test.ts")
      }
    })
  )

  it("a custom fetch sends the requests", async () => {
    const sent: Array<string> = []
    await using horde = new AIHorde({
      fetch: async (input) => {
        sent.push(String(input))
        return new Response(JSON.stringify({ message: "OK", version: "5.1.5" }), {
          headers: { "content-type": "application/json" }
        })
      }
    })
    assert.strictEqual((await horde.status.heartbeat()).version, "5.1.5")
    assert.deepStrictEqual(sent, ["https://aihorde.net/api/v2/status/heartbeat"])
  })
})
