/** Plays an episode on twin databases, one of them with capture, and returns every difference. */

import { RecordingSink } from '@dustpan/conformance/capture'
import { difference } from '@dustpan/conformance/sql-fuzz'
import pg from 'pg'
import { pgInstrument } from '../../src/capture/instrument.ts'
import type { Databases } from './databases.ts'
import type { Step } from './episode.ts'
import { inspect } from './inspect.ts'
import { judge } from './judge.ts'
import { play } from './play.ts'

/** Breaks a sink on purpose. */
export type Sabotage = (sink: RecordingSink) => RecordingSink

export async function differences(
  databases: Databases,
  steps: readonly Step[],
  sabotage?: Sabotage,
): Promise<string[]> {
  const [bare, twin] = [await databases.fresh(), await databases.fresh()]
  try {
    const expected = await play(bare, steps, {
      firstOid: databases.firstOid,
      step: (_, run) => run(),
      unnumbered: () => {},
    })
    const captured = await playCaptured(twin, steps, databases.firstOid, sabotage)
    const [before, after] = [await inspect(bare), await inspect(twin)]
    const apart = difference(before.state, after.state)
    const states = apart === undefined ? [] : [`state: ${apart}`]
    return [...answersApart(steps, expected, captured.answers), ...states, ...judge(steps, after, captured)]
  } finally {
    await Promise.all([databases.drop(bare), databases.drop(twin)])
  }
}

async function playCaptured(
  url: string,
  steps: readonly Step[],
  firstOid: number,
  sabotage: Sabotage = (sink) => sink,
) {
  const sink = new RecordingSink()
  const warnings: { code: string; message: string }[][] = []
  const unnumbered = new Set<number>()
  using _ = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sabotage(sink))
  const answers = await play(url, steps, {
    firstOid,
    async step(number, run) {
      const answer = await (steps[number]?.kind === 'stranger' ? run() : sink.run(`step ${number}`, run))
      warnings[number] = sink.warnings.splice(0)
      return answer
    },
    unnumbered: (number) => unnumbered.add(number),
  })
  return { answers, sink, warnings, unnumbered }
}

function answersApart(steps: readonly Step[], expected: readonly unknown[], seen: readonly unknown[]): string[] {
  return steps.flatMap((step, number) => {
    const apart = difference(expected[number], seen[number])
    return apart === undefined ? [] : [`answer to step ${number}: ${apart}\n  ${JSON.stringify(step)}`]
  })
}
