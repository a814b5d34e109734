/** The indexes from CommonJS: both packages are ES modules, and the runtime has to load them all the same. */
const { Status, SharedKeys } = require("effect-horde")
const { HordeServer } = require("@effect-horde/server")
const direct = require("effect-horde/Status")

if (typeof SharedKeys.create !== "function") throw new Error("SharedKeys.create is missing")
if (typeof HordeServer.layerClient !== "function") throw new Error("HordeServer.layerClient is missing")
if (direct.Heartbeat !== Status.Heartbeat) throw new Error("the index and the module are two copies")
