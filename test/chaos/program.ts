/** A program of a run: its layers, its tasks, and the recovery of the jobs that it leaves. */
import { HttpClient, HttpClientError, HttpClientRequest } from "@effect/platform"
import { Accounts } from "@effect-horde/server"
import { Cause, Clock, Effect, Exit, FiberRef, Layer, Option, Redacted, type Scope, Stream } from "effect"
import { encodeBase64 } from "effect/Encoding"
import { Alchemy, ImageGeneration, type Job, type JobJournal, Recovery, TextGeneration, Users } from "effect-horde"
import { type Base, connected } from "./connected.js"
import { isWhole } from "./invariants.js"
import { tagHeader, tagIn } from "./jobTags.js"
import { alchemyInput, type Event, imageInput, type Task, textInput } from "./ledger.js"
import { scripted } from "./scenario.js"

/** Where a program runs, and how it records what happens. */
export interface Place extends Base {
  readonly account: "personal" | "anonymous"
  readonly policy: "resume" | "cancel"
  readonly pictures: string
  readonly tell: (event: Event) => void
}

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
        const headers = {
          "x-program": program,
          "x-forwarded-for": program,
          ...(submit === undefined ? {} : { [tagHeader]: submit.tag })
        }
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

/** Records the task of each submit before it is in the journal, and each cancel that is in the journal now. */
const telling = (place: Place, journal: JobJournal.Service): JobJournal.Service => ({
  ...journal,
  write: (entry) =>
    Effect.gen(function* () {
      const { id, key, state } = entry
      const tag = yield* FiberRef.get(currentTag)
      if (state === "intent" && tag !== "") yield* say(place, { type: "intended", key, tag })
      yield* journal.write(entry)
      if (state !== "cancelled" || id === undefined) return
      yield* say(place, { type: "cancel written", program: place.program, id: Redacted.value(id) })
    })
})

export const stack = (place: Place) => {
  const apiKey = Redacted.make(place.account === "anonymous" ? Accounts.anonymousKey : Accounts.plainKey)
  const base = connected(place, {
    apiKey,
    connection: connection(place),
    telling: (journal) => telling(place, journal)
  })
  return Layer.mergeAll(ImageGeneration.layer, TextGeneration.layer, Alchemy.layer, Users.layer).pipe(
    Layer.provideMerge(base)
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

/** Waits for the texts of a job, and returns only if each is there once. */
const receiveTexts = ({ result, ticket }: TextGeneration.TextJob) =>
  Effect.flatMap(result, (texts) => {
    const keys = new Set(texts.map(({ key }) => key))
    return keys.size === ticket.expected && texts.length === ticket.expected
      ? Effect.void
      : Effect.dieMessage(`${texts.length} texts, ${keys.size} of them different`)
  })

/** Waits for the results of an alchemy job, and returns only if each form has one, and pictures are whole. */
const receiveForms = ({ result, ticket }: Alchemy.AlchemyJob) =>
  Effect.flatMap(result, (results) => {
    const areWhole = results.every((one) => one._tag !== "Image" || isWhole(one.bytes))
    return results.length === ticket.expected && areWhole
      ? Effect.void
      : Effect.dieMessage(`${results.length} of ${ticket.expected} forms, ${areWhole ? "whole" : "incomplete"}`)
  })

type Services = Layer.Layer.Success<ReturnType<typeof stack>>
type Action<A = unknown> = Effect.Effect<A, { readonly _tag: string }, Services | Scope.Scope>

/** What a program can do with a request of one kind. */
interface Actions<J extends { readonly cancel: Action }> {
  readonly progress: (
    options?: Pick<Job.WaitOptions, "results">
  ) => Stream.Stream<unknown, { readonly _tag: string }, Services>
  readonly generate: Action
  readonly submit: Action<J>
  /** Waits for the results of a job. */
  readonly receive: (job: J) => Action
  /** The single calls: submits, waits, and polls. */
  readonly raw: Action
}

const performWith = <J extends { readonly cancel: Action }>(
  { generate, progress, raw, receive, submit }: Actions<J>,
  { kind, timeout }: Task
): Action => {
  if (kind === "stream") return Stream.runDrain(progress({ results: "as they arrive" }))
  if (kind === "take one") return Stream.runDrain(Stream.take(progress(), 2))
  if (kind === "time out") return Effect.timeout(generate, timeout)
  if (kind === "raw") return raw
  return Effect.gen(function* () {
    const job = yield* submit
    yield* kind === "save" ? receive(job) : Effect.sleep(timeout)
    if (kind === "cancel") yield* job.cancel
  })
}

const performImage = (place: Place, task: Task) => {
  const input = imageInput(task)
  return performWith(
    {
      progress: (options) => ImageGeneration.progress(input, options),
      generate: ImageGeneration.generate(input),
      submit: ImageGeneration.submit(input),
      receive: (job) => save(place, job),
      raw: Effect.gen(function* () {
        const submit = yield* ImageGeneration.Submit
        const { id } = yield* submit({ payload: input })
        yield* Effect.sleep(task.timeout)
        yield* ImageGeneration.check(id)
        yield* Effect.sleep(2000)
        yield* ImageGeneration.status(id)
      })
    },
    task
  )
}

const performText = (task: Task) => {
  const input = textInput(task)
  return performWith(
    {
      progress: (options) => TextGeneration.progress(input, options),
      generate: TextGeneration.generate(input),
      submit: TextGeneration.submit(input),
      receive: receiveTexts,
      raw: Effect.gen(function* () {
        const submit = yield* TextGeneration.Submit
        const { id } = yield* submit({ payload: input })
        yield* Effect.sleep(task.timeout)
        yield* TextGeneration.status(id)
      })
    },
    task
  )
}

const performAlchemy = (task: Task) => {
  const input = alchemyInput(task)
  return performWith(
    {
      progress: (options) => Alchemy.progress(input, options),
      generate: Alchemy.run(input),
      submit: Alchemy.submit(input),
      receive: receiveForms,
      raw: Effect.gen(function* () {
        const submit = yield* Alchemy.Submit
        const source_image = encodeBase64(input.source_image)
        const { id } = yield* submit({ payload: { ...input, source_image } })
        yield* Effect.sleep(task.timeout)
        yield* Alchemy.status(id)
      })
    },
    task
  )
}

/** The task that a fiber performs; empty outside of tasks. */
const currentTag = FiberRef.unsafeMake("")

const perform = (place: Place, task: Task) => {
  const actions = {
    image: () => performImage(place, task),
    text: () => performText(task),
    alchemy: () => performAlchemy(task)
  }
  const action = actions[task.job]()
  return Effect.locally(Effect.scoped(action), currentTag, task.tag)
}

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
    for (const { key, outcome, reason } of recovered.unknown) {
      yield* say(place, { type: "lost", key, outcome, reason })
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

const resume = (place: Place, ticket: Job.Ticket): Action => {
  if (ticket.kind === "text") return Effect.flatMap(TextGeneration.resume(ticket), receiveTexts)
  if (ticket.kind === "alchemy") return Effect.flatMap(Alchemy.resume(ticket), receiveForms)
  return Effect.flatMap(ImageGeneration.resume(ticket), (job) => save(place, job))
}

const finish = (place: Place, ticket: Job.Ticket) =>
  resume(place, ticket).pipe(
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
