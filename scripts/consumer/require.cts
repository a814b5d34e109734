/** A user's CommonJS file: since TypeScript 5.8, `NodeNext` knows that Node can `require` an ES module. */
import { HordeServer } from "@effect-horde/server"
import { SharedKeys } from "effect-horde"

import Status = require("effect-horde/Status")

export const heartbeat = Status.heartbeat
export const budget = SharedKeys.create({ kudos: 500 })
export const layer = HordeServer.layerClient()
