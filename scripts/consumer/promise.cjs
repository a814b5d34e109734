/** The Promise API from CommonJS, against a horde at an address. */
const { AIHorde } = require("effect-horde/promise")
const { JobCancelled, isHordeError } = require("effect-horde/HordeError")

const request = { prompt: "a lighthouse at dusk", params: { width: 64, height: 64, steps: 1 } }

const check = async () => {
  const horde = new AIHorde({ baseUrl: process.argv.at(-1) })
  try {
    const [picture] = await horde.images.generate(request)
    if (picture.mediaType !== "image/webp") throw new Error(`unexpected picture: ${picture.mediaType}`)
    for await (const event of horde.images.progress(request)) {
      if (event._tag === "Submitted") break // leaving the loop cancels the job
    }
    const job = await horde.images.submit(request)
    await job.cancel()
    const error = await job.result().catch((error) => error)
    if (!isHordeError(error) || !(error instanceof JobCancelled)) throw new Error(`unexpected rejection: ${error}`)
  } finally {
    await horde.close()
  }
}

check().catch((error) => {
  console.error(error)
  process.exit(1)
})
