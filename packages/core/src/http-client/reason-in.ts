/** Fields in which answers say what is wrong; `detail` and `title` by RFC 9457, `errors` by GraphQL. */
const fields = ['message', 'error', 'detail', 'title', 'errors'] as const

/** Why an application refuses, in its own words and on one line; empty where its answer has none. */
export function reasonIn(body: string): string {
  const said = saidIn(body)
  return said.replace(/\s+/g, ' ').trim()
}

function saidIn(body: string): string {
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    return body
  }
  return textIn(answer) ?? ''
}

function textIn(answer: unknown): string | undefined {
  if (typeof answer === 'string') return answer
  if (Array.isArray(answer)) return textIn(answer[0])
  if (typeof answer !== 'object' || answer === null) return undefined
  const said = answer as { readonly [field: string]: unknown }
  return fields.map((field) => textIn(said[field])).find((text) => text !== undefined)
}
