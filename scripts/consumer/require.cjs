/** The indexes from CommonJS: the packages are ES modules, and the runtime must be able to `require` them. */
const { Status, SharedKeys } = require("effect-horde")
const { HordeServer } = require("@effect-horde/server")
const { SqlJournal } = require("@effect-horde/sql")
const { HordeLanguageModel } = require("@effect-horde/ai")
const direct = require("effect-horde/Status")

if (typeof SharedKeys.create !== "function") throw new Error("SharedKeys.create is missing")
if (typeof HordeServer.layerClient !== "function") throw new Error("HordeServer.layerClient is missing")
if (typeof SqlJournal.layerConfig !== "function") throw new Error("SqlJournal.layerConfig is missing")
if (typeof HordeLanguageModel.model !== "function") throw new Error("HordeLanguageModel.model is missing")
if (direct.Heartbeat !== Status.Heartbeat) throw new Error("the index and the module are two copies")
