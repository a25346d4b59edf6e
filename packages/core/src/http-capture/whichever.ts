/** Chooses between two meanings of one request, once its body is known: the exchange of the other one ends without a result. */
import type { AnswerHead, Exchange } from '../http-answers/exchange.ts'
import { alongside } from './alongside.ts'

/** What a request may mean. */
export interface Meaning {
  readonly exchange: Exchange
  /** Whether the request's body, now complete, says so; undefined: it does not depend on the body. */
  readonly isMeant?: () => boolean
  /** Whether the request, if so, has the other meaning as well. */
  readonly isBoth?: () => boolean
}

export function whichever({ exchange, isMeant, isBoth }: Meaning, other: Exchange | undefined): Exchange {
  if (!isMeant) return exchange
  let chosen: Exchange | undefined
  const choose = () => {
    if (!isMeant()) chosen = other
    else if (isBoth?.()) chosen = alongside(exchange, other)
    else {
      other?.failed(false)
      chosen = exchange
    }
    return chosen
  }
  return {
    sends(chunk, encoding) {
      for (const each of [exchange, other]) each?.sends?.(chunk, encoding)
    },
    answered: (answer: AnswerHead) => choose()?.answered(answer) ?? false,
    receives: (chunk) => chosen?.receives(chunk),
    ended: () => chosen?.ended(),
    cutOff: () => (chosen ?? other)?.cutOff(),
    failed: (wasSent) => choose()?.failed(wasSent),
  }
}
