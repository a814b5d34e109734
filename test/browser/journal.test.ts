/** The journal in IndexedDB: the owners of entries, with real tabs and real locks. */
import { afterAll, assert, beforeAll, beforeEach, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
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

// one for all: every test has its own site, and so its own journal
const scope = Effect.runSync(Scope.make())
let browser: BrowserContext

beforeAll(async () => {
  if (Chromium.isThere)
    browser = await Effect.runPromise(Effect.flatMap(Chromium.profile, Chromium.withProfile).pipe(Scope.extend(scope)))
})

afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** A tab with an open journal. */
const tab = async (url: string): Promise<Page> => {
  const page = await browser.newPage()
  await page.goto(url)
  assert.strictEqual(await page.evaluate(() => Page.openJournal()), "open")
  return page
}

const write = (page: Page, ...entry: Parameters<typeof PageModule.write>) =>
  page.evaluate((it) => Page.write(...it), entry)
const entries = (page: Page) => page.evaluate(() => Page.entries())
const holds = (page: Page, key: string) => page.evaluate((it) => Page.holds(it), key)
const takeOver = (page: Page) => page.evaluate(() => Page.takeOver())
const plant = (page: Page, ...texts: ReadonlyArray<string>) => page.evaluate((it) => Page.plant(it), texts)

const nothing = { entries: [], newer: 0, unreadable: 0 }

/** A test with some tabs. */
const check = (
  title: string,
  count: number,
  run: (tabs: ReadonlyArray<Page>, more: () => Promise<Page>) => Promise<void>
) =>
  it.scopedLive(title, () =>
    Effect.gen(function* () {
      const url = yield* Site.serve(script)
      yield* Effect.promise(async () => {
        const opened = await Promise.all(Array.from({ length: count }, () => tab(url)))
        await run(opened, () => tab(url))
      })
    })
  )

describe("the journal in IndexedDB", () => {
  check("all pages read the last state of an entry, and one page can write it", 2, async ([mine, theirs]) => {
    if (mine === undefined || theirs === undefined) throw new Error("there are two tabs")
    assert.strictEqual(await write(mine, "a", "intent"), "written")
    assert.strictEqual(await write(mine, "a", "live"), "written")
    assert.strictEqual(await write(mine, "b", "intent"), "written")
    assert.deepStrictEqual(await entries(theirs), ["a live", "b intent"])
    assert.isTrue(await holds(mine, "a"))
    assert.isFalse(await holds(mine, "unheard of"))

    assert.isFalse(await holds(theirs, "a"))
    assert.strictEqual(await write(theirs, "a", "cancelled"), "NotMine")
    assert.deepStrictEqual(await entries(mine), ["a live", "b intent"])
  })

  check("a tab takes over the open entries of a closed tab, and none of an open one", 2, async ([mine, theirs]) => {
    if (mine === undefined || theirs === undefined) throw new Error("there are two tabs")
    for (const state of ["intent", "live", "finished", "delivered", "cancelled"] as const) {
      await write(theirs, state, state)
    }
    assert.deepStrictEqual(await takeOver(mine), nothing)
    assert.isTrue(await holds(theirs, "live"))
    assert.strictEqual(await write(theirs, "live", "live"), "written")

    await theirs.close()
    const { entries: taken } = await takeOver(mine)
    assert.deepStrictEqual(taken, ["finished finished", "intent intent", "live live"])
    assert.isTrue(await holds(mine, "live"))
    assert.strictEqual(await write(mine, "live", "finished"), "written")
    assert.deepStrictEqual(await takeOver(mine), nothing)
  })

  check("open entries pass on when a journal is closed and its page stays", 2, async ([mine, theirs]) => {
    if (mine === undefined || theirs === undefined) throw new Error("there are two tabs")
    await write(theirs, "a", "live")
    await theirs.evaluate(() => Page.closeJournal())
    assert.deepStrictEqual(await takeOver(mine), { ...nothing, entries: ["a live"] })
    assert.isFalse(await holds(theirs, "a"))
    assert.strictEqual(await write(theirs, "a", "cancelled"), "Unavailable")
    assert.deepStrictEqual(await entries(mine), ["a live"])
  })

  check("open entries pass on when a page is reloaded", 1, async ([page]) => {
    if (page === undefined) throw new Error("there is a tab")
    for (let round = 0; round < 5; round++) {
      await write(page, `${round}`, "live")
      await page.reload()
      await page.evaluate(() => Page.openJournal())
      assert.lengthOf((await takeOver(page)).entries, round + 1)
    }
  })

  check("a take-over waits for a page that is just closing", 1, async ([page]) => {
    if (page === undefined) throw new Error("there is a tab")
    await plant(page, '{"version":2}')
    const taken = await page.evaluate(() => {
      void navigator.locks.request("effect-horde/effect-horde/dead", () => new Promise((go) => setTimeout(go, 130)))
      return Page.takeOver()
    })
    assert.strictEqual(taken.newer, 1)
  })

  check("each entry of closed tabs goes to one of several concurrent take-overs", 3, async (rivals, more) => {
    for (let round = 0; round < 5; round++) {
      const keys = Array.from({ length: 10 }, (_, at) => `${round}-${at}`)
      for (const half of [0, 1]) {
        const dead = await more()
        await Promise.all(keys.filter((_, at) => at % 2 === half).map((key) => write(dead, key, "live")))
        await dead.close()
      }
      const taken = await Promise.all(rivals.map(takeOver))
      assert.deepStrictEqual(
        taken.flatMap(({ entries }) => entries).sort(),
        keys.map((key) => `${key} live`)
      )
      for (const [at, rival] of rivals.entries()) {
        const held = await Promise.all(keys.map((key) => holds(rival, key)))
        assert.deepStrictEqual(
          keys.filter((_, at) => held[at]).map((key) => `${key} live`),
          taken[at]?.entries
        )
      }
    }
  })

  check("a journal whose lock was stolen loses its entries and can write new ones", 2, async ([mine, theirs]) => {
    if (mine === undefined || theirs === undefined) throw new Error("there are two tabs")
    await write(mine, "a", "live")
    await mine.evaluate(async () => {
      const { held = [] } = await navigator.locks.query()
      // only the journal knows which of them is the page's own
      for (const { name = "" } of held) await navigator.locks.request(name, { steal: true }, () => undefined)
    })
    assert.isFalse(await holds(mine, "a"))
    assert.strictEqual(await write(mine, "a", "cancelled"), "NotMine")
    assert.strictEqual(await write(mine, "b", "live"), "written")
    assert.isTrue(await holds(mine, "b"))
    assert.deepStrictEqual(await takeOver(theirs), { ...nothing, entries: ["a live"] })
    assert.isFalse(await holds(mine, "a"))
    assert.isTrue(await holds(mine, "b"))
    await mine.close()
    assert.deepStrictEqual(await takeOver(theirs), { ...nothing, entries: ["b live"] })
  })

  check("records of a later version and damaged records are kept and counted", 2, async ([mine, theirs]) => {
    if (mine === undefined || theirs === undefined) throw new Error("there are two tabs")
    await plant(theirs, '{"version":2,"whatever":["there","will","be"]}', '{"version":3}', '{"version":1,"key":"to')
    await write(theirs, "a", "live")
    await theirs.close()
    assert.deepStrictEqual(await takeOver(mine), { entries: ["a live"], newer: 2, unreadable: 1 })
    assert.deepStrictEqual(await entries(mine), ["a live"])
    assert.deepStrictEqual(await takeOver(mine), { entries: [], newer: 2, unreadable: 1 })
  })

  check("old ends are removed, and open entries stay at any age", 1, async ([page]) => {
    if (page === undefined) throw new Error("there is a tab")
    for (const state of ["intent", "live", "finished", "delivered", "cancelled"] as const) {
      await write(page, `old-${state}`, state, 31)
      await write(page, `new-${state}`, state, 29)
    }
    const kept = [
      "new-cancelled cancelled",
      "new-delivered delivered",
      "new-finished finished",
      "new-intent intent",
      "new-live live",
      "old-finished finished",
      "old-intent intent",
      "old-live live"
    ]
    assert.deepStrictEqual(await entries(page), kept)
    const keys = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const request = indexedDB.open("effect-horde")
          request.onsuccess = () => {
            const count = request.result.transaction("entries").objectStore("entries").count()
            count.onsuccess = () => resolve(count.result)
          }
        })
    )
    assert.strictEqual(keys, kept.length)
  })

  check("journals of different names are separate", 2, async ([mine, theirs]) => {
    if (mine === undefined || theirs === undefined) throw new Error("there are two tabs")
    await write(mine, "a", "live")
    await theirs.evaluate(() => Page.openJournal("another"))
    assert.isEmpty(await entries(theirs))
    await mine.close()
    assert.deepStrictEqual(await takeOver(theirs), nothing)
  })

  check("a write to a full journal fails", 1, async ([page]) => {
    if (page === undefined) throw new Error("there is a tab")
    const session = await page.context().newCDPSession(page)
    const { origin } = new URL(page.url())
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 })
    assert.strictEqual(await write(page, "a", "live", 0, "x".repeat(30_000_000)), "Unavailable")
    assert.isEmpty(await entries(page))
    assert.isFalse(await holds(page, "a"))
    await session.send("Storage.overrideQuotaForOrigin", { origin })
    assert.strictEqual(await write(page, "a", "live"), "written")

    // the user clears the site's data: the written entries are gone, and still this page's
    await session.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" })
    assert.strictEqual(await write(page, "c", "live"), "Unavailable")
    assert.isTrue(await holds(page, "a"))
    assert.isFalse(await holds(page, "c"))
  })

  check("a journal on a page over http fails", 1, async ([page]) => {
    if (page === undefined) throw new Error("there is a tab")
    await page
      .context()
      .route("http://example.test/**", (route) =>
        route.fulfill(
          route.request().url().endsWith("/page.js")
            ? { contentType: "text/javascript; charset=utf-8", body: script }
            : { contentType: "text/html", body: Site.html }
        )
      )
    await page.goto("http://example.test/")
    assert.match(await page.evaluate(() => Page.openJournal()), /there is no Web Locks API here/)
  })
})
