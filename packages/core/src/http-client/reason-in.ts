/** Fields in which answers describe an error; `detail` and `title` by RFC 9457, `errors` by GraphQL. */
const fields = ['message', 'error', 'detail', 'title', 'errors'] as const

/** The reason for a refusal in the application's own words, on one line; empty if its answer has none. */
export function reasonIn(body: string): string {
  const message = messageIn(body)
  return message.replace(/\s+/g, ' ').trim()
}

function messageIn(body: string): string {
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
  const fieldValues = answer as { readonly [field: string]: unknown }
  return fields.map((field) => textIn(fieldValues[field])).find((text) => text !== undefined)
}
