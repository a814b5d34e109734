/**
 * The quota of waiting results of each account. The server refuses a submit that would exceed it: from then on submits
 * wait until earlier jobs have progressed.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import { serverForgetsAfter } from "./serverTimes.js"

interface Account {
  readonly waiting: Map<string, number>
  /** The number of results of submits that have no reply yet. */
  reserved: number
  /** The maximum number of waiting results, as learned from refusals. */
  capacity: number
  /** The start of a series of refused submits. */
  refusedSince: number | undefined
}

/** A waiting submit is retried after this pause, because the program may not poll the jobs that it waits for. */
const retryAfter = "5 seconds"

const waitingIn = (account: Account): number => {
  let sum = account.reserved
  for (const waiting of account.waiting.values()) sum += waiting
  return sum
}

/** The quotas of all accounts, by any unique key. */
export class Quota {
  private readonly accounts = new Map<string, Account>()
  private readonly accountOfJob = new Map<string, Account>()
  /** Completes when a job has progressed. Created when a submit waits for it. */
  private progressed: Deferred.Deferred<void> | undefined

  started(key: string, job: string, waiting: number): void {
    const account = this.accountOf(key)
    account.reserved = Math.max(0, account.reserved - waiting)
    account.waiting.set(job, waiting)
    account.capacity = Math.max(account.capacity, waitingIn(account))
    account.refusedSince = undefined
    this.accountOfJob.set(job, account)
  }

  /** Records how many results of a job still wait, and drops a job without any. */
  update(job: string, waiting: number): void {
    const account = this.accountOfJob.get(job)
    const before = account?.waiting.get(job)
    if (account === undefined || before === undefined) return
    if (waiting > 0) account.waiting.set(job, waiting)
    else {
      account.waiting.delete(job)
      this.accountOfJob.delete(job)
    }
    if (waiting < before && this.progressed !== undefined) {
      Deferred.unsafeDone(this.progressed, Effect.void)
      this.progressed = undefined
    }
  }

  /** Records a refusal. Returns whether jobs of this program use the capacity, so that waiting for them may help. */
  refused(key: string, results: number, now: number): boolean {
    const account = this.accountOf(key)
    const waiting = this.release(key, results)
    account.capacity = waiting + results - 1
    account.refusedSince ??= now
    // by then the server has deleted every job that no worker has started
    return waiting > 0 && now - account.refusedSince < serverForgetsAfter
  }

  /** Ends the reservation of a submit that started no job. Returns the number of results that wait without it. */
  release(key: string, results: number): number {
    const account = this.accountOf(key)
    account.reserved = Math.max(0, account.reserved - results)
    return waitingIn(account)
  }

  /** Waits until the known capacity suffices for this number of results, and reserves it. */
  reserve(key: string, results: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const account = this.accountOf(key)
      const take = Effect.sync(() => {
        account.reserved += results
      })
      const waiting = waitingIn(account)
      if (waiting === 0 || waiting + results <= account.capacity) return take
      this.progressed ??= Deferred.unsafeMake(FiberId.none)
      return Effect.flatMap(Effect.timeoutOption(Deferred.await(this.progressed), retryAfter), (progress) =>
        progress._tag === "Some" ? this.reserve(key, results) : take
      )
    })
  }

  private accountOf(key: string): Account {
    let account = this.accounts.get(key)
    if (account === undefined) {
      account = { waiting: new Map(), reserved: 0, capacity: Number.POSITIVE_INFINITY, refusedSince: undefined }
      this.accounts.set(key, account)
    }
    return account
  }
}
