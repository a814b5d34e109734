/**
 * The program that is started next: cancels the jobs in the journal of an earlier one, and prints their number.
 *
 * Argument: the journal's directory.
 */
import { FetchHttpClient } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { FileJournal, Horde, Recovery } from "effect-horde"
import { lease } from "./lease.js"

const [directory = ""] = process.argv.slice(2)

const HordeLayer = Horde.layerWithJournalConfig().pipe(
  Layer.provide([FileJournal.layer({ directory, lease }).pipe(Layer.provide(NodeContext.layer)), FetchHttpClient.layer])
)

Recovery.recover({ kinds: Horde.kinds, policy: "cancel" }).pipe(
  Effect.flatMap(({ cancelled, failed, unknown }) =>
    Console.log(`cancelled ${cancelled.length}, failed ${failed.length}, unknown ${unknown.length}`)
  ),
  Effect.scoped,
  Effect.provide(HordeLayer),
  NodeRuntime.runMain
)
