/** The events of the workers of a run, kept outside of them: they outlast the workers. */
import type { JobJournal } from "effect-horde"

/** An event in a worker. */
export type WorkerEvent =
  /** The reply to a pop has arrived with this job. */
  | { readonly type: "popped"; readonly program: string; readonly id: string }
  /** The journal contains this state of a popped job. */
  | { readonly type: "written"; readonly program: string; readonly id: string; readonly state: JobJournal.State }
  /** A submit is sent: of a result, or of a fault. */
  | { readonly type: "sent"; readonly program: string; readonly id: string; readonly isFault: boolean }
  | {
      readonly type: "answered"
      readonly program: string
      readonly id: string
      readonly isFault: boolean
      readonly status: number
    }

/** What happened to one popped job. */
export interface PoppedJob {
  /** The worker that got it. */
  program: string
  /** Whether it was in the journal as unfinished. */
  wasWritten: boolean
  readonly submits: Array<Extract<WorkerEvent, { readonly type: "sent" | "answered" }>>
}

export class WorkerLedger {
  readonly popped = new Map<string, PoppedJob>()

  readonly record = (event: WorkerEvent): void => {
    const job = this.popped.get(event.id) ?? { program: event.program, wasWritten: false, submits: [] }
    this.popped.set(event.id, job)
    if (event.type === "popped") job.program = event.program
    else if (event.type === "written") job.wasWritten ||= event.state === "live"
    else job.submits.push(event)
  }
}
