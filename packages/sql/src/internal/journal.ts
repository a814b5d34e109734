/** The journal over the tables: who we are, our signs of life, and what is taken from whom. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "effect-horde/HordeError"
import * as JobJournal from "effect-horde/JobJournal"
import { notMine, refused, unavailable } from "./failures.js"
import * as inOrder from "./inOrder.js"
import * as tables from "./tables.js"

/**
 * How a journal is kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * For how long a program may be silent before others take it for dead, from 1 second to a week; 10 seconds by default. It
   * gives a sign of life three times as often.
   */
  readonly lease?: Duration.DurationInput | undefined
}

/** How long a question may take that has to be answered anyhow, in milliseconds. */
const patience = 1000

/** How long a program that ends tries to say so, in milliseconds. */
const farewell = 5000

/** In milliseconds. */
const longestLease = 7 * 24 * 60 * 60_000

/** So many keys fit into one statement everywhere. */
const atOnce = 500

/** Milliseconds of a clock that does not jump. */
const monotonic = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e6)

export const make = (
  options: Options = {}
): Effect.Effect<JobJournal.Service, JournalFailed, SqlClient.SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const wanted = Option.getOrElse(Duration.decodeUnknown(options.lease), () => Duration.seconds(10))
    const lease = Math.max(1000, Math.round(Duration.toMillis(wanted)))
    // the column has 32 bits, and a recovery would wait as long
    if (lease > longestLease) return yield* unavailable("open", "its lease must be at most a week")
    const third = Math.floor(lease / 3)
    const all = tables.make(sql)
    const inTurn = inOrder.make()
    const renewing = yield* Effect.makeSemaphore(1)

    // What is written must stay, even if the caller's own transaction is rolled back. A sign of life every few seconds
    // would drown the spans that matter.
    const outside = yield* Effect.context<never>()
    const run = <A>(statement: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
      statement.pipe(
        Effect.mapInputContext((_: Context.Context<never>) => outside),
        Effect.withTracerEnabled(false)
      )
    const asked = <A>(path: string, effect: Effect.Effect<A, SqlError>): Effect.Effect<A, JournalFailed> =>
      Effect.mapError(effect, (error) => refused(path, error))

    /** Who we are: another one each time that we were taken for dead. */
    let me: string = crypto.randomUUID()
    let hasLeft = false
    /** When we were last known to be alive. */
    let alive = yield* monotonic
    /** Who we were when we wrote or took an entry that is open still. */
    const held = new Map<JobJournal.EntryKey, string>()
    /** What was taken and not handed out yet: a take-over may break off halfway. */
    const taken: Array<JobJournal.Entry> = []

    const renew = (old: string): Effect.Effect<void, SqlError> =>
      Effect.gen(function* () {
        if (me !== old || hasLeft) return
        const next = crypto.randomUUID()
        const now = yield* monotonic
        yield* run(all.addOwner(next, lease))
        me = next
        alive = now
        yield* Effect.logWarning("this program was taken for dead: its jobs belong to another one now")
      }).pipe(renewing.withPermits(1))

    /** A sign of life. Whether the owner that we were is alive. */
    const beat: Effect.Effect<boolean, SqlError> = Effect.gen(function* () {
      const by = me
      const now = yield* monotonic
      const isAlive = yield* run(all.beat(by))
      if (isAlive) alive = now
      else yield* renew(by)
      return isAlive
    })

    const compact = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      run(all.removePast(now - JobJournal.rememberedFor))
    )

    const put = (entry: JobJournal.Entry, text: string) =>
      Effect.gen(function* () {
        const row = {
          key: entry.key,
          state: entry.state,
          changedAt: DateTime.toEpochMillis(entry.changedAt),
          text
        }
        const known = held.get(entry.key)
        const writeAs = (by: string) =>
          Effect.tap(asked("write", run(all.write(row, by))), (written) => {
            if (!written) return
            if (JobJournal.isOpen(entry)) held.set(entry.key, by)
            else held.delete(entry.key)
          })
        const by = me
        if (known !== undefined && known !== by) return yield* notMine("write")
        if (yield* writeAs(by)) return
        const isAlive = yield* asked("write", beat)
        // what is new was nobody's to take: it goes to who we are now
        if (!isAlive && known === undefined && (yield* writeAs(me))) return
        return yield* notMine("write")
      })

    const holds = (key: JobJournal.EntryKey): Effect.Effect<boolean> =>
      Effect.suspend(() => run(all.holds(key, me))).pipe(
        Effect.interruptible,
        Effect.timeout(patience),
        // nobody can have taken it before a whole lease went by
        Effect.orElse(() => Effect.map(monotonic, (now) => held.get(key) === me && now - alive < lease))
      )

    /** Takes what lies there without an owner. */
    const claim = Effect.gen(function* () {
      yield* beat
      const by = me
      const orphans = yield* run(all.orphans)
      let newer = 0
      let unreadable = 0
      const free = new Map<string, Array<string>>()
      for (const { entry: text, key, owner, version } of orphans) {
        const entry = JobJournal.decode(text)
        if (version > 1) newer++
        else if (Either.isLeft(entry)) unreadable++
        else if (JobJournal.isOpen(entry.right)) {
          const keys = free.get(owner)
          if (keys === undefined) free.set(owner, [key])
          else keys.push(key)
        }
      }
      for (const [owner, keys] of free) {
        for (const some of Chunk.chunksOf(Chunk.fromIterable(keys), atOnce)) {
          const texts = yield* run(all.take(Chunk.toReadonlyArray(some), owner, by))
          for (const entry of Arr.getRights(texts.map(JobJournal.decode))) {
            if (!JobJournal.isOpen(entry)) continue
            held.set(entry.key, by)
            taken.push(entry)
          }
        }
      }
      return { entries: taken.splice(0).filter(({ key }) => held.get(key) === me), newer, unreadable }
    })

    const takeOver = Effect.gen(function* () {
      const seen = yield* run(all.others(me))
      // it lives by its own lease, which may not be ours
      const watched = Math.max(0, ...seen.filter(({ open }) => open > 0).map(({ lease }) => lease))
      if (watched > 0) {
        yield* Effect.sleep(watched)
        for (const other of seen) if (other.lease <= watched) yield* run(all.removeSilent(other))
      }
      return yield* claim
    })

    yield* asked("open", run(all.ready))
    yield* Effect.acquireRelease(asked("open", run(all.addOwner(me, lease))), () =>
      Effect.suspend(() => {
        hasLeft = true
        return run(all.removeOwner(me))
      }).pipe(Effect.interruptible, Effect.timeout(farewell), Effect.ignore)
    )

    let isSilent = false
    const sign = Effect.zipRight(beat, compact).pipe(
      Effect.timeout(third),
      Effect.zipRight(
        Effect.sync(() => {
          isSilent = false
        })
      ),
      // whatever it is: who does not beat is dead
      Effect.catchAllCause(() => {
        if (isSilent) return Effect.void
        isSilent = true
        return Effect.logWarning("the journal does not answer: if this lasts, other programs take this one for dead")
      })
    )
    // a layer that is built where nothing can be interrupted must still be able to close
    yield* Effect.forkScoped(Effect.interruptible(Effect.forever(Effect.delay(sign, third))))

    return {
      write: (entry) => inTurn(entry.key, put(entry, JobJournal.encode(entry))),
      holds,
      entries: Effect.map(asked("entries", run(all.all)), (texts) => Arr.getRights(texts.map(JobJournal.decode))),
      takeOver: asked("takeOver", takeOver)
    }
  })
