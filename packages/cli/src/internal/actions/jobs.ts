/** `horde jobs`: the jobs in the journal. After a crash they are resumed or cancelled here. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Alchemy from "effect-horde/Alchemy"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Job from "effect-horde/Job"
import * as JobJournal from "effect-horde/JobJournal"
import * as Recovery from "effect-horde/Recovery"
import * as TextGeneration from "effect-horde/TextGeneration"
import { onHorde } from "../connection/onHorde.js"
import { exitCode } from "../failures/exitCode.js"
import { CommandFailed, notFound } from "../failures/failures.js"
import type { ConnectionOptions } from "../options/connection.js"
import { valueOf } from "../options/image.js"
import { printJson, printLines } from "../output/json.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { table } from "../output/table.js"
import { counted, roughly } from "../output/text.js"
import { cancelledOnInterrupt } from "./cancelled.js"
import { collect } from "./collect.js"

interface Input {
  readonly connection: ConnectionOptions
  readonly journal: Option.Option<string>
}

const kinds = [ImageGeneration.kind, TextGeneration.kind, Alchemy.kind] as const

const stateNames: { readonly [state in JobJournal.State]: string } = {
  intent: "submitted, no reply",
  live: "unfinished",
  finished: "finished, not fetched",
  delivered: "fetched",
  cancelled: "cancelled"
}

/** The short form of a key, which is enough to name an entry. */
const shortKey = ({ key }: JobJournal.Entry): string => key.slice(0, 8)

export const list = ({ all, connection, journal }: Input & { readonly all: boolean }) =>
  onHorde(
    connection,
    { journal },
    Effect.gen(function* () {
      const { note, out } = yield* Screen
      const entries = yield* Effect.flatMap(JobJournal.JobJournal, (journal) => journal.entries)
      const shown = entries
        .filter((entry) => all || JobJournal.isOpen(entry))
        .sort((one, other) => one.submittedAt.epochMillis - other.submittedAt.epochMillis)
      if (connection.json) {
        return yield* printJson(
          shown.map((entry) => ({
            job: shortKey(entry),
            kind: entry.job,
            state: entry.state,
            expected: entry.expected,
            submittedAt: DateTime.formatIso(entry.submittedAt)
          }))
        )
      }
      if (shown.length === 0) return yield* note(all ? "the journal is empty" : "the journal has no unfinished jobs")
      const now = yield* Clock.currentTimeMillis
      const columns = [
        { title: "JOB" },
        { title: "KIND" },
        { title: "STATE" },
        { title: "RESULTS", isNumber: true, optional: 1 },
        { title: "AGE", isNumber: true }
      ]
      const rows = shown.map((entry) => [
        shortKey(entry),
        entry.job,
        stateNames[entry.state],
        String(entry.expected),
        roughly((now - entry.submittedAt.epochMillis) / 1000)
      ])
      yield* printLines(table(columns, rows, out.columns()))
    })
  )

/** Only the entry with this key, if one is named. */
const only = (journal: JobJournal.Service, key: string | undefined): JobJournal.Service => {
  if (key === undefined) return journal
  const matches = (entry: JobJournal.Entry) => entry.key.startsWith(key)
  return {
    ...journal,
    entries: Effect.map(journal.entries, (entries) => entries.filter(matches)),
    takeOver: Effect.map(journal.takeOver, (taken) => ({ ...taken, entries: taken.entries.filter(matches) }))
  }
}

/** Takes over the jobs of commands that were killed. */
const recover = (policy: "resume" | "cancel", key: string | undefined) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal.JobJournal
    const own = only(journal, key)
    const open = (yield* own.entries).filter(JobJournal.isOpen)
    if (key !== undefined && open.length === 0) {
      return yield* notFound(`the journal has no unfinished job ${key}`, "horde jobs list lists them")
    }
    const { clearStatus, note } = yield* Screen
    if (open.length > 0) yield* Progress.doing("looking for jobs of commands that do not run any more")
    const found = yield* Recovery.recover({ kinds, policy }).pipe(Effect.provideService(JobJournal.JobJournal, own))
    yield* clearStatus
    for (const { outcome, reason } of found.unknown) {
      if (outcome === "probable" || outcome === "open") yield* note(`a submit without a reply was not found: ${reason}`)
    }
    const running = open.length - found.resumed.length - found.cancelled.length - found.left.length
    if (running > 0 && found.unknown.length === 0 && found.failed.length === 0) {
      yield* note(`${counted(running, "job")} left alone: the command that submitted it is running`)
    }
    return found
  })

export const cancel = ({ connection, journal, key }: Input & { readonly key: Option.Option<string> }) =>
  onHorde(
    connection,
    { journal },
    Effect.gen(function* () {
      const { cancelled, failed } = yield* Effect.scoped(recover("cancel", valueOf(key)))
      yield* connection.json
        ? printJson({ cancelled: cancelled.length, failed: failed.length })
        : Effect.flatMap(Screen, ({ print }) => print(`${counted(cancelled.length, "job")} cancelled`))
      if (failed.length > 0) {
        return yield* new CommandFailed({
          code: exitCode.busy,
          message: `${counted(failed.length, "job")} could not be cancelled`,
          hint: "run the command again"
        })
      }
    })
  )

export const resume = ({
  connection,
  journal,
  key,
  output
}: Input & { readonly key: Option.Option<string>; readonly output: string }) =>
  onHorde(
    connection,
    { journal },
    cancelledOnInterrupt(
      Effect.gen(function* () {
        const { resumed } = yield* recover("resume", valueOf(key))
        const { note } = yield* Screen
        if (resumed.length === 0 && !connection.json) return yield* note("no job to resume")
        // one after the other: each has the status line for itself
        const results = yield* Effect.forEach(resumed, (ticket: Job.Ticket) =>
          Effect.either(collect(ticket, { directory: output, json: connection.json }))
        )
        if (connection.json)
          yield* printJson(results.flatMap((result) => (result._tag === "Right" ? [result.right] : [])))
        for (const result of results) if (result._tag === "Left") return yield* Effect.fail(result.left)
      })
    )
  )
