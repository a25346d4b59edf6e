/** Cases: which runs each machine knows. */
import { readdirSync } from 'node:fs'
import { isGoingOn } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import type { Machine } from '../machine.ts'
import type { LedgerCases } from '../stage.ts'

export const machines: LedgerCases = (stage) => {
  test('eight simultaneous first users of a ledger get the same identity', async () => {
    const { open } = stage()
    const identities = await Promise.all(Array.from({ length: 8 }, () => open().identity()))
    expect(new Set(identities).size).toBe(1)
  })

  test('when two machines write to one run, each gets the lines of both', async () => {
    const { open, host, newRun } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    here.writer(run, 'w1')
    here.created(run, 'w1', [1])
    await here.shipment(open(), run).ship()
    await there.bringIn(open())
    there.writer(run, 'w2', { role: 'cli' })
    there.append(run, 'w2', `${JSON.stringify({ v: 1, n: 1, t: 1, e: 'gone', ids: ['w1-1.0'], by: 'user' })}\n`)
    await there.shipment(open(), run).ship()
    await here.bringIn(open())
    const stateIn = (one: Machine) => one.folded(run).resources.get('w1-1.0')?.state
    expect([stateIn(here), stateIn(there)]).toEqual(['gone', 'gone'])
    expect(here.files(run)).toEqual(['heard.elsewhere.jsonl', 'w1.jsonl', 'w2.elsewhere.jsonl'])
  })

  test('a run of another machine is active until it was silent for ten minutes by the server’s clock', async () => {
    const { place, open, host, newRun } = stage()
    const [here, run] = [host('here'), newRun()]
    here.writer(run, 'w1')
    const shipment = here.shipment(open(), run)
    await shipment.ship()
    const inProgress = async () => {
      const there = host('there')
      await there.bringIn(open())
      return isGoingOn(there.folded(run))
    }
    expect(await inProgress()).toBe(true)
    await place.age(5)
    expect(await inProgress()).toBe(true)
    await shipment.beat()
    await place.age(5)
    expect(await inProgress()).toBe(true)
    await place.age(6)
    expect(await inProgress()).toBe(false)
  })

  test('a restarted machine with the same name is another machine', async () => {
    const { open, host, newRun } = stage()
    const { hostname } = await import('node:os')
    const [here, there, run] = [host(hostname()), host('there'), newRun()]
    here.writer(run, 'w1')
    await here.shipment(open(), run).ship()
    await there.bringIn(open())
    // In its own folder the boot id shows that the process is dead.
    expect([isGoingOn(here.folded(run)), isGoingOn(there.folded(run))]).toEqual([false, true])
  })

  test('runs and writers whose names would lead out of the folder are ignored', async () => {
    const { open, host, newRun } = stage()
    const [there, ledger, run] = [host('there'), open(), newRun()]
    const text = '{}\n'
    await ledger.append({ run: '../../evil', host: 'x' }, [{ writer: 'w1', from: 1, text }])
    await ledger.append({ run, host: 'x' }, [
      { writer: '../../evil', from: 1, text },
      { writer: 'w1', from: 1, text },
    ])
    await there.bringIn(ledger)
    expect(there.files(run)).toEqual(['heard.elsewhere.jsonl', 'w1.elsewhere.jsonl'])
    expect(readdirSync(there.dir).sort()).toEqual(['.gitignore', 'runs'])
    await ledger.drop('../../evil', 1)
  })
}
