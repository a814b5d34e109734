/** A headless Chromium for the tests that need a real browser. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import type { TestContext } from "vitest"
import * as Debian from "./debian.js"

/** The path of Playwright's own browser; it throws if it knows none for the system. */
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

/** The executable: the one that `CHROMIUM_PATH` names, or the first that is found. */
export const executable = (): string | undefined => {
  const configured = process.env["CHROMIUM_PATH"]
  if (configured === undefined || configured === "") return places().find(Debian.isProgram)
  if (Debian.isProgram(configured)) return configured
  throw new Error(`CHROMIUM_PATH is ${configured}, which is no program that can be run.`)
}

/** Whether there is a browser to test with. */
export const isThere = executable() !== undefined

/** For `beforeEach`: skips the test without a browser, with the reason. */
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
      // it must connect to nothing but the test
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  }
}

/** No time-out: an operation of the browser takes as long as the machine needs, and the test has its own time-out. */
const timeouts = 0

/** A folder for a profile, for the duration of a test. */
export const profile: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-horde-profile-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
)

/** A browser with an empty profile in a temporary folder that is removed with it. */
const browser: Effect.Effect<Browser, never, Scope.Scope> = Effect.flatMap(profile, (home) =>
  Effect.acquireRelease(
    Effect.promise(() => chromium.launch(options(home))),
    (it) => Effect.promise(() => it.close())
  )
)

/**
 * A browser with a profile that is kept in a folder, as a person's is; like a person's it keeps pages in the
 * back-forward cache.
 */
export const withProfile = (folder: string): Effect.Effect<BrowserContext, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const ignoreDefaultArgs = ["--disable-back-forward-cache"]
      const context = await chromium.launchPersistentContext(folder, { ...options(folder), ignoreDefaultArgs })
      context.setDefaultTimeout(timeouts)
      return context
    }),
    (it) => Effect.promise(() => it.close())
  )

/** Ends the browser without notice to its pages, as a power cut does. */
export const crash = (browser: BrowserContext, page: Page): Effect.Effect<void> =>
  Effect.promise(async () => {
    const closed = new Promise<void>((resolve) => browser.once("close", () => resolve()))
    const session = await browser.newCDPSession(page)
    session.send("Browser.crash").catch(() => undefined) // there is no reply after the crash
    await closed
  })

/** An open page, and all of its errors so far. */
export interface Tab {
  readonly page: Page
  /** The errors and warnings that the developer tools would show. */
  readonly complaints: ReadonlyArray<string>
}

/** A browser of its own with one page in it. */
export const open = (url: string): Effect.Effect<Tab, never, Scope.Scope> =>
  Effect.flatMap(browser, (it) =>
    Effect.promise(async () => {
      const page = await it.newPage({ viewport: { width: 900, height: 1000 } })
      page.setDefaultTimeout(timeouts)
      const complaints: Array<string> = []
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
      })
      page.on("pageerror", (error) => complaints.push(String(error)))
      await page.goto(url)
      return { page, complaints }
    })
  )
