/**
 * The documents of the horde: terms, privacy and sponsors, as HTML or Markdown.
 */
import * as Documents from "effect-horde/Documents"
import { maskedJson } from "../http/fieldMask.js"
import { queryChoice } from "../http/query.js"
import type { Handler, Route } from "../http/route.js"

interface Document {
  readonly title: string
  readonly paragraphs: ReadonlyArray<string>
}

const terms: Document = {
  title: "Terms of service",
  paragraphs: [
    "This is an embedded horde for development and tests. It comes without any warranty.",
    "Its pictures and texts are generated from the prompt by simple programs; no model is used."
  ]
}

const privacy: Document = {
  title: "Privacy policy",
  paragraphs: [
    "This embedded horde keeps requests, API keys and results in the memory of the program that runs it.",
    "It stores nothing, it sends nothing to others, and it forgets everything when the program ends."
  ]
}

const sponsors: Document = {
  title: "Sponsors",
  paragraphs: ["An embedded horde for development has no sponsors."]
}

/** Like the documents of the real server, the HTML begins with a comment. */
const html = ({ paragraphs, title }: Document): string =>
  `<!-- ${title} -->\n<h1>${title}</h1>\n${paragraphs.map((text) => `<p>${text}</p>`).join("\n")}\n`

const markdown = ({ paragraphs, title }: Document): string => `# ${title}\n\n${paragraphs.join("\n\n")}\n`

const reply =
  (document: Document): Handler =>
  ({ incoming }) => {
    const format = queryChoice(incoming, "format", ["html", "markdown"], "html")
    const write = format === "html" ? html : markdown
    return maskedJson(incoming, 200, { [format]: write(document) })
  }

export const documents: ReadonlyArray<Route> = [
  { endpoint: Documents.Terms.declaration, handler: reply(terms) },
  { endpoint: Documents.Privacy.declaration, handler: reply(privacy) },
  { endpoint: Documents.Sponsors.declaration, handler: reply(sponsors) }
]
