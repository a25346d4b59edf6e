/** Combines two exchanges for one request. */
import type { Exchange } from '../http-answers/exchange.ts'

export function alongside(one: Exchange | undefined, other: Exchange | undefined): Exchange | undefined {
  if (!one || !other) return one ?? other
  const both = [one, other]
  return {
    sends: (chunk, encoding) => {
      for (const each of both) each.sends?.(chunk, encoding)
    },
    answered: (answer) => both.map((each) => each.answered(answer)).includes(true),
    receives: (chunk) => {
      for (const each of both) each.receives(chunk)
    },
    ended: () => {
      for (const each of both) each.ended()
    },
    cutOff: () => {
      for (const each of both) each.cutOff()
    },
    failed: (sent) => {
      for (const each of both) each.failed(sent)
    },
  }
}
