/** Statements of a client in pipeline mode: nothing can be asked between them, so they are sent unchanged. */

import { doubtUnread } from '../changes/unread-deletes.ts'
import { analyse } from '../sql/analyse.ts'
import { parser } from '../sql/parser.ts'
import type { SessionCapture } from './session-capture.ts'

const mayCreate = /\b(?:insert|copy|merge)\b/i

export function leavePipelined(capture: SessionCapture, text: string): void {
  doubtUnread(capture, text)
  if (!(parser.loaded ? analyse(text)?.creates : mayCreate.test(text))) return
  capture.sink.warn(
    'DUSTPAN_SQL_UNATTRIBUTED',
    'pipeline mode',
    'Rows that a client of pg in pipeline mode inserts are not tracked, as the server cannot be asked about their tables first: leave the option pipeline out in tests, or track() the rows',
  )
}
