/** Programs of the system, and how to get them on Debian. */
import { spawn } from "node:child_process"
import { accessSync, constants, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"

export const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The folders of `PATH`. */
export const folders = (): ReadonlyArray<string> =>
  (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")

/** Whether this is Debian, and we are who may install. */
export const canInstall = (): boolean => {
  try {
    return process.getuid?.() === 0 && /^ID="?debian"?$/m.test(readFileSync("/etc/os-release", "utf8"))
  } catch {
    return false
  }
}

/**
 * Installs a package unless it is there, and gives what apt had to say where it could not. One at a time, since every
 * test file is a process of its own and apt lets in but one; the next ones find it there.
 */
export const install = (name: string, isThere: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    console.error(`Installing Debian's ${name} (apt-get install ${name}), which takes a minute or two …`)
    const script = `${isThere} || { apt-get update && apt-get install -y ${name}; }`
    const child = spawn("flock", [join(tmpdir(), "effect-horde-apt.lock"), "sh", "-c", script], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk))
    child.on("error", (error) => resolve(error.message))
    child.on("close", (code) => resolve(code === 0 ? undefined : output))
  })
