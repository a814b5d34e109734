/**
 * The state of one embedded horde and its own time line.
 *
 * Nothing here waits. What is to happen later stands in a queue and happens when somebody asks the server for
 * something after that moment, at exactly the time it was due: one step of an hour and an hour of steps give the same
 * history, and the caller's clock is the only clock.
 */
import * as Utils from "effect/Utils"
import type { Account } from "../../Accounts.js"
import type { Exchange } from "../../HordeServer.js"
import type { RuleState } from "../faults/rules.js"
import type { Answer } from "../http/reply.js"
import type { Job } from "../jobs/lifeCycle.js"
import type { Worker } from "../jobs/workers.js"
import * as Python from "../python/values.js"

export interface User {
  readonly account: Account
  readonly username: string
  kudos: number
  /** What was earned and is held back from those who are not trusted. */
  held: number
  /** Where the balance came from and went to, as the account's details tell it. */
  readonly flows: { accumulated: number; gifted: number; received: number }
  /** What was asked for and what was done for others: jobs, pictures, and millions of pixels times steps. */
  readonly records: { requests: number; used: number; fulfilled: number; contributed: number }
}

export interface SharedKey {
  readonly id: string
  readonly owner: User
  name: string | undefined
  kudos: number
  utilized: number
  expiresAt: number | undefined
  maxImagePixels: number
  maxImageSteps: number
  maxTextTokens: number
}

/** A picture that a worker put into the store. */
export interface StoredPicture {
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly at: number
}

/** Kudos that one account gave another. */
export interface Transfer {
  readonly from: User
  readonly to: User
  readonly at: number
}

/** A request that was refused after the server had stored it; it counts as waiting until it expires. */
export interface RefusedRequest {
  readonly owner: User
  readonly models: ReadonlyArray<string>
  readonly pictures: number
  readonly expiresAt: number
}

interface Cached<A> {
  readonly until: number
  readonly value: A
}

/** Replies and verdicts that the server remembers for a while. */
export class Cache<A> {
  private readonly entries = new Map<string, Cached<A>>()

  get(key: string, now: number): A | undefined {
    const cached = this.entries.get(key)
    if (cached === undefined) return undefined
    if (cached.until > now) return cached.value
    this.entries.delete(key)
    return undefined
  }

  set(key: string, value: A, until: number): void {
    this.entries.set(key, { value, until })
  }

  delete(key: string): void {
    this.entries.delete(key)
  }
}

export interface Settings {
  readonly seed: number | undefined
  readonly maintenance: boolean
  readonly raisedLimits: boolean
  readonly tellsRequests: boolean
  readonly corruptPrompt: (prompt: string) => boolean
}

interface Event {
  readonly at: number
  readonly run: () => void
}

export class World {
  readonly users = new Map<string, User>()
  readonly sharedKeys = new Map<string, SharedKey>()
  /** Every job ever accepted, in order, the forgotten ones included. */
  readonly jobs = new Map<string, Job>()
  /** The jobs that the server still knows. */
  readonly live = new Map<string, Job>()
  readonly workers: Array<Worker> = []
  readonly entries: Array<Exchange> = []
  readonly replies = new Cache<Answer>()
  /** The bytes of pictures that somebody has asked for, the oldest first. */
  readonly pictures = new Map<string, Uint8Array>()
  /** What workers put into the store, by the picture's id. */
  readonly store = new Map<string, StoredPicture>()
  /** The details of accounts, by the key that asked or by their number and how much may be seen. */
  readonly details = new Cache<Readonly<Record<string, unknown>>>()
  readonly prices = new Cache<number>()
  readonly transfers: Array<Transfer> = []
  /** What was asked for under an idempotency key, by account and key. */
  readonly idempotent = new Map<string, string>()
  refusedRequests: Array<RefusedRequest> = []
  readonly trustedUntil = new Map<string, number>()
  rules: Array<RuleState> = []
  sweepDue = false
  origin = "http://127.0.0.1"

  readonly startedAt: number
  private readonly random: Utils.PCGRandom
  private events: Array<Event> = []

  constructor(
    readonly settings: Settings,
    public now: number
  ) {
    this.startedAt = now
    this.random = settings.seed === undefined ? new Utils.PCGRandom() : new Utils.PCGRandom(settings.seed)
  }

  /** A whole number below 2³². */
  integer(): number {
    return Math.floor(this.random.number() * 2 ** 32)
  }

  uuid(): string {
    const hex = [0, 1, 2, 3].map(() => this.integer().toString(16).padStart(8, "0")).join("")
    const variant = (8 + (parseInt(hex.charAt(16), 16) % 4)).toString(16)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  schedule(at: number, run: () => void): void {
    const later = this.events.findIndex((event) => event.at > at)
    this.events.splice(later === -1 ? this.events.length : later, 0, { at, run })
  }

  /** Lets everything happen that was due by `now`, in order, each at its own time. */
  advance(now: number): void {
    for (let next = this.events[0]; next !== undefined && next.at <= now; next = this.events[0]) {
      this.events.shift()
      this.now = Math.max(this.now, next.at)
      next.run()
    }
    this.now = Math.max(this.now, now)
  }

  /** A job that the server still knows. */
  findJob(id: string): Job | undefined {
    return this.live.get(Python.uuid(id) ?? "")
  }

  /** From here on nobody finds the job any more; only the server's own record remembers it. */
  forget(job: Job): void {
    job.gone = true
    this.live.delete(job.id)
  }
}
