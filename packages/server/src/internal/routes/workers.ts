/**
 * The side of external workers: pop and submit.
 */
import type { Limit } from "effect-horde/Endpoint"
import type { Route } from "../http/route.js"
import * as Abilities from "../kinds/image/abilities.js"
import * as Delivery from "../kinds/image/delivery.js"
import { image } from "../kinds/image/kind.js"
import * as Models from "../kinds/image/models.js"
import { popped } from "../kinds/image/popView.js"
import { checkPop, checkSubmit } from "../kinds/image/workerSchema.js"
import { pop, submit } from "./workerSide.js"

const imagePop = pop(image, { check: checkPop, models: Models.accepted, abilities: Abilities.fromBody, popped })

const imageSubmit = submit(image, { check: checkSubmit, delivery: Delivery.fromBody })

/** All calls of workers from one address, whatever the job. */
const limits: ReadonlyArray<Limit> = [{ max: 60, per: "1 second", key: "endpoint" }]

export const workers: ReadonlyArray<Route> = [
  { endpoint: { method: "POST", path: "/v2/generate/pop", limits }, handler: imagePop },
  { endpoint: { method: "POST", path: "/v2/generate/submit", limits }, handler: imageSubmit }
]
