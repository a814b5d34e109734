/** Finds the JSON object in an answer: text models write sentences, fences or thoughts around it. */

/** The end of the object that begins at `start`; -1 if it never ends. */
const endOfObject = (text: string, start: number): number => {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (inString) {
      if (character === "\\") at++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === "{") depth++
    else if (character === "}" && --depth === 0) return at + 1
  }
  return -1
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A worker may deliver any text: the search must end soon. */
const maxCandidates = 100

/** The first JSON object of a text, after the thoughts of a reasoning model; the text itself if there is none. */
export const objectIn = (answer: string): string => {
  const text = answer.replace(/^\s*<think>[\s\S]*?<\/think>/, "")
  let start = text.indexOf("{")
  for (let count = 0; start !== -1 && count < maxCandidates; count++) {
    const end = endOfObject(text, start)
    if (end !== -1 && isJson(text.slice(start, end))) return text.slice(start, end)
    start = text.indexOf("{", start + 1)
  }
  return answer
}
