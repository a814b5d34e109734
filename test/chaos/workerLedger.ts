/** The events of the workers of a run, kept outside of them: they outlast the workers. */
import type { JobJournal } from "effect-horde"
import type { WorkerProgram } from "./scenario.js"

/** An event in a worker. */
export type WorkerEvent =
  /** The reply to a pop has arrived with this job. */
  | {
      readonly type: "popped"
      readonly program: string
      readonly id: string
      readonly kind: WorkerProgram["kind"]
    }
  /** The journal contains this state of a popped job. */
  | { readonly type: "written"; readonly program: string; readonly id: string; readonly state: JobJournal.State }
  /** A submit is sent: of a result, or of a fault. `number` distinguishes the submits of a program. */
  | (Submit & { readonly type: "sent" })
  | (Submit & { readonly type: "answered"; readonly status: number })

interface Submit {
  readonly program: string
  readonly number: number
  readonly id: string
  readonly isFault: boolean
}

export type SubmitEvent = Extract<WorkerEvent, { readonly type: "sent" | "answered" }>

/** What happened to one job after one pop. */
export interface PoppedJob {
  readonly id: string
  readonly kind: WorkerProgram["kind"]
  /** The worker that got it. */
  readonly program: string
  /** Whether it was in the journal as unfinished. */
  wasWritten: boolean
  readonly submits: Array<SubmitEvent>
}

/**
 * Whether the server has answered that a popped job is over: it has the result or the fault, or has given the job away.
 * A form keeps its id, so that the server refuses with 403 what comes after it was given to another account's worker.
 */
export const isOver = ({ kind, submits }: PoppedJob): boolean =>
  submits.some(
    (one) =>
      one.type === "answered" && one.status < 500 && one.status !== 429 && (one.status !== 403 || kind === "alchemy")
  )

export class WorkerLedger {
  /** Each job of each pop. A form has the same id whenever it is popped. */
  readonly popped: Array<PoppedJob> = []
  /** The popped job that each submit is about. */
  private readonly submitted = new Map<string, PoppedJob>()

  readonly record = (event: WorkerEvent): void => {
    if (event.type === "popped") {
      const { id, kind, program } = event
      this.popped.push({ id, kind, program, wasWritten: false, submits: [] })
      return
    }
    const pops = this.popped.filter(({ id }) => id === event.id)
    const own = pops.filter(({ program }) => program === event.program).at(-1)
    if (event.type === "written") {
      if (own !== undefined) own.wasWritten ||= event.state === "live"
      return
    }
    const key = `${event.program} ${event.number}`
    // a worker that has not popped this job, or has ended it, returns that of a dead one
    const isOwn = own !== undefined && !isOver(own)
    const job = this.submitted.get(key) ?? (isOwn ? own : (pops.find((one) => !isOver(one)) ?? own ?? pops.at(-1)))
    if (job === undefined) return
    this.submitted.set(key, job)
    job.submits.push(event)
  }
}
