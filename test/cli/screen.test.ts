/** What a terminal shows, what a pipe gets, and how output fits into a narrow window. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Effect, FastCheck } from "effect"
import * as ProgressLine from "effect-horde/ProgressLine"
import { fields, table } from "../../packages/cli/src/internal/output/table.js"
import { cut, widthOf, withoutControls } from "../../packages/cli/src/internal/output/text.js"
import { runToEnd, script } from "../support/virtualTime.js"
import { horde } from "./support.js"

const server = HordeServer.layerClient({ seed: 1 })

/** The lines that a terminal has shown in the place of the status line. */
const framesOf = (err: string) => err.split("\r\x1b[2K").flatMap((part) => part.split("\n"))

const commands = [["--help"], ["draw", "--help"], ["keys"], ["models"], ["workers"], ["whoami"], ["keys", "create"]]

describe("a narrow window", () => {
  for (const columns of [40, 80, 120]) {
    it.effect(`${columns} columns: the progress is one line`, () =>
      Effect.gen(function* () {
        const args = ["draw", "a fox", "-n", "3", "--size", "64x64", "-o", "/pics"]
        const { err } = yield* runToEnd(horde(args, { columns, isTerminal: true }), "1 second")
        const frames = framesOf(err)
        assert.isTrue(
          frames.some((frame) => /[█░]{6,} {2}\d\/3 {2}drawing/.test(frame)),
          err
        )
        for (const frame of frames) assert.isBelow(widthOf(frame), columns)
      }).pipe(Effect.provide(server))
    )

    for (const args of commands) {
      it.effect(`${columns} columns: horde ${args.join(" ")} fits`, () =>
        Effect.gen(function* () {
          const { code, err, out } = yield* runToEnd(horde(args, { columns, isTerminal: true }))
          assert.strictEqual(code, 0, err)
          const least = args[1] === "create" ? 60 : columns // an id is not broken
          for (const line of out.split("\n")) assert.isAtMost(widthOf(line), Math.max(least, columns), line)
        }).pipe(Effect.provide(server))
      )
    }
  }
})

describe("the status line", () => {
  it.effect("is removed at the end", () =>
    Effect.gen(function* () {
      const { err } = yield* runToEnd(horde(["models"], { isTerminal: true }))
      assert.isTrue(err.endsWith("\r\x1b[2K"), JSON.stringify(err))
    }).pipe(Effect.provide(server))
  )

  it.effect("stays below the lines that are printed", () =>
    Effect.gen(function* () {
      const args = ["draw", "a fox", "-n", "2", "--size", "64x64", "-o", "/pics"]
      const { err } = yield* runToEnd(horde(args, { isTerminal: true }), "1 second")
      const [, ...parts] = err.split("\r\x1b[2K")
      assert.isTrue(parts.at(-1)?.startsWith("2 pictures for"))
    }).pipe(Effect.provide(server))
  )
})

describe("texts of others", () => {
  it.effect("cannot control the terminal", () =>
    Effect.gen(function* () {
      yield* script(
        Faults.respond(
          { status: 200, body: '[{"name":"\\u001b]0;title\\u0007\\u001b[31mred\\u009b2J","count":1,"eta":1}]' },
          { path: "/v2/status/models" }
        )
      )
      const { out } = yield* runToEnd(horde(["models"], { isTerminal: true }))
      assert.match(out, /\nred/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
      assert.notMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
    }).pipe(Effect.provide(server))
  )

  it("lose every escape sequence", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "binary" }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
        assert.notMatch(withoutControls(text), /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/)
      })
    )
  })
})

describe("tables", () => {
  it("fit into any width from 30 columns on", () => {
    const cell = FastCheck.string({ unit: "grapheme", maxLength: 40 })
    const rows = FastCheck.array(FastCheck.tuple(cell, cell, cell), { maxLength: 5 })
    FastCheck.assert(
      FastCheck.property(rows, FastCheck.integer({ min: 30, max: 120 }), (rows, width) => {
        const columns = [{ title: "NAME" }, { title: "COUNT", isNumber: true }, { title: "MORE", optional: 1 }]
        for (const line of table(columns, rows, width)) assert.isAtMost(widthOf(line), width)
        for (const line of fields([["name", rows[0]?.[0]]], width)) assert.isAtMost(widthOf(line), width)
      })
    )
  })

  it("cut a text at the width of its characters", () => {
    assert.strictEqual(cut("狐狸在雪中", 6), "狐狸…")
    assert.strictEqual(cut("a fox", 5), "a fox")
    assert.strictEqual(cut("a foxes", 5), "a fo…")
  })
})

const check = {
  finished: 1,
  processing: 1,
  restarted: 0,
  waiting: 1,
  done: false,
  faulted: false,
  wait_time: 95,
  queue_position: 4,
  kudos: 0,
  is_possible: true
}

describe("ProgressLine", () => {
  it("leaves out parts until the line fits", () => {
    const at = (width: number) => ProgressLine.make(check, { width, unicode: false })
    assert.strictEqual(at(80), "########----------------  1/3  generating, about 1 min 35 s")
    assert.strictEqual(at(45), "###-------  1/3  generating, about 1 min 35 s")
    assert.strictEqual(at(34), "1/3  generating, about 1 min 35 s")
    assert.strictEqual(at(24), "##-----  1/3  generating")
    assert.strictEqual(at(15), "1/3  generating")
    assert.strictEqual(at(8), "1/3  gen")
    assert.strictEqual(at(0), "")
  })

  it("names the state", () => {
    const text = (changes: Partial<typeof check>) =>
      ProgressLine.make({ ...check, ...changes }, { width: 200, verb: "drawing" }).replace(/^[█░]+ {2}/, "")
    const waiting = { finished: 0, processing: 0, waiting: 3 }
    assert.strictEqual(text(waiting), "0/3  number 4 in the queue, about 1 min 35 s")
    assert.strictEqual(text({ ...waiting, queue_position: 0, wait_time: 0 }), "0/3  waiting")
    assert.strictEqual(text({ wait_time: 3720 }), "1/3  drawing, about 1 h 2 min")
    assert.strictEqual(text({ ...waiting, is_possible: false }), "0/3  no worker can take it")
    assert.strictEqual(text({ faulted: true }), "1/3  failed")
    assert.strictEqual(text({ finished: 3, processing: 0, waiting: 0, done: true }), "3/3  done")
  })

  it("moves the bar by the estimate, and is full only at the end", () => {
    const bar = (elapsed: number, changes: Partial<typeof check> = {}) =>
      ProgressLine.make({ ...check, ...changes }, { elapsed, unicode: false }).split(" ")[0]
    assert.strictEqual(bar(0), "########----------------")
    assert.strictEqual(bar(95_000), "############------------")
    assert.strictEqual(bar(1e9), "#######################-")
    assert.strictEqual(bar(0, { finished: 3, processing: 0, waiting: 0, done: true }), "#".repeat(24))
  })

  it("is one line of at most the width, without control characters", () => {
    const counts = FastCheck.record({
      finished: FastCheck.nat(20),
      processing: FastCheck.nat(20),
      waiting: FastCheck.nat(20),
      wait_time: FastCheck.nat(100_000),
      queue_position: FastCheck.nat(),
      done: FastCheck.boolean(),
      faulted: FastCheck.boolean(),
      is_possible: FastCheck.boolean()
    })
    FastCheck.assert(
      FastCheck.property(counts, FastCheck.nat(100), (counts, width) => {
        const line = ProgressLine.make({ ...check, ...counts }, { width })
        assert.isAtMost(line.length, width)
        assert.match(line, /^[\w █░,/]*$/)
      })
    )
  })
})
