/** A bare server with constant bodies: its cost is the same for every client. */
import { randomBytes } from "node:crypto"
import { createServer } from "node:http"

const check = JSON.stringify({
  finished: 1,
  processing: 1,
  restarted: 0,
  waiting: 2,
  done: false,
  faulted: false,
  wait_time: 17,
  queue_position: 4,
  kudos: 31.5,
  is_possible: true
})

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`

/** A megabyte with the header of a WebP. */
const image = () => {
  const bytes = randomBytes(1_000_000)
  bytes.write("RIFF", 0)
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write("WEBPVP8 ", 8)
  return bytes.toString("base64")
}

const status = JSON.stringify({
  ...JSON.parse(check),
  finished: 10,
  processing: 0,
  waiting: 0,
  done: true,
  shared: false,
  generations: Array.from({ length: 10 }, (_, n) => ({
    img: image(),
    seed: String(n),
    id: id(n),
    censored: false,
    state: "ok",
    gen_metadata: [],
    model: "stable_diffusion",
    worker_id: id(100),
    worker_name: "bench"
  }))
})

const bodies = new Map([
  ["check", Buffer.from(check)],
  ["status", Buffer.from(status)]
])

let started = 0
const accepted = () => Buffer.from(JSON.stringify({ id: id(++started), kudos: 10 }))

const server = createServer((request, response) => {
  const name = request.url?.split("/")[4] ?? ""
  const body = name === "async" ? accepted() : bodies.get(name)
  response.writeHead(body === undefined ? 404 : name === "async" ? 202 : 200, {
    "content-type": "application/json",
    "content-length": body?.length ?? 0,
    "x-ratelimit-limit": "10",
    "x-ratelimit-remaining": "9",
    "retry-after": "1"
  })
  response.end(body)
})
// no connection may close between two rounds: a client would notice only during a call
server.keepAliveTimeout = 120_000
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object") process.send?.(`http://127.0.0.1:${address?.port}/api`)
})
process.on("disconnect", () => process.exit())
