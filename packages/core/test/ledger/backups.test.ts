import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { readBackups, writeBackups } from '../../src/ledger/backups.ts'
import { scratchFolder } from '../settings.ts'

const place = () => ({ dir: scratchFolder(), run: 'r', writer: 'w' })
const whole = (text: string) => ({ fields: { text } })

test('backups of any length are read, even if chunks cut lines and characters', () => {
  const where = place()
  const texts = [`a${'☃'.repeat(6_000_000)}`, 'short', `ab${'☃'.repeat(6_000_000)}`]
  writeBackups(
    where,
    texts.map((text, i) => ({ id: `${i}`, step: 0, backup: whole(text) })),
  )
  const found = readBackups(where.dir, where.run, new Set(['0', '1', '2']))
  const isBack = (text: string, i: number) => isDeepStrictEqual(found.get(`${i}`)?.backup, whole(text))
  expect(texts.map(isBack)).toEqual([true, true, true])
})
