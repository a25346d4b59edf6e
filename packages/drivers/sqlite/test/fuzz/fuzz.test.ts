import type { RecordingSink } from '@dustpan/conformance/capture'
import { shrunk } from '@dustpan/conformance/sql-fuzz'
import { describe, expect, test } from 'vitest'
import { clients, type TestClient } from '../clients.ts'
import { type Step, script } from './script.ts'
import { differences } from './twins.ts'

const seed = Number(process.env.DUSTPAN_FUZZ_SEED ?? 1)
const count = Number(process.env.DUSTPAN_FUZZ_COUNT ?? 5_000)

describe.each(clients)('random statements on a $name database with capture and on a twin without', (client) => {
  test('return the same results and leave the same rows, and exactly the created rows are tracked', {
    timeout: 0,
  }, async () => {
    const distinct = new Set<string>()
    let scripts = 0
    for (; distinct.size < count; scripts++) {
      const steps = script(seed + scripts, 100)
      for (const { text, values } of steps) distinct.add(`${text} ${values.map(String)}`)
      const found = differences(client, steps)
      if (found.length > 0) expect.fail(await explained(client, seed + scripts, steps))
    }
    console.log(`${client.name}: compared ${distinct.size} distinct statements in ${scripts} scripts from seed ${seed}`)
  })
})

describe.each(clients)('the comparison for $name', (client) => {
  const executed = (text: string): Step => ({ by: 'exec', text, values: [] })
  const steps = [executed('INSERT INTO t (u) VALUES (1), (2)'), executed('DELETE FROM t WHERE u = 1')]

  test('finds rows that were not tracked', () => {
    const deaf = (sink: RecordingSink) => Object.assign(sink, { begin: () => undefined })
    expect(differences(client, steps, deaf).join()).toMatch(/lost: \w/)
  })

  test('finds deleted and rolled-back rows that are still tracked', () => {
    const forgetful = (sink: RecordingSink) => Object.assign(sink, { gone: () => {} })
    expect(differences(client, steps, forgetful).join()).toMatch(/claimed: \w/)
  })

  test('finds results that differ', () => {
    const random: Step = { by: 'all', text: 'SELECT random() AS n', values: [] }
    expect(differences(client, [random]).join()).toMatch(/without capture/)
  })
})

async function explained(client: TestClient, scriptSeed: number, steps: readonly Step[]): Promise<string> {
  const least = await shrunk(steps, async (fewer) => differences(client, fewer).length > 0)
  const shown = least.map(({ by, text, values }) => `${by} ${JSON.stringify(text)} ${values.map(String)}`)
  return [`DUSTPAN_FUZZ_SEED=${scriptSeed} DUSTPAN_FUZZ_COUNT=1`, ...differences(client, least), 'by', ...shown].join(
    '\n',
  )
}
