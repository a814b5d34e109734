/** Jobs of programs that are killed. */
import { Faults } from "@effect-horde/server"
import { type Duration, Effect, type Scope } from "effect"
import type * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Recovery from "effect-horde/Recovery"
import { idOf, type Program } from "./programs.js"
import { clearFaults, runToEnd, script, small } from "./virtualTime.js"

/** Runs an effect in a program, and returns its value; its resources stay open until the program is killed. */
export const hold = <A, E>(
  program: Program,
  effect: Effect.Effect<A, E, Horde.Services | Scope.Scope>,
  step: Duration.DurationInput
) =>
  Effect.gen(function* () {
    const held = yield* Effect.makeLatch()
    let value: A | undefined
    const keeps = program.run(effect).pipe(
      Effect.tap((it) => {
        value = it
        return held.open
      }),
      Effect.zipRight(Effect.never),
      Effect.scoped,
      Effect.onExit(() => held.open)
    )
    yield* Effect.forkDaemon(keeps)
    yield* runToEnd(held.await, step)
    if (value === undefined) return yield* Effect.dieMessage("it was not there")
    return value
  })

/** A job on the server that is not finished. */
export const live = (program: Program, input = small()) =>
  hold(
    program,
    Effect.map(ImageGeneration.submit(input), ({ ticket }) => idOf(ticket) ?? ""),
    "100 millis"
  )

/** A job that is over and whose results were not fetched. */
export const finished = (program: Program, input = small()) =>
  hold(
    program,
    Effect.flatMap(ImageGeneration.submit(input), ({ result, ticket }) => Effect.as(result, idOf(ticket) ?? "")),
    "5 seconds"
  )

type When = "before" | "after"

/** Loses the reply of a submit, before or after the server carried it out. */
export const lostReply = <A, E extends { readonly _tag: string }>(
  program: Program,
  submit: Effect.Effect<A, E, Horde.Services | Scope.Scope>,
  when: When = "after"
) =>
  Effect.gen(function* () {
    yield* script(Faults.reset(when, { method: "POST" }))
    const error = yield* runToEnd(Effect.flip(Effect.scoped(program.run(submit))), "1 second")
    yield* clearFaults
    if (error._tag !== "OutcomeUnknown") return yield* Effect.dieMessage(`it was not lost, but ${error._tag}`)
  })

/** A submit of images whose reply is lost. */
export const lost = (program: Program, input = small(), when?: When) =>
  lostReply(program, ImageGeneration.submit(input), when)

/** The results of a recovery, as ids. */
export const inIds = (recovered: Recovery.Recovered) => ({
  resumed: recovered.resumed.map(idOf),
  cancelled: recovered.cancelled.map(idOf),
  left: recovered.left.map(idOf),
  failed: recovered.failed.map(idOf)
})

export const noIds = { resumed: [], cancelled: [], left: [], failed: [] }
