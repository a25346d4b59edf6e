/** The values in a request, collected once for all resources of its answer. */

import type { Json } from '../resource/resource.ts'
import { linkText } from './other-shown.ts'
import type { SeenAnswer } from './seen-creation.ts'
import { mayContain } from './sent-id.ts'

export interface SentValues {
  /** Whether a link was sent as it is. */
  hasLink(link: Json | undefined): boolean
  /** Whether a value was sent, also at the end of a path (`/orders/7`), or may have been, in a body that is not JSON. */
  mayHave(value: Json): boolean
}

export function sentValues({ sent, isOpaque, sentText }: SeenAnswer): SentValues {
  const values = new Set<string>()
  const collect = (value: Json): void => {
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect)
    else values.add(String(value))
  }
  collect(sent ?? null)
  const ends = new Set([...values].flatMap((value) => [value, value.slice(value.lastIndexOf('/') + 1)]))
  const text = isOpaque ? sentText?.() : undefined
  return {
    hasLink: (link) => values.has(String(linkText(link))),
    mayHave: (value) => ends.has(String(value)) || (isOpaque === true && mayContain(text, value)),
  }
}
