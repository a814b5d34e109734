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

/** The signal that interrupts the command. */
let signal: "SIGINT" | "SIGTERM" = "SIGINT"
process.once("SIGTERM", () => {
  signal = "SIGTERM"
})

const codeOf = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return typeof exit.value === "number" ? exit.value : exitCode.success
  if (!Cause.isInterrupted(exit.cause)) return exitCode.failure
  return signal === "SIGTERM" ? exitCode.terminated : exitCode.interrupted
}

run(process.argv).pipe(
  Effect.provide(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeScreen.layer, Network.layer, Terminal.layer)),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => onExit(codeOf(exit))
  })
)
