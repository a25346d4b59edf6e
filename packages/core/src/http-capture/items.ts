/** Of several things in one answer, which were created: each may say so by itself. */
import { errorSign, ownStatus } from '../http-rules/error-sign.ts'
import type { Json } from '../resource/resource.ts'
import { foundSign } from './found-sign.ts'
import { namesOther, saysJsonApi } from './other-shown.ts'
import type { SeenAnswer } from './seen-creation.ts'

type Fields = { readonly [name: string]: Json }

/** Undefined: it is one. `failed`: an error; `changed`: it was there before; `other`: a thing of another JSON:API type. @param nouns what the things are called */
export function noCreation(
  item: Json,
  answer: Pick<SeenAnswer, 'body' | 'sent' | 'header'>,
  nouns: readonly string[],
): 'failed' | 'changed' | 'other' | undefined {
  const status = ownStatus(item) ?? 201
  if (status >= 400 || errorSign(item)) return 'failed'
  if (typeof item !== 'object' || item === null) return undefined
  if (isOfChange(status) || foundSign(item, answer.sent)) return 'changed'
  const isOther = nouns.length > 0 && nouns.every((noun) => noun !== 'resource' && namesOther(item as Fields, noun))
  return isOther && saysJsonApi(answer) ? 'other' : undefined
}

const isOfChange = (status: number): boolean => (status >= 200 && status < 300 && status !== 201) || status === 304
