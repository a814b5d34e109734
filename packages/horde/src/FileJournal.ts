/**
 * A journal of jobs in files, for programs on one machine.
 *
 * A write survives a crash, a `kill -9` and a power cut. Several programs on one machine may share the directory. Do
 * not use a network file system: the journal requires that only one of two concurrent renames of a file succeeds, and
 * that synced data is visible to other programs.
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
   * The directory of the files. It is created if it is missing, readable by this user only. Do not store other files in
   * it. The files contain the ids of unfinished jobs, with which anyone can read and cancel them.
   */
  readonly directory: string
  /**
   * The time without a heartbeat after which another program takes over the jobs of this one. 10 seconds by default, at
   * least 100 ms. All programs that share the directory need the same lease. It should be longer than any of them is
   * ever suspended.
   */
  readonly lease?: Duration.DurationInput
}

/**
 * Opens the journal as a new owner, until the scope closes. Fails with reason `Unavailable` if the directory cannot be
 * created or written to. If it is removed later, each write fails until it exists again; then all entries of this
 * program are written again.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options
): Effect.Effect<Service, JournalFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.suspend(() => {
    const lease = durationOr(options.lease, Duration.seconds(10))
    // with an infinite lease no owner would be dead, and a recovery would not end
    if (!Duration.isFinite(lease)) {
      return Effect.fail(unavailable(options.directory, "open", "the lease must be finite"))
    }
    return fileJournal.make(options.directory, Duration.max(lease, Duration.millis(100)))
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<JobJournal, JournalFailed, FileSystem.FileSystem | Path.Path> =>
  Layer.scoped(JobJournal, make(options))
