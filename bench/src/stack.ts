/** The layers that the benchmarks of jobs have in common. */
import type * as HttpClient from "@effect/platform/HttpClient"
import { Accounts } from "@effect-horde/server"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"

export const apiKey = Accounts.ownerKey

interface Options<E> {
  readonly url: string
  readonly http: Layer.Layer<HttpClient.HttpClient, E>
  readonly rateLimit?: Layer.Layer<RateLimit.RateLimit>
  readonly quota?: Layer.Layer<JobQuota.JobQuota>
  readonly retry?: Layer.Layer<Retry.Retry>
  readonly journal?: Layer.Layer<JobJournal.JobJournal>
}

/** Image jobs over an `HttpClient`, by default without rate limits and with the journal in memory. */
export const stack = <E>({
  http,
  journal = JobJournal.layerMemory,
  quota = JobQuota.layer,
  rateLimit = RateLimit.layerNone,
  retry = Retry.layer(),
  url
}: Options<E>) =>
  ImageGeneration.layer.pipe(
    Layer.provideMerge(FollowUp.layer()),
    Layer.provideMerge(HordeClient.layer({ baseUrl: url, apiKey: Redacted.make(apiKey), clientAgent: "bench:1:none" })),
    Layer.provide([journal, quota, rateLimit, retry]),
    Layer.provide(http)
  )
