/** Programs of the system, and how to install them on Debian. */
import { spawn } from "node:child_process"
import { accessSync, constants, readFileSync } from "node:fs"
import { delimiter } from "node:path"

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

/** Whether this is Debian and packages may be installed. */
export const canInstall = (): boolean => {
  try {
    return process.getuid?.() === 0 && /^ID="?debian"?$/m.test(readFileSync("/etc/os-release", "utf8"))
  } catch {
    return false
  }
}

/** Installs a package, and returns apt's output if it failed. */
export const install = (name: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    console.error(`Installing Debian's ${name} (apt-get install ${name}), which takes a minute or two …`)
    const child = spawn("sh", ["-c", `apt-get update && apt-get install -y ${name}`], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk))
    child.on("error", (error) => resolve(error.message))
    child.on("close", (code) => resolve(code === 0 ? undefined : output))
  })
