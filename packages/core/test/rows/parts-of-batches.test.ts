import { expect, test } from 'vitest'
import { inHalves, oneByOne, withoutLocked, withTheRest } from '../../src/rows/parts-of-batches.ts'
import { alreadyGone, each, removed } from '../../src/rows/row-outcomes.ts'
import { rows, summaries } from './rows.ts'

const batch = (...ids: readonly string[]) => ({ targets: rows(...ids) })
const idsOf = ({ targets }: ReturnType<typeof batch>) => targets.map(({ id }) => id)

test('inHalves() removes the larger half first, then the rest', async () => {
  const tried: (readonly string[])[] = []
  const outcomes = await inHalves(batch('a', 'b', 'c'), async (half) => {
    tried.push(idsOf(half))
    return each(half.targets, removed)
  })
  expect(tried).toEqual([['a', 'b'], ['c']])
  expect(summaries(outcomes)).toEqual({ a: '1 row', b: '1 row', c: '1 row' })
})

test('oneByOne() retries refused rows as long as another row is removed', async () => {
  const gone = new Set<string>()
  const waitsFor: Record<string, string> = { a: 'b', b: 'c', stays: 'stays' }
  const tried: string[] = []
  const outcomes = await oneByOne([batch('a', 'b'), batch('c', 'stays')], async (single) => {
    const [id = ''] = idsOf(single)
    tried.push(id)
    const parent = waitsFor[id]
    if (parent !== undefined && !gone.has(parent))
      return each(single.targets, { state: 'refused', why: 'has-dependents', detail: null })
    gone.add(id)
    return each(single.targets, removed)
  })
  expect(summaries(outcomes)).toEqual({ a: '1 row', b: '1 row', c: '1 row', stays: 'refused' })
  expect(tried).toEqual(['a', 'b', 'c', 'stays', 'a', 'b', 'stays', 'a', 'stays', 'stays'])
})

test('withTheRest() asks for the outcomes of rows that were not removed', async () => {
  const outcomes = await withTheRest([batch('a', 'b'), batch('c')], new Set(['a']), async (rest) =>
    each(rest.targets, alreadyGone),
  )
  expect(summaries(outcomes)).toEqual({ a: '1 row', b: '0 rows', c: '0 rows' })
})

const look = (present: readonly string[], free: readonly string[]) => ({
  present: async () => new Set(present),
  free: async () => new Set(free),
})

test('withoutLocked() leaves locked rows pending and removes the others', async () => {
  const outcomes = await withoutLocked(
    [batch('held', 'gone'), batch('free')],
    look(['held', 'free'], ['free']),
    (rest) => {
      expect(rest.map(idsOf)).toEqual([['gone'], ['free']])
      return inHalves({ targets: rest.flatMap(({ targets }) => targets) }, async ({ targets }) =>
        each(targets, removed),
      )
    },
  )
  expect(summaries(outcomes)).toEqual({ held: 'pending', gone: '1 row', free: '1 row' })
})

test('withoutLocked() removes nothing if no row or every row is locked', async () => {
  const never = () => Promise.reject(new Error('tried'))
  for (const free of [['a', 'b'], []])
    expect(summaries(await withoutLocked([batch('a', 'b')], look(['a', 'b'], free), never))).toEqual({
      a: 'pending',
      b: 'pending',
    })
})
