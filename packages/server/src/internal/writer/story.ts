/**
 * Writes texts: English sentences from a small grammar. The same prompt and seed give the same text.
 */
import * as Hash from "effect/Hash"
import * as Utils from "effect/Utils"

/** A phrase in `<>` stands for one of its expansions; `|` separates these. */
const grammar: ReadonlyMap<string, ReadonlyArray<string>> = new Map(
  Object.entries({
    sentence:
      "<Opening> <subject> <verb> <object>, and <subject> <verb> <object>.|<Subject> <verb> <object> <place>.|" +
      "<Opening> <subject> <verb> <object> <place>.|<Subject> <verb> <object> before <subject> <verb> <object>.|" +
      "<Place>, <subject> <verb> <object>.|Nobody knew why <subject> <verb> <object>.",
    Opening: "In the morning,|Later that day,|For a while,|After the storm,|Every spring,|Without a word,|At last,",
    subject: "the <adjective> <person>|the <person>|a <adjective> <person>|the <animal>|an old <person>",
    Subject: "The <adjective> <person>|The <person>|A <adjective> <person>|The <animal>|An old <person>",
    person: "keeper|captain|gardener|letter carrier|clockmaker|stranger|teacher|fisherman|painter|child",
    animal: "heron|grey cat|fox|shepherd dog|owl|white horse",
    adjective: "patient|quiet|young|tired|careful|cheerful|curious|famous|lonely",
    verb: "carried|found|remembered|watched|mended|counted|followed|hid|described|lost",
    object: "the <quality> <thing>|a <quality> <thing>|the <thing>|every <thing>",
    quality: "small|heavy|broken|golden|wooden|forgotten|borrowed|painted",
    thing: "lantern|boat|map|letter|bell|key|window|basket of apples|song|story|bridge",
    place: "by the <landmark>|behind the <landmark>|at the edge of the <landmark>|far from the <landmark>",
    Place: "By the <landmark>|Behind the <landmark>|At the edge of the <landmark>|Far from the <landmark>",
    landmark: "harbour|lighthouse|orchard|river|market|old mill|forest|northern road|school|valley"
  }).map(([phrase, expansions]) => [phrase, expansions.split("|")])
)

const expand = (phrase: string, random: Utils.PCGRandom): string => {
  const expansions = grammar.get(phrase) ?? []
  const chosen = expansions[random.integer(expansions.length)] ?? ""
  return chosen.replace(/<(\w+)>/g, (_, inner: string) => expand(inner, random))
}

const charactersPerToken = 4

/** The last end of a word up to a position. */
const wordEnd = (text: string, position: number): number => {
  let end = position
  while (end > 0 && /\S/.test(text.charAt(end))) end--
  return end
}

/** Sentences of this many characters together, cut after a whole word. A paragraph has a few of them. */
const sentences = (characters: number, random: Utils.PCGRandom): string => {
  let text = ""
  while (text.length <= characters) {
    const separator = text !== "" && random.integer(6) === 0 ? "\n\n" : " "
    text += separator + expand("sentence", random)
  }
  return text.slice(0, wordEnd(text, characters))
}

/** The text before the first stop sequence. */
const untilStop = (text: string, stopSequences: ReadonlyArray<string>): string => {
  const stops = stopSequences.map((sequence) => (sequence === "" ? -1 : text.indexOf(sequence)))
  return text.slice(0, Math.min(text.length, ...stops.filter((stop) => stop !== -1)))
}

export interface Assignment {
  readonly prompt: string
  readonly seed: number
  /** The maximum length in tokens. */
  readonly maxLength: number
  readonly stopSequences: ReadonlyArray<string>
}

/** A text that continues the prompt. It is about as long as permitted, unless a stop sequence ends it. */
export const write = ({ maxLength, prompt, seed, stopSequences }: Assignment): string => {
  const random = new Utils.PCGRandom(Hash.string(JSON.stringify([prompt, seed])) >>> 0)
  return untilStop(sentences(maxLength * charactersPerToken, random), stopSequences)
}
