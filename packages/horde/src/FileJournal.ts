/**
 * The journal of jobs in files, for programs that run on a machine of their own.
 *
 * What was written is there after a crash, a `kill -9` and a power cut. Several programs may share the directory, on
 * one machine: network file systems do not keep the promises that this needs (that of two who rename the same file one
 * succeeds, and that what one program has synced is seen by the next).
 *
 * ```ts
 * import { NodeContext } from "@effect/platform-node"
 * import * as Layer from "effect/Layer"
 * import * as FileJournal from "effect-horde/FileJournal"
 *
 * export const journal = FileJournal.layer({ directory: ".horde" }).pipe(Layer.provide(NodeContext.layer))
 * ```
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "./HordeError.js"
import * as fileJournal from "./internal/journal/file/journal.js"
import { unavailable } from "./internal/journal/file/ownerLog.js"
import { durationOr } from "./internal/platform/duration.js"
import { JobJournal, type Service } from "./JobJournal.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * Where the files are. It is made if it is not there, readable by this user only, and should hold nothing else: the
   * files tell the ids of unfinished jobs, by which anyone can read and cancel them.
   */
  readonly directory: string
  /**
   * How long a program may give no sign of life until another, that looks on meanwhile, takes its jobs over: 10 seconds
   * by default, a tenth of a second at least. All programs that share the directory need the same, and it should be longer than any of them ever
   * stands still.
   */
  readonly lease?: Duration.DurationInput
}

/**
 * Opens the journal as one more owner, until the scope closes. Fails with reason `Unavailable` where the directory
 * cannot be created or written to. If it is removed later, each write fails until it is there again, and then writes
 * again what this program has in it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options
): Effect.Effect<Service, JournalFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.suspend(() => {
    const lease = durationOr(options.lease, Duration.seconds(10))
    // without end, nobody would ever be taken for dead, and a recovery would not end either
    if (!Duration.isFinite(lease)) {
      return Effect.fail(unavailable(options.directory, "open", "its lease must be finite"))
    }
    return fileJournal.make(options.directory, Duration.max(lease, Duration.millis(100)))
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<JobJournal, JournalFailed, FileSystem.FileSystem | Path.Path> =>
  Layer.scoped(JobJournal, make(options))
