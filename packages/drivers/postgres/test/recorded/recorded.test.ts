/** Statements of object-relational mappers, as record.mjs recorded them. */

import { testServer } from '@dustpan/conformance/servers/test-server'
import { beforeAll, describe, expect, test } from 'vitest'
import { copiesOfSchema, type Databases } from '../fuzz/databases.ts'
import type { Step } from '../fuzz/episode.ts'
import { differences } from '../fuzz/twins.ts'
import statements from './statements.json' with { type: 'json' }

interface Recorded {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly name?: string
  readonly rowMode?: string
}

const server = await testServer()
let databases: Databases

beforeAll(async () => {
  databases = await copiesOfSchema(server)
})

describe('statements of a mapper give the same results with and without capture, and their rows are tracked', () => {
  test.each(Object.entries(statements as Record<string, Recorded[]>))('%s', async (_, recorded) => {
    expect(await differences(databases, recorded.map(stepOf))).toEqual([])
  })
})

/** Forms that warn according to the docs. */
const unattributed: readonly (readonly [RegExp, string])[] = [
  [/^merge\b/i, 'book_tags'],
  [/pg_temp\./, 'authors'],
]

function stepOf({ text, values, name, rowMode }: Recorded): Step {
  const untracked = unattributed.flatMap(([form, type]) =>
    form.test(text) ? [{ type, code: 'DUSTPAN_SQL_UNATTRIBUTED' }] : [],
  )
  return {
    kind: 'send',
    by: rowMode === 'array' ? 'array' : 'config',
    statement: { text, untracked, ...(values ? { values } : {}) },
    ...(name === undefined ? {} : { name }),
  }
}
