/**
 * The server's record of its jobs.
 */
import type { JobRecord } from "../state/records.js"
import type { World } from "../state/world.js"
import * as Progress from "./progress.js"

/** Every job so far, in the order of acceptance. */
export const jobRecords = (world: World): ReadonlyArray<JobRecord> =>
  world.jobs.map((job) => ({
    id: job.id,
    kind: job.kind,
    prompt: job.request.prompt ?? "",
    n: job.request.n,
    createdAt: job.createdAt,
    finished: Progress.delivered(job).length,
    generations: Progress.delivered(job).map(({ id }) => id),
    processing: Progress.running(job),
    waiting: Progress.waiting(job),
    restarted: job.failed,
    faulted: job.faulted,
    cancelledAt: job.cancelledAt,
    cancels: job.cancels,
    state: Progress.state(job),
    account: job.owner.account.role
  }))
