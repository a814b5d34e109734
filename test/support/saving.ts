/** Helpers of the tests of saved pictures. */
import { assert } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import type * as Disk from "./disk.js"
import { requests, runToEnd, small } from "./virtualTime.js"

export const directory = "/home/pictures"

export const downloads = Effect.map(requests("GET"), (all) => all.filter(({ path }) => path.startsWith("/objects/")))

export const idOf = ({ ticket }: ImageGeneration.ImageJob) => Job.GenerationRequestId.make(Redacted.value(ticket.id))

/** A job with this number of pictures. */
export const submit = (n = 3, r2 = true) => ImageGeneration.submit({ ...small("a quiet bay", n), r2 })

/** Saves the pictures of a job, as one process on a disk. */
export const saveOn = (process: Disk.Process, job: ImageGeneration.ImageJob, concurrency?: number) =>
  Effect.provide(
    ImageGeneration.save(job, { directory, ...(concurrency === undefined ? {} : { concurrency }) }),
    process.layer
  )

/** The files that are expected. */
export const wholeOf = (job: ImageGeneration.ImageJob) =>
  Effect.map(
    ImageGeneration.download(idOf(job)),
    (pictures) => new Map(pictures.map(({ bytes, id }) => [`${directory}/${id}.webp`, bytes]))
  )

/** The names of the files; asserts that each file with a picture's name is complete. */
export const inspectFiles = (disk: Disk.Disk, whole: ReadonlyMap<string, Uint8Array>) => {
  const names = [...disk.files().keys()]
  const pictures = names.filter((name) => !name.endsWith(".part"))
  for (const name of pictures) assert.deepStrictEqual(disk.files().get(name), new Uint8Array(whole.get(name) ?? []))
  return { pictures, parts: names.filter((name) => name.endsWith(".part")) }
}

export const run = <A, E, R>(program: Effect.Effect<A, E, R>) => runToEnd(Effect.scoped(program))
