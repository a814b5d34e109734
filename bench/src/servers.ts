/** Servers in processes of their own, so that their work is not counted as the client's. */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Server {
  /** The address that a connection is given. */
  readonly url: string
  readonly process: ChildProcess
  /** Ends it; without that this process would not end either. */
  readonly close: () => void
}

/** Runs one of the scripts beside this one, which sends its address when it listens, and ends with its parent. */
export const serve = (script: "pinned" | "horde"): Promise<Server> =>
  new Promise((resolve, reject) => {
    // not the options of this process: a profile, or forced collections, are for the client
    const execArgv = ["--import", fileURLToPath(new URL("../built.mjs", import.meta.url))]
    const child = fork(fileURLToPath(new URL(`${script}.js`, import.meta.url)), { execArgv })
    child.once("error", reject)
    // after the promise is settled, this does nothing
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)))
    child.once("message", (url) => resolve({ url: String(url), process: child, close: () => void child.disconnect() }))
  })
