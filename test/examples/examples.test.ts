/** The examples as a person runs them, with a horde in its own process, which records all requests. */
import { spawn } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { loadImage } from "@napi-rs/canvas"
import { Effect } from "effect"
import * as Processes from "../support/processes.js"

/**
 * No line but those of spans is printed twice in a row, blank lines and progress included, and the last line is not
 * blank.
 */
const isTidy = ({ lines }: Processes.Program) => {
  const repeated = lines.filter((line, index) => line === lines[index - 1] && !line.startsWith("  horde."))
  assert.deepStrictEqual(repeated, [], lines.join("\n"))
  assert.notStrictEqual(lines.at(-1), "")
}

const fileOf = (name: string) => `examples/src/${name}.${name.startsWith("promise/") ? "mjs" : "ts"}`

/** Runs an example to its end with a horde of its own. */
const played = (name: string, args: ReadonlyArray<string> = [], millisPerPicture = 100) =>
  Effect.gen(function* () {
    const horde = yield* Processes.horde(millisPerPicture)
    const example = yield* Processes.run(fileOf(name), args, {
      HORDE_URL: horde.url,
      HORDE_API_KEY: Accounts.plainKey
    })
    assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
    isTidy(example)
    return { example, record: yield* horde.record }
  })

const jobOutcomes = ({ jobs }: Processes.ServerRecord) => jobs.map(({ cancels, state }) => `${state} ${cancels}`)

/** The calls that create, change or delete styles. */
const styleCalls = ({ exchanges }: Processes.ServerRecord) =>
  exchanges
    .filter(({ method, route }) => method !== "GET" && route?.startsWith("/v2/styles"))
    .map(({ method, status }) => `${method} ${status}`)

/** One complete file of this picture. */
const isSavedOnce = (example: Processes.Program) =>
  Effect.gen(function* () {
    const paths = example.lines.flatMap((line) => /Open it: (.+)$/.exec(line)?.[1] ?? [])
    assert.lengthOf(paths, 1, example.lines.join("\n"))
    const path = paths[0] ?? ""
    const bytes = yield* Effect.promise(() => readFile(path))
    assert.strictEqual(bytes.subarray(0, 4).toString("latin1"), "RIFF")
    assert.strictEqual(bytes.byteLength, bytes.readUInt32LE(4) + 8)
    const all = yield* Effect.promise(() => readdir(dirname(path)))
    assert.lengthOf(
      all.filter((name) => name.includes(basename(path, ".webp"))),
      1
    )
  })

describe("examples", () => {
  it.scopedLive("generate-image generates a picture that can be decoded", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(8000)
      const example = yield* Processes.run("examples/src/generate-image.ts", ["a red door"], {
        HORDE_URL: horde.url,
        HORDE_API_KEY: Accounts.plainKey
      })
      assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
      isTidy(example)
      const file = (yield* example.saw("Open it: ")).replace("Open it: ", "")
      const bytes = yield* Effect.promise(() => readFile(file))
      assert.strictEqual(bytes.subarray(0, 4).toString("latin1"), "RIFF")
      assert.strictEqual(bytes.subarray(8, 12).toString("latin1"), "WEBP")

      const { exchanges, jobs } = yield* horde.record
      assert.deepStrictEqual(
        jobs.map(({ account, cancels, finished, prompt, state }) => ({ account, cancels, finished, prompt, state })),
        [{ account: "plain", cancels: 0, finished: 1, prompt: "a red door ### people, text", state: "finished" }]
      )
      assert.lengthOf(
        exchanges.filter(({ method }) => method === "POST"),
        1
      )
      assert.notInclude(example.lines.join("\n"), Accounts.plainKey)
    })
  )

  it.scopedLive("promise/generate-image draws in plain JavaScript, and Ctrl-C cancels", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("promise/generate-image", ["a red door"])
      yield* isSavedOnce(example)
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0"])

      const horde = yield* Processes.horde(60_000)
      const left = yield* Processes.run(fileOf("promise/generate-image"), [], { HORDE_URL: horde.url })
      yield* left.saw("to go")
      yield* left.signal("SIGINT")
      assert.strictEqual(yield* left.exitCode, 1)
      yield* left.saw("Interrupted: the job is cancelled.")
      assert.deepStrictEqual(jobOutcomes(yield* horde.record), ["cancelled 1"])
    })
  )

  it.scopedLive("promise/bot draws for each user, and cancels what a user gives up", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("promise/bot", [], 5000)
      yield* example.saw('@bob "a lighthouse at dusk" is cancelled')
      yield* example.saw('@ann "a fox in the snow": ')
      const outcomes = record.jobs.map(({ account, cancels, state }) => `${account} ${state} ${cancels}`)
      assert.deepStrictEqual(outcomes.sort(), ["owner cancelled 1", "plain finished 0"])
    })
  )

  it.scopedLive("generate-image needs no other horde than its own", () =>
    Effect.gen(function* () {
      const example = yield* Processes.run("examples/src/generate-image.ts", [], { HORDE_API_KEY: "" })
      assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
      yield* example.saw("an embedded horde")
      yield* example.saw("Open it: ")
    })
  )

  for (const signal of ["SIGINT", "SIGTERM", undefined] as const) {
    it.scopedLive(`cancel-on-interrupt leaves no waiting job: ${signal ?? "without a signal"}`, () =>
      Effect.gen(function* () {
        const horde = yield* Processes.horde(60_000)
        const example = yield* Processes.run("examples/src/cancel-on-interrupt.ts", [], { HORDE_URL: horde.url })
        yield* example.saw("no terminal to press Ctrl-C in")
        assert.lengthOf((yield* horde.record).jobs, 3)
        if (signal !== undefined) yield* example.signal(signal)
        yield* example.exitCode
        const after = example.lines.slice(1 + example.lines.findIndex((line) => line.startsWith("Interrupted")))
        assert.lengthOf(after, 3, example.lines.join("\n"))
        for (const line of after) assert.match(line, /^ {2}job \d: cancelled \(waiting 0,/)

        const { exchanges, jobs } = yield* horde.record
        assert.deepStrictEqual(
          jobs.map(({ cancels, state, waiting }) => ({ cancels, state, waiting })),
          Array.from({ length: 3 }, () => ({ cancels: 1, state: "cancelled", waiting: 0 }))
        )
        assert.lengthOf(
          exchanges.filter(({ method }) => method === "DELETE"),
          3
        )
      })
    )
  }

  it.scopedLive("drawing-server prints its visitors, and cancels the job of one that leaves", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(60_000)
      const server = yield* Processes.run("examples/src/drawing-server.ts", ["0"], {
        HORDE_URL: horde.url,
        HORDE_API_KEY: Accounts.plainKey
      })
      const address = (yield* server.saw("Draw at ")).replace("Draw at ", "")
      const visit = new AbortController()
      yield* Effect.promise(async () => {
        const response = await fetch(`${address}/draw?prompt=a+red+door`, { signal: visit.signal })
        await response.body?.getReader().read()
      })
      yield* server.saw('a visitor asks for "a red door"')
      visit.abort()
      yield* server.saw('the visitor left, and the job is cancelled: "a red door"')
      assert.deepStrictEqual(jobOutcomes(yield* horde.record), ["cancelled 1"])
    })
  )

  for (const name of [
    "generate-image",
    "progress-stream",
    "dry-run-cost",
    "many-images",
    "text-story",
    "language-model",
    "caption-and-upscale",
    "story-with-pictures",
    "shared-keys",
    "telemetry",
    "survive-a-crash",
    "two-owners"
  ]) {
    it.scopedLive(`${name} leaves no job when it is ended during one`, () =>
      Effect.gen(function* () {
        const horde = yield* Processes.horde(600_000)
        const example = yield* Processes.run(`examples/src/${name}.ts`, [], {
          HORDE_URL: horde.url,
          HORDE_API_KEY: Accounts.plainKey
        })
        yield* Effect.repeat(Effect.delay(horde.record, "50 millis"), { until: ({ jobs }) => jobs.length > 0 })
        yield* example.signal("SIGTERM")
        yield* example.exitCode
        const { exchanges, jobs } = yield* horde.record
        assert.deepStrictEqual(
          jobs.filter(({ state }) => state !== "cancelled").map(({ prompt, state }) => `${prompt}: ${state}`),
          []
        )
        const keys = (method: string) =>
          exchanges.filter((one) => one.method === method && one.route?.startsWith("/v2/sharedkeys")).length
        assert.strictEqual(keys("DELETE"), keys("PUT"))
      })
    )
  }

  it.scopedLive("generate-image continues when its output is no longer read", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(1000)
      const env = { ...process.env, HORDE_URL: horde.url, HORDE_API_KEY: Accounts.plainKey }
      const complaints = yield* Effect.async<string>((resume) => {
        const child = spawn(process.execPath, ["--import", "tsx", "examples/src/generate-image.ts"], {
          env,
          stdio: ["ignore", "pipe", "pipe"]
        })
        let text = ""
        child.stdout.once("data", () => child.stdout.destroy())
        child.stderr.on("data", (chunk) => {
          text += chunk
        })
        child.once("close", (code) => resume(Effect.succeed(code === 0 ? text : `${code} ${text}`)))
        return Effect.sync(() => void child.kill("SIGKILL"))
      })
      assert.strictEqual(complaints, "")
      assert.deepStrictEqual(jobOutcomes(yield* horde.record), ["finished 0"])
    })
  )

  it.scopedLive("examples are listed with one line each without a name", () =>
    Effect.gen(function* () {
      const list = yield* Processes.run("scripts/run.mjs", ["example"])
      assert.strictEqual(yield* list.exitCode, 0, list.lines.join("\n"))
      const names = (yield* Effect.promise(() => readdir("examples/src"))).filter((file) => file.endsWith(".ts"))
      for (const name of names) {
        const line = yield* list.saw(`  ${name.replace(".ts", "")} `)
        assert.match(line, /^ {2}[a-z-]+ +\S.{10,80}$/)
      }
      const unknown = yield* Processes.run("scripts/run.mjs", ["example", "nonsense"])
      assert.strictEqual(yield* unknown.exitCode, 1)
      yield* unknown.saw('There is no example "nonsense"')
    })
  )

  it.scopedLive("progress-stream saves each picture as it arrives", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("progress-stream")
      assert.lengthOf(
        example.lines.filter((line) => line.startsWith("arrived: ")),
        4
      )
      assert.strictEqual(example.lines.at(-1), "finished: 4 pictures")
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0"])
    })
  )

  it.scopedLive("caption-and-upscale prints the caption of its picture, and saves it in twice the size", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("caption-and-upscale", ["a", "red", "door"])
      const captions = example.lines.filter((line) => /^Caption: a landscape with \d ridges/.test(line))
      assert.lengthOf(captions, 1, example.lines.join("\n"))
      const paths = example.lines.flatMap((line) => /^Open it: (\S+) \(\d+ bytes\)$/.exec(line)?.[1] ?? [])
      const sizes = yield* Effect.forEach(paths, (path) =>
        Effect.map(
          Effect.promise(() => loadImage(path)),
          ({ height, width }) => [width, height]
        )
      )
      assert.deepStrictEqual(sizes, [
        [512, 512],
        [1024, 1024]
      ])
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0", "finished 0"])
      assert.notInclude(example.lines.join("\n"), Accounts.plainKey)
    })
  )

  it.scopedLive("story-with-pictures saves a page with three pictures, one of them in twice the size", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("story-with-pictures", ["The", "old", "clock"])
      const path = (yield* example.saw("Open it: ")).replace(/Open it: (\S+) .*/, "$1")
      const page = yield* Effect.promise(() => readFile(path, "utf8"))
      assert.match(page, /^!\[\]\((cover|picture-1)\.webp\)\n\nThe old clock /)
      const files = [...page.matchAll(/\((\S+\.webp)\)/g)].map(([, file = ""]) => file)
      const widths = yield* Effect.forEach(files, (file) =>
        Effect.map(
          Effect.promise(() => loadImage(join(dirname(path), file))),
          ({ width }) => width
        )
      )
      assert.sameMembers(widths, [512, 512, 1024])
      const kinds = record.jobs.map(({ kind, state }) => `${kind} ${state}`).sort()
      assert.deepStrictEqual(kinds, [
        ...Array.from({ length: 4 }, () => "alchemy finished"),
        ...Array.from({ length: 3 }, () => "image finished"),
        ...Array.from({ length: 3 }, () => "text finished")
      ])
      assert.notInclude(example.lines.join("\n"), Accounts.plainKey)
    })
  )

  it.scopedLive("caption-and-upscale cancels its alchemy job on Ctrl-C", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(4000)
      const example = yield* Processes.run("examples/src/caption-and-upscale.ts", [], {
        HORDE_URL: horde.url,
        HORDE_API_KEY: Accounts.plainKey
      })
      yield* example.saw("Caption: ")
      yield* example.signal("SIGINT")
      yield* example.exitCode
      assert.deepStrictEqual(jobOutcomes(yield* horde.record), ["finished 0", "cancelled 1"])
    })
  )

  it.scopedLive("text-story prints three texts after their price, and neither the key nor the id", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("text-story", ["In", "the", "beginning"])
      const printed = example.lines.join("\n")
      assert.match(printed, /Three texts for \d+ kudos/)
      const variants = example.lines.filter((line) =>
        /^\d\. by koboldcpp\/LLaMA on worker "embedded text", seed \d+$/.test(line)
      )
      assert.deepStrictEqual(
        variants.map((line) => line[0]),
        ["1", "2", "3"]
      )
      assert.lengthOf(
        example.lines.filter((line) => /^In the beginning .{20}/.test(line)),
        3
      )
      assert.strictEqual(example.lines.at(-1), "3 variants of one story")
      assert.deepStrictEqual(
        record.exchanges.filter(({ method }) => method === "POST").map(({ route, status }) => `${route} ${status}`),
        ["/v2/generate/text/async 200", "/v2/generate/text/async 202"]
      )
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0"])
      for (const secret of [Accounts.plainKey, ...record.jobs.map(({ id }) => id)]) assert.notInclude(printed, secret)
    })
  )

  it.scopedLive("language-model answers twice, and the second prompt has the first answer", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("language-model", ["a", "heron"])
      const [first, second, ...rest] = record.jobs
      assert.deepStrictEqual(rest, [])
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0", "finished 0"])
      assert.include(first?.prompt, "User: Tell me a story about a heron.")
      assert.isTrue(second?.prompt?.startsWith(`${first?.prompt} `))
      assert.lengthOf(
        example.lines.filter((line) => /^\(by worker "embedded text", seed \d+; the end: unknown\)$/.test(line)),
        2
      )
    })
  )

  it.scopedLive("text-story cancels its job on Ctrl-C, with its texts printed so far", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(2000)
      const example = yield* Processes.run("examples/src/text-story.ts", [], {
        HORDE_URL: horde.url,
        HORDE_API_KEY: Accounts.plainKey
      })
      yield* example.saw("1. by ")
      yield* example.signal("SIGINT")
      yield* example.exitCode
      const { exchanges, jobs } = yield* horde.record
      assert.deepStrictEqual(jobOutcomes({ exchanges, jobs }), ["cancelled 1"])
      assert.deepStrictEqual(
        exchanges.filter(({ method }) => method === "DELETE").map(({ route }) => route),
        ["/v2/generate/text/status/:id"]
      )
    })
  )

  it.scopedLive("dry-run-cost spends no more than the budget", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("dry-run-cost", ["15"])
      assert.include(example.lines.join("\n"), "1024 × 1024 costs 23 kudos\n768 × 768 costs 14 kudos")
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0"])
      const poor = yield* played("dry-run-cost", ["1"])
      assert.include(poor.example.lines.at(-1), "nothing was drawn")
      assert.deepStrictEqual(jobOutcomes(poor.record), [])
    })
  )

  it.scopedLive("swap-an-endpoint sends one request for two prices", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("swap-an-endpoint")
      assert.include(example.lines.join("\n"), "1000000 kudos")
      assert.lengthOf(
        record.exchanges.filter(({ method }) => method === "POST"),
        1
      )
      assert.deepStrictEqual(jobOutcomes(record), [])
    })
  )

  it.scopedLive("many-images generates twenty jobs, four at a time", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("many-images")
      assert.strictEqual(example.lines.at(-1), "40 pictures; 0 jobs did not give all of theirs")
      assert.deepStrictEqual(
        jobOutcomes(record),
        Array.from({ length: 20 }, () => "finished 0")
      )
    })
  )

  it.scopedLive("many-images keeps the finished pictures of failed jobs", () =>
    Effect.gen(function* () {
      const example = yield* Processes.run("examples/src/many-images.ts")
      assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
      yield* example.saw("JobFaulted lantern number 7, 0 of 2 kept")
      yield* example.saw("JobFaulted lantern number 13, 1 of 2 kept")
      yield* example.saw("37 pictures; 2 jobs did not give all of theirs")
    })
  )

  it.scopedLive("shared-keys uses a key until its budget refuses, and deletes it", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("shared-keys")
      yield* example.saw("its id prints as <redacted>")
      yield* example.saw("used up:   SharedKey")
      assert.strictEqual(example.lines.at(-1), "deleted")
      const deleted = record.exchanges.filter(
        ({ method, route }) => method === "DELETE" && route === "/v2/sharedkeys/:id"
      )
      assert.deepStrictEqual(
        deleted.map(({ status }) => status),
        [200]
      )
      // the friend's jobs were paid by the key's owner, under the key and not under the account's own
      assert.isTrue(
        record.jobs.length >= 1 &&
          record.jobs.every(({ account, state }) => account === "plain" && state === "finished")
      )
      assert.notInclude(example.lines.join("\n"), deleted[0]?.path.split("/").at(-1) ?? "?")
    })
  )

  it.scopedLive("who-is-online prints the models and workers of the horde as tables", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("who-is-online")
      for (const row of [
        /^ {2}model +threads +waiting +seconds to go$/,
        /^ {2}stable_diffusion +1 +0 +0$/,
        /^ {2}koboldcpp\/LLaMA +1 +0 +0$/,
        /^ {2}embedded +image +1 +\d+ {2}\S+ megapixelsteps per second$/,
        /^ {2}embedded text +text +1 +\d+ {2}\S+ tokens per second$/,
        /^ {2}embedded alchemy +interrogation +1 +\d+ {2}\S+ forms per second$/
      ]) {
        assert.isTrue(
          example.lines.some((line) => row.test(line)),
          `${row} in:\n${example.lines.join("\n")}`
        )
      }
      assert.match(example.lines.at(-1) ?? "", /^3 workers with 3 threads serve this horde \(version \d/)
      assert.deepStrictEqual(
        [...new Set(record.exchanges.map(({ method, status }) => `${method} ${status}`))],
        ["GET 200"]
      )
    })
  )

  it.scopedLive("styles draws with a style, which is deleted afterwards", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(100)
      const example = yield* Processes.run("examples/src/styles.ts", [], {
        HORDE_URL: horde.url,
        HORDE_API_KEY: Accounts.ownerKey
      })
      assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
      isTidy(example)
      assert.match(yield* example.saw("created:"), /"ink drawing example-\d+" of owner#1: \{p\}, ink drawing/)
      yield* example.saw("used:     1 times")
      assert.strictEqual(example.lines.at(-1), "deleted")
      yield* isSavedOnce(example)
      const record = yield* horde.record
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0"])
      assert.deepStrictEqual(styleCalls(record), ["POST 200", "DELETE 200"])
    })
  )

  it.scopedLive("styles cancels its job and deletes its style on Ctrl-C", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(600_000)
      const example = yield* Processes.run("examples/src/styles.ts", [], {
        HORDE_URL: horde.url,
        HORDE_API_KEY: Accounts.ownerKey
      })
      yield* example.saw("drawing:")
      yield* example.signal("SIGINT")
      yield* example.exitCode
      const record = yield* horde.record
      assert.deepStrictEqual(jobOutcomes(record), ["cancelled 1"])
      assert.deepStrictEqual(styleCalls(record), ["POST 200", "DELETE 200"])
    })
  )

  it.scopedLive("kudos gives kudos away, once for two requests", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("kudos", ["owner#1", "120"])
      yield* example.saw("plain#2 has 500 kudos")
      yield* example.saw("transferred: 120 kudos to owner#1")
      const numbersOf = (when: string) => example.lines.find((line) => line.startsWith(`  ${when} `))?.match(/-?\d+/g)
      assert.deepStrictEqual(numbersOf("before"), ["500", "0", "0", "0", "0"])
      assert.deepStrictEqual(numbersOf("after"), ["380", "0", "-120", "0", "0"])
      assert.lengthOf(
        record.exchanges.filter(({ method, route }) => method === "POST" && route === "/v2/kudos/transfer"),
        2
      )
      assert.notInclude(example.lines.join("\n"), Accounts.plainKey)
    })
  )

  it.scopedLive("kudos transfers nothing without a receiver, or without the kudos", () =>
    Effect.gen(function* () {
      const unnamed = yield* played("kudos")
      assert.match(unnamed.example.lines.at(-1) ?? "", /^nothing was transferred: name a receiver/)
      assert.deepStrictEqual(
        unnamed.record.exchanges.filter(({ method }) => method === "POST"),
        []
      )
      const poor = yield* played("kudos", ["owner#1", "9000"])
      assert.match(poor.example.lines.at(-1) ?? "", /^nothing was transferred: KudosTransferNotEnough: /)
    })
  )

  it.scopedLive("telemetry shows spans and metrics, and neither keys nor ids", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("telemetry")
      const printed = example.lines.join("\n")
      assert.include(printed, "horde.ImageGeneration.Submit")
      assert.include(printed, 'horde_calls_total {"endpoint":"ImageGeneration/Submit","outcome":"success"} 2')
      assert.include(printed, "horde_cancels_total {} 1")
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0", "cancelled 1"])
      for (const secret of [Accounts.plainKey, "never mind", "a kite", ...record.jobs.map(({ id }) => id)]) {
        assert.notInclude(printed, secret)
      }
    })
  )

  it.scopedLive("survive-a-crash saves the picture of the killed run, on a horde of its own", () =>
    Effect.gen(function* () {
      const example = yield* Processes.run("examples/src/survive-a-crash.ts", [], { HORDE_API_KEY: "" })
      assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
      yield* example.saw("second run | found a job of an earlier run: resuming it")
      yield* isSavedOnce(example)
      assert.strictEqual(example.lines.at(-1), "Requests on the server: 1 submit, 0 cancels.")
    })
  )

  it.scopedLive("two-owners saves the picture of the killed program once", () =>
    Effect.gen(function* () {
      const { example, record } = yield* played("two-owners", [], 2500)
      yield* example.saw("watches    | its owner is dead: resuming the job")
      yield* isSavedOnce(example)
      assert.deepStrictEqual(jobOutcomes(record), ["finished 0"])
      assert.lengthOf(
        record.exchanges.filter(({ method }) => method === "POST"),
        1
      )
    })
  )

  it.scopedLive("worker draws the picture that the client of the same program requests", () =>
    Effect.gen(function* () {
      const example = yield* Processes.run("examples/src/worker.ts", ["a", "red", "door"])
      assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
      isTidy(example)
      yield* example.saw("worker: no job; asking again in 1s")
      yield* example.saw('worker: drawing "a red door" (512 × 512, seed ')
      assert.match(yield* example.saw("worker: delivered for"), /for \d+(\.\d+)? kudos$/)
      yield* example.saw('client: a picture by "the worker of this example"')
      const file = (yield* example.saw("Open it: ")).replace("Open it: ", "")
      const bytes = yield* Effect.promise(() => readFile(file))
      assert.strictEqual(bytes.subarray(1, 4).toString("latin1"), "PNG")
      for (const key of [Accounts.plainKey, Accounts.workerKey]) assert.notInclude(example.lines.join("\n"), key)
    })
  )

  it.live("all examples are listed in the docs and tested", () =>
    Effect.gen(function* () {
      const read = (file: string) => Effect.promise(() => readFile(file, "utf8"))
      const names = (yield* Effect.promise(() => readdir("examples/src")))
        .filter((file) => file.endsWith(".ts"))
        .map((file) => file.replace(".ts", ""))
      const readme = yield* read("README.md")
      const tests =
        (yield* read("test/examples/examples.test.ts")) + (yield* read("test/browser/drawingServer.test.ts"))
      assert.deepStrictEqual(
        names.filter((name) => !readme.includes(`| \`${name}\` |`)),
        []
      )
      assert.deepStrictEqual(
        names.filter((name) => !new RegExp(`played\\("${name}"|examples/src/${name}.ts`).test(tests)),
        []
      )
    })
  )
})
