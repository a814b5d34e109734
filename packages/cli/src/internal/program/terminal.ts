/** The terminal of prompts. They are written to stderr, so that the result can be piped. */
import * as Terminal from "@effect/platform/Terminal"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export const layer: Layer.Layer<Terminal.Terminal> = Layer.effect(
  Terminal.Terminal,
  Effect.map(Terminal.Terminal, (terminal) =>
    Terminal.Terminal.of({
      ...terminal,
      columns: Effect.sync(() => process.stderr.columns ?? 80),
      isTTY: Effect.sync(() => process.stderr.isTTY === true),
      display: (text) => Effect.sync(() => void process.stderr.write(text))
    })
  )
).pipe(Layer.provide(NodeTerminal.layer))
