import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readWholeAudit } from '../../src/recovery/audit.ts'
import { recoverRun } from '../../src/recovery/recover-run.ts'
import { track } from '../../src/tracking/facade.ts'
import { row, type TestRun, testRun } from '../run.ts'

const by = { role: 'cli', runner: 'test' } as const

/** Two resources of a dead process's test, one of which cannot be removed. */
async function deadRun(more: (store: TestRun['store']) => void = () => {}) {
  const run = await testRun({ cleanup: { retry: { attempts: 1 } } })
  run.openTest('dies').run(() => {
    track(row(run.store, 'user', 1))
    track(row(run.store, 'order', 2))
    more(run.store)
  })
  run.store.script.answer = ({ type }) =>
    type === 'order' ? { state: 'pending', why: 'in-flight', afterMs: 0 } : undefined
  const folder = join(run.dir, 'runs', run.main.ticket.run)
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`"pid":${process.pid}`, `"pid":${2 ** 22 + 1}`))
  }
  const recover = async () => {
    const found = await recoverRun(run.main.ticket.settings, run.main.ticket.run, by)
    return Object.fromEntries(found.map(({ set, key, state }) => [`${set.type} ${key}`, state]))
  }
  return { run, recover, report: join(folder, 'report.json') }
}

test('the report of a killed run lists ten removed resources per scope and counts all', async () => {
  const { run, recover, report } = await deadRun((store) => {
    for (let id = 10; id < 40; id++) track(row(store, 'user', id))
  })
  await recover()
  const { scopes, totals } = JSON.parse(readFileSync(report, 'utf8'))
  expect(totals).toMatchObject({ tracked: 32, removed: 31, pending: 1 })
  expect(scopes).toMatchObject([{ omitted: 21 }])
  const states = scopes[0].resources.map(({ state }: { state: string }) => state)
  expect(Map.groupBy(states, (state) => state)).toEqual(
    new Map([
      ['removed', Array(10).fill('removed')],
      ['pending', ['pending']],
    ]),
  )
  const [{ keys = [] } = {}] = readWholeAudit(run.dir).entries.filter(({ result }) => result === 'removed')
  expect(keys).toHaveLength(31)
})

test('recoverRun() returns the states of the ledger, and writes the audit log and the report', async () => {
  const { run, recover, report } = await deadRun()
  expect(await recover()).toEqual(run.states())
  expect(
    readWholeAudit(run.dir)
      .entries.map(({ type, result }) => `${type} ${result}`)
      .sort(),
  ).toEqual(['order pending', 'user removed'])
  expect(JSON.parse(readFileSync(report, 'utf8')).totals).toMatchObject({ tracked: 2, removed: 1, pending: 1 })
})
