/** The life cycle of a job without requests: states, observations and times. */
import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import type { JobView } from "../../packages/horde/src/internal/jobs/jobView.js"
import * as Lifecycle from "../../packages/horde/src/internal/jobs/lifecycle.js"

const settings: Lifecycle.Settings = { expected: 3, wantsEach: false, impossibleAfter: 60_000 }

const waiting: JobView = {
  finished: 0,
  processing: 0,
  waiting: 3,
  wait_time: 0,
  queue_position: 1,
  isDone: false,
  isFaulted: false,
  isOver: false,
  isPossible: true
}

const over: JobView = { ...waiting, finished: 3, waiting: 0, queue_position: 0, isDone: true, isOver: true }

const check = (state: Lifecycle.State, view: JobView, now: number) =>
  Lifecycle.afterCheck(settings, state, view, now, 0)

/** Polls with the same reply, a second apart. */
const polls = (view: JobView, seconds: number, state: Lifecycle.State = Lifecycle.start(0)): Lifecycle.State => {
  let seen = state
  for (let second = 1; second <= seconds; second++) seen = check(seen, view, second * 1000)
  return seen
}

const requestOf = (state: Lifecycle.State, now: number, left = 1_000_000) =>
  Lifecycle.next(settings, state, now, left).request

describe("the life cycle of a job", () => {
  it("a job is first checked after a second, within the time until its deadline", () => {
    const next = Lifecycle.next(settings, Lifecycle.start(0), 0, 7000)
    assert.deepStrictEqual(next, { request: "check", after: 1000, within: 7000 })
  })

  it("a finished check is followed by a fetch at once", () => {
    const state = check(Lifecycle.start(0), over, 1000)
    assert.deepStrictEqual(Lifecycle.next(settings, state, 1000, 9000), { request: "fetch", after: 0, within: 9000 })
    assert.strictEqual(Lifecycle.afterFetch(settings, state, over, 3, 1000)._tag, "ended")
  })

  it("a job that neither waits nor runs ends as stalled after a minute", () => {
    const idle = { ...waiting, waiting: 0, queue_position: 0 }
    assert.strictEqual(polls(idle, 60).ended, undefined)
    assert.strictEqual(polls(idle, 61).ended, "stalled")
    const resumed = check(polls(idle, 60), { ...idle, processing: 1 }, 61_000)
    assert.strictEqual(check(resumed, idle, 62_000).ended, undefined)
  })

  it("an impossible job is given up after a last poll, which can revive it", () => {
    const impossible = { ...waiting, isPossible: false }
    assert.strictEqual(polls(impossible, 60).givenUp, undefined)
    const state = polls(impossible, 61)
    assert.deepStrictEqual(state.givenUp, { reason: "impossible", since: 61_000 })
    assert.deepStrictEqual(Lifecycle.next(settings, state, 61_000, 1), { request: "last", after: 0, within: 60_000 })
    assert.strictEqual(Lifecycle.next(settings, state, 121_000, 1).within, 0)
    assert.strictEqual(Lifecycle.reprieve(state, impossible), undefined)
    assert.strictEqual(requestOf(Lifecycle.reprieve(state, waiting) ?? state, 61_000), "check")
  })

  it("a timed-out job is not revived", () => {
    const state = Lifecycle.giveUp(Lifecycle.start(0), "timedOut", 5000)
    assert.strictEqual(Lifecycle.reprieve(state, waiting), undefined)
  })

  it("fewer results than the server counts are fetched again for twenty seconds", () => {
    let state = check(Lifecycle.start(0), over, 1000)
    const times: Array<number> = []
    for (let now = 1000; ; now += state.delay) {
      const fetched = Lifecycle.afterFetch(settings, state, over, 2, now)
      state = fetched.state
      if (fetched._tag !== "again") break
      times.push(now)
    }
    assert.deepStrictEqual(times, [1000, 2000, 4000, 8000, 16_000])
    assert.strictEqual(Lifecycle.shortBecause(state, over), "short")
    assert.strictEqual(Lifecycle.shortBecause(state, { ...over, isFaulted: true }), "faulted")
  })

  it("failed polls are repeated with growing pauses, and not before the Retry-After", () => {
    const passing = { isRetryable: true, isUndecodable: false, retryAfter: 0 }
    const delays: Array<number> = []
    let state = Lifecycle.start(0)
    for (let index = 0; index < 10; index++) {
      state = Lifecycle.afterFailure(state, passing, index * 1000) ?? state
      delays.push(state.delay)
    }
    assert.deepStrictEqual(delays.slice(0, 3), [1500, 2250, 3375])
    assert.strictEqual(delays.at(-1), 30_000)
    assert.strictEqual(Lifecycle.afterFailure(state, { ...passing, retryAfter: 45_000 }, 0)?.delay, 45_000)
    assert.strictEqual(check(state, waiting, 50_000).failures, 0)
  })

  it("a refusal ends a job at once, and replies that cannot be decoded end it after two minutes", () => {
    const refusal = { isRetryable: false, isUndecodable: false, retryAfter: 0 }
    const undecodable = { ...refusal, isUndecodable: true }
    assert.strictEqual(Lifecycle.afterFailure(Lifecycle.start(0), refusal, 1000), undefined)
    const first = Lifecycle.afterFailure(Lifecycle.start(0), undecodable, 1000)
    assert(first !== undefined)
    assert.isDefined(Lifecycle.afterFailure(first, undecodable, 120_999))
    assert.isUndefined(Lifecycle.afterFailure(first, undecodable, 121_000))
    assert.isDefined(Lifecycle.afterFailure(check(first, waiting, 2000), undecodable, 121_000))
  })

  it("single results are fetched only while the server has more than the program", () => {
    const each = { ...settings, wantsEach: true }
    const start: Lifecycle.State = Lifecycle.start(0)
    const one = Lifecycle.afterCheck(each, start, { ...waiting, finished: 1, waiting: 2 }, 1000, 0)
    assert.strictEqual(Lifecycle.next(each, one, 1000, 60_000).request, "fetch")
    const downloaded = { delivered: 1, results: new Map([["id", "picture"]]) }
    const opened = Lifecycle.afterOpening(each, Lifecycle.fetching(one, 1000), waiting, downloaded, 1500, 0)
    assert.strictEqual(Lifecycle.next(each, opened, 1500, 60_000).request, "check")
  })

  it("the pause between answered polls is never negative and never longer than ten seconds and a fifth", () => {
    const count = FastCheck.nat(5)
    const views = FastCheck.array(
      FastCheck.record({
        finished: count,
        processing: count,
        waiting: count,
        wait_time: FastCheck.oneof(FastCheck.nat(5000), FastCheck.constant(Number.NaN)),
        queue_position: FastCheck.nat(500),
        isDone: FastCheck.boolean(),
        isFaulted: FastCheck.boolean(),
        isOver: FastCheck.constant(false),
        isPossible: FastCheck.boolean()
      }),
      { minLength: 1, maxLength: 40 }
    )
    FastCheck.assert(
      FastCheck.property(
        views,
        FastCheck.boolean(),
        FastCheck.double({ min: 0, max: 1, noNaN: true }),
        (all, each, r) => {
          const wanted = { ...settings, wantsEach: each }
          let state = Lifecycle.start(0)
          let now = 0
          for (const view of all) {
            const { after, within } = Lifecycle.next(wanted, state, now, 20 * 60_000)
            assert.isAtLeast(after, 0)
            assert.isAtMost(after, 12_000)
            assert.isAtMost(after, within)
            now += after
            state = Lifecycle.afterCheck(wanted, state, view, now, r)
          }
        }
      )
    )
  })
})
