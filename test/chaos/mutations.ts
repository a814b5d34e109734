/** Parts of a program that a run can disable, to check that the invariants detect it. */
import { FileSystem } from "@effect/platform"
import { Context, type Duration, Effect, Layer } from "effect"
import { FollowUp, Horde, type HordeClient, type HordeError, type JobJournal } from "effect-horde"

export interface Mutation {
  readonly fileSystem: (fileSystem: FileSystem.FileSystem) => Layer.Layer<FileSystem.FileSystem>
  readonly journal: (journal: JobJournal.Service) => JobJournal.Service
  readonly followUp: (
    layer: Layer.Layer<FollowUp.FollowUp, never, HordeClient.HordeClient | JobJournal.JobJournal>
  ) => Layer.Layer<FollowUp.FollowUp, never, HordeClient.HordeClient | JobJournal.JobJournal>
  /** The kinds of jobs that are recovered. */
  readonly kinds: ReadonlyArray<(typeof Horde.kinds)[number]>
  /** Another lease than the usual one. */
  readonly lease: (program: string) => Duration.DurationInput | undefined
}

/** Nothing is disabled. */
export const none: Mutation = {
  fileSystem: (fileSystem) => Layer.succeed(FileSystem.FileSystem, fileSystem),
  journal: (journal) => journal,
  followUp: (layer) => layer,
  kinds: Horde.kinds,
  lease: () => undefined
}

/** Submits jobs and does not track them. */
const untracked: Context.Tag.Service<FollowUp.FollowUp> = {
  track: <A, E>(_rule: unknown, _call: unknown, submit: () => Effect.Effect<A, E>): Effect.Effect<A, E> => submit(),
  adopt: () => Effect.void,
  settle: () => Effect.void,
  progressed: () => Effect.void,
  delivered: () => Effect.void,
  cancelWith: <A, E>(_job: unknown, _id: unknown, cancel: Effect.Effect<A, E>): Effect.Effect<A, E> => cancel,
  keep: () => Effect.void,
  detach: () => Effect.succeed(false),
  unfinished: Effect.succeed([]),
  cancelAgain: Effect.void
}

/** Jobs are not tracked. */
export const withoutFollowUp: Mutation = {
  ...none,
  followUp: () => Layer.succeed(FollowUp.FollowUp, untracked)
}

type Track = (typeof untracked)["track"]

/** Jobs of one kind are not tracked: neither those that a program starts, nor those that a worker pops. */
export const withoutTrackingOf = (job: string): Mutation => ({
  ...none,
  followUp: (layer) =>
    Layer.map(layer, (context) => {
      const followUp = Context.get(context, FollowUp.FollowUp)
      const serviceFor = (rule: { readonly job: string }) => (rule.job === job ? untracked : followUp)
      return Context.make(FollowUp.FollowUp, {
        ...followUp,
        track: <A, E>(
          rule: Parameters<Track>[0],
          call: Parameters<Track>[1],
          submit: (...hooks: Parameters<Parameters<Track>[2]>) => Effect.Effect<A, E>,
          idOf: (reply: A) => string
        ) => serviceFor(rule).track(rule, call, submit, idOf),
        adopt: (rule, ticket, entry) => serviceFor(rule).adopt(rule, ticket, entry)
      })
    })
})

/** Text jobs are not recovered. */
export const withoutTextKind: Mutation = {
  ...none,
  kinds: Horde.kinds.filter(({ starts }) => starts.job !== "text")
}

/** A job is in the journal only after the reply to its submit. */
export const withoutIntent: Mutation = {
  ...none,
  journal: (journal) => ({
    ...journal,
    write: (entry): Effect.Effect<void, HordeError.JournalFailed> =>
      entry.state === "intent" ? Effect.void : journal.write(entry)
  })
}

/** Pictures are written under their final names at once. */
export const withoutRename: Mutation = {
  ...none,
  fileSystem: (fileSystem) => {
    const final = (path: string) => path.replace(/\.([^./]+)\.[^./]+\.part$/, "$1.webp")
    const isPart = (path: string) => path.endsWith(".part")
    return Layer.succeed(FileSystem.FileSystem, {
      ...fileSystem,
      open: (path, options) =>
        isPart(path) ? fileSystem.open(final(path), { ...options, flag: "w" }) : fileSystem.open(path, options),
      rename: (from, to) => (isPart(from) ? Effect.void : fileSystem.rename(from, to)),
      remove: (path, options) => (isPart(path) ? Effect.void : fileSystem.remove(path, options))
    })
  }
}

/** The first program never renews its lease. */
export const withoutLease: Mutation = {
  ...none,
  lease: (program) => (program.endsWith("p0") ? "10 days" : undefined)
}
