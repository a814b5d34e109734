/** Helpers of the tests of the language model: a horde whose only text is given, and the bodies of its submits. */
import * as HordeLanguageModel from "@effect-horde/ai/HordeLanguageModel"
import { Effect, Layer } from "effect"
import type { GenerationInputKoboldEncoded } from "effect-horde/TextGeneration"
import { jobServer, type Replies, statusOf, textOf } from "../support/jobServer.js"
import { json } from "../support/scripted.js"
import { type StackOptions, stack } from "../support/stack.js"

/** A language model over an embedded horde, with the server's own record. */
export const embedded = (server: StackOptions["server"] = {}, options?: HordeLanguageModel.Options) =>
  Effect.provide(HordeLanguageModel.layer(options).pipe(Layer.provideMerge(stack({ server }))))

/** A language model over a horde that delivers this text, or gives other replies. */
export const answering = (
  text: string,
  {
    fields = {},
    options,
    replies = {}
  }: {
    readonly fields?: object
    readonly options?: HordeLanguageModel.Options
    readonly replies?: Replies
  } = {}
) => {
  const server = jobServer({ status: () => json(200, statusOf([textOf(text, fields)])), ...replies })
  return {
    counts: server.counts,
    /** The bodies of the submits. */
    submitted: Effect.sync(() =>
      server.sent
        .filter(({ method }) => method === "POST")
        .map(({ body }) => JSON.parse(body ?? "") as GenerationInputKoboldEncoded)
    ),
    run: Effect.provide(HordeLanguageModel.layer(options).pipe(Layer.provide(server.stack())))
  }
}
