import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { unreachableFromHere } from '../../src/cleanup/other-machine.ts'
import { readRun } from '../../src/journal/read.ts'
import { type CarriedRun, carriedRun, packRun, receiveRun, unpackRun } from '../../src/ledger/carried-run.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { thisProcess } from '../../src/processes/process-identity.ts'
import { typesWithSecrets } from '../../src/report/carried-secrets.ts'
import { requireInstance } from '../../src/tracking/instance.ts'
import { close, row, statesOf, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'

/** A run that has left resources with these keys. */
async function leftBy(keys: readonly (number | string)[], type = 'user') {
  const run = await testRun({ cleanup: { strategy: 'manual' } })
  const scope = run.openTest('creates')
  scope.run(() => keys.map((key) => requireInstance('the test').track(row(run.store, type, key))))
  await close(scope)
  await run.main.end('passed')
  return { ...run, carried: carriedRun(run.dir, run.main.ticket.run, '77') }
}

const read = (dir: string, { run }: CarriedRun) => statesOf(foldRun(run, readRun(dir, run)))

test('a run is received by another ledger unchanged', async () => {
  const { carried, dir } = await leftBy([1, 2])
  const other = scratchFolder()
  receiveRun(other, unpackRun(packRun(carried)))
  expect(read(other, carried)).toEqual(read(dir, carried))
  expect(read(other, carried)).toEqual({ 'user 1': 'kept', 'user 2': 'kept' })
})

test('a journal that was received before is not overwritten', async () => {
  const { carried } = await leftBy([1])
  const other = scratchFolder()
  receiveRun(other, carried)
  const [writer = ''] = Object.keys(carried.journals)
  const file = join(other, 'runs', carried.run, `${writer}.elsewhere.jsonl`)
  appendFileSync(file, '{"more":1}\n')
  receiveRun(other, carried)
  expect(readFileSync(file, 'utf8')).toContain('{"more":1}')
})

test.for([
  ['with another name is not removed from here', { host: 'ci-1' }, 'DUSTPAN_WRONG_STORE'],
  ['with the same name but another boot id is not removed from here', { boot: 'another' }, 'DUSTPAN_WRONG_STORE'],
  ['without a boot id is not removed from here', { boot: '' }, 'DUSTPAN_WRONG_STORE'],
  ['that is this one can be removed', {}, undefined],
] as const)('a resource at a local address of a machine %s', async ([, machine, refused]) => {
  const { carried } = await leftBy([1])
  const journals = Object.entries(carried.journals).map(([writer, events]) => [
    writer,
    events.map((event) => (event.e === 'writer' ? { ...event, ...machine } : event)),
  ])
  const other = scratchFolder()
  receiveRun(other, unpackRun(packRun({ ...carried, journals: Object.fromEntries(journals) })))
  const [resource] = foldRun(carried.run, readRun(other, carried.run)).resources.values()
  if (!resource) throw new Error('nothing was received')
  expect(unreachableFromHere(resource, { sameEverywhere: [] })?.code).toBe(refused)
  expect(resource.elsewhere?.host).toBe(refused && { host: thisProcess().host, ...machine }.host)
})

test('a journal with a torn first line is left out with DUSTPAN_LEDGER_TORN, and others are carried', async () => {
  const { dir, carried } = await leftBy([1])
  const [events = []] = Object.values(carried.journals)
  const rest = events.slice(1).map((event) => `${JSON.stringify(event)}\n`)
  writeFileSync(join(dir, 'runs', carried.run, 'torn.jsonl'), ['{"v":1,"n":0\n', ...rest].join(''))
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const packed = packRun(carriedRun(dir, carried.run, '77'))
  const text = stderr.mock.calls.join()
  stderr.mockRestore()
  expect(unpackRun(packed)).toEqual(carried)
  expect(text).toContain('DUSTPAN_LEDGER_TORN: The first line of')
  expect(text).toContain('torn.jsonl')
})

test.each([
  ['session', 'a-key-nobody-may-see', ['session']],
  ['session', randomUUID(), []],
  ['user', 'carl@example.com', []],
  ['user', 'https://carl:hidden@example.com/', ['user']],
])('a %s with the key %s: types that may contain secrets are %j', async (type, key, expected) => {
  const { carried } = await leftBy([key], type)
  expect(typesWithSecrets(carried)).toEqual(expected)
})

test('a thousand resources are packed into less than 40 kB', async () => {
  const { carried } = await leftBy(Array.from({ length: 1000 }, (_, i) => i))
  const perResource = packRun(carried).length / 1000
  console.log(`${perResource.toFixed(1)} bytes for each of 1,000 resources`)
  expect(perResource).toBeLessThan(40)
})
