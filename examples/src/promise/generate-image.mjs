/**
 * Draws a picture in plain JavaScript, with promises: progress, Ctrl-C and cleanup.
 *
 * Run with: npm run example -- promise/generate-image ["what to draw"]
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { startHorde } from "@effect-horde/server/promise"
import { AIHorde } from "effect-horde/promise"

const prompt = process.argv.slice(2).join(" ") || "a lighthouse on a cliff at dusk, oil painting"
const directory = join("examples", "output")

const { HORDE_API_KEY, HORDE_URL } = process.env
const embedded = HORDE_URL ? undefined : await startHorde()
const horde = new AIHorde({
  baseUrl: embedded?.url ?? HORDE_URL,
  ...(HORDE_API_KEY ? { apiKey: HORDE_API_KEY } : {})
})

const interrupted = new AbortController()
process.once("SIGINT", () => interrupted.abort("Interrupted: the job is cancelled."))

try {
  console.log(`Drawing "${prompt}" on ${embedded ? "an embedded horde" : HORDE_URL}\n`)
  const request = horde.images.makeRequest({ prompt, size: [512, 512], steps: 20 })
  let shown
  for await (const event of horde.images.progress(request, { signal: interrupted.signal })) {
    if (event._tag === "Checked") {
      const { queue_position: position, wait_time: seconds } = event.check
      const line = position > 0 ? `number ${position} in the queue` : `about ${seconds} s to go`
      if (line !== shown) console.log(`… ${line}`)
      shown = line
    }
    if (event._tag === "Finished") {
      await mkdir(directory, { recursive: true })
      for (const picture of event.results) {
        const file = join(directory, `${picture.id}.${picture.extension}`)
        await writeFile(file, picture.bytes)
        console.log(`\nOpen it: ${file}`)
      }
    }
  }
} catch (error) {
  console.error(typeof error === "string" ? error : `${error._tag ?? "Error"}: ${error.message}`)
  process.exitCode = 1
} finally {
  await horde.close()
  await embedded?.close()
}
