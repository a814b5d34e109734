/** Asks the language model over an embedded horde. */
import { LanguageModel } from "@effect/ai"
import { HordeLanguageModel } from "@effect-horde/ai"
import { HordeServer } from "@effect-horde/server"
import { Effect, Layer } from "effect"
import { Horde } from "effect-horde"

const worker = { takes: "10 millis", startsAfter: "10 millis" }
const horde = Horde.layer({ baseUrl: "http://127.0.0.1/api" }).pipe(
  Layer.provide(HordeServer.layerClient({ textWorker: worker }))
)
const model = HordeLanguageModel.layer({ config: { params: { max_length: 20 } } }).pipe(Layer.provide(horde))

const { text } = await Effect.runPromise(
  Effect.provide(LanguageModel.generateText({ prompt: "Why is the sea salt?" }), model)
)
if (text.length < 10) throw new Error(`the answer is ${JSON.stringify(text)}`)
