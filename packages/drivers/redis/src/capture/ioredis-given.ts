/** What is remembered of commands of ioredis, and of the library. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Cluster, Command, Pipeline, Writable } from '../ioredis.ts'
import type { Arg } from '../keys.ts'
import type { CaptureRules } from './capture-rules.ts'
import type { Watch } from './watch.ts'

/** What is remembered of a command from when the user gave it until it is answered. */
export interface Given {
  /** In the test that gave it, however late it is sent. */
  begin: CaptureSink['begin']
  /** The commands that it is sent with. */
  readonly pipeline?: Pipeline | undefined
  /** Whose it is, to tell commands of several tests in one pipeline apart. */
  readonly whose?: string | undefined
  cluster?: Cluster
  isWritten?: boolean
  /** Written, and not answered yet: written once more, nobody knows what came of the first time. */
  watch?: Watch | undefined
  /** What is asked in the same write, behind it. */
  behind?: readonly Arg[] | undefined
  /** To be called once it is on its way. */
  sent?: (() => void) | undefined
}

/** Everything there is to know of one patched library. */
export interface Capture {
  readonly sink: CaptureSink
  readonly all: ReadonlySet<CaptureRules>
}

/** On the command itself: weak maps with an entry for each would cost more than the command. */
export const given = Symbol('dustpan')

export type Marked = Command & { [given]?: Given; toWritable?: (stream: unknown) => Writable }
