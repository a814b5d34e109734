/** The layers below the endpoints of a program or a worker: those of `Horde.layerWithJournal`, with the mutations. */
import { type FileSystem, type HttpClient, Path } from "@effect/platform"
import { type Duration, Effect, Layer, type Redacted } from "effect"
import { FileJournal, FollowUp, HordeClient, JobJournal, JobQuota, RateLimit, Retry } from "effect-horde"
import type { Mutation } from "./mutations.js"

/** Where a program or a worker runs, and under which name. */
export interface Base {
  readonly program: string
  readonly baseUrl: string
  readonly lease: Duration.DurationInput
  readonly journal: string
  readonly fileSystem: FileSystem.FileSystem
  readonly mutation: Mutation
  /** Killed programs send nothing, receive nothing and record no events. */
  readonly isDead: () => boolean
}

/** How a program records what it sends and what its journal contains. */
interface Recording<E, R> {
  readonly apiKey: Redacted.Redacted
  readonly connection: Layer.Layer<HttpClient.HttpClient, E, R>
  readonly telling: (journal: JobJournal.Service) => JobJournal.Service
}

export const connected = <E, R>(
  { baseUrl, fileSystem, lease, mutation, program, ...base }: Base,
  { apiKey, connection, telling }: Recording<E, R>
) => {
  const files = Layer.merge(mutation.fileSystem(fileSystem), Path.layer)
  const journal = Layer.scoped(
    JobJournal.JobJournal,
    Effect.map(FileJournal.make({ directory: base.journal, lease: mutation.lease(program) ?? lease }), (journal) =>
      telling(mutation.journal(journal))
    )
  )
  const client = HordeClient.layer({ baseUrl, apiKey, clientAgent: `${program}:1:chaos` })
  return mutation
    .followUp(FollowUp.layer().pipe(Layer.provide(JobQuota.layer)))
    .pipe(
      Layer.provideMerge(client.pipe(Layer.provide([RateLimit.layer, Retry.layer()]))),
      Layer.provideMerge(journal),
      Layer.provideMerge(connection),
      Layer.provideMerge(files)
    )
}
