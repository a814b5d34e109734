/** The time from an interruption to its DELETE at the server, compared with a bare DELETE by the same process. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Accounts } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as undici from "undici"
import { quantile, sorted, table } from "./rounds.js"
import { serve } from "./servers.js"

const server = await serve("horde")
const runtime = ManagedRuntime.make(
  ImageGeneration.layer.pipe(
    Layer.provideMerge(FollowUp.layer()),
    Layer.provideMerge(HordeClient.layer({ baseUrl: server.url, apiKey: Redacted.make(Accounts.ownerKey) })),
    Layer.provide([JobJournal.layerMemory, JobQuota.layer, RateLimit.layerWith({ limits: () => [] }), Retry.layer()]),
    Layer.provide(NodeHttpClient.layerUndici)
  )
)

/** The arrival time of the next DELETE, by the clock that both processes share. */
const arrival = (): Promise<bigint> =>
  new Promise((resolve) => server.process.once("message", ({ at }: { readonly at: string }) => resolve(BigInt(at))))

const milliseconds = (from: bigint, to: bigint) => Number(to - from) / 1e6

/** Interrupts a program that waits for a picture. */
const interrupted = async () => {
  let submitted = () => {}
  const isSubmitted = new Promise<void>((resolve) => {
    submitted = resolve
  })
  const fiber = runtime.runFork(
    Stream.runForEach(
      ImageGeneration.progress(
        { prompt: "a lighthouse at dusk", params: { steps: 1 } },
        { impossibleAfter: Number.POSITIVE_INFINITY }
      ),
      () => Effect.sync(submitted)
    )
  )
  await isSubmitted
  const seen = arrival()
  const at = process.hrtime.bigint()
  const ended = runtime.runPromise(Fiber.interrupt(fiber))
  const took = milliseconds(at, await seen)
  await ended
  return took
}

const bare = async () => {
  const seen = arrival()
  const at = process.hrtime.bigint()
  const { body } = await undici.request(`${server.url}/v2/generate/status/00000000-0000-4000-8000-000000000000`, {
    method: "DELETE"
  })
  await body.dump()
  return milliseconds(at, await seen)
}

const cancels: Array<number> = []
const deletes: Array<number> = []
const warmUp = 20
for (let n = -warmUp; n < 200; n++) {
  // alternating in random order, so that both run under the same load
  const both = [async () => void cancels.push(await interrupted()), async () => void deletes.push(await bare())]
  if (Math.random() < 0.5) both.reverse()
  for (const one of both) await one()
  if (n === -1) for (const values of [cancels, deletes]) values.length = 0
}

table(
  ["200 of each, ms", "p50", "p95", "least", "most"],
  (
    [
      ["interrupt to DELETE", cancels],
      ["undici.request DELETE", deletes]
    ] as const
  ).map(([name, values]) => [
    name,
    ...[quantile(values, 0.5), quantile(values, 0.95), sorted(values)[0] ?? 0, sorted(values).at(-1) ?? 0].map(
      (value) => value.toFixed(1)
    )
  ])
)

await runtime.dispose()
server.close()
