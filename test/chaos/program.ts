/** A program of a run: its layers, its tasks, and the recovery of the jobs that it leaves. */
import { HttpClient, HttpClientError, HttpClientRequest } from "@effect/platform"
import { Accounts } from "@effect-horde/server"
import { Cause, Clock, Effect, Exit, Layer, Option, Redacted, Stream } from "effect"
import { ImageGeneration, type Job, JobJournal, Recovery, TextGeneration, Users } from "effect-horde"
import { type Base, connected } from "./connected.js"
import { type Event, imageInput, type Task, textInput } from "./ledger.js"
import { scripted } from "./scenario.js"

/** Where a program runs, and how it records what happens. */
export interface Place extends Base {
  readonly account: "personal" | "anonymous"
  readonly policy: "resume" | "cancel"
  readonly pictures: string
  readonly tell: (event: Event) => void
}

const tagIn = (body: Uint8Array): string => /"prompt":"([^"]+)"/.exec(new TextDecoder().decode(body))?.[1] ?? ""

/** The connection of one program: it records each request, and ends with the program. */
const connection = ({ isDead, program, tell }: Place) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (server) => {
      let submits = 0
      return HttpClient.make((request) => {
        const dead = Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport" }))
        if (isDead()) return dead
        const isSubmit = request.method === "POST" && request.body._tag === "Uint8Array"
        const submit = isSubmit ? { number: submits++, tag: tagIn(request.body.body) } : undefined
        if (submit !== undefined) tell({ type: "sent", ...submit })
        // an address of its own: no program can know what others on its address have sent
        const headers = { "x-program": program, "x-forwarded-for": program }
        return server.execute(HttpClientRequest.setHeaders(request, headers)).pipe(
          Effect.tap(({ headers, status }) =>
            Effect.map(Clock.currentTimeMillis, (at) => {
              if (submit !== undefined) tell({ type: "answered", ...submit, status })
              if (status === 429 && headers[scripted] === undefined) {
                tell({ type: "limited", program, at, isSubmit })
              }
            })
          ),
          Effect.tapError(({ cause }) =>
            Effect.sync(() => {
              if (submit !== undefined && /refused/i.test(String(cause))) tell({ type: "refused", ...submit })
            })
          ),
          Effect.flatMap((response) => (isDead() ? dead : Effect.succeed(response)))
        )
      })
    })
  )

/** Records each cancel that is in the journal now. */
const telling = (place: Place, journal: JobJournal.Service): JobJournal.Service => ({
  ...journal,
  write: (entry) =>
    Effect.tap(journal.write(entry), () => {
      const { id, state } = entry
      if (state !== "cancelled" || id === undefined) return
      return say(place, { type: "cancel written", program: place.program, id: Redacted.value(id) })
    })
})

export const stack = (place: Place) => {
  const apiKey = Redacted.make(place.account === "anonymous" ? Accounts.anonymousKey : Accounts.plainKey)
  const base = connected(place, {
    apiKey,
    connection: connection(place),
    telling: (journal) => telling(place, journal)
  })
  return Layer.mergeAll(ImageGeneration.layer, TextGeneration.layer, Users.layer).pipe(
    Layer.provideMerge(base),
    Layer.fresh
  )
}

const endOf = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string =>
  Exit.match(exit, {
    onSuccess: () => "done",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onNone: () => (Cause.isInterrupted(cause) ? "interrupted" : Cause.pretty(cause)),
        onSome: ({ _tag }) => _tag
      })
  })

const say = ({ isDead, tell }: Place, event: Event) =>
  Effect.sync(() => {
    if (!isDead()) tell(event)
  })

const save = (place: Place, job: ImageGeneration.ImageJob) => ImageGeneration.save(job, { directory: place.pictures })

const generateImages = (place: Place, task: Task) => {
  const input = imageInput(task)
  const { kind, timeout } = task
  return Effect.scoped(
    Effect.gen(function* () {
      if (kind === "stream") {
        yield* Stream.runDrain(ImageGeneration.progress(input, { results: "as they arrive" }))
      } else if (kind === "take one") {
        yield* Stream.runDrain(Stream.take(ImageGeneration.progress(input), 2))
      } else if (kind === "time out") {
        yield* Effect.timeout(ImageGeneration.generate(input), timeout)
      } else if (kind === "raw") {
        const submit = yield* ImageGeneration.Submit
        const { id } = yield* submit({ payload: input })
        yield* Effect.sleep(timeout)
        yield* ImageGeneration.check(id)
        yield* Effect.sleep(2000)
        yield* ImageGeneration.status(id)
      } else {
        const job = yield* ImageGeneration.submit(input)
        if (kind === "save") yield* save(place, job)
        else yield* Effect.sleep(timeout)
        if (kind === "cancel") yield* job.cancel
      }
    })
  )
}

/** Waits for the texts of a job, and returns only if each is there once. */
const receive = ({ result, ticket }: TextGeneration.TextJob) =>
  Effect.flatMap(result, (texts) => {
    const keys = new Set(texts.map(({ key }) => key))
    return keys.size === ticket.expected && texts.length === ticket.expected
      ? Effect.void
      : Effect.dieMessage(`${texts.length} texts, ${keys.size} of them different`)
  })

const generateTexts = (task: Task) => {
  const input = textInput(task)
  const { kind, timeout } = task
  return Effect.scoped(
    Effect.gen(function* () {
      if (kind === "stream") {
        yield* Stream.runDrain(TextGeneration.progress(input, { results: "as they arrive" }))
      } else if (kind === "take one") {
        yield* Stream.runDrain(Stream.take(TextGeneration.progress(input), 2))
      } else if (kind === "time out") {
        yield* Effect.timeout(TextGeneration.generate(input), timeout)
      } else if (kind === "raw") {
        const submit = yield* TextGeneration.Submit
        const { id } = yield* submit({ payload: input })
        yield* Effect.sleep(timeout)
        yield* TextGeneration.status(id)
      } else {
        const job = yield* TextGeneration.submit(input)
        if (kind === "save") yield* receive(job)
        else yield* Effect.sleep(timeout)
        if (kind === "cancel") yield* job.cancel
      }
    })
  )
}

const perform = (place: Place, task: Task) =>
  Effect.if(task.job === "image", {
    onTrue: () => generateImages(place, task),
    onFalse: () => generateTexts(task)
  })

/** All tasks side by side, recording the end of each. */
export const work = (place: Place, tasks: ReadonlyArray<Task>) =>
  Effect.forEach(
    tasks,
    (task) =>
      Effect.sync(() => place.tell({ type: "asked", program: place.program, task })).pipe(
        Effect.zipRight(Effect.exit(Effect.delay(perform(place, task), task.startsAfter))),
        Effect.flatMap((exit) => say(place, { type: "ended", tag: task.tag, how: endOf(exit) }))
      ),
    { concurrency: "unbounded", discard: true }
  )

/** Recovers the jobs of dead programs, and records the results. */
const takeUp = (place: Place, recovered: Recovery.Recovered) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal.JobJournal
    const entries = yield* Effect.orElseSucceed(journal.entries, () => [])
    for (const { key, outcome, reason } of recovered.unknown) {
      const entry = entries.find((entry) => entry.key === key)
      const about = entry && { key: entry.key, request: entry.request }
      yield* say(place, { type: "lost", entry: about, outcome, reason })
    }
    for (const { id } of recovered.cancelled) {
      yield* say(place, { type: "cancelled by recovery", id: Redacted.value(id) })
    }
    for (const { id } of recovered.left) yield* say(place, { type: "left", id: Redacted.value(id) })
    yield* Effect.forEach(recovered.resumed, (ticket) => finish(place, ticket), {
      concurrency: "unbounded",
      discard: true
    })
  })

const finish = (place: Place, ticket: Job.Ticket) =>
  Effect.if(ticket.kind === "text", {
    onTrue: () => Effect.flatMap(TextGeneration.resume(ticket), receive),
    onFalse: () => Effect.asVoid(Effect.flatMap(ImageGeneration.resume(ticket), (job) => save(place, job)))
  }).pipe(
    Effect.scoped,
    Effect.exit,
    Effect.flatMap((exit) => say(place, { type: "recovered", id: Redacted.value(ticket.id), how: endOf(exit) }))
  )

/** Recovers as long as the program lives. */
export const recovery = (place: Place) =>
  Recovery.layer({
    kinds: place.mutation.kinds,
    policy: place.policy,
    onRecovered: (recovered) => takeUp(place, recovered)
  })

/** Recovers once and completes all recovered jobs. */
export const cleanUp = (place: Place) =>
  Effect.scoped(
    Effect.flatMap(Recovery.recover({ kinds: place.mutation.kinds, policy: place.policy }), (recovered) =>
      takeUp(place, recovered)
    )
  )
