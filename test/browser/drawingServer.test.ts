/** The drawing server as its visitors see it, each of the three in its own process: browser, server and horde. */
import { createServer } from "node:net"
import { assert, beforeEach, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { Effect, Option, Schedule } from "effect"
import type { Page } from "playwright-core"
import * as Chromium from "../support/chromium.js"
import * as Machine from "../support/machine.js"
import * as Processes from "../support/processes.js"

beforeEach(Chromium.skipWithout)

/** A free port. */
const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

const serve = (url: string, port: number) =>
  Effect.gen(function* () {
    const server = yield* Processes.run("examples/src/drawing-server.ts", [String(port)], {
      HORDE_URL: url,
      HORDE_API_KEY: Accounts.plainKey
    })
    yield* server.saw(`:${port}`)
    return server
  })

/** Presses the button, and waits until a worker has the job. */
const drawing = (page: Page) =>
  Effect.promise(async () => {
    await page.click("button")
    await page.waitForFunction(() => document.getElementById("note")?.textContent?.includes("is drawing"))
  })

describe("the drawing server", () => {
  it.scopedLive("the drawing server shows the progress of a picture, and cancels it when its visitor leaves", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(yield* Machine.limit(6000))
      const port = yield* freePort
      yield* serve(horde.url, port)
      const { complaints, page } = yield* Chromium.open(`http://127.0.0.1:${port}/`)
      yield* Effect.promise(() =>
        page.evaluate(() => {
          const note = document.getElementById("note")
          const notes: Array<string> = []
          if (note === null) throw new Error("there is no note")
          new MutationObserver(() => notes.push(note.textContent ?? "")).observe(note, {
            characterData: true,
            childList: true,
            subtree: true
          })
          Object.assign(globalThis, { notes })
        })
      )
      const notes = Effect.promise(() =>
        page.evaluate(() => (globalThis as unknown as { notes: ReadonlyArray<string> }).notes)
      )

      yield* Effect.promise(() => page.fill("input[name=prompt]", "a red door"))
      yield* drawing(page)
      yield* Effect.promise(() => page.waitForSelector("img"))
      const picture = yield* Effect.promise(() =>
        page.evaluate(async () => {
          const img = document.querySelector("img")
          await img?.decode()
          return { height: img?.naturalHeight, width: img?.naturalWidth }
        })
      )
      assert.deepStrictEqual(picture, { height: 512, width: 512 })
      const seen = yield* notes
      assert.deepStrictEqual(seen.slice(0, 2), ["asking the horde", "the horde accepted the request"])
      assert.isTrue(
        seen.some((note) => /^a worker is drawing, about \d+ s to go$/.test(note)),
        seen.join("\n")
      )
      assert.strictEqual(seen.at(-1), "there it is")

      yield* Effect.promise(() => page.fill("input[name=prompt]", "a fox in the snow"))
      yield* drawing(page)
      const before = yield* horde.record
      assert.deepStrictEqual(
        before.jobs.map(({ state }) => state),
        ["finished", "processing"]
      )
      yield* Effect.promise(() => page.close())
      // long before it would be finished
      const cancelled = yield* horde.record.pipe(
        Effect.repeat({
          schedule: Schedule.spaced("100 millis"),
          until: ({ jobs }) => jobs[1]?.state === "cancelled"
        }),
        Effect.timeoutOption("2 minutes")
      )
      assert.isTrue(Option.isSome(cancelled), "the job was not cancelled")
      yield* Effect.sleep("1 second") // long enough for a second cancel
      const { exchanges, jobs } = yield* horde.record
      assert.deepStrictEqual(
        jobs.map(({ cancels, finished, prompt, state }) => ({ cancels, finished, prompt, state })),
        [
          { cancels: 0, finished: 1, prompt: "a red door", state: "finished" },
          { cancels: 1, finished: 0, prompt: "a fox in the snow", state: "cancelled" }
        ]
      )
      assert.lengthOf(
        exchanges.filter(({ method }) => method === "DELETE"),
        1
      )
      assert.isEmpty(complaints)
    })
  )

  it.scopedLive("the drawing server draws nothing twice after a broken connection", () =>
    Effect.gen(function* () {
      const horde = yield* Processes.horde(60_000)
      const port = yield* freePort
      const server = yield* serve(horde.url, port)
      const { page } = yield* Chromium.open(`http://127.0.0.1:${port}/`)
      yield* drawing(page)
      yield* server.signal("SIGKILL")
      yield* server.exitCode
      yield* serve(horde.url, port)
      yield* Effect.sleep("5 seconds") // browsers reconnect after 3
      assert.strictEqual(yield* Effect.promise(() => page.textContent("#note")), "the connection broke")
      const { jobs } = yield* horde.record
      assert.lengthOf(jobs, 1)
    })
  )
})
