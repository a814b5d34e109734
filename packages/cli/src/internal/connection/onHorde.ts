/** The whole of a command that needs nothing but the horde. */
import type * as Effect from "effect/Effect"
import type { Failure } from "../failures/describe.js"
import { reported } from "../failures/report.js"
import type { ConnectionOptions } from "../options/connection.js"
import { type Needs, withHorde } from "./withHorde.js"

/** Runs a program over the horde that the options name, and reports its failure. */
export const onHorde = <A, R>(options: ConnectionOptions, needs: Needs, program: Effect.Effect<A, Failure, R>) =>
  reported(options, withHorde(options, needs, program))
