import type { RecordingSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { shrunk } from '@dustpan/conformance/sql-fuzz'
import { beforeAll, describe, expect, test } from 'vitest'
import { copiesOfSchema, type Databases } from './databases.ts'
import { episode, type Step, sendsOf } from './episode.ts'
import { differences } from './twins.ts'

const seed = Number(process.env.DUSTPAN_FUZZ_SEED ?? 1)
const count = Number(process.env.DUSTPAN_FUZZ_COUNT ?? 5_000)
const perEpisode = 500

const server = await testServer({ own: true })
let databases: Databases

beforeAll(async () => {
  databases = await copiesOfSchema(server)
})

describe('random statements on a database with capture and its twin without', () => {
  test('give the same answers and rows, and exactly the created rows that still exist are tracked', {
    timeout: 0,
  }, async () => {
    const distinct = new Set<string>()
    let episodes = 0
    for (; distinct.size < count; episodes++) {
      const steps = episode(seed + episodes, perEpisode)
      for (const { text, values } of steps.flatMap(sendsOf)) distinct.add(JSON.stringify([text, values]))
      const found = await differences(databases, steps)
      if (found.length > 0) expect.fail(await explained(seed + episodes, steps, found))
    }
    console.log(`Compared ${distinct.size} distinct statements in ${episodes} episodes from seed ${seed}`)
  })
})

describe('the comparison', () => {
  const stepOf = (text: string): Step => ({ kind: 'send', by: 'text', statement: { text, untracked: [] } })
  const steps = [
    stepOf(`INSERT INTO parts VALUES (7, 'a', 'x'), (8, 'b', 'x')`),
    stepOf(`DELETE FROM parts WHERE a = 7`),
  ]

  test('reports rows that were not tracked', async () => {
    const deaf = (sink: RecordingSink) => Object.assign(sink, { beginHere: () => () => undefined })
    expect(await differences(databases, steps, deaf)).toEqual(['lost: parts ["b","8"], made by test in step 0'])
  })

  test('reports tracked rows that no longer exist', async () => {
    const forgetful = (sink: RecordingSink) => Object.assign(sink, { gone: () => {} })
    expect(await differences(databases, steps, forgetful)).toEqual([
      'stale: parts ["a","7"], recorded by step 0, is gone',
    ])
  })

  test('reports tracked rows of somebody else', async () => {
    const stranger: Step = { ...stepOf(`INSERT INTO parts VALUES (9, 'c', 'x')`), kind: 'stranger' } as Step
    const greedy = (sink: RecordingSink) => Object.assign(sink, { begin: claiming(sink) })
    expect((await differences(databases, [...steps, stranger], greedy)).join()).toMatch(/claimed: parts/)
  })

  test('reports answers and states that differ', async () => {
    const found = await differences(databases, [
      stepOf('INSERT INTO notes (body) VALUES (random()::text) RETURNING body'),
    ])
    expect(found).toEqual([
      expect.stringMatching(/^answer to step 0: .*rows.0.body/),
      expect.stringMatching(/^state: /),
    ])
  })
})

/** Records a row that no statement of the test created. */
function claiming(sink: RecordingSink): RecordingSink['begin'] {
  const begin = sink.begin.bind(sink)
  return (draft) => {
    begin(draft)?.created([{ type: 'parts', keys: [['c', 9]], steps: [], proof: { strength: 'key-only' } }])
    return begin(draft)
  }
}

async function explained(episodeSeed: number, steps: readonly Step[], found: readonly string[]): Promise<string> {
  const least = await shrunk(steps, async (fewer) => (await differences(databases, fewer)).length > 0)
  const shown = await differences(databases, least)
  const script = least.map((step, number) => `${number}: ${JSON.stringify(step)}`)
  return [
    `DUSTPAN_FUZZ_SEED=${episodeSeed} DUSTPAN_FUZZ_COUNT=1`,
    ...(shown.length > 0 ? shown : found),
    'by',
    ...script,
  ].join('\n')
}
