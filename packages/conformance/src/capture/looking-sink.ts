import type { CaptureSink } from '@dustpan/core/driver'
import { RecordingSink } from './recording-sink.ts'

/** Captures the stack when the core does: at once for calls announced later, otherwise at the announcement. */
export class LookingSink extends RecordingSink {
  readonly stacks: string[] = []

  override beginHere(entry?: (...args: never[]) => unknown, later?: 'later'): CaptureSink['begin'] {
    const taken = later && stackBelow(entry)
    const begin = super.beginHere()
    return (draft) => {
      this.stacks.push(taken ?? stackBelow(entry))
      return begin(draft)
    }
  }
}

function stackBelow(entry: ((...args: never[]) => unknown) | undefined): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, entry)
  return String(holder.stack)
}
