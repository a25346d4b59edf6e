/** The state that capture keeps for each command of ioredis, and for the library. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Cluster, Command, Pipeline, Writable } from '../ioredis.ts'
import type { Arg } from '../keys.ts'
import type { CaptureRules } from './capture-rules.ts'
import type { Watch } from './watch.ts'

/** State of a command, from the user's call until the reply. */
export interface CommandState {
  /** Begins an intent in the scope of the call, however late the command is sent. */
  begin: CaptureSink['begin']
  /** The pipeline that sends it. */
  readonly pipeline?: Pipeline | undefined
  /** The scope that called it: one pipeline may hold commands of several tests. */
  readonly scope?: string | undefined
  cluster?: Cluster
  isWritten?: boolean
  /** Set while a reply is outstanding: if the command is written again, the effect of the first time is unknown. */
  watch?: Watch | undefined
  /** Encoded lookups that follow it in the same write. */
  followUps?: readonly Arg[] | undefined
  /** Called once the command is sent. */
  onSent?: (() => void) | undefined
}

/** The sink and the rules of one patched library. */
export interface Capture {
  readonly sink: CaptureSink
  readonly all: ReadonlySet<CaptureRules>
}

/** A property of the command itself: a weak map entry per command would cost more than the command. */
export const commandState = Symbol('dustpan')

export type TrackedCommand = Command & { [commandState]?: CommandState; toWritable?: (stream: unknown) => Writable }
