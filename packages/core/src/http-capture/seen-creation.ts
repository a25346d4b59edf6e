/** A creation as it was seen, with what tells more of it where a rule says nothing. */

import type { Json } from '../resource/resource.ts'
import type { Creation, CreationAnswer } from './created-set.ts'

export interface SeenCreation extends Creation {
  /** What the path ended with as it was sent: some services have each path with a slash at its end, and only so. */
  readonly slash: '' | '/'
}

export interface SeenAnswer extends CreationAnswer {
  /** The body of the request; undefined when there was none, or it is long, or something else than JSON. */
  readonly sent: Json | undefined
}

/** What goes before the next segment. */
export function upTo(path: string): string {
  return path === '/' ? '' : path
}

export function slashOf(path: string): '' | '/' {
  return path.length > 1 && path.endsWith('/') ? '/' : ''
}
