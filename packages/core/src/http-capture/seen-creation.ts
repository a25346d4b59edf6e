/** A creation as it was seen, with what tells more of it where a rule says nothing. */

import type { Json } from '../resource/resource.ts'
import type { Creation, CreationAnswer } from './created-set.ts'
import type { Doubt } from './doubts.ts'
import type { Upload } from './upload.ts'

export interface SeenCreation extends Creation {
  /** What the path ended with as it was sent: some services have each path with a slash at its end, and only so. */
  readonly slash: '' | '/'
}

export interface SeenAnswer extends CreationAnswer {
  /** The body of the request; undefined when there was none, or it is long, or something else than JSON. */
  readonly sent: Json | undefined
  /** The request has a body of which nothing is known: a form, a file. */
  readonly isOpaque?: boolean
  /** The request has a file, a form or XML in it, or is for an object store. */
  readonly upload?: Upload | undefined
  /** `Location` names another origin, as behind a proxy. */
  readonly isElsewhere?: boolean
  /** When it was answered; undefined where the service's clock may be a test's own. */
  readonly at?: number | undefined
  /** Why the path alone does not say whose it is, or which thing. */
  readonly doubt?: Doubt | undefined
}

/** What goes before the next segment. */
export function upTo(path: string): string {
  return path === '/' ? '' : path
}

export function slashOf(path: string): '' | '/' {
  return path.length > 1 && path.endsWith('/') ? '/' : ''
}
