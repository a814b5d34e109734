/**
 * A message to a worker, or to all workers; they receive it with their jobs.
 */
import type { User } from "./account.js"

export interface WorkerMessage {
  readonly id: string
  readonly author: User
  /** Undefined for a message to all workers. */
  readonly workerId: string | undefined
  readonly message: string
  readonly origin: string
  readonly expiresAt: number
}

interface Messages {
  readonly messages: ReadonlyMap<string, WorkerMessage>
  readonly now: number
}

/** The messages that a worker has to receive, oldest first. */
export const messagesFor = ({ messages, now }: Messages, workerId: string): ReadonlyArray<WorkerMessage> =>
  [...messages.values()].filter(
    (message) => message.expiresAt > now && (message.workerId === undefined || message.workerId === workerId)
  )
