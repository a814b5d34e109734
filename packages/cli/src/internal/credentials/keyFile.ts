/** The file with the API key. It must be readable by its owner only. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type CommandFailed, local } from "../failures/failures.js"

const othersMayRead = (mode: number): boolean => (mode & 0o077) !== 0

/** Reads a key. `None` if the file does not exist. */
export const read = (
  path: string
): Effect.Effect<Option.Option<Redacted.Redacted>, CommandFailed, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const failed = (reason: string) => local(`the key file ${path} cannot be read: ${reason}`)
    if (!(yield* Effect.orElseSucceed(fs.exists(path), () => false))) return Option.none()
    const { mode, type } = yield* Effect.mapError(fs.stat(path), () => failed("no access"))
    if (type !== "File") return yield* failed("it is not a file")
    // Windows has no such modes
    if (process.platform !== "win32" && othersMayRead(mode)) {
      return yield* local(`the key file ${path} can be read by other users`, `chmod 600 '${path}'`)
    }
    const text = yield* Effect.mapError(fs.readFileString(path), () => failed("no access"))
    const key = text.trim()
    if (key === "") return yield* failed("it is empty")
    return Option.some(Redacted.make(key))
  })
