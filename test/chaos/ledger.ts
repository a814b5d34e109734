/** The events of the programs of a run, kept outside of them: they outlast the programs. */
import type { Alchemy, ImageGeneration, Recovery, TextGeneration } from "effect-horde"
import { png } from "../support/jobServer.js"
import { small } from "../support/virtualTime.js"

/** What a program does with one job. */
export interface Task {
  /** Is in the request, so that the server's record shows to which task a job belongs. */
  readonly tag: string
  readonly job: "image" | "text" | "alchemy"
  /** Only pictures are saved: for the other jobs, `save` waits for the results. */
  readonly kind: "save" | "stream" | "take one" | "cancel" | "time out" | "forget" | "raw"
  /** The number of results. */
  readonly n: number
  /** The forms of an alchemy job. */
  readonly forms: ReadonlyArray<Alchemy.AlchemyForm>
  /** Milliseconds after the start of its program. */
  readonly startsAfter: number
  /** Its time-out in milliseconds, where that matters. */
  readonly timeout: number
}

export const imageInput = ({ n, tag }: Task): ImageGeneration.GenerationInputStable => small(tag, n)

export const textInput = ({ n, tag }: Task): TextGeneration.GenerationInputKobold => ({
  prompt: tag,
  params: { n, max_length: 16 }
})

export const alchemyInput = ({ forms, tag }: Task): Alchemy.AlchemyInput => ({
  source_image: Uint8Array.from(Buffer.from(png, "base64")),
  forms: forms.map((name) => ({ name, payload: { tag } }))
})

/** An event in a program. Times are in milliseconds since the epoch. */
export type Event =
  | { readonly type: "started"; readonly program: string; readonly at: number }
  | { readonly type: "asked"; readonly program: string; readonly task: Task }
  /** A program is about to write the journal entry of a submit. */
  | { readonly type: "intended"; readonly key: string; readonly tag: string }
  /** A submit is sent; `number` distinguishes several of one task. */
  | { readonly type: "sent"; readonly number: number; readonly tag: string }
  | { readonly type: "answered"; readonly number: number; readonly tag: string; readonly status: number }
  | { readonly type: "refused"; readonly number: number; readonly tag: string }
  /** The server's own limiter refused a request. */
  | { readonly type: "limited"; readonly program: string; readonly at: number; readonly isSubmit: boolean }
  /** How a task ended: `done`, or the tag of its error. */
  | { readonly type: "ended"; readonly tag: string; readonly how: string }
  | {
      readonly type: "lost"
      /** The journal entry of the submit. */
      readonly key: string
      readonly outcome: Recovery.UnknownSubmit["outcome"]
      readonly reason: string
    }
  /** How the save of a recovered job ended, or the wait for its results. */
  | { readonly type: "recovered"; readonly id: string; readonly how: string }
  | { readonly type: "cancelled by recovery"; readonly id: string }
  /** A journal contains the cancel of a job: written, and not only about to be. */
  | { readonly type: "cancel written"; readonly program: string; readonly id: string }
  /** A recovery left a job and reported that. */
  | { readonly type: "left"; readonly id: string }
  /** A file under its final name is incomplete when a program is over. */
  | { readonly type: "torn"; readonly program: string; readonly name: string }
  | { readonly type: "over"; readonly program: string; readonly at: number; readonly isKilled: boolean }

/** One submit, as its program saw it. */
export interface Sent {
  readonly tag: string
  /** The status of its reply; undefined without one. */
  status: number | undefined
  /** Whether it certainly was never sent. */
  isRefused: boolean
}

/** A submit without a reply, and the result of a program's search for it. */
export interface Lost {
  /** Undefined if no known program submitted it. */
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
  /** Undefined if the task's program was killed before it ended. */
  readonly ends = new Map<string, string>()
  /** The tags of submits, by the keys of their journal entries. */
  readonly intents = new Map<string, string>()
  readonly sent = new Map<string, Sent>()
  readonly limited: Array<Extract<Event, { readonly type: "limited" }>> = []
  readonly lives = new Map<string, Life>()
  readonly lost: Array<Lost> = []
  readonly recovered = new Map<string, string>()
  readonly cancelledByRecovery = new Set<string>()
  readonly left = new Set<string>()
  /** The programs whose journals contain the cancel of a job, by the job's id. */
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
      case "intended":
        this.intents.set(event.key, event.tag)
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
        this.lost.push({ tag: this.intents.get(event.key), outcome: event.outcome, reason: event.reason })
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

  /** The last report on each submit without a reply: one that could not be searched for is searched for again. */
  lastReports(): Ledger["lost"] {
    return [...new Map(this.lost.map((report) => [report.tag, report])).values()]
  }

  sentFor(tag: string): ReadonlyArray<Sent> {
    return [...this.sent.values()].filter((sent) => sent.tag === tag)
  }
}
