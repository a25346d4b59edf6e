/** The driver suite detects drivers that do not conform. */

import { readdirSync, readFileSync } from 'node:fs'
import {
  capabilitiesTable,
  casesTable,
  type DriverSubject,
  driverCases,
  outcomeOf,
  type Place,
  type StoreServer,
} from '@dustpan/conformance/drivers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { subjects } from './index.ts'
import { sqlite } from './sqlite.ts'

let server: StoreServer
beforeAll(async () => {
  server = (await sqlite.start()) as StoreServer
})
afterAll(() => server[Symbol.asyncDispose]())

const caseNamed = (name: string) => driverCases.find((one) => one.name === name) ?? expect.unreachable(name)
const outcome = (
  name: string,
  subject: Partial<DriverSubject>,
  change: (place: Place) => Partial<Place> = () => ({}),
) => {
  const changed = async () => {
    const place = await server.place()
    return { ...place, ...change(place) }
  }
  return outcomeOf(caseNamed(name), { ...sqlite, ...subject }, { ...server, place: changed })
}

test('a case fails when the client is not captured', async () => {
  expect(await outcome('remove', {}, () => ({ libraries: [] }))).toMatchObject({ is: 'failed' })
})

test('a form whose rows are not all recorded fails, and is named', async () => {
  const one = { title: 'one of two', create: async () => 2 }
  const failed = await outcome('every form', {}, () => ({ forms: [one] }))
  expect(failed).toMatchObject({
    is: 'failed',
    error: { actual: ['one of two: created 2, recorded 0, removed 0, left 0 '] },
  })
})

test('a missing capability of a subject fails without an excuse, and is excused with one', async () => {
  const without = { readOnly: undefined } as object
  expect(await outcome('read-only', {}, () => without)).toMatchObject({
    is: 'failed',
    error: { message: 'sqlite (node:sqlite) offers no readOnly(), and the case has no excuse' },
  })
  const excuses = [{ cases: ['read-only'], reason: 'nobody writes' }]
  expect(await outcome('read-only', { excuses }, () => without)).toEqual({ is: 'excused', reason: 'nobody writes' })
})

test('an excuse for a case that passes is a failure', async () => {
  const excuses = [{ cases: ['already gone'], reason: 'nothing ever goes' }]
  expect(await outcome('already gone', { excuses })).toMatchObject({
    is: 'failed',
    error: { message: 'It holds after all; the excuse is over: nothing ever goes' },
  })
})

test('every subject is in the list of npm run conformance:drivers', async () => {
  const files = readdirSync(import.meta.dirname).filter((file) => !file.endsWith('.test.ts') && file !== 'index.ts')
  const modules = await Promise.all(files.map((file) => import(`./${file}`) as Promise<object>))
  const found = modules.flatMap((module) => Object.values(module)).filter((one) => typeof one?.start === 'function')
  expect(new Set(found)).toEqual(new Set(subjects))
})

test('case names are unique, and every excuse is for an existing case', () => {
  const names = driverCases.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
  const excused = subjects.flatMap(({ name, excuses }) =>
    excuses.flatMap(({ cases }) => cases.map((one) => `${name}: ${one}`)),
  )
  expect(excused.filter((one) => !names.includes(one.split(': ').slice(1).join(': ')))).toEqual([])
  expect(excused).toEqual([...new Set(excused)])
})

test('the tables in docs/drivers.md are current (npm run conformance:drivers -- --table writes them)', async () => {
  const page = readFileSync(new URL('../../../../docs/drivers.md', import.meta.url), 'utf8')
  expect(page).toContain(casesTable(subjects))
  expect(page).toContain(await capabilitiesTable(subjects))
})
