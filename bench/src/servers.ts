/** Servers in separate processes, so that their work is not counted as the client's. */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Report, Settings } from "./jobs.js"

export interface Server {
  /** The base URL for a connection. */
  readonly url: string
  readonly process: ChildProcess
  /** Ends it; without this, the parent process does not end either. */
  readonly close: () => void
}

const run = (script: string, args: ReadonlyArray<string>): Promise<Server> =>
  new Promise((resolve, reject) => {
    // not the options of this process: a profile, or forced collections, are for the client
    const execArgv = ["--import", fileURLToPath(new URL("../built.mjs", import.meta.url))]
    const child = fork(fileURLToPath(new URL(`${script}.js`, import.meta.url)), args, { execArgv })
    child.once("error", reject)
    // no effect after the promise is settled
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)))
    child.once("message", (url) => resolve({ url: String(url), process: child, close: () => void child.disconnect() }))
  })

/** Runs the server with constant bodies. It sends its address when it listens, and ends with its parent. */
export const serve = (): Promise<Server> => run("pinned", [])

/** A server of jobs. */
export interface JobServer extends Server {
  /** All requests since the last report. */
  readonly report: () => Promise<Report>
}

export const serveJobs = async (settings: Settings): Promise<JobServer> => {
  const server = await run("jobs", [JSON.stringify(settings)])
  return {
    ...server,
    report: () =>
      new Promise((resolve) => {
        server.process.once("message", (report) => resolve(report as Report))
        server.process.send("report")
      })
  }
}
