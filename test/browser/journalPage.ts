/** A page that has a journal, or cancels its jobs when it is closed. It is bundled, and runs only in the browser. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Horde from "effect-horde/Horde"
import type { JournalFailed } from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as IndexedDbJournal from "effect-horde/IndexedDbJournal"
import * as JobJournal from "effect-horde/JobJournal"
import * as PageExit from "effect-horde/PageExit"
import * as Recovery from "effect-horde/Recovery"

/** The address, the account, and what happens to the jobs of a closed page. */
export interface Options {
  readonly url: string
  readonly apiKey: string
  readonly atExit: "cancel" | "keep"
}

const layerOf = ({ apiKey, atExit, url }: Options) =>
  (atExit === "cancel" ? PageExit.layer : Layer.empty).pipe(
    Layer.provideMerge(
      Horde.layerWithJournal({ baseUrl: url, apiKey: Redacted.make(apiKey), clientAgent: "page:1:test" })
    ),
    Layer.provideMerge(Layer.scope),
    Layer.provide([IndexedDbJournal.layer(), FetchHttpClient.layer])
  )

type Runtime = ManagedRuntime.ManagedRuntime<Layer.Layer.Success<ReturnType<typeof layerOf>>, unknown>

let opened: Runtime | undefined

const runtime = (): Runtime => {
  if (opened === undefined) throw new Error("the page was not opened")
  return opened
}

/** Makes the page use the SDK until it is closed. */
export const open = async (options: Options): Promise<void> => {
  opened = ManagedRuntime.make(layerOf(options))
  await opened.runtime()
}

/** Like the normal end of a program. */
export const close = () => runtime().dispose()

/** The number of pictures of each job that was submitted or recovered, or the error with which it ended. */
const drawn: Array<Promise<number | string>> = []

/** Submits a job, and continues when a worker has it. The page waits for it in the background. */
export const draw = (prompt: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const job = ImageGeneration.progress(ImageGeneration.makeRequest({ prompt, size: [64, 64] })).pipe(
      Stream.runFoldEffect(0, (count, event) =>
        Effect.sync(() => {
          if (event._tag === "Checked" && event.check.processing === 1) resolve()
          return event._tag === "Finished" ? event.results.length : count
        })
      ),
      Effect.catchAll((error) =>
        Effect.as(
          Effect.sync(() => reject(error)),
          error._tag
        )
      )
    )
    drawn.push(runtime().runPromise(job))
  })

export const pictures = () => Promise.all(drawn)

/** Recovers the jobs of closed pages, and returns their numbers by result. */
export const recover = (policy: Recovery.Policy) =>
  runtime().runPromise(
    Effect.gen(function* () {
      const { cancelled, failed, resumed, unknown } = yield* Recovery.recover({ kinds: Horde.kinds, policy })
      for (const ticket of resumed) {
        const job = yield* ImageGeneration.resume(ticket)
        drawn.push(runtime().runPromise(Effect.map(job.result, (all) => all.length)))
      }
      return { resumed: resumed.length, cancelled: cancelled.length, failed: failed.length, unknown: unknown.length }
    })
  )

// the journal alone, by hand

let journal: JobJournal.Service | undefined
let journalRuntime: ManagedRuntime.ManagedRuntime<JobJournal.JobJournal, JournalFailed> | undefined

const run = <A>(use: (journal: JobJournal.Service) => Effect.Effect<A, JournalFailed>) => {
  if (journal === undefined) throw new Error("the journal was not opened")
  return Effect.runPromise(use(journal))
}

/** The outcome of an effect that may fail: `written`, or the reason. */
const outcomeOf = (effect: Effect.Effect<void, JournalFailed>) =>
  Effect.map(Effect.either(effect), Either.match({ onLeft: ({ reason }) => reason, onRight: () => "written" }))

/** Opens the journal, and returns the reason of a failure. */
export const openJournal = async (name?: string): Promise<string> => {
  const options = name === undefined ? {} : { name }
  journalRuntime = ManagedRuntime.make(IndexedDbJournal.layer(options))
  const found = await journalRuntime.runPromise(Effect.either(JobJournal.JobJournal)).catch(String)
  if (typeof found === "string") return found
  if (Either.isRight(found)) journal = found.right
  return "open"
}

export const closeJournal = () => journalRuntime?.dispose()

export const write = (key: string, state: JobJournal.State, minutesAgo = 0, padding = "") =>
  run((journal) =>
    Effect.flatMap(DateTime.now, (now) => {
      const at = DateTime.subtract(now, { minutes: minutesAgo })
      return outcomeOf(
        journal.write(
          new JobJournal.Entry({
            version: 1,
            key: JobJournal.EntryKey.make(key),
            state,
            job: "image",
            id: Redacted.make(`id of ${key}`),
            expected: 1,
            submittedAt: at,
            changedAt: at,
            account: { kind: "personal", fingerprint: "0123456789abcdef" },
            request: {
              fields: ["prompt", padding],
              fingerprint: "fedcba9876543210",
              promptFingerprint: "89abcdef01234567"
            }
          })
        )
      )
    })
  )

export const holds = (key: string) => run((journal) => journal.holds(JobJournal.EntryKey.make(key)))

const inWords = (entries: ReadonlyArray<JobJournal.Entry>) => entries.map(({ key, state }) => `${key} ${state}`).sort()

export const entries = () => run((journal) => Effect.map(journal.entries, inWords))

export const takeOver = () =>
  run((journal) => Effect.map(journal.takeOver, (taken) => ({ ...taken, entries: inWords(taken.entries) })))

/** Writes rows to the journal without the SDK, like those of a dead owner. */
export const plant = (texts: ReadonlyArray<string>): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open("effect-horde")
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const transaction = request.result.transaction("entries", "readwrite")
      for (const [at, text] of texts.entries()) {
        transaction.objectStore("entries").put({ key: `planted ${at}`, owner: "dead", text })
      }
      transaction.oncomplete = () => {
        request.result.close()
        resolve()
      }
    }
  })
