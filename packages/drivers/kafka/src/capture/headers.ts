/** The headers with the run and the flow of a message. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'

/** Without headers that the configuration disables. Values are printable ASCII. */
export function messageHeaders(
  sink: CaptureSink,
  { run, flow, baggage }: Settings['headers'],
): readonly (readonly [string, string])[] {
  const httpHeaders = Object.entries(sink.headers())
  const headerEnding = (suffix: string) => httpHeaders.find(([name]) => name.endsWith(suffix))?.[1]
  const named = [
    [run, headerEnding('Run-ID')],
    [flow, headerEnding('Flow-ID')],
    [baggage && 'baggage', headerEnding('baggage')],
  ] as const
  return named.flatMap(([name, value]) => (name === false || value === undefined ? [] : [[name, value] as const]))
}
