/** `horde work`: a demo worker, which delivers test pictures. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Worker from "effect-horde/Worker"
import { onHorde } from "../connection/onHorde.js"
import { Here } from "../connection/withHorde.js"
import { usage } from "../failures/failures.js"
import type { ConnectionOptions } from "../options/connection.js"
import { valueOf } from "../options/image.js"
import { Screen } from "../output/screen.js"
import { counted, number } from "../output/text.js"
import { version } from "../program/version.js"
import * as TestPicture from "../worker/testPicture.js"

export interface WorkInput {
  readonly name: string
  readonly model: ReadonlyArray<string>
  readonly jobs: Option.Option<number>
  readonly connection: ConnectionOptions
}

/** The key of `worker#3` on an embedded horde. It is a published constant of the server package. */
const embeddedWorkerKey = "embeddedWorker_cccc_03"

const demoJobs = 3

const isPublic = (host: string): boolean => /(^|\.)(ai|stable)horde\.net$/i.test(host.replace(/:\d+$/, ""))

const describe = (event: Worker.Event): string | undefined => {
  switch (event._tag) {
    case "Popped":
      return event.ids.length === 0 ? undefined : `took ${counted(event.ids.length, "job")} for ${event.model ?? "any"}`
    case "Submitted":
      return `delivered a test picture${event.kudos === undefined ? "" : ` for ${number(event.kudos)} kudos`}`
    case "Faulted":
      return `returned a job to the horde: ${event.reason}, ${event.message}`
    case "Idle":
      return undefined
    case "Refused":
      return `refused: ${event.error.message}`
  }
}

/** Jobs of an anonymous user, so that the worker of an embedded horde has something to do. */
const requestDemoJobs = (count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => index),
    (index) => {
      const request = ImageGeneration.makeRequest({ prompt: `a test picture, number ${index + 1}`, size: [64, 64] })
      return ImageGeneration.generate(request)
    },
    { concurrency: "unbounded", discard: true }
  ).pipe(HordeClient.withApiKey(HordeClient.anonymous))

export const work = ({ connection, jobs, model, name }: WorkInput) => {
  const program = Effect.gen(function* () {
    const screen = yield* Screen
    const here = yield* Here
    if (isPublic(here.host)) {
      return yield* usage(
        `the demo worker delivers test pictures: users of ${here.host} would pay for them`,
        "try it with --embedded, or against `horde serve`"
      )
    }
    const wanted = valueOf(jobs) ?? (here.isEmbedded ? demoJobs : Number.POSITIVE_INFINITY)
    if (wanted < 1) return yield* usage("--jobs must be at least 1")
    const enough = yield* Deferred.make<void>()
    const started = yield* Deferred.make<void>()
    let delivered = 0
    yield* screen.note(
      `the worker "${name}" waits for jobs of ${here.name}${here.isEmbedded ? "" : ": Ctrl-C ends it"}`
    )
    const worker = Worker.runImage({
      name,
      models: model.length > 0 ? model : ["stable_diffusion"],
      // the server gives workers with another program only the simplest jobs
      bridge_agent: `AI Horde Worker reGen:9.0.1-effect-horde-cli-${version}:unknown`,
      generate: ({ payload, seed }) =>
        Effect.sync(() => TestPicture.draw(payload.prompt ?? "", seed, payload.width ?? 512, payload.height ?? 512)),
      stop: Deferred.await(enough),
      onEvent: (event) =>
        Effect.gen(function* () {
          yield* Deferred.succeed(started, undefined)
          const text = describe(event)
          if (text !== undefined) yield* screen.print(text)
          else if (event._tag === "Idle") {
            const seconds = Math.round(Duration.toSeconds(event.pause))
            yield* screen.status((width) => `no job; asking again in ${seconds} s`.slice(0, width))
          }
          if (event._tag !== "Submitted") return
          delivered += 1
          if (delivered >= wanted) yield* Deferred.succeed(enough, undefined)
        })
    })
    // the horde knows the worker from its first pop on
    const demo = Effect.zipRight(Deferred.await(started), requestDemoJobs(wanted))
    yield* here.isEmbedded ? Effect.all([worker, demo], { concurrency: "unbounded", discard: true }) : worker
    yield* screen.note(`${counted(delivered, "picture")} delivered`)
  })
  return onHorde(connection, { account: true, embeddedKey: embeddedWorkerKey, embeddedWorkers: false }, program)
}
