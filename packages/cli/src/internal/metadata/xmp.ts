/** An XMP packet: the prompt as the description of the picture, and the whole generation as JSON. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Generation } from "./generation.js"

const Json = Schema.parseJson(Generation)
const encodeJson = Schema.encodeSync(Json)
const decodeJson = Schema.decodeOption(Json)

const entities: ReadonlyArray<readonly [string, string]> = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"]
]

const escape = (text: string): string =>
  entities.reduce((escaped, [character, entity]) => escaped.replaceAll(character, entity), text)

const unescape = (text: string): string =>
  entities.reduceRight((plain, [character, entity]) => plain.replaceAll(entity, character), text)

/** Characters that XML does not allow, and lone surrogates. */
const forbidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML does not allow them
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** JSON escapes these characters as four hexadecimal digits. */
const escapeInJson = (json: string): string =>
  json.replace(forbidden, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

const attribute = "horde:generation"

const descriptionOf = ({ prompt }: Generation): string =>
  prompt === undefined
    ? ""
    : `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${escape(
        prompt.replace(forbidden, " ")
      )}</rdf:li></rdf:Alt></dc:description>`

/** Encodes a generation as an XMP packet. */
export const encode = (generation: Generation): Uint8Array =>
  new TextEncoder().encode(
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ` +
      `xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ` +
      `xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" ` +
      `xmlns:horde="https://aihorde.net/ns/generation/1.0/" ` +
      `xmp:CreatorTool="${escape((generation.software ?? "effect-horde").replace(forbidden, " "))}" ` +
      `${attribute}="${escape(escapeInJson(encodeJson(generation)))}">${descriptionOf(generation)}` +
      `</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
  )

/** Decodes the generation in an XMP packet of {@link encode}. */
export const decode = (packet: Uint8Array): Option.Option<Generation> => {
  const [, value] = /horde:generation="([^"]*)"/.exec(new TextDecoder().decode(packet)) ?? []
  return value === undefined ? Option.none() : decodeJson(unescape(value))
}
