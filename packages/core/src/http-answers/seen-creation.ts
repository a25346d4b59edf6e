/** A captured creation, with the evidence used where a rule says nothing. */

import type { Json } from '../resource/resource.ts'
import type { Creation, CreationAnswer } from './created-set.ts'
import type { Doubt } from './doubts.ts'
import type { Upload } from './upload.ts'

export interface SeenCreation extends Creation {
  /** The trailing slash as sent: some services require it on each path. */
  readonly slash: '' | '/'
}

export interface SeenAnswer extends CreationAnswer {
  /** The request's body; undefined if there was none, or it is too large or not JSON. */
  readonly sent: Json | undefined
  /** The request has a body that is not read as JSON: a form, a file. */
  readonly isOpaque?: boolean
  /** The request's body; undefined if it is too large, or in an encoding that is not known. */
  sentText?(): string | undefined
  /** The request contains a file, a form or XML, or addresses an object store. */
  readonly upload?: Upload | undefined
  /** `Location` has another origin, as behind a proxy. */
  readonly isElsewhere?: boolean
  /** The request's; undefined: not known. */
  readonly origin?: string
  /** When the scope that sent the request began; undefined: not known. */
  readonly since?: number | undefined
  /** When it was answered; undefined if a test may fake the service's clock. */
  readonly at?: number | undefined
  /** Why the path alone does not identify the resource or its owner. */
  readonly doubt?: Doubt | undefined
}

/** The path to which `/` and a segment can be appended. */
export function basePath(path: string): string {
  return path === '/' ? '' : path
}

export function slashOf(path: string): '' | '/' {
  return path.length > 1 && path.endsWith('/') ? '/' : ''
}
