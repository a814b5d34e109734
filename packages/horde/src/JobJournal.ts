/**
 * What survives a crash: which jobs this program has started, and how they stand.
 *
 * A job is written down before it is submitted, again when the server has named it, and at its end. A program that
 * starts later finds what an earlier one left behind (`FollowUp.recover`). Several programs may share a journal: each
 * entry has one owner, and only entries whose owner is dead are taken over.
 *
 * {@link layerMemory} forgets with the process. What keeps an entry has to be asked for.
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
import type { JournalFailed } from "./HordeError.js"

/**
 * The journal's own name of a job, made before the server has one. It opens nothing.
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
 * How a job stands.
 *
 * - `intent`: it is about to be submitted, or was, and the server's answer is not there.
 * - `live`: the server has it.
 * - `finished`: it is over on the server, and its results are not in safe hands yet.
 * - `delivered`: they are, or nobody is left who waits for them.
 * - `cancelled`: it was cancelled, or never started.
 *
 * @since 0.1.0
 * @category models
 */
export type State = typeof State.Type

const State = Schema.Literal("intent", "live", "finished", "delivered", "cancelled")

/**
 * A job as a journal keeps it. It holds no API key, no shared key and no prompt: of these there are salted marks, by
 * which they are known again when they are shown. The server's id of the job is there in clear, since without it
 * nothing can be cancelled: keep a journal as you would keep a password. Printing an entry hides it.
 *
 * @since 0.1.0
 * @category models
 */
export class Entry extends Schema.Class<Entry>("effect-horde/JobJournal/Entry")({
  /** The version of this form. */
  version: Schema.Literal(1),
  key: EntryKey,
  state: State,
  job: Schema.Literal("image", "text", "alchemy"),
  /** The server's id, once it is known. */
  id: Schema.optional(Schema.Redacted(Schema.NonEmptyString)),
  /** How many results were asked for. */
  expected: Schema.Int.pipe(Schema.positive()),
  submittedAt: Schema.DateTimeUtc,
  /** When this state was written down, by the clock of whoever wrote it. */
  changedAt: Schema.DateTimeUtc,
  /** Whose job it is. */
  account: Schema.Struct({ kind: Schema.Literal("anonymous", "personal", "shared"), mark: Schema.String }),
  /** What was asked for: the names of the fields, the mark of what they held, and that of the prompt alone. */
  request: Schema.Struct({ fields: Schema.Array(Schema.String), mark: Schema.String, prompt: Schema.String }),
  /** What the last search for a job whose answer was lost came to, so that it is not searched for again. */
  search: Schema.optional(
    Schema.Struct({
      outcome: Schema.Literal("probable", "open"),
      reason: Schema.String,
      candidates: Schema.Array(Schema.Redacted(Schema.NonEmptyString)),
      exclusiveKeys: Schema.Boolean
    })
  )
}) {}

/**
 * Whether something is still to be done about a job.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isOpen = ({ state }: Entry): boolean => state === "intent" || state === "live" || state === "finished"

/**
 * How long the server may know a job that is over, in milliseconds: 20 minutes after its last delivery, and some more to
 * be sure. Until then its id must not be taken for another job's.
 *
 * @since 0.1.0
 * @category models
 */
export const rememberedFor = 30 * 60_000

/**
 * Whether an entry serves nobody any more: its job is over, and the server has forgotten it. `now` is in milliseconds
 * since the epoch.
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
 * An entry as one line of JSON, the same wherever a journal is kept. The server's id stands in it in clear.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode: (entry: Entry) => string = Schema.encodeSync(Json)

/**
 * Reads what {@link encode} wrote. What is of a later version is told from what is damaged: a later version of this
 * library can read it.
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
 * What a take-over came to.
 *
 * @since 0.1.0
 * @category models
 */
export interface TakenOver {
  /** The open entries of dead owners. They are this program's now. */
  readonly entries: ReadonlyArray<Entry>
  /** Records of a later version of this library, which were left alone. */
  readonly newer: number
  /** Records that could not be read: torn by a crash in the middle of a write, or damaged. */
  readonly unreadable: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Writes down how a job stands, in place of what stood there of it. It is safe when this returns. Of two writes of one
   * entry the one that was begun later holds. Fails with reason `NotMine` where the entry, or the whole program's share of the journal, was taken over by another program.
   */
  readonly write: (entry: Entry) => Effect.Effect<void, JournalFailed>
  /** Whether an entry is still this program's: one that was silent for too long is taken for dead. */
  readonly holds: (key: EntryKey) => Effect.Effect<boolean>
  /** All that stands in the journal, of this program and of others, for as long as the server may know the jobs. */
  readonly entries: Effect.Effect<ReadonlyArray<Entry>, JournalFailed>
  /**
   * Makes the entries of dead owners this program's. An owner is dead when it said so as it left, or when it gave no
   * sign of life while this call looked on: so this may take as long as a lease.
   */
  readonly takeOver: Effect.Effect<TakenOver, JournalFailed>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class JobJournal extends Context.Tag("effect-horde/JobJournal")<JobJournal, Service>() {}

/** In milliseconds: what has stood open for so long, the server has forgotten. */
const aDay = 24 * 60 * 60_000

/**
 * A journal in memory: it forgets with the process, and has no other owner.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeMemory: Effect.Effect<Service> = Effect.sync(() => {
  const open = new Map<EntryKey, Entry>()
  /** In the order of their last change: the first one is the first to be past. */
  const closed = new Map<EntryKey, Entry>()
  return {
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
          if (now - DateTime.toEpochMillis(oldest.changedAt) < aDay) break
          open.delete(key)
        }
      }),
    holds: () => Effect.succeed(true),
    entries: Effect.sync(() => [...open.values(), ...closed.values()]),
    takeOver: Effect.succeed({ entries: [], newer: 0, unreadable: 0 })
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<JobJournal> = Layer.effect(JobJournal, makeMemory)
