import { expect, test } from 'vitest'
import { readPredicate } from '../../src/predicate/asked.ts'

const now = Date.parse('2026-11-21T12:00:00Z')

test.for([
  [{}, 'Nothing limits the removal'],
  [{ types: 'users' }, 'Nothing limits the removal'],
  [{ where: {} }, 'Nothing limits the removal'],
  [{ run: '' }, 'run expected a text'],
  [{ tag: ' ' }, 'tag expected a text'],
  [{ owner: '' }, 'owner expected an id'],
  [{ owner: Number.NaN }, 'owner expected an id'],
  [{ where: { email: '%' } }, 'matches everything'],
  [{ where: { email: ' %% ' } }, 'matches everything'],
  [{ tag: 'a', where: { email: '%%' } }, 'matches everything'],
  [{ olderThan: 0 }, 'olderThan expected an age'],
  [{ olderThan: '7' }, 'olderThan expected an age'],
  [{ createdBefore: '2026-11-22' }, 'createdBefore expected a time in the past'],
  [{ createdAfter: 'yesterday' }, 'createdAfter expected a time in the past'],
  [{ createdAfter: 0 }, 'createdAfter expected a time in the past'],
  [{ createdAfter: 1_700_000_000, types: 'a' }, 'createdAfter expected a time in the past'],
  [{ createdAfter: '1', types: 'a' }, 'createdAfter expected a time in the past'],
  [{ owner: undefined, types: 'a', olderThan: '1d' }, 'owner is undefined'],
  [{ tag: 'a', where: { email: undefined } }, 'where.email is undefined'],
  [{ tag: 'a', types: undefined }, 'types is undefined'],
  [{ where: { email: null } }, 'without a value'],
  [{ where: { email: null }, types: 'a', olderThan: '1d' }, 'without a value'],
  [{ reset: true, tag: 'a' }, 'reset removes everything'],
  [{ types: [] as string[], tag: 'a' }, 'types expected the names of kinds'],
] as const)('DUSTPAN_INVALID_ARGUMENT: the predicate %j is invalid or matches everything', ([what, message]) => {
  const read = () => readPredicate(what as Parameters<typeof readPredicate>[0], now)
  expect(read).toThrow(message)
  expect(read).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
})

test.for([
  [{ tag: true }, { tag: 'test-data' }],
  [{ olderThan: '1h' }, { before: now - 3_600_000 }],
  [{ olderThan: '1h', createdBefore: now - 7_200_000 }, { before: now - 7_200_000 }],
  [
    { createdAfter: new Date(now - 1000), types: 'users' },
    { after: now - 1000, types: ['users'] },
  ],
  [
    { where: { email: 'test-%' }, except: ['a', 'b'] },
    { where: { email: 'test-%' }, except: ['a', 'b'] },
  ],
  [
    { reset: true, types: ['a'] },
    { reset: true, types: ['a'] },
  ],
  [{ owner: 0 }, { owner: 0 }],
  [
    { tag: 'a', where: { deleted_at: null } },
    { tag: 'a', where: { deleted_at: null } },
  ],
] as const)('the predicate %j is read as %j', ([what, predicate]) => {
  expect(readPredicate(what, now)).toEqual(predicate)
})
