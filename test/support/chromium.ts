/** A headless Chromium for the tests in which a real browser is the point. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
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

const missing = "This test needs Chromium or Chrome: install one, or say in CHROMIUM_PATH where yours is."

const find = async () => {
  const told = process.env["CHROMIUM_PATH"]
  if (told !== undefined && told !== "") {
    if (Debian.isProgram(told)) return told
    throw new Error(`CHROMIUM_PATH is ${told}, which is no program that can be run.`)
  }
  const found = places().find(Debian.isProgram)
  if (found !== undefined) return found
  if (!Debian.canInstall()) throw new Error(missing)
  const complaint = await Debian.install("chromium", "command -v chromium")
  if (complaint !== undefined) throw new Error(`apt-get could not install it.\n${missing}\n\n${complaint.slice(-2000)}`)
  const installed = places().find(Debian.isProgram)
  if (installed === undefined) throw new Error(missing)
  return installed
}

let executable: Promise<string> | undefined

/** For `beforeAll`: finds the browser, and installs it where there is none and it can. */
export const ready = async (): Promise<void> => {
  executable ??= find()
  await executable
}

/** How long {@link ready} may take. */
export const patience = 600_000

const options = async () => {
  executable ??= find()
  return {
    executablePath: await executable,
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

/** The browser, with an empty profile in a temporary folder that goes with it. */
const browser: Effect.Effect<Browser, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => chromium.launch(await options())),
  (it) => Effect.promise(() => it.close())
)

/** A folder for a profile, for as long as a test lasts. */
export const profile: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-horde-profile-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
)

/**
 * The browser with a profile that is kept in a folder, as a person's is; like a person's it keeps pages asleep for the
 * way back.
 */
export const withProfile = (folder: string): Effect.Effect<BrowserContext, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const ignoreDefaultArgs = ["--disable-back-forward-cache"]
      return chromium.launchPersistentContext(folder, { ...(await options()), ignoreDefaultArgs })
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
      const complaints: Array<string> = []
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
      })
      page.on("pageerror", (error) => complaints.push(String(error)))
      await page.goto(url)
      return { page, complaints }
    })
  )
