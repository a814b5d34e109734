/** The contents of a help page of @effect/cli, as plain texts. */
import type { HelpDoc } from "@effect/cli/HelpDoc"
import type { Span } from "@effect/cli/HelpDoc/Span"

/** An entry of a list: an argument, an option or a command, and its description. */
export interface Entry {
  readonly name: string
  readonly about: string
}

/** A help page. */
export interface Page {
  readonly description: string
  readonly arguments: ReadonlyArray<Entry>
  readonly options: ReadonlyArray<Entry>
  readonly commands: ReadonlyArray<Entry>
}

const spanText = (span: Span): string => {
  switch (span._tag) {
    case "Text":
    case "URI":
      return span.value
    case "Sequence":
      return spanText(span.left) + spanText(span.right)
    default:
      return spanText(span.value)
  }
}

const paragraphs = (doc: HelpDoc): ReadonlyArray<string> => {
  switch (doc._tag) {
    case "Empty":
      return []
    case "Header":
    case "Paragraph":
      return [spanText(doc.value)]
    case "Sequence":
      return [...paragraphs(doc.left), ...paragraphs(doc.right)]
    case "Enumeration":
      return doc.elements.flatMap(paragraphs)
    case "DescriptionList":
      return doc.definitions.flatMap(([, about]) => paragraphs(about))
  }
}

/** Sentences that @effect/cli adds to each entry, and that say no more than its name. */
const isNoise = (text: string): boolean =>
  /^(A true or false value\.|A user-defined piece of text\.|An integer\.|A floating point number\.)$/.test(text) ||
  /^(This setting is optional|This option may be repeated|One of the following|This argument)/.test(text)

const entriesOf = (doc: HelpDoc): ReadonlyArray<Entry> => {
  if (doc._tag === "Sequence") return [...entriesOf(doc.left), ...entriesOf(doc.right)]
  if (doc._tag !== "DescriptionList") return []
  return doc.definitions.map(([name, about]) => ({
    name: spanText(name).replace(/^\(([^)]*)\)/, "$1"),
    about: paragraphs(about)
      .filter((text) => !isNoise(text))
      .join(" ")
  }))
}

/** The name of a command without its options, and its description. */
const commandOf = (text: string): Entry => {
  const about = text.split(/ {2,}/).at(-1) ?? ""
  return { name: text.split(/ {2,}| (?=[[(<-])/)[0] ?? text, about }
}

const sectionsOf = (doc: HelpDoc): ReadonlyArray<HelpDoc> =>
  doc._tag === "Sequence" ? [...sectionsOf(doc.left), ...sectionsOf(doc.right)] : [doc]

/** Reads a help page. */
export const pageOf = (doc: HelpDoc): Page => {
  let heading = ""
  const found = new Map<string, ReadonlyArray<HelpDoc>>()
  for (const section of sectionsOf(doc)) {
    if (section._tag === "Header") heading = spanText(section.value)
    else found.set(heading, [...(found.get(heading) ?? []), section])
  }
  const entries = (name: string) => (found.get(name) ?? []).flatMap(entriesOf)
  return {
    description: (found.get("DESCRIPTION") ?? []).flatMap(paragraphs).join(" "),
    arguments: entries("ARGUMENTS"),
    options: entries("OPTIONS"),
    commands: (found.get("COMMANDS") ?? []).flatMap(paragraphs).map(commandOf)
  }
}
