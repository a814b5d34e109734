/**
 * The task of each job on the server. The prompt of an image or a text job is the tag of its task. Alchemy jobs have no
 * prompt: each submit has the tag in a header, which the server records with the id of the job that it started.
 */
import type { HordeServer } from "@effect-horde/server"

export const tagHeader = "x-task"

/** The tag of a submit: its prompt, or the member `tag` of the payload of its forms. */
export const tagIn = (body: Uint8Array): string =>
  /"(?:prompt|tag)":"([^"]+)"/.exec(new TextDecoder().decode(body))?.[1] ?? ""

/** A job as the server recorded it, and the task that it was submitted for. */
export interface TaggedJob extends HordeServer.JobRecord {
  readonly tag: string
}

export const withTags = (
  jobs: ReadonlyArray<HordeServer.JobRecord>,
  exchanges: ReadonlyArray<HordeServer.Exchange>
): ReadonlyArray<TaggedJob> => {
  const started = new Map(
    exchanges.flatMap(({ headers, requestId }) => {
      const tag = headers[tagHeader]
      return requestId === undefined || tag === undefined ? [] : [[requestId, tag] as const]
    })
  )
  return jobs.map((job) => ({ ...job, tag: job.kind === "alchemy" ? (started.get(job.id) ?? "") : job.prompt }))
}
