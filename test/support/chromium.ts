/** A headless Chromium for the tests in which a real browser is the point. */
import { spawn } from "node:child_process"
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { Effect, type Scope } from "effect"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"

const isProgram = (path: string) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

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
  const folders = ["/usr/bin", ...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")]
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

const isDebian = () => {
  try {
    return /^ID="?debian"?$/m.test(readFileSync("/etc/os-release", "utf8"))
  } catch {
    return false
  }
}

const missing = "This test needs Chromium or Chrome: install one, or say in CHROMIUM_PATH where yours is."

/** One at a time, since every test file is a process of its own and apt lets in but one; the next ones find it there. */
const install = () =>
  new Promise<void>((resolve, reject) => {
    console.error(
      "No Chromium was found: installing Debian's (apt-get install chromium), which takes a minute or two …"
    )
    const script = "command -v chromium || { apt-get update && apt-get install -y chromium; }"
    const child = spawn("flock", [join(tmpdir(), "effect-horde-chromium.lock"), "sh", "-c", script], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk))
    child.on("error", reject)
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`apt-get could not install it.\n${missing}\n\n${output.slice(-2000)}`))
    )
  })

const find = async () => {
  const told = process.env["CHROMIUM_PATH"]
  if (told !== undefined && told !== "") {
    if (isProgram(told)) return told
    throw new Error(`CHROMIUM_PATH is ${told}, which is no program that can be run.`)
  }
  const found = places().find(isProgram)
  if (found !== undefined) return found
  if (!isDebian() || process.getuid?.() !== 0) throw new Error(missing)
  await install()
  const installed = places().find(isProgram)
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
