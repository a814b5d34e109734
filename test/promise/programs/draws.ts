/** Submits a job under a journal in a directory, says so, and waits to be killed. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileJournal from "effect-horde/FileJournal"
import { AIHorde } from "effect-horde/promise"

const [baseUrl, apiKey, directory = ""] = process.argv.slice(2)

const horde = new AIHorde({
  baseUrl,
  apiKey,
  platform: NodeContext.layer,
  journal: FileJournal.layer({ directory, lease: "1 second" })
})
await horde.images.submit({ prompt: "a lighthouse at dusk", params: { width: 64, height: 64 } })
console.log("submitted")
setInterval(() => {}, 1000)
