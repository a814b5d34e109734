/**
 * A chat bot in plain JavaScript: each user draws under a key of their own, and can cancel. It reads lines such as
 * `ann: draw a fox` and `ann: cancel` from the terminal; without a terminal, a conversation of its own.
 *
 * Run with: npm run example -- promise/bot
 */
import { createInterface } from "node:readline"
import { setTimeout as pause } from "node:timers/promises"
import { Accounts } from "@effect-horde/server"
import { startHorde } from "@effect-horde/server/promise"
import { isHordeError } from "effect-horde/HordeError"
import { AIHorde } from "effect-horde/promise"

const embedded = process.env.HORDE_URL ? undefined : await startHorde({ worker: { takes: "5 seconds" } })
const horde = new AIHorde({ baseUrl: embedded?.url ?? process.env.HORDE_URL })

// A real bot would have these in its database. They are the accounts of the embedded horde.
const keys = new Map([
  ["ann", Accounts.plainKey],
  ["bob", Accounts.ownerKey]
])

/** The drawings that are not finished, by user. */
const drawings = new Map()

const draw = async (user, prompt) => {
  if (drawings.has(user)) return say(user, "your last picture is not finished; send `cancel` to give it up")
  const controller = new AbortController()
  drawings.set(user, controller)
  const options = { apiKey: keys.get(user), signal: controller.signal }
  try {
    const [picture] = await horde.images.generate({ prompt, params: { width: 512, height: 512 } }, options)
    say(user, `"${prompt}": ${picture.bytes.length} bytes of ${picture.mediaType}`)
  } catch (error) {
    if (controller.signal.aborted) say(user, `"${prompt}" is cancelled`)
    else if (isHordeError(error)) say(user, `"${prompt}" failed: ${error.message}`)
    else throw error
  } finally {
    drawings.delete(user)
  }
}

const say = (user, text) => console.log(`@${user} ${text}`)

const receive = (line) => {
  const [, user = "", command = "", rest = ""] = /^(\w+): *(\w+) *(.*)$/.exec(line) ?? []
  if (!keys.has(user)) return say(user || "you", `write, for example, "ann: draw a fox"`)
  if (command === "draw") return draw(user, rest)
  if (command === "cancel") return drawings.get(user)?.abort()
  return say(user, "I know `draw` and `cancel`")
}

async function* conversation() {
  yield "ann: draw a fox in the snow"
  yield "bob: draw a lighthouse at dusk"
  yield "ann: draw a second fox"
  await pause(1000)
  yield "bob: cancel"
}

const replies = []
try {
  for await (const line of process.stdin.isTTY ? createInterface(process.stdin) : conversation()) {
    if (!process.stdin.isTTY) console.log(line)
    replies.push(receive(line))
  }
  await Promise.all(replies)
} finally {
  await horde.close()
  await embedded?.close()
}
