/**
 * The journal of jobs: the jobs that this program has started, and their states.
 *
 * An entry is written before its job is submitted, when the server has accepted it, and at its end. After a crash the
 * next program finds the unfinished jobs in the journal (`Recovery.recover`). Several programs may share a journal:
 * each entry has one owner, and only entries of dead owners are taken over.
 *
 * {@link layerMemory} is lost with the process. `FileJournal`, `IndexedDbJournal` and the package `@effect-horde/sql`
 * provide durable journals; {@link make} makes a custom one.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "./HordeError.js"
import { Kind } from "./internal/jobs/ticket.js"
import { abandonedAfter } from "./internal/journal/retention.js"
import { serverForgetsAfter } from "./internal/limits/serverTimes.js"

/**
 * The journal's own id of a job, made before the server assigns one. It gives no access to the job.
 *
 * @since 0.1.0
 * @category ids
 */
export type EntryKey = typeof EntryKey.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const EntryKey = Schema.NonEmptyString.pipe(Schema.brand("EntryKey"))

/**
 * The state of a job.
 *
 * - `intent`: it is about to be submitted, or was submitted and the reply has not arrived.
 * - `live`: the server has accepted it.
 * - `finished`: it is over on the server, and its results are not delivered yet.
 * - `delivered`: they are, or no caller waits for them any more.
 * - `cancelled`: it was cancelled, or never started.
 *
 * @since 0.1.0
 * @category models
 */
export type State = typeof State.Type

const State = Schema.Literal("intent", "live", "finished", "delivered", "cancelled")

/**
 * The entry of a job. It contains no API key, no shared key and no prompt, but salted fingerprints, so that a key or a
 * request can be recognised later. The server's id of the job is stored in clear text, because a cancel needs it:
 * protect a journal like a password. Printing an entry hides the id.
 *
 * @since 0.1.0
 * @category models
 */
export class Entry extends Schema.Class<Entry>("effect-horde/JobJournal/Entry")({
  /** The version of this format. */
  version: Schema.Literal(1),
  key: EntryKey,
  state: State,
  job: Kind,
  /** The server's id, once it is known. */
  id: Schema.optional(Schema.Redacted(Schema.NonEmptyString)),
  /** The number of requested results. */
  expected: Schema.Int.pipe(Schema.positive()),
  submittedAt: Schema.DateTimeUtc,
  /** The time of the last change, by the writer's clock. */
  changedAt: Schema.DateTimeUtc,
  /** The kind of account that the job belongs to, and the fingerprint of its key. */
  account: Schema.Struct({ kind: Schema.Literal("anonymous", "personal", "shared"), fingerprint: Schema.String }),
  /** The names of the request's fields, the fingerprint of their values, and that of the prompt alone. */
  request: Schema.Struct({
    fields: Schema.Array(Schema.String),
    fingerprint: Schema.String,
    promptFingerprint: Schema.String
  }),
  /** The outcome of the last search for the job of a submit whose reply was lost, so that it is not repeated. */
  search: Schema.optional(
    Schema.Struct({
      outcome: Schema.Literal("absent", "probable", "open"),
      reason: Schema.String,
      candidates: Schema.Array(Schema.Redacted(Schema.NonEmptyString)),
      exclusiveKeys: Schema.Boolean
    })
  )
}) {}

/**
 * Whether a job has not ended, or its results are not delivered yet.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isOpen = ({ state }: Entry): boolean => state === "intent" || state === "live" || state === "finished"

/**
 * How long a journal keeps the entry of an ended job, in milliseconds: the 20 minutes for which the server keeps the
 * job, and a margin. Until then recovery must not take the job for one whose submit got no reply.
 *
 * @since 0.1.0
 * @category models
 */
export const rememberedFor: number = serverForgetsAfter + 10 * 60_000

/**
 * Whether an entry can be deleted: its job has ended, and the server has deleted it. `now` is in milliseconds since the
 * epoch.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isPast = (entry: Entry, now: number): boolean =>
  !isOpen(entry) && DateTime.toEpochMillis(entry.changedAt) + rememberedFor < now

const Json = Schema.parseJson(Entry)
const decodeEntry = ParseResult.decodeUnknownEither(Json)
const decodeVersion = ParseResult.decodeUnknownEither(Schema.parseJson(Schema.Struct({ version: Schema.Number })))

/**
 * Encodes an entry as one line of JSON, the format of every journal. It contains the server's id in clear text.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode: (entry: Entry) => string = Schema.encodeSync(Json)

/**
 * Decodes the text of {@link encode}. `newer` is a record of a later version of this library, which can read it;
 * `unreadable` is a damaged one.
 *
 * @since 0.1.0
 * @category encoding
 */
export const decode = (text: string): Either.Either<Entry, "newer" | "unreadable"> =>
  Either.mapLeft(decodeEntry(text), () =>
    Either.match(decodeVersion(text), {
      onLeft: () => "unreadable" as const,
      onRight: ({ version }) => (version > 1 ? "newer" : "unreadable")
    })
  )

/**
 * The result of a take-over.
 *
 * @since 0.1.0
 * @category models
 */
export interface TakenOver {
  /** The open entries of dead owners. This program owns them now. */
  readonly entries: ReadonlyArray<Entry>
  /** The number of records of a later version of this library, which were not changed. */
  readonly newer: number
  /** The number of records that could not be read: torn by a crash during a write, or damaged. */
  readonly unreadable: number
}

/**
 * The operations that a journal implements. {@link make} adds the rest of the service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Operations {
  /**
   * Writes an entry, and replaces its earlier state. It is durable when this returns. Of two concurrent writes of one
   * entry the later one wins. Fails with reason `NotMine` if another program owns the entry, or has taken over all
   * entries of this one.
   */
  readonly write: (entry: Entry) => Effect.Effect<void, JournalFailed>
  /** Whether this program still owns an entry: its lease may have expired. */
  readonly holds: (key: EntryKey) => Effect.Effect<boolean>
  /** All entries, of this program and of others, including those of ended jobs until {@link isPast}. */
  readonly entries: Effect.Effect<ReadonlyArray<Entry>, JournalFailed>
  /**
   * Claims the entries of dead owners for this program. An owner is dead if it released its entries when it ended, or
   * if it sent no heartbeat for the duration of a lease while this call watched: so this may take as long as a lease.
   */
  readonly takeOver: Effect.Effect<TakenOver, JournalFailed>
}

/**
 * A journal, with the state that the parts of one program share through it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Operations {
  /** Marks the entries with these keys as tracked until the scope closes: recovery does not touch them. */
  readonly track: (keys: () => Iterable<EntryKey>) => Effect.Effect<void, never, Scope.Scope>
  /** The keys of all entries that any part of this program tracks. */
  readonly tracked: Effect.Effect<ReadonlySet<EntryKey>>
  /** Held while a recovery handles orphaned entries, so that two recoveries do not handle the same ones. */
  readonly recoveryLock: Effect.Semaphore
  /** Held while a recovery searches for the jobs of lost replies. Jobs with known ids do not wait for it. */
  readonly searchLock: Effect.Semaphore
}

/**
 * @since 0.1.0
 * @category tags
 */
export class JobJournal extends Context.Tag("effect-horde/JobJournal")<JobJournal, Service>() {}

/**
 * Makes a journal from its operations. To wrap a journal, spread it: `{ ...journal, write }` shares its locks and its
 * tracked entries.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (operations: Operations): Service => {
  const trackers = new Set<() => Iterable<EntryKey>>()
  return {
    ...operations,
    track: (keys) =>
      Effect.acquireRelease(
        Effect.sync(() => void trackers.add(keys)),
        () => Effect.sync(() => trackers.delete(keys))
      ),
    tracked: Effect.sync(() => new Set([...trackers].flatMap((keys) => [...keys()]))),
    recoveryLock: Effect.unsafeMakeSemaphore(1),
    searchLock: Effect.unsafeMakeSemaphore(1)
  }
}

/**
 * A journal in memory. It is lost with the process, and has one owner.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeMemory: Effect.Effect<Service> = Effect.sync(() => {
  const open = new Map<EntryKey, Entry>()
  /** In the order of their last change, so that the first one expires first. */
  const closed = new Map<EntryKey, Entry>()
  return make({
    write: (entry) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        open.delete(entry.key)
        closed.delete(entry.key)
        const entries = isOpen(entry) ? open : closed
        entries.set(entry.key, entry)
        for (const [key, oldest] of closed) {
          if (!isPast(oldest, now)) break
          closed.delete(key)
        }
        for (const [key, oldest] of open) {
          if (now - DateTime.toEpochMillis(oldest.changedAt) < abandonedAfter) break
          open.delete(key)
        }
      }),
    holds: () => Effect.succeed(true),
    entries: Effect.sync(() => [...open.values(), ...closed.values()]),
    takeOver: Effect.succeed({ entries: [], newer: 0, unreadable: 0 })
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<JobJournal> = Layer.effect(JobJournal, makeMemory)
