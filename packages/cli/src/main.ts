#!/usr/bin/env node
/**
 * The command `horde`: runs it in this process, and sets the exit code.
 *
 * @since 0.1.0
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Network from "./internal/connection/network.js"
import { exitCode } from "./internal/failures/exitCode.js"
import * as NodeScreen from "./internal/output/nodeScreen.js"
import { run } from "./internal/program/run.js"
import * as Terminal from "./internal/program/terminal.js"

/** The exit code of a command that is interrupted. */
let interrupted: number = exitCode.interrupted

process.once("SIGTERM", () => {
  if (interrupted === exitCode.interrupted) interrupted = exitCode.terminated
})

/** Ends the command as SIGTERM does: its job is cancelled. */
const end = (code: number): void => {
  interrupted = code
  process.emit("SIGTERM")
}

process.once("SIGHUP", () => end(exitCode.hungUp))

const onOutputFailure = (reason: string): void => {
  process.stderr.write(`horde: the output cannot be written (${reason})\n`)
  process.exitCode = exitCode.local // of a command that is at its end already
  end(exitCode.local)
}

const codeOf = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return typeof exit.value === "number" ? exit.value : exitCode.success
  if (!Cause.isInterrupted(exit.cause)) return exitCode.failure
  return interrupted
}

run(process.argv).pipe(
  Effect.provide(
    Layer.mergeAll(
      NodeFileSystem.layer,
      NodePath.layer,
      NodeScreen.layer(onOutputFailure),
      Network.layer,
      Terminal.layer
    )
  ),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => onExit(codeOf(exit))
  })
)
