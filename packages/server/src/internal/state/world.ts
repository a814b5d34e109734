/**
 * The state of one embedded horde, and its timeline.
 *
 * There are no timers. Scheduled events wait in a list, and run when the next request arrives after their due time,
 * each with `now` set to that due time: one step of an hour and many small steps give the same history.
 */
import * as Utils from "effect/Utils"
import * as Python from "../python/values.js"
import type { User } from "./account.js"
import { type Alchemy, maxFormFailures } from "./alchemy.js"
import { Cache } from "./cache.js"
import type { RuleState } from "./faultRule.js"
import type { Image } from "./image.js"
import { IpTimeouts } from "./ipTimeouts.js"
import type { Job } from "./job.js"
import * as Pool from "./pool.js"
import type { Produced } from "./production.js"
import type { PromptEvent } from "./promptEvent.js"
import { PromptFilters } from "./promptFilters.js"
import type { Exchange } from "./records.js"
import type { SharedKey } from "./sharedKey.js"
import type { Collection, Style } from "./style.js"
import type { Team } from "./team.js"
import type { Text } from "./text.js"
import * as Version from "./version.js"
import type { Worker } from "./worker.js"
import type { WorkerMessage } from "./workerMessage.js"

/** A picture that a worker uploaded. */
export interface StoredPicture {
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly at: number
}

/** A transfer of kudos between accounts. */
export interface Transfer {
  readonly from: User
  readonly to: User
  readonly at: number
}

export interface Settings {
  readonly seed: number | undefined
  readonly version: Version.ServerVersion
  readonly raisedLimits: boolean
  readonly corruptPrompt: (prompt: string) => boolean
}

/** The modes of the horde. */
export interface Modes {
  /** No jobs are accepted. */
  maintenance: boolean
  /** New workers need an invitation. */
  inviteOnly: boolean
  raid: boolean
}

interface Event {
  readonly at: number
  readonly run: () => void
}

const failures = {
  ofJob: { job: 3, part: Number.POSITIVE_INFINITY },
  ofForm: { job: Number.POSITIVE_INFINITY, part: maxFormFailures }
}

const pictureLifetime = 120 * 60_000

export class World {
  /** By API key. */
  readonly users = new Map<string, User>()
  readonly sharedKeys = new Map<string, SharedKey>()
  /** Oldest first, like the collections. */
  readonly styles = new Map<string, Style>()
  readonly collections = new Map<string, Collection>()
  /** Every job ever accepted, in order, forgotten ones included. */
  readonly jobs: Array<Job> = []
  readonly image: Pool.Pool<Image> = Pool.make(failures.ofJob)
  readonly text: Pool.Pool<Text> = Pool.make(failures.ofJob)
  readonly alchemy: Pool.Pool<Alchemy> = Pool.make(failures.ofForm)
  /** Every recorded request, in the order in which they were processed. */
  readonly exchanges: Array<Exchange> = []
  /** Rendered pictures, oldest first. */
  readonly rendered = new Map<string, Uint8Array>()
  /** Uploaded pictures, by the id of the generation. */
  readonly store = new Map<string, StoredPicture>()
  /** Account details as JSON, by the API key of the request, or by account and permissions. */
  readonly details = new Cache<Readonly<Record<string, unknown>>>()
  /** The details of single workers, by worker and permissions. */
  readonly workerDetails = new Cache<Readonly<Record<string, unknown>>>()
  /** The details of all online workers, by permissions. */
  readonly workerLists = new Cache<ReadonlyArray<Readonly<Record<string, unknown>>>>()
  readonly teams = new Map<string, Team>()
  readonly messages = new Map<string, WorkerMessage>()
  readonly timeouts = new IpTimeouts()
  readonly filters: PromptFilters
  readonly promptEvents: Array<PromptEvent> = []
  /** Every delivered generation, in order. */
  readonly production: Array<Produced> = []
  readonly transfers: Array<Transfer> = []
  /** The transfers made with an idempotency key, by account and key. */
  readonly idempotent = new Map<string, string>()
  /** Until when an IP address has the raised limits. */
  readonly trustedUntil = new Map<string, number>()
  rules: Array<RuleState> = []
  sweepScheduled = false

  readonly startedAt: number
  private readonly random: Utils.PCGRandom
  private events: Array<Event> = []

  constructor(
    readonly settings: Settings,
    readonly modes: Modes,
    /** The origin of links to pictures. */
    readonly origin: string,
    public now: number
  ) {
    this.startedAt = now
    this.filters = new PromptFilters(now)
    this.random = settings.seed === undefined ? new Utils.PCGRandom() : new Utils.PCGRandom(settings.seed)
  }

  /** Whether the server has the features that the public horde has added since the recordings. */
  get isNewer(): boolean {
    return Version.includes(this.settings.version, "newer")
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

  /** Runs the events that are due by `now`, in order, each at its own time. */
  advance(now: number): void {
    for (let next = this.events[0]; next !== undefined && next.at <= now; next = this.events[0]) {
      this.events.shift()
      this.now = Math.max(this.now, next.at)
      next.run()
    }
    this.now = Math.max(this.now, now)
  }

  findUser(apiKey: string): User | undefined {
    return this.users.get(apiKey)
  }

  /** A shared key by its id in any form that Python reads: as an API key, in a path, or in place of a username. */
  findSharedKey(id: string): SharedKey | undefined {
    return this.sharedKeys.get(Python.uuid(id) ?? "")
  }

  get pools(): ReadonlyArray<Pool.Pool> {
    return [this.image, this.text, this.alchemy]
  }

  /** The jobs of every kind that the server has not forgotten. */
  get live(): ReadonlyArray<Job> {
    return this.pools.flatMap(({ live }) => [...live.values()])
  }

  /** The workers of every kind. */
  get workers(): ReadonlyArray<Worker> {
    return this.pools.flatMap(({ workers }) => workers)
  }

  removeWorker(worker: Worker): void {
    for (const { workers } of this.pools) {
      const index = workers.indexOf(worker)
      if (index !== -1) workers.splice(index, 1)
    }
  }

  /** Removes a job from everything but the server's own record. */
  forget(job: Job): void {
    job.gone = true
    this[job.kind].live.delete(job.id)
  }

  /** Deletes uploaded pictures that are two hours old. */
  prunePictures(): void {
    for (const [id, { at }] of this.store) if (at + pictureLifetime <= this.now) this.store.delete(id)
  }
}
