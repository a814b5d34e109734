/** What the programs of a run were told, kept outside of them: it outlasts their deaths. */
import { ImageGeneration, type JobJournal, type Recovery } from "effect-horde"
import { isRequestOf } from "../../packages/horde/src/internal/journal/entry.js"
import { small } from "../support/virtualTime.js"

/** What a program wants of one job. */
export interface Task {
  /** Stands in the prompt, so that the server's record tells whose job it is. */
  readonly tag: string
  readonly kind: "save" | "stream" | "take one" | "cancel" | "time out" | "forget" | "raw"
  readonly n: number
  /** Milliseconds after the start of its program. */
  readonly startsAfter: number
  /** How long it is patient, in milliseconds, where that matters. */
  readonly patience: number
}

export const inputOf = ({ n, tag }: Task): ImageGeneration.GenerationInputStable => small(tag, n)

/** Something that happened to a program. Times are in milliseconds since the epoch. */
export type Event =
  | { readonly type: "started"; readonly program: string; readonly at: number }
  | { readonly type: "asked"; readonly program: string; readonly task: Task }
  /** A submit goes out; `number` tells several of one task apart. */
  | { readonly type: "sent"; readonly number: number; readonly tag: string }
  | { readonly type: "answered"; readonly number: number; readonly tag: string; readonly status: number }
  | { readonly type: "refused"; readonly number: number; readonly tag: string }
  /** The server's own limiter said no. */
  | { readonly type: "limited"; readonly program: string; readonly at: number; readonly isSubmit: boolean }
  /** How a task ended: `done`, or the tag of its error. */
  | { readonly type: "ended"; readonly tag: string; readonly how: string }
  | {
      readonly type: "lost"
      /** The marks of the request, by which its task is known. */
      readonly entry: Pick<JobJournal.Entry, "key" | "request"> | undefined
      readonly outcome: Recovery.UnknownSubmit["outcome"]
      readonly reason: string
    }
  /** How the saving of a job ended that a program had taken over. */
  | { readonly type: "recovered"; readonly id: string; readonly how: string }
  | { readonly type: "cancelled by recovery"; readonly id: string }
  /** A journal has it that a job was cancelled: written, and not only about to be. */
  | { readonly type: "cancel written"; readonly program: string; readonly id: string }
  /** A recovery left a job where it is, and said so. */
  | { readonly type: "left"; readonly id: string }
  /** A file under its final name is not whole, when a program is over. */
  | { readonly type: "torn"; readonly program: string; readonly name: string }
  | { readonly type: "over"; readonly program: string; readonly at: number; readonly isKilled: boolean }

/** One request that was to start a job, as its program saw it. */
export interface Sent {
  readonly tag: string
  /** The status of its answer; undefined where there was none. */
  status: number | undefined
  /** Whether it surely never left. */
  isRefused: boolean
}

/** A submit whose answer was lost, and what a program found out about it. */
export interface Lost {
  /** None where nobody is known to have asked for it. */
  readonly tag: string | undefined
  readonly outcome: Recovery.UnknownSubmit["outcome"]
  readonly reason: string
}

export interface Life {
  readonly program: string
  readonly startedAt: number
  endedAt: number | undefined
  isKilled: boolean
}

export class Ledger {
  readonly tasks = new Map<string, { readonly program: string; readonly task: Task }>()
  /** None where the task's program was gone before it ended. */
  readonly ends = new Map<string, string>()
  readonly sent = new Map<string, Sent>()
  readonly limited: Array<Extract<Event, { readonly type: "limited" }>> = []
  readonly lives = new Map<string, Life>()
  readonly lost: Array<Lost> = []
  readonly recovered = new Map<string, string>()
  readonly cancelledByRecovery = new Set<string>()
  readonly left = new Set<string>()
  /** The programs whose journals have it that a job was cancelled, by the job's id. */
  readonly cancelsWritten = new Map<string, Set<string>>()
  readonly torn: Array<Extract<Event, { readonly type: "torn" }>> = []

  readonly record = (event: Event): void => {
    switch (event.type) {
      case "started":
        this.lives.set(event.program, {
          program: event.program,
          startedAt: event.at,
          endedAt: undefined,
          isKilled: false
        })
        return
      case "asked":
        this.tasks.set(event.task.tag, event)
        return
      case "sent":
        this.sent.set(`${event.tag} ${event.number}`, { tag: event.tag, status: undefined, isRefused: false })
        return
      case "answered":
        this.change(`${event.tag} ${event.number}`, { status: event.status })
        return
      case "refused":
        this.change(`${event.tag} ${event.number}`, { isRefused: true })
        return
      case "limited":
        this.limited.push(event)
        return
      case "ended":
        this.ends.set(event.tag, event.how)
        return
      case "lost":
        this.lost.push({ tag: this.tagOf(event.entry), outcome: event.outcome, reason: event.reason })
        return
      case "recovered":
        this.recovered.set(event.id, event.how)
        return
      case "cancelled by recovery":
        this.cancelledByRecovery.add(event.id)
        return
      case "cancel written":
        this.cancelsWritten.set(event.id, (this.cancelsWritten.get(event.id) ?? new Set()).add(event.program))
        return
      case "left":
        this.left.add(event.id)
        return
      case "torn":
        this.torn.push(event)
        return
      case "over": {
        const life = this.lives.get(event.program)
        if (life !== undefined) Object.assign(life, { endedAt: event.at, isKilled: event.isKilled })
      }
    }
  }

  private change(key: string, change: Partial<Sent>): void {
    const sent = this.sent.get(key)
    if (sent !== undefined) Object.assign(sent, change)
  }

  private tagOf(entry: Extract<Event, { readonly type: "lost" }>["entry"]): string | undefined {
    const isIt = ({ task }: { readonly task: Task }) =>
      entry !== undefined && isRequestOf(entry, { ...inputOf(task) }, ImageGeneration.kind.starts.request)
    return [...this.tasks.values()].find(isIt)?.task.tag
  }

  /** The last word on each lost answer: what could not be asked for in bad weather is asked for again. */
  lastReports(): Ledger["lost"] {
    return [...new Map(this.lost.map((report) => [report.tag, report])).values()]
  }

  sentFor(tag: string): ReadonlyArray<Sent> {
    return [...this.sent.values()].filter((sent) => sent.tag === tag)
  }
}
