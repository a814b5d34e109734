/** Pages that are closed during a job: the requests that they still send, and the recovery by the next visit. */
import { assert, beforeAll, beforeEach, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import { Effect, Schedule } from "effect"
import type { BrowserContext, Page } from "playwright-core"
import * as Chromium from "../support/chromium.js"
import * as Site from "../support/site.js"
import type * as PageModule from "./journalPage.js"

declare const Page: typeof PageModule // in the browser

let script = ""

beforeEach(Chromium.skipWithout)

beforeAll(async () => {
  script = await Site.bundle(new URL("journalPage.ts", import.meta.url))
})

/** A tab with the SDK in it. */
const visit = (browser: BrowserContext, url: string, atExit: "cancel" | "keep") =>
  Effect.gen(function* () {
    const horde = yield* HordeServer.HordeServer
    const options = { url: horde.url, apiKey: Accounts.plainKey, atExit }
    return yield* Effect.promise(async () => {
      const page = await browser.newPage()
      await page.goto(url)
      await page.evaluate((it) => Page.open(it), options)
      return page
    })
  })

const draw = (page: Page, prompt: string) => Effect.promise(() => page.evaluate((it) => Page.draw(it), prompt))
const pictures = (page: Page) => Effect.promise(() => page.evaluate(() => Page.pictures()))
const recover = (page: Page, policy: "resume" | "cancel") =>
  Effect.promise(() => page.evaluate((it) => Page.recover(it), policy))

/** Like the browser's button. A page from the back-forward cache is not loaded. */
const goBack = (page: Page, url: string) =>
  Effect.promise(async () => {
    await page.evaluate(() => void setTimeout(() => history.back()))
    await page.waitForURL(`${url}/`, { waitUntil: "commit" })
    await page.waitForFunction(() => typeof Page === "object")
  })

/** The outcome of each job: `cancelled 1` is a job that was cancelled once. */
const jobOutcomes = Effect.flatMap(HordeServer.HordeServer, ({ jobs }) =>
  Effect.map(jobs, (all) => all.map(({ cancels, state }) => `${state} ${cancels}`))
)

/** Waits for these outcomes, and returns the last ones. */
const outcomesBecome = (wanted: ReadonlyArray<string>) =>
  jobOutcomes.pipe(
    Effect.repeat({
      schedule: Schedule.spaced("50 millis"),
      until: (found) => found.join() === wanted.join()
    }),
    Effect.timeoutOption("2 minutes"), // to show the outcomes then
    Effect.zipRight(Effect.sleep("1 second")), // long enough for a second cancel
    Effect.zipRight(jobOutcomes)
  )

/** The requests that the server received with this method, and its replies. */
const requests = (method: string) =>
  Effect.flatMap(HordeServer.HordeServer, ({ exchanges }) =>
    Effect.map(exchanges, (all) => all.filter((one) => one.method === method))
  )

const slow = HordeServer.layer({ port: 0, worker: { takes: "60 seconds" } })
const quick = HordeServer.layer({ port: 0, worker: { takes: "3 seconds" } })

describe("a page with PageExit", () => {
  const leave = (title: string, how: (page: Page, url: string) => Promise<unknown>) =>
    it.scopedLive(`a page with PageExit cancels its jobs when it is ${title}`, () =>
      Effect.gen(function* () {
        const url = yield* Site.serve(script)
        const browser = yield* Chromium.withProfile(yield* Chromium.profile)
        const page = yield* visit(browser, url, "cancel")
        yield* Effect.all([draw(page, "a fox"), draw(page, "a hare")], { concurrency: 2 })
        assert.deepStrictEqual(yield* jobOutcomes, ["processing 0", "processing 0"])

        yield* Effect.promise(() => how(page, url))
        assert.deepStrictEqual(yield* outcomesBecome(["cancelled 1", "cancelled 1"]), ["cancelled 1", "cancelled 1"])
        const cancels = yield* requests("DELETE")
        assert.deepStrictEqual(
          cancels.map(({ headers, status }) => [headers["origin"], status]),
          [
            [url, 200],
            [url, 200]
          ]
        )
      }).pipe(
        Effect.provide(HordeServer.layer({ port: 0, worker: [{ takes: "60 seconds" }, { takes: "60 seconds" }] }))
      )
    )

  leave("closed", (page) => page.close())
  leave("reloaded", (page) => page.reload())
  // a page that is opened in place of one with a window handle does not enter the back-forward cache
  leave("left for another site", async (page, url) => {
    await page.evaluate(() => void globalThis.open("/", "_blank"))
    await page.goto(url.replace("127.0.0.1", "localhost"))
  })

  it.scopedLive("a page in the back-forward cache keeps its jobs and continues them on the way back", () =>
    Effect.gen(function* () {
      const url = yield* Site.serve(script)
      const browser = yield* Chromium.withProfile(yield* Chromium.profile)
      const page = yield* visit(browser, url, "cancel")
      yield* draw(page, "a fox")
      yield* Effect.promise(() => page.goto(url.replace("127.0.0.1", "localhost")))
      yield* Effect.sleep("1 second")
      assert.isEmpty(yield* requests("DELETE"))
      yield* goBack(page, url)
      assert.deepStrictEqual(yield* pictures(page), [1])
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(Effect.provide(quick))
  )

  it.scopedLive("a page without PageExit cancels nothing when it is closed", () =>
    Effect.gen(function* () {
      const browser = yield* Chromium.withProfile(yield* Chromium.profile)
      const page = yield* visit(browser, yield* Site.serve(script), "keep")
      yield* draw(page, "a fox")
      yield* Effect.promise(() => page.close())
      yield* Effect.sleep("2 seconds")
      assert.deepStrictEqual(yield* jobOutcomes, ["processing 0"])
    }).pipe(Effect.provide(slow))
  )
})

describe("a page with a journal", () => {
  it.scopedLive("the next visit resumes the jobs of a closed browser", () =>
    Effect.gen(function* () {
      const url = yield* Site.serve(script)
      const profile = yield* Chromium.profile
      const before = yield* Chromium.withProfile(profile)
      const page = yield* visit(before, url, "keep")
      yield* draw(page, "a fox")
      yield* Chromium.crash(before, page)

      const after = yield* Chromium.withProfile(profile)
      const again = yield* visit(after, url, "keep")
      const { resumed } = yield* recover(again, "resume")
      assert.strictEqual(resumed, 1)
      assert.deepStrictEqual(yield* pictures(again), [1])
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
      assert.lengthOf(yield* requests("POST"), 1)
      // and it is delivered
      assert.strictEqual((yield* recover(again, "resume")).resumed, 0)
    }).pipe(Effect.provide(quick))
  )

  it.scopedLive("an open tab takes over the jobs of a closed tab at once", () =>
    Effect.gen(function* () {
      const url = yield* Site.serve(script)
      const browser = yield* Chromium.withProfile(yield* Chromium.profile)
      const [page, other] = [yield* visit(browser, url, "keep"), yield* visit(browser, url, "keep")]
      yield* draw(page, "a fox")
      assert.strictEqual((yield* recover(other, "cancel")).cancelled, 0) // it is open
      assert.deepStrictEqual(yield* jobOutcomes, ["processing 0"])

      const crashed = Effect.promise(() => new Promise<void>((resolve) => page.once("crash", () => resolve())))
      const session = yield* Effect.promise(() => browser.newCDPSession(page))
      yield* Effect.zipRight(
        Effect.sync(() => void session.send("Page.crash").catch(() => undefined)),
        crashed
      )
      assert.strictEqual((yield* recover(other, "cancel")).cancelled, 1)
      assert.deepStrictEqual(yield* outcomesBecome(["cancelled 1"]), ["cancelled 1"])
    }).pipe(Effect.provide(slow))
  )

  it.scopedLive("a page in the back-forward cache loses its jobs to a tab that recovers", () =>
    Effect.gen(function* () {
      const url = yield* Site.serve(script)
      const browser = yield* Chromium.withProfile(yield* Chromium.profile)
      const [page, other] = [yield* visit(browser, url, "keep"), yield* visit(browser, url, "keep")]
      yield* draw(page, "a fox")
      yield* Effect.promise(() => page.goto(url.replace("127.0.0.1", "localhost")))
      assert.strictEqual((yield* recover(other, "resume")).resumed, 1)
      // the way back leads to a new page
      yield* goBack(page, url)
      assert.strictEqual(
        yield* Effect.promise(() => page.evaluate(() => Page.pictures().then(({ length }) => length))),
        0
      )
      assert.deepStrictEqual(yield* pictures(other), [1])
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(Effect.provide(quick))
  )
})
