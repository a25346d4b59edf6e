/** The headers that name run and flow on a message. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'

/** None where the configuration has switched them off. Values are printable ASCII. */
export function messageHeaders(
  sink: CaptureSink,
  { run, flow, baggage }: Settings['headers'],
): readonly (readonly [string, string])[] {
  const given = Object.entries(sink.headers())
  const ending = (end: string) => given.find(([name]) => name.endsWith(end))?.[1]
  const named = [
    [run, ending('Run-ID')],
    [flow, ending('Flow-ID')],
    [baggage && 'baggage', ending('baggage')],
  ] as const
  return named.flatMap(([name, value]) => (name === false || value === undefined ? [] : [[name, value] as const]))
}
