/** A GraphQL mutation answered with null: many answer so if they found nothing; others never have a result. */
import { parseJson } from '../http-client/answer-body.ts'
import type { SentAnswer } from '../http-client/sender.ts'
import { isGraphql } from '../http-rules/graphql-body.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import { nullIn } from '../http-rules/removal-results.ts'

/** The answer with the reason in its result; undefined: not GraphQL, or there is a result. */
export function nullResult(
  { body }: PlainRequest,
  answer: SentAnswer,
): (Pick<SentAnswer, 'result' | 'seen'> & { readonly why: string }) | undefined {
  const why = isGraphql(body) ? nullIn(parseJson(answer.body)) : undefined
  return why === undefined ? undefined : { why, result: `${answer.result} (${why})`, seen: answer.seen }
}
