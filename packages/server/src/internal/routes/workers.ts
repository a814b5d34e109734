/**
 * The side of external workers: pop and submit.
 */
import * as Worker from "effect-horde/Worker"
import type { Route } from "../http/route.js"
import * as Queue from "../jobs/queue.js"
import * as ImageAbilities from "../kinds/image/abilities.js"
import * as ImageDelivery from "../kinds/image/delivery.js"
import { image } from "../kinds/image/kind.js"
import * as ImageModels from "../kinds/image/models.js"
import * as ImagePopView from "../kinds/image/popView.js"
import * as ImageSchema from "../kinds/image/workerSchema.js"
import * as TextAbilities from "../kinds/text/abilities.js"
import * as TextDelivery from "../kinds/text/delivery.js"
import { text } from "../kinds/text/kind.js"
import * as TextPopView from "../kinds/text/popView.js"
import * as TextSchema from "../kinds/text/workerSchema.js"
import { strip } from "../python/values.js"
import { pop, submit, withMessages } from "./workerSide.js"

const popImage = pop(image, {
  check: ImageSchema.checkPop,
  models: (world, owner, { models = [] }) => ImageModels.accepted(world, owner, models),
  abilities: ImageAbilities.fromBody,
  take: Queue.pop,
  popped: withMessages(ImagePopView.popped)
})

const submitImage = submit(image, { check: ImageSchema.checkSubmit, delivery: ImageDelivery.fromBody })

const popText = pop(text, {
  check: TextSchema.checkPop,
  models: (_world, _owner, { models = [] }) => models.map(strip),
  abilities: TextAbilities.fromBody,
  take: Queue.pop,
  popped: withMessages(TextPopView.popped)
})

const submitText = submit(text, {
  check: TextSchema.checkSubmit,
  delivery: (_world, _attempt, body, generation) => TextDelivery.fromBody(body, generation)
})

export const workers: ReadonlyArray<Route> = [
  { endpoint: Worker.PopImage.declaration, handler: popImage },
  { endpoint: Worker.SubmitImage.declaration, handler: submitImage },
  { endpoint: Worker.PopText.declaration, handler: popText },
  { endpoint: Worker.SubmitText.declaration, handler: submitText }
]
