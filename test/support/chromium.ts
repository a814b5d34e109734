/** A headless Chromium for the tests in which a real browser is the point. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import type { TestContext } from "vitest"
import * as Debian from "./debian.js"

/** Where Playwright would have put its own; it throws where it knows none for the system. */
const playwrightsOwn = () => {
  try {
    return [chromium.executablePath()]
  } catch {
    return []
  }
}

const places = () => {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
  const folders = ["/usr/bin", ...Debian.folders()]
  return [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ...["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((name) => {
      const folder = process.env[name]
      return folder === undefined ? [] : [join(folder, "Google", "Chrome", "Application", "chrome.exe")]
    }),
    ...playwrightsOwn()
  ]
}

/** The program to start: the one that `CHROMIUM_PATH` names, or the first that is found. */
export const executable = (): string | undefined => {
  const told = process.env["CHROMIUM_PATH"]
  if (told === undefined || told === "") return places().find(Debian.isProgram)
  if (Debian.isProgram(told)) return told
  throw new Error(`CHROMIUM_PATH is ${told}, which is no program that can be run.`)
}

/** Whether there is a browser to test with. */
export const isThere = executable() !== undefined

/** For `beforeEach`: skips the test where there is no browser, and says why. */
export const skipWithout = ({ skip }: TestContext): void =>
  skip(!isThere, "there is no Chromium or Chrome (npm test -- --install installs one, CHROMIUM_PATH names another)")

/** Its home is a folder of its own: it keeps crash reports and certificates there, whatever its profile. */
const options = (home: string) => {
  const executablePath = executable()
  if (executablePath === undefined) throw new Error("there is no Chromium or Chrome")
  return {
    executablePath,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
    headless: true,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      // it must ask nobody but the test
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  }
}

/** No limit: what a browser is asked for takes as long as the machine needs, and the test has a limit of its own. */
const patience = 0

/** A folder for a profile, for as long as a test lasts. */
export const profile: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-horde-profile-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
)

/** The browser, with an empty profile in a temporary folder that goes with it. */
const browser: Effect.Effect<Browser, never, Scope.Scope> = Effect.flatMap(profile, (home) =>
  Effect.acquireRelease(
    Effect.promise(() => chromium.launch(options(home))),
    (it) => Effect.promise(() => it.close())
  )
)

/**
 * The browser with a profile that is kept in a folder, as a person's is; like a person's it keeps pages asleep for the
 * way back.
 */
export const withProfile = (folder: string): Effect.Effect<BrowserContext, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const ignoreDefaultArgs = ["--disable-back-forward-cache"]
      const context = await chromium.launchPersistentContext(folder, { ...options(folder), ignoreDefaultArgs })
      context.setDefaultTimeout(patience)
      return context
    }),
    (it) => Effect.promise(() => it.close())
  )

/** Ends the browser without a word to its pages, as a power cut does. */
export const crash = (browser: BrowserContext, page: Page): Effect.Effect<void> =>
  Effect.promise(async () => {
    const closed = new Promise<void>((resolve) => browser.once("close", () => resolve()))
    const session = await browser.newCDPSession(page)
    session.send("Browser.crash").catch(() => undefined) // nobody is left to answer
    await closed
  })

/** An open page, and all that went wrong in it so far. */
export interface Tab {
  readonly page: Page
  /** What a person would see in red (or yellow) in the developer tools. */
  readonly complaints: ReadonlyArray<string>
}

/** A browser of its own with one page in it. */
export const open = (url: string): Effect.Effect<Tab, never, Scope.Scope> =>
  Effect.flatMap(browser, (it) =>
    Effect.promise(async () => {
      const page = await it.newPage({ viewport: { width: 900, height: 1000 } })
      page.setDefaultTimeout(patience)
      const complaints: Array<string> = []
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
      })
      page.on("pageerror", (error) => complaints.push(String(error)))
      await page.goto(url)
      return { page, complaints }
    })
  )
