/** Determines which of several items in one answer were created: each item may have its own status. */
import { errorSign, ownStatus } from '../http-rules/error-sign.ts'
import type { Json } from '../resource/resource.ts'
import { foundSign } from './found-sign.ts'
import { isJsonApi, namesOther } from './other-shown.ts'
import type { SeenAnswer } from './seen-creation.ts'

type Fields = { readonly [name: string]: Json }

/**
 * Undefined: the item was created. `failed`: an error; `changed`: it existed before; `other`: a resource of another JSON:API
 * type. @param nouns names of the expected type
 */
export function noCreation(
  item: Json,
  answer: Pick<SeenAnswer, 'body' | 'sent' | 'header'>,
  nouns: readonly string[],
): 'failed' | 'changed' | 'other' | undefined {
  const status = ownStatus(item) ?? 201
  if (status >= 400 || (errorSign(item) && !isPartial(item))) return 'failed'
  if (typeof item !== 'object' || item === null) return undefined
  if (isChangeStatus(status) || foundSign(item, answer.sent)) return 'changed'
  const isOther = nouns.length > 0 && nouns.every((noun) => noun !== 'resource' && namesOther(item as Fields, noun))
  return isOther && isJsonApi(answer) ? 'other' : undefined
}

/** GraphQL: errors beside a result. */
function isPartial(item: Json): boolean {
  const { errors, data } = item as Fields
  return Array.isArray(errors) && Object.values(data ?? {}).some((result) => result !== null)
}

const isChangeStatus = (status: number): boolean => (status >= 200 && status < 300 && status !== 201) || status === 304
