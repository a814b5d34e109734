/** A worker of a run: it pops jobs until it ends, and a later one returns the jobs that it leaves. */
import { HttpClient, HttpClientError, HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { Accounts } from "@effect-horde/server"
import { Effect, Layer, Redacted, Stream } from "effect"
import { type JobJournal, Recovery, Worker } from "effect-horde"
import { type Base, connected } from "./connected.js"
import { forms, type WorkerProgram } from "./scenario.js"
import type { WorkerEvent } from "./workerLedger.js"

/** Where a worker runs, and how it records what happens. */
export interface WorkerPlace extends Base {
  readonly tell: (event: WorkerEvent) => void
}

/** A server offers all kinds of jobs to a program of this name. */
const agent = "AI Horde Worker reGen:9.0.1-x:https://example.invalid"

const pops: ReadonlyMap<string, WorkerProgram["kind"]> = new Map([
  ["/v2/generate/pop", "image"],
  ["/v2/generate/text/pop", "text"],
  ["/v2/interrogate/pop", "alchemy"]
])
const submits = new Set(["/v2/generate/submit", "/v2/generate/text/submit", "/v2/interrogate/submit"])

/** The ids in the reply to a pop. */
const idsIn = (text: string): ReadonlyArray<string> => {
  const [, list = ""] = /"ids":\s*\[([^\]]*)\]/.exec(text) ?? []
  const ids = [...list.matchAll(/"([^"]+)"/g)]
  const forms = [...text.matchAll(/"id":\s*"([^"]+)",\s*"form":/g)]
  return [...ids, ...forms].map(([, id = ""]) => id)
}

/** The text of a reply, and the same reply for its next reader. */
const read = (response: HttpClientResponse.HttpClientResponse) =>
  Effect.map(response.text, (text) => {
    const again: HttpClientResponse.HttpClientResponse = Object.create(response, {
      text: { value: Effect.succeed(text) },
      stream: { value: Stream.succeed(new TextEncoder().encode(text)) }
    })
    return { text, again }
  })

/** The connection of a worker: it records what is popped and submitted, and ends with the worker. */
const connection = ({ baseUrl, isDead, program, tell }: WorkerPlace) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (server) => {
      let number = 0
      return HttpClient.make((request) => {
        const dead = Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport" }))
        if (isDead()) return dead
        const path = request.url.replace(baseUrl, "")
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
        const submit = submits.has(path)
          ? { program, number: number++, id: idIn(body), isFault: /"state":"faulted"/.test(body) }
          : undefined
        if (submit !== undefined) tell({ type: "sent", ...submit })
        const headers = { "x-program": program, "x-forwarded-for": program }
        return server.execute(HttpClientRequest.setHeaders(request, headers)).pipe(
          Effect.flatMap((response) => (isDead() ? dead : Effect.succeed(response))),
          Effect.flatMap((response) => {
            const popped = pops.get(path)
            if (submit === undefined && popped === undefined) return Effect.succeed(response)
            // only a whole reply tells a worker what it has popped, and that its submit was accepted
            return Effect.map(read(response), ({ again, text }) => {
              if (isDead()) return again
              if (popped !== undefined) {
                for (const id of idsIn(text)) tell({ type: "popped", program, id, kind: popped })
              }
              if (submit !== undefined) tell({ type: "answered", ...submit, status: response.status })
              return again
            })
          })
        )
      })
    })
  )

const idIn = (body: string): string => /"id":"([^"]+)"/.exec(body)?.[1] ?? ""

/** Records each popped job that is in the journal now. */
const telling = ({ isDead, program, tell }: WorkerPlace, journal: JobJournal.Service): JobJournal.Service => ({
  ...journal,
  write: (entry) =>
    Effect.tap(journal.write(entry), () =>
      Effect.sync(() => {
        const { id, state } = entry
        if (id !== undefined && !isDead()) tell({ type: "written", program, id: Redacted.value(id), state })
      })
    )
})

export const workerStack = (place: WorkerPlace) => {
  const base = connected(place, {
    apiKey: Redacted.make(Accounts.workerKey),
    connection: connection(place),
    telling: (journal) => telling(place, journal)
  })
  return Worker.layer.pipe(Layer.provideMerge(base))
}

/** A complete WebP file by its header, which is all that is checked. */
const picture = (() => {
  const bytes = new Uint8Array(400)
  bytes.set(new TextEncoder().encode("RIFF"))
  new DataView(bytes.buffer).setUint32(4, bytes.length - 8, true)
  bytes.set(new TextEncoder().encode("WEBPVP8 "), 8)
  return bytes
})()

/** Generates a result, or fails in one of the ways in which generators do. */
const generating =
  <J extends { readonly id: string }, A>(
    { takes, trouble }: Pick<WorkerProgram, "takes" | "trouble">,
    resultOf: (job: J) => A
  ) =>
  (job: J): Effect.Effect<A, string> => {
    const result = resultOf(job)
    if (Number.parseInt(job.id.slice(0, 2), 16) % 3 !== 0) return Effect.delay(Effect.succeed(result), takes)
    if (trouble === "hangs") return Effect.never
    if (trouble === "fails") return Effect.delay(Effect.fail("no memory"), takes)
    return trouble === "dies"
      ? Effect.delay(Effect.dieMessage("a defect"), takes)
      : Effect.delay(Effect.succeed(result), takes)
  }

/** The results of forms other than pictures. */
const formResults: Readonly<Record<string, Worker.FormResult>> = {
  caption: "a lighthouse",
  interrogation: { tags: [{ text: "lighthouse", confidence: 1 }] },
  nsfw: false,
  palette: ["#102030"]
}

/** Runs a worker until `stop` succeeds. */
export const runWorker = (program: Omit<WorkerProgram, "end" | "startsAt">, stop: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { kind, name, threads } = program
    const shared = { name, threads, bridge_agent: agent, stop }
    if (kind === "image") {
      const generate = generating(program, (_: Worker.ImageJob) => picture)
      return yield* Worker.runImage({ ...shared, models: ["stable_diffusion"], amount: 3, generate })
    }
    if (kind === "alchemy") {
      const generate = generating(program, ({ form }: Worker.FormJob) => formResults[form] ?? picture)
      const sourceImages = { allowPrivateAddresses: true }
      return yield* Worker.runAlchemy({ ...shared, forms, amount: 2, sourceImages, generate })
    }
    const generate = generating(program, (_: Worker.TextJob) => "and then it rained")
    return yield* Worker.runText({ ...shared, models: ["koboldcpp/LLaMA"], generate })
  })

const options = { kinds: [Worker.poppedImage, Worker.poppedText, Worker.poppedForm], policy: "resume" } as const

/** Returns the jobs of dead workers as long as the worker lives. */
export const workerRecovery = Recovery.layer(options)

/** Returns all jobs that dead workers have left. */
export const returnAll = Effect.scoped(Recovery.recover(options))
