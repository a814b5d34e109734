/**
 * How many pictures of one's own no worker has taken yet. The server lets each account have only so many, and says so
 * by refusing a submit: from then on submits wait until the jobs before them move on.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"

/** By then the server has forgotten every job that nobody took. */
const patience = 20 * 60_000

interface Account {
  readonly waiting: Map<string, number>
  /** Pictures of submits that were let in and have no answer yet. */
  entering: number
  /** How many may wait, as far as refusals have told. */
  room: number
  /** Since when nothing but refusals came. */
  refusedSince: number | undefined
}

/** Nobody may be looking at the jobs that a submit waits for, so the server itself is asked now and then. */
const lookAgainAfter = "5 seconds"

const total = (account: Account): number => {
  let sum = account.entering
  for (const waiting of account.waiting.values()) sum += waiting
  return sum
}

export class WaitingRoom {
  private readonly accounts = new Map<string, Account>()
  private readonly accountOfJob = new Map<string, Account>()
  private moved = Deferred.unsafeMake<void>(FiberId.none)

  started(apiKey: string, job: string, waiting: number): void {
    const account = this.accountOf(apiKey)
    account.entering = Math.max(0, account.entering - waiting)
    account.waiting.set(job, waiting)
    account.room = Math.max(account.room, total(account))
    account.refusedSince = undefined
    this.accountOfJob.set(job, account)
  }

  /** Tells how many pictures of a job still wait; a job of which none does is forgotten. */
  update(job: string, waiting: number): void {
    const account = this.accountOfJob.get(job)
    const before = account?.waiting.get(job)
    if (account === undefined || before === undefined) return
    if (waiting > 0) account.waiting.set(job, waiting)
    else {
      account.waiting.delete(job)
      this.accountOfJob.delete(job)
    }
    if (waiting < before) {
      Deferred.unsafeDone(this.moved, Effect.void)
      this.moved = Deferred.unsafeMake(FiberId.none)
    }
  }

  /** A submit was refused for want of room. Says whether jobs of our own take it up, so that waiting may help. */
  refused(apiKey: string, wanted: number, now: number): boolean {
    const account = this.accountOf(apiKey)
    const waiting = this.left(apiKey, wanted)
    account.room = waiting + wanted - 1
    account.refusedSince ??= now
    return waiting > 0 && now - account.refusedSince < patience
  }

  /** A submit that was let in came to nothing. Gives what is waiting without it. */
  left(apiKey: string, wanted: number): number {
    const account = this.accountOf(apiKey)
    account.entering = Math.max(0, account.entering - wanted)
    return total(account)
  }

  /** Waits while there is no room that we know of. */
  enter(apiKey: string, wanted: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const account = this.accountOf(apiKey)
      const letIn = Effect.sync(() => {
        account.entering += wanted
      })
      const taken = total(account)
      if (taken === 0 || taken + wanted <= account.room) return letIn
      return Effect.flatMap(Effect.timeoutOption(Deferred.await(this.moved), lookAgainAfter), (news) =>
        news._tag === "Some" ? this.enter(apiKey, wanted) : letIn
      )
    })
  }

  private accountOf(apiKey: string): Account {
    let account = this.accounts.get(apiKey)
    if (account === undefined) {
      account = { waiting: new Map(), entering: 0, room: Number.POSITIVE_INFINITY, refusedSince: undefined }
      this.accounts.set(apiKey, account)
    }
    return account
  }
}
