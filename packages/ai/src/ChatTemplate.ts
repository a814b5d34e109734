/**
 * Chat templates: how the messages of a prompt become the one text that a text model continues.
 *
 * The best template for a model is the one that it was trained with. {@link plain} works with any model.
 *
 * @example
 * ```ts
 * import * as ChatTemplate from "@effect-horde/ai/ChatTemplate"
 *
 * export const interview: ChatTemplate.ChatTemplate = {
 *   render: (messages) => `${messages.map(({ text }) => `- ${text}`).join("\n")}\n-`,
 *   stopSequences: ["\n-"]
 * }
 * ```
 *
 * @since 0.1.0
 */

/**
 * A message of a prompt, reduced to its text.
 *
 * @since 0.1.0
 * @category models
 */
export interface Message {
  readonly role: "system" | "user" | "assistant"
  readonly text: string
}

/**
 * How a list of messages is written as one text.
 *
 * @since 0.1.0
 * @category models
 */
export interface ChatTemplate {
  /** Returns the text for the messages. The model's answer continues it. */
  readonly render: (messages: ReadonlyArray<Message>) => string
  /** The texts that begin another message: the answer ends before the first of them. */
  readonly stopSequences: ReadonlyArray<string>
}

/** A template in which each message stands between a start, which depends on the role, and an end. */
const delimited = (
  starts: Readonly<Record<Message["role"], string>>,
  end: string,
  stopSequences: ReadonlyArray<string>
): ChatTemplate => ({
  stopSequences,
  render: (messages) => {
    const written = messages.map(({ role, text }) => starts[role] + text)
    // an answer at the end is unfinished, and is continued; a trailing space would be a token of its own
    if (messages.at(-1)?.role !== "assistant") written.push(starts.assistant.replace(/ $/, ""))
    return written.join(end)
  }
})

/**
 * Writes `System:`, `User:` or `Assistant:` before each message, and an empty line between two. For any model. The
 * default.
 *
 * @since 0.1.0
 * @category templates
 */
export const plain: ChatTemplate = delimited({ system: "System: ", user: "User: ", assistant: "Assistant: " }, "\n\n", [
  "\nUser:",
  "\nSystem:",
  "\nAssistant:"
])

/**
 * The template of Alpaca, which many older models were trained with.
 *
 * @since 0.1.0
 * @category templates
 */
export const alpaca: ChatTemplate = delimited(
  { system: "", user: "### Instruction:\n", assistant: "### Response:\n" },
  "\n\n",
  ["\n### Instruction:", "\n### Response:"]
)

/**
 * The template ChatML, which many newer models were trained with.
 *
 * @since 0.1.0
 * @category templates
 */
export const chatML: ChatTemplate = delimited(
  { system: "<|im_start|>system\n", user: "<|im_start|>user\n", assistant: "<|im_start|>assistant\n" },
  "<|im_end|>\n",
  ["<|im_end|>", "<|im_start|>"]
)
