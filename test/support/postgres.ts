/** A PostgreSQL server of the tests: in a temporary folder, on a socket there, and otherwise empty. */
import { execFileSync, spawn } from "node:child_process"
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Redacted, type Scope } from "effect"
import * as Debian from "./debian.js"

/** Debian keeps each version in a folder of its own, which is in no `PATH`. */
const find = () => {
  const debian = "/usr/lib/postgresql"
  const versions = () => {
    try {
      return readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    } catch {
      return []
    }
  }
  const folders = [...Debian.folders(), ...versions().map((version) => join(debian, version, "bin"))]
  return folders.find((folder) => ["initdb", "postgres"].every((name) => Debian.isProgram(join(folder, name))))
}

const isRoot = process.getuid?.() === 0

/** It refuses to run as root, so that root has to run it as another user: the one that comes with it. */
const systemUser = () => {
  if (!isRoot) return {}
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: "pipe" }))
  return { uid: id("-u"), gid: id("-g") }
}

const isSystemUser = () => {
  try {
    return Boolean(systemUser())
  } catch {
    return false
  }
}

/** The folder of its programs; `undefined` without them, or without a user to run them. */
export const programs = (): string | undefined => (isSystemUser() ? find() : undefined)

export interface Postgres {
  /** The URL for tables in a schema of this name. */
  readonly url: (schema: string) => Redacted.Redacted
  /** Ends it at once, as a failure of its machine would. */
  readonly end: Effect.Effect<void>
}

/** Starts a server; it ends, and its data is removed, when the scope closes. */
export const start = (bin: string): Effect.Effect<Postgres, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const user = systemUser()
      const folder = mkdtempSync(join(tmpdir(), "effect-horde-pg-"))
      if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
      const data = join(folder, "data")
      execFileSync(join(bin, "initdb"), ["-D", data, "-U", "horde", "-A", "trust", "-E", "UTF8", "--no-sync"], {
        ...user,
        cwd: folder,
        stdio: "ignore"
      })
      const settings = ["listen_addresses=", "fsync=off", "max_connections=200"]
      const server = spawn(join(bin, "postgres"), ["-D", data, "-k", folder, ...settings.flatMap((it) => ["-c", it])], {
        ...user,
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"]
      })
      const kill = () => void server.kill("SIGQUIT")
      process.on("exit", kill)
      const ended = new Promise<void>((resolve) => server.once("close", () => resolve()))
      await new Promise<void>((resolve, reject) => {
        let output = ""
        server.stderr.on("data", (chunk) => {
          output += chunk
          if (output.includes("ready to accept connections")) resolve()
        })
        server.once("error", reject)
        server.once("close", () => reject(new Error(`PostgreSQL did not start.\n${output.slice(-2000)}`)))
      })
      const end = Effect.promise(async () => {
        kill()
        await ended
        process.off("exit", kill)
      })
      const url = (schema: string) => {
        const place = new URL("postgres://horde:a-secret-password@localhost/postgres")
        place.searchParams.set("host", folder)
        place.searchParams.set("options", `-c search_path=${schema}`)
        return Redacted.make(place.href)
      }
      return { url, end, folder }
    }),
    ({ end, folder }) =>
      Effect.zipRight(
        end,
        Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
      )
  )
